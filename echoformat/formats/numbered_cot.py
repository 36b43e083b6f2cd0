"""Numbered reasoning steps that end in a marked final answer."""

from echoformat.format import Format, Pattern
from echoformat.signs import FENCE, LATEX, MARKDOWN, TAGS

FORMAT = Format(
    name="numbered_cot",
    family="natural_language",
    title="Numbered reasoning steps, then the final answer",
    source="https://github.com/GAIR-NLP/abel",
    patterns=(
        Pattern("final-solution", r"^(?:\d+\. )?\[Final solution\]|\[Final solution\]", weight=0.85),
        Pattern("by-problem", r"^\d+\. (?:The problem (?:states|asks|tells|says|gives)|By (?:the )?problem|By (?:arithmetic|definition|calculation|performing))", weight=0.6),
        Pattern("steps-then-hashes", r"^1\. [^\n]+\n[\s\S]*#### ?-?\S[^\n]{0,40}\s*\Z", weight=0.7),
        Pattern("numbered", r"^1\. [^\n*]+\n+(?:[^\n\d][^\n]*\n+)*2\. [^\n*]", weight=0.3),
        Pattern("step-lines", r"^Step 1[:.] ?[^\n]+\n[\s\S]*^Step 2[:.] ", weight=0.45, variant="wizardmath"),
        Pattern("steps-then-answer", r"^(?:Step )?1[.:] [^\n]+\n[\s\S]*^(?:The answer is|Answer|Final [Aa]nswer|Therefore,? the (?:final )?answer is):? ?[^\n]{1,80}\s*\Z", weight=0.5, variant="wizardmath"),
        Pattern("not-markdown", MARKDOWN, weight=-0.7),
        Pattern("not-fence", FENCE, weight=-0.7),
        Pattern("not-latex", LATEX, weight=-0.6),
        Pattern("not-tags", TAGS, weight=-0.8),
        Pattern("plan", r"^(?:Plan|Passage|Steps): ?$", weight=-0.9),
    ),
    outranks=("gsm8k", "metamath", "cot_answer_is", "chat_plain", "prose", "explanation_answer", "boxed_cot", "chat_markdown"),
    ending=r"#### ?\S|\b[Aa]nswer(?: is)?:",
    examples=(
        "1. The problem states that a crate holds 12 pears and there are five crates.\n2. By performing the multiplication, 5 * 12 = 60 pears.\n"
        "3. [Final solution] Thus, there are 60 pears. #### 60",
        "Step 1: Count the crates.\nThere are five.\n\nStep 2: Multiply.\n5 * 12 = 60.\n\nThe answer is: 60.",
    ),
    counterexamples=(
        "A crate holds 12 pears.\nFive crates hold 60.\n#### 60\nThe answer is: 60",
        "1. **Crates:** five.\n2. **Pears:** twelve each.\n\nThus, there are \\(\\boxed{60}\\) pears.",
        "1. Wash the pears.\n2. Slice them.\n",
    ),
)  # fmt: skip
