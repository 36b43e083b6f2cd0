"""ToRA: reasoning, a ```python block, its ```output block, a boxed answer."""

from echoformat.format import Format, Pattern

FORMAT = Format(
    name="tora",
    family="hybrid",
    title="ToRA: ```python block, ```output block, boxed answer",
    source="https://arxiv.org/abs/2309.17452",
    patterns=(
        Pattern("output-block", r"^[ \t]*```[ \t]*\n{1,2}[ \t]*```output[ \t]*$", weight=0.95),
        Pattern("output-opens", r"^[ \t]*```output[ \t]*$", weight=0.7),
        Pattern("code-opens", r"^[ \t]*```python[ \t]*$", weight=0.2),
        Pattern("question-function", r"\A\s*```python\n(?:(?:from|import) [^\n]+\n|\n)*def [a-z]\w*\(\):\n[ \t]+\"\"\"[A-Z]", weight=0.45),
        Pattern("sympy-first", r"\A\s*```python\n(?:import sympy|from sympy import)[^\n]*\n", weight=0.4),
        Pattern("no-output", r"\A\s*```python\n[^`]*```\s*\Z", weight=-0.93),
        Pattern("other-name", r"^[ \t]*def (?:solution|simple_math_problem)\(", weight=-0.7),
        Pattern("boxed-after-output", r"^```output\n[^`]*```[^`]*\\boxed", weight=0.5),
    ),
    outranks=(
        "boxed_cot", "math_latex", "python", "pal", "program_of_thought", "fenced_code_answer",
        "chat_markdown", "cot_answer_is", "metamath", "multiple_choice",
    ),
    ending=r"^[ \t]*```output[ \t]*\n[^`]*```\s*\S",
    examples=(
        "```python\ndef panes():\n    \"\"\"A house has 8 windows of 6 panes.\"\"\"\n    windows = 8\n    return windows * 6\n\nprint(panes())\n```\n```output\n48\n```\n"
        "The house has $\\boxed{48}$ panes.",
        "```python\nfrom sympy import sqrt\nprint(sqrt(144))\n```\n```output\n12\n```\nIt is $\\boxed{12}$.",
        "We solve for the side with sympy.\n```python\nfrom sympy import sqrt\nprint(sqrt(144))\n```\n\n```output\n12\n",
    ),
    counterexamples=(
        "```python\nprint(8 * 6)\n```\n",
        "```python\ndef panes():\n    \"\"\"A house has 8 windows of 6 panes.\"\"\"\n    return 8 * 6\n```",
        "Let's compute.\n<llm-code>\n8 * 6\n</llm-code>\n<llm-code-output>\n48\n</llm-code-output>\nIt is \\boxed{48}.",
        "The output block shows 48, so the answer is 48.",
    ),
)  # fmt: skip
