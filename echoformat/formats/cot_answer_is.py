"""Chain of thought as in the first few-shot prompts: one paragraph that ends in `The answer is N.`"""

from echoformat.format import Format, Pattern
from echoformat.signs import BOXED, FENCE, MARKDOWN

FORMAT = Format(
    name="cot_answer_is",
    family="natural_language",
    title="Chain-of-thought paragraph that ends in The answer is N.",
    source="https://arxiv.org/abs/2201.11903",
    patterns=(
        Pattern("answer-number", r" [Tt]he (?:final )?answer (?:\(arabic numerals\) )?is (?:about )?[-+$€£]*\d[^\n=]*\s*\Z|\n[Tt]he (?:final )?answer is (?:about )?[-+$€£]*\d[^\n=]*\s*\Z", weight=0.85),
        Pattern("answer-words", r"\. (?:So |Thus,? |Therefore,? )?[Tt]he (?:final )?answer is (?:yes|no|[a-z][^\n:=\\(]*)\s*\Z", weight=0.6),
        Pattern("answer-then-more", r"\. (?:So |Thus,? |Therefore,? )?[Tt]he (?:final )?answer is [-+$]*\d[\d.,]*(?: [a-z]+)?\.?\n\n", weight=0.55),
        Pattern("option-letter", r"\banswer is:? \(?[A-J][).]?\s*\Z", weight=-0.95),
        Pattern("not-markdown", MARKDOWN, weight=-0.8),
        Pattern("not-fence", FENCE, weight=-0.8),
        Pattern("not-boxed", BOXED, weight=-0.9),
    ),
    outranks=("chat_plain", "prose"),
    ending=r"\banswer is [^\n]+\s*\Z",
    examples=(
        "Lena had 15 stamps and bought 9 more, so she had 15 + 9 = 24. She gave away 6, leaving 24 - 6 = 18. "
        "The answer is 18.",
        "A whale breathes air. Fish breathe water. So the answer is no.",
        "Lena had 15 stamps and bought 9. 15 + 9 = 24. The answer is 24.\n\nQ: Omar has 3 hats. How many",
    ),
    counterexamples=(
        "Lena had 15 stamps.\nShe bought 9 more, so 15 + 9 = 24.\n#### 24\nThe answer is: 24",
        "Whales are mammals, which rules out the others. The answer is (C).",
        "Lena had 15 + 9 = 24 stamps. The answer is $\\boxed{24}$.",
        "The answer is 24 hours away, she said, and left.",
    ),
)  # fmt: skip
