"""OpenMathInstruct-1: prose, a program between `<llm-code>` tags, its output, a boxed answer."""

from echoformat.format import Format, Pattern

FORMAT = Format(
    name="openmath1",
    family="hybrid",
    title="OpenMathInstruct-1: <llm-code> block, <llm-code-output>, boxed answer",
    source="https://arxiv.org/abs/2402.10176",
    patterns=(
        Pattern("code-opens", r"<llm-code>[ \t]*(?:\n|\Z)|^[ \t]*<llm-code>[ \t]*\w", weight=0.95),
        Pattern("code-closes", r"^[ \t]*</llm-code>", weight=0.4),
        Pattern("output", r"^[ \t]*<llm-code-output>", weight=0.9),
        Pattern("output-closes", r"^[ \t]*</llm-code-output>", weight=0.6),
    ),
    outranks=(
        "boxed_cot", "math_latex", "python", "tinygsm", "pal", "program_of_thought", "cot_answer_is",
        "chat_plain", "chat_markdown", "multiple_choice",
    ),
    ending=r"</llm-code-output>\s*[^\s<][^<]*\\boxed ?\{|</llm-code-output>[^<]*[.!]\s*\Z",
    examples=(
        "Let's count the panes with Python code.\n<llm-code>\nwindows = 8\npanes = windows * 6\npanes\n"
        "</llm-code>\n<llm-code-output>\n48\n</llm-code-output>\nSo there are \\boxed{48} panes.",
        "<llm-code>\nfrom sympy import symbols, solve\nx = symbols('x')\nsolve(x**2 - 9, x)",
    ),
    counterexamples=(
        "Put the program between <llm-code> and </llm-code> and the answer in a box.",
        "So there are \\boxed{48} panes.",
        "```python\nprint(8 * 6)\n```\n```output\n48\n```\nSo there are $\\boxed{48}$ panes.",
    ),
)  # fmt: skip
