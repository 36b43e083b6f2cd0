"""PAL: `def solution():` with the question as its docstring, `return result`."""

from echoformat.format import Format, Pattern

FORMAT = Format(
    name="pal",
    family="code",
    title="PAL: def solution() with the question as docstring",
    source="https://arxiv.org/abs/2211.10435",
    patterns=(
        Pattern("function-name", r"^[ \t]{0,4}def solution\(\)(?: ?-> ?\w+)?:", weight=0.93),
        Pattern("returns-result", r"^[ \t]+return result\b", weight=0.2),
        Pattern("called", r"^(?:print\()?solution\(\)\)?\s*\Z", weight=0.3),
    ),
    outranks=("python", "fenced_code_answer", "program_of_thought"),
    ending=r"^[ \t]+return \S",
    examples=(
        'def solution():\n    """Omar has 23 dollars and buys five rolls at 3 dollars. What is left?"""\n'
        "    money_initial = 23\n    rolls = 5 * 3\n    result = money_initial - rolls\n    return result\n",
        "def solution():\n    # four jars of nine\n    jars = 4\n    return jars * 9\n\nprint(solution())\n",
    ),
    counterexamples=(
        "def simple_math_problem() -> int:\n    result = 4 * 9\n    return result\n",
        "def solution(numbers):\n    return sorted(numbers)[-1]\n",
        "The solution() of the puzzle is 36.\n",
        "def solver():\n    return 4 * 9\n\nans = solver()\n",
    ),
)
