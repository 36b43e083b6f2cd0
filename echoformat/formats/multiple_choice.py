"""Reasoning that ends in an option letter: The answer is (B)."""

from echoformat.format import Format, Pattern
from echoformat.signs import FENCE, TAGS

FORMAT = Format(
    name="multiple_choice",
    family="natural_language",
    title="Multiple choice: reasoning, then an option letter",
    source="https://arxiv.org/abs/2009.03300",
    patterns=(
        Pattern("letter-in-brackets", r"\b(?:answer|option|choice) is:? \*{0,2}\(?[A-J]\)", weight=0.85, variant="cot_letter"),
        Pattern("letter-last", r"\b(?:answer|option|choice)(?: is)? ?:? ?\*{0,2}\(?[A-J]\)?\.?\*{0,2}\.?\s*\Z", weight=0.75, variant="cot_letter"),
        Pattern("letter-alone", r"\A\s*\(?[A-J][).]?\s*\Z", weight=.8, variant="cot_letter"),
        Pattern("answer-letter-line", r"^\*{0,2}(?:Answer|ANSWER|Ans|ANS|Correct [Aa]nswer|Final [Aa]nswer) ?[:=.-]?\*{0,2} ?\(?[A-E]\)?\.?\*{0,2}\s*\Z", weight=0.75, variant="rationale"),
        Pattern("letter-first", r"^\(?[A-E]\)? is (?:the )?(?:correct|right|answer)[^\n]*\s*\Z|^(?:Hence|So|Thus),? (?:the )?(?:option|answer) (?:is )?\(?[A-E]\)?", weight=.75, variant="rationale"),
        Pattern("letter-with-text", r"\b[Tt]he (?:correct )?answer is:? \(?[A-J](?:\)|[.:]) ?\S[^\n]*\s*\Z", weight=0.7, variant="cot_letter"),
        Pattern("boxed-letter", r"\\boxed\{ ?(?:\\text\{ ?)?\(?[A-J]\)?(?:[.:)] ?[^{}\n]{0,12})?\}", weight=.45, variant="cot_boxed"),
        Pattern("options-weighed", r"^\(?[A-D][).:] [^\n]+\n+\(?[B-E][).:] ", weight=0.3),
        Pattern("hashes", r"#### |\[Final solution\]", weight=-0.9),
        Pattern("not-tags", TAGS, weight=-0.6),
        Pattern("not-fence", FENCE, weight=-0.6),
    ),
    outranks=("boxed_cot", "math_latex", "cot_answer_is", "explanation_answer", "short_answer", "chat_plain", "prose", "metamath", "chat_markdown", "numbered_cot"),
    examples=(
        "Whales breathe air, so they are not fish. The answer is (C).",
        "(A) is a fish.\n(B) is a whale, which breathes air.\nThe correct answer is B. a whale",
        "Two trains close at 90 km/h, so they meet after 2 hours.\nAnswer: D",
        "C is the correct answer",
        "(B)",
        "Thus, they meet after two hours. The answer is (B): \\(\\boxed{B}\\).",
    ),
    counterexamples=(
        "Whales breathe air. The answer is no.",
        "Two trains close at 90 km/h. The answer is 2.",
        "The answer is A4 paper, not letter.",
        "Thus, they meet after $\\boxed{2}$ hours.",
    ),
)  # fmt: skip
