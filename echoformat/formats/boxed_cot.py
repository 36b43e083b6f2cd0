r"""Step-by-step prose with LaTeX that ends in `\boxed{}`: OpenMathInstruct-2 and chat models asked to box."""

from echoformat.format import Format, Pattern
from echoformat.signs import BOXED, HEADING, NUMBERED

FORMAT = Format(
    name="boxed_cot",
    family="natural_language",
    title="Model-written step-by-step prose with LaTeX, answer in \\boxed{}",
    source="https://huggingface.co/datasets/nvidia/OpenMathInstruct-2",
    patterns=(
        Pattern("boxed", BOXED, weight=0.45),
        Pattern("round-delimiters", r"\\\( ?[^\s!-]", weight=.45, variant="qwen"),
        Pattern("square-delimiters-alone", r"^[ \t]*\\\[[ \t]*$", weight=.4, variant="qwen"),
        Pattern("colon-then-display", r":[ \t]*\n+[ \t]*(?:\\\[|\$\$[^$]|\$\\|\\begin)", weight=.45),
        Pattern("bold", r"\*\*[A-Z]", weight=0.15),
        Pattern("numbered", NUMBERED, weight=0.15),
        Pattern("heading", HEADING, weight=0.1),
        Pattern("step-line", r"^(?:\*\*)?Step \d+", weight=0.2),
        Pattern("opens-with-aim", r"\A\s*To (?:find|determine|solve|calculate|simplify|evaluate|compute|answer)\b", weight=0.4),
        Pattern("opens-with-plan", r"\A\s*(?:Let's|Given|First, (?:we|let)|We (?:know|start|are given)|Let us)\b", weight=0.15),
        Pattern("final-answer", r"\b[Tt]he (?:final |correct )?answer is:?\s*(?:\\\[|\\\(|\$+)?\s*\\boxed", weight=0.6),
        Pattern("final-answer-line", r"\bThe (?:final |correct )?answer is:?\s*(?:\\\[|\\\(|\$+)?\s*\\boxed", weight=0.5),
        Pattern("boxed-paragraph", r"\S[ \t]*\n[ \t]*\n[ \t]*(?:Thus|Therefore|So|Hence|In total|Finally|The|Since|Altogether)\b[^\n=]*\\boxed", weight=0.6),
        Pattern("boxed-in-round", r"\\\(\s*\\boxed", weight=0.6, variant="qwen"),
        Pattern("boxed-on-its-line", r"^[ \t]*(?:\\\[|\$\$)?[ \t]*\\boxed\{[^\n]*\}[ \t.]*(?:\\\]|\$\$)?\s*\Z", weight=0.6),
        Pattern("boxed-after-word", r"(?:^|[\s(])[a-z]+:? \\boxed ?\{", weight=0.6, variant="openmath2"),
        Pattern("boxed-in-sentence", r"[a-z] \$+\\boxed ?\{[\w.,:\\%-]*\}\$+ [a-z]", weight=.3),
        Pattern("sum-with-unit", r"\$\d[\d.,]* (?:\+|-|\\times|\\div) \d[\d.,]* = \d[\d.,]*\$ [a-z]", weight=.4),
        Pattern("plan-words", r"\b(?:step[- ]by[- ]step|follow these steps|we need to (?:find|determine|calculate|follow|use))\b", weight=0.2),
        Pattern("program", r"^[ \t]*def \w+\(|^```(?:python|py)?[ \t]*$", weight=-0.85),
        Pattern("diagram", r"\[asy\]", weight=-0.9),
        Pattern("glued-display", r"\\\][a-zA-Z]", weight=-.7),
        Pattern("tex-spacing", r"[a-z$][.!?]  [A-Z$]", weight=-0.4),
        Pattern("script", r"\A\s*#!", weight=-0.9),
    ),
    outranks=("cot_answer_is", "chat_markdown", "chat_plain", "explanation_answer", "prose"),
    ending=r"\\boxed ?\{[^\n]*\}[^\n]*\s*(?:\\\]|\$\$)?\s*\Z",
    examples=(
        "To find the number of panes, we multiply windows by panes per window.\n\n\\[\n8 \\times 6 = 48\n\\]\n\n"
        "Thus, the house has \\(\\boxed{48}\\) panes.",
        "Let's work through it:\n\n1. **Windows:** there are 8.\n2. **Panes:** each has 6, so $8 \\cdot 6 = 48$.\n\n"
        "### Final count\nThe final answer is $\\boxed{48}$.",
        "Each window has 6 panes, so 8 windows have 8 * 6 = 48 panes.\nThe house has \\boxed{48} panes.",
        "Step 1: We need to find the area step-by-step.\n\nThe area is:\n$$3 \\times 4 = 12$$\n\n\\boxed{12}\n",
        "Omar has $3$ dollars.\n\nHe earns $4 \\times 5 = 20$ dollars.\n\nThus, Omar has $\\boxed{23}$ dollars.",
    ),
    counterexamples=(
        "The two roots sum to $7$ and multiply to $12$, so the larger is $\\boxed{4}$.",
        "Note that $x+y=5$.  Squaring gives \\[x^2+2xy+y^2=25,\\]so $xy = \\boxed{6}.$",
        "To find the number of panes, we multiply: 8 * 6 = 48. The answer is 48.",
    ),
)  # fmt: skip
