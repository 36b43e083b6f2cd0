"""TinyGSM: a Python function that restates the question as its docstring and returns `result`."""

from echoformat.format import Format, Pattern, Syntax

FORMAT = Format(
    name="tinygsm",
    family="code",
    title="TinyGSM: def simple_math_problem(), docstring, assignments, return result",
    source="https://arxiv.org/abs/2312.09241",
    patterns=(
        Pattern("function-name", r"^[ \t]{0,8}def simple_math_problem\b", weight=0.97),
        Pattern("name-without-def", r"^(?:The )?simple_math_problem\(\)", weight=0.6),
        Pattern(
            "fence",
            r"^```(?:python|py)?[ \t]*\n(?:[^`]{0,400}\n)?[ \t]{0,8}def simple_math_problem",
            weight=0.0,
            variant="fenced",
        ),
        Pattern("starts-with-code", r"\A\s*(?:from |import |def )", weight=0.0, variant="raw"),
        Pattern(
            "prose-before",
            r"\A\s*[A-Z][a-z]+[a-z ,']{4,400}[^\n]{0,300}\n(?:[^`]{0,2000}\n)?```",
            weight=0.0,
            variant="reasoned",
        ),
    ),
    syntax=(
        Syntax(
            "returns-result",
            """(function_definition name: (identifier) @name
                 body: (block . (expression_statement (string))
                        (return_statement (identifier) @result))
                 (#eq? @name "simple_math_problem") (#eq? @result "result"))""",
            weight=0.8,
        ),
    ),
    outranks=("python", "fenced_code_answer"),
    ending=r"^[ \t]+return \w+",
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
        """```python
def simple_math_problem():
    '''Ivo rides 3 miles each way, twice a week. How far in four weeks?'''
    miles_per_week = 3 * 2 * 2
    result = miles_per_week * 4
    return result
```
""",
    ),
    counterexamples=(
        '''def solution():
    """Nora plants 4 rows of 6 tulips. How many?"""
    result = 4 * 6
    return result
''',
        "The simple math problem defines a rate: 24 divided by 6 is 4, so the answer is 4.\n",
    ),
)
