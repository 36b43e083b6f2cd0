"""Equation of thought: comment lines that begin with %, each followed by equations, `ans` last."""

from echoformat.format import Format, Pattern

FORMAT = Format(
    name="equation_of_thought",
    family="code",
    title="Equation of thought: % comments and equations",
    source="https://arxiv.org/abs/2310.14628",
    patterns=(
        Pattern("comment-then-equation", r"^% ?[A-Z][^\n]+\n[A-Za-z]\w*[^=\n]* = ", weight=0.8),
        Pattern("answer", r"^ans ?= ?[^\n]+\s*\Z", weight=0.4),
        Pattern("opens", r"\A\s*% ?[A-Z][^\n]*:?\n", weight=0.3),
        Pattern("latex", r"^\\|\\begin\{|\\section|\\PY", weight=-0.95),
        Pattern("matlab", r";[ \t]*$|^function |^end$", weight=-0.8),
    ),
    outranks=("python", "program_of_thought", "prose"),
    ending=r"^ans ?= ?\S",
    examples=(
        "% Let each crate weigh x pounds:\ncrate = x\n% Three crates and a cart of 20 weigh 110:\n3 * crate + 20 = 110\n"
        "% How much does one crate weigh? The answer is:\nans = x\n",
    ),
    counterexamples=(
        "# Each crate weighs 30 pounds:\ncrate = 30\nans = 3 * crate\n",
        "% Generator: tool\n\\begin{figure}\nx = 3\n\\end{figure}\n",
        "50 % of the crates are empty, so the answer = 3.",
    ),
)  # fmt: skip
