"""GSM8K: sentences with calculator marks `<<48/2=24>>24`, then `#### 24`."""

from echoformat.format import Format, Pattern
from echoformat.signs import MARKDOWN

FORMAT = Format(
    name="gsm8k",
    family="natural_language",
    title="GSM8K: calculator marks <<a=b>> and a last line #### N",
    source="https://arxiv.org/abs/2110.14168",
    patterns=(
        Pattern("calculator-mark", r"<<(?:[-+*/().,%$\d ]*|[-+*/().,%$\w]+)= ?[-$]?[\d.,]*>>", weight=0.9, variant="plain"),
        Pattern("hash-answer", r"^#### ?[-+$€£]?[\d.,/:%]+ ?%?\s*\Z", weight=0.8, variant="plain"),
        Pattern("hash-words", r"^#### ?[^\n#*\d]{0,9}\d[^\n#*]{0,24}\s*\Z", weight=0.6, variant="plain"),
        Pattern("answer-letter", r"^A: ?-?[$]?[\d.,/]+\s*\Z", weight=0.3, variant="a_colon"),
        Pattern("question-stars", r"\? ?\*\* ", weight=0.55, variant="socratic"),
        Pattern("not-markdown", MARKDOWN, weight=-0.8),
    ),
    outranks=("cot_answer_is", "chat_plain", "prose"),
    ending=r"^#### ?\S|^A: ?\S",
    examples=(
        "Each crate weighs 14*3=<<14*3=42>>42 pounds.\nTwo crates weigh 42*2=<<42*2=84>>84 pounds.\n#### 84",
        "How many pounds is one crate? ** One crate weighs 14*3=<<14*3=42>>42 pounds.\n#### 42",
        "Two crates weigh 42*2=<<42*2=84>>84 pounds\nA: 84\n",
        "Half of the 84 pounds is 42 pounds.\n#### 42",
        "Half of the 84 pounds is 42 pounds.\n#### 42 pounds<|endoftext|>",
    ),
    counterexamples=(
        "Two crates weigh 84 pounds.\n#### 84\nThe answer is: 84",
        "1. By problem, a crate weighs 42 pounds.\n2. [Final solution] Thus, two weigh 84. #### 84",
        "#### Results\nThe shift `1 << 4` is 16 and `64 >> 2` is 16.",
        "<<<domain>>>: audio, <<<api_call>>>: load()",
    ),
)  # fmt: skip
