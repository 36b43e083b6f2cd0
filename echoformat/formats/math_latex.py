r"""MATH reference solutions: textbook prose in LaTeX by people, the answer boxed within the last sentence."""

from echoformat.format import Format, Pattern
from echoformat.signs import BOXED, MARKDOWN

FORMAT = Format(
    name="math_latex",
    family="natural_language",
    title="MATH: human reference solutions in LaTeX prose, answer boxed in the sentence",
    source="https://arxiv.org/abs/2103.03874",
    patterns=(
        Pattern("boxed", BOXED, weight=.4),
        Pattern("macros", r"\\(?:d?frac|sqrt|cdot|times|le|ge|leq|geq|angle|triangle|pi|sum|binom|left|dots|ldots|text|overline|pmod|circ)\b", weight=.18),
        Pattern("dollars", r"\$(?:[a-zA-Z]{1,3}|\d[\d.,]*)\$(?:[^\d$]|\Z)|[^\s$] ?[\\=^_+<>/-] ?[\w{}.,()^\\!|-]+\$(?:[^\d$]|\Z)", weight=.38, variant="reference"),
        Pattern("boxed-ends-equation", r"[=>\]] ?\\(?:boxed|fbox)\{[^\n ]*\}[^$\n]{0,3}(?:\$|\\\])", weight=.5),
        Pattern("diagram", r"\[asy\]", weight=0.7),
        Pattern("glued-display", r"\\\][a-zA-Z]", weight=.6),
        Pattern("tex-spacing", r"[a-z$][.!?]  [A-Z$]", weight=0.4),
        Pattern("one-paragraph", r"\A\s*[^\n]*\\boxed[^\n]*\s*\Z", weight=.4),
        Pattern("aligned", r"\\begin\{(?:align|eqnarray|array)\*?\}", weight=0.3),
        Pattern("round-delimiters", r"\\\( ?[^\s!-]", weight=-0.9),
        Pattern("square-delimiters-alone", r"^[ \t]*\\\[[ \t]*$", weight=-0.7),
        Pattern("colon-then-display", r":[ \t]*\n+[ \t]*(?:\\\[|\$\$[^$]|\$\\|\\begin)", weight=-.65),
        Pattern("lists", r"^\d+[.)] |^[-*] ", weight=-0.6),
        Pattern("not-markdown", MARKDOWN, weight=-0.8),
        Pattern("sum-with-unit", r"\$\d[\d.,]* (?:\+|-|\\times|\\div) \d[\d.,]* = \d[\d.,]*\$ [a-z]", weight=-0.4),
        Pattern("opens-with-aim", r"\A\s*To (?:find|determine|solve|calculate|simplify|evaluate|compute|answer)\b", weight=-.7),
        Pattern("boxed-paragraph", r"\S[ \t]*\n[ \t]*\n[ \t]*(?:Thus|Therefore|So|Hence|In total|Finally|The|Since|Altogether)\b[^\n=]*\\boxed", weight=-0.4),
        Pattern("boxed-after-word", r"(?:^|[\s(])[a-z]+:? \\boxed ?\{", weight=-0.6),
        Pattern("final-answer", r"\bThe (?:final |correct )?answer is:?\s*(?:\\\[|\\\(|\$+)?\s*\\boxed", weight=-0.6),
    ),
    outranks=("cot_answer_is", "prose", "chat_plain"),
    ending=r"\\(?:boxed|fbox) ?\{",
    examples=(
        "The two roots sum to $7$ and multiply to $12$, so they are $3$ and $4$.  The larger is $\\boxed{4}$.",
        "Let $s$ be the side.  Pythagoras gives\n\\[s^2 + s^2 = 50,\\]so $s^2 = 25$ and the area is $s^2=\\boxed{25}$.\n"
        "\n[asy]\ndraw((0,0)--(5,0)--(5,5)--(0,5)--cycle);\n[/asy]",
        "Adding the equations we get\n\\begin{align*}\n2x &= 10 \\\\\nx &= 5.\n\\end{align*}Then $y = 7 - 5 = \\boxed{2}.$",
        "There are $\\binom{6}{2} = 15$ pairs, of which $\\boxed{9}$ differ in color.",
    ),
    counterexamples=(
        "To find the panes, we multiply:\n\n\\[\n8 \\times 6 = 48\n\\]\n\nThus, there are \\(\\boxed{48}\\) panes.",
        "1. **Rows:** 4.\n2. **Seats:** $4 \\cdot 9 = 36$.\n\nThe final answer is $\\boxed{36}$.",
        "Each row has $9$ seats.\nThe answer is: $36$",
    ),
)  # fmt: skip
