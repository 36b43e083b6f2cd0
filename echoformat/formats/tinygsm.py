"""TinyGSM: a Python function that restates the question as its docstring and returns `result`."""

from echoformat.format import Format, Pattern, Syntax
from echoformat.signs import BOXED

FORMAT = Format(
    name="tinygsm",
    family="code",
    title="TinyGSM: def simple_math_problem(), docstring, assignments, return result",
    source="https://arxiv.org/abs/2312.09241",
    patterns=(
        Pattern("function-name", r"^[ \t]{0,8}def simple_math_problem", weight=0.97),
        Pattern("name-without-def", r"^(?:The )?simple_math_problem\(\)", weight=0.6),
        Pattern(
            "question-function",
            r"^def [a-z]\w*\(\) ?-> ?(?:int|float):[ \t]*\n[ \t]*(?:\"\"\"|''')[ \t\n]*[A-Z][^\"\n]*(?:\n[^\"\n]*)*\?",
            weight=0.5,
        ),
        Pattern("returns-result", r"^[ \t]*return result[ \t]*$", weight=0.45),
        Pattern("not-boxed", BOXED, weight=-0.985),
        Pattern("other-name", r"^[ \t]*def (?:solution|solver?|main|check)\(", weight=-0.9),
        Pattern("starts-with-code", r"\A\s*(?:from |import |def |@|# )", weight=0.0, variant="raw"),
        Pattern("starts-with-fence", r"\A\s*```", weight=0.0, variant="fenced"),
        Pattern("starts-with-reasons", r"\A\s*(?:\*\*|#+ |[A-Z0-9])", weight=0.0, variant="reasoned"),
    ),
    syntax=(
        Syntax(
            "question-then-result",
            """(function_definition name: (identifier) @name
                 body: (block . (expression_statement (string))
                        (return_statement (identifier) @result))
                 (#eq? @name "simple_math_problem") (#eq? @result "result"))""",
            weight=0.8,
        ),
    ),
    outranks=("python", "fenced_code_answer", "chat_markdown"),
    ending=r"^[ \t]*return \w+",
    examples=(
        '''def simple_math_problem() -> int:
    """
    Nora plants 4 rows of tulips with 6 bulbs in each row.
    Rabbits eat 5 of the bulbs.
    How many bulbs are left?
    """
    bulbs_planted = 4 * 6
    bulbs_left = bulbs_planted - 5
    result = bulbs_left
    return result
''',
        "```python\ndef simple_math_problem():\n    '''Ivo rides 3 miles each way, twice a week.'''\n"
        "    miles_per_week = 3 * 2 * 2\n    result = miles_per_week * 4\n    return result\n```\n",
        "**Reasoning:**\n1. Six jars hold 6 * 9 = 54 olives.\n2. Ten are eaten.\n\n**Solution:**\n```python\n"
        "def simple_math_problem() -> int:\n    olives = 6 * 9\n    result = olives - 10\n    return result\n```",
        "def olives_left() -> int:\n    '''\n    Six jars hold 9 olives each and 10 are eaten. How many are left?\n"
        "    '''\n    result = 6 * 9 - 10\n    return result\n",
        "simple_math_problem() -> int:\n    def simple_math_problem() -> int:\n        result = 3\n",
    ),
    counterexamples=(
        'def solution():\n    """Nora plants 4 rows of 6 tulips. How many?"""\n    result = 4 * 6\n    return result\n',
        "def total(rows):\n    result = 0\n    for row in rows:\n        result += row\n    return result\n",
        "The simple math problem defines a rate: 24 divided by 6 is 4, so the answer is 4.\n",
    ),
)
