"""MetaMathQA: short sentences one a line, then `The answer is: X` (GSM part: after `#### X`)."""

from echoformat.format import Format, Pattern
from echoformat.signs import CODE, FENCE, LABELS

FORMAT = Format(
    name="metamath",
    family="natural_language",
    title="MetaMathQA: reasoning lines, then The answer is: X",
    source="https://huggingface.co/datasets/meta-math/MetaMathQA",
    patterns=(
        Pattern("answer-line", r"\bThe answer is: ?\S[^\n]*\s*\Z", weight=0.9),
        Pattern("answer-before-more", r"\bThe answer is: ?\S", weight=0.5),
        Pattern("hashes-before", r"^#### ?[^\n]+\n+The answer is: ?\S", weight=0.7),
        Pattern("option-letter", r"\bThe answer is: ?\(?[A-J][).]?\s*\Z", weight=-0.95),
        Pattern("numbered-steps", r"^(?:\*\*)?Step 1[:.]", weight=-0.5),
        Pattern("not-code", CODE, weight=-0.8),
        Pattern("not-fence", FENCE, weight=-0.8),
        Pattern("not-labels", LABELS, weight=-0.6),
    ),
    outranks=(
        "gsm8k", "cot_answer_is", "boxed_cot", "math_latex", "explanation_answer", "chat_plain", "prose",
    ),
    ending=r"\bThe answer is: ?\S",
    examples=(
        "A crate holds 12 pears.\nFive crates hold 5 * 12 = 60 pears.\nAfter 8 rot, 60 - 8 = 52 are left.\n"
        "#### 52\nThe answer is: 52",
        "We have $3x + 4 = 19$.\nSubtracting $4$ gives $3x = 15$, so $x = \\boxed{5}$.\nThe answer is: 5",
    ),
    counterexamples=(
        "A crate holds 12 pears, so five hold 60. After 8 rot, 52 are left. The answer is 52.",
        "A crate holds 12 pears.\nFive crates hold 5*12=<<5*12=60>>60 pears.\n#### 60",
        "Pears are fruit, and so are quinces.\nThe answer is: (C)",
        "I know what the answer is: nobody asked the pears.",
    ),
)  # fmt: skip
