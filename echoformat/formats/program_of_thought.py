"""Program of Thoughts: a bare script whose value is called `ans`."""

from echoformat.format import Format, Pattern, Syntax

FORMAT = Format(
    name="program_of_thought",
    family="code",
    title="Program of Thoughts: a bare script that ends in ans = ...",
    source="https://arxiv.org/abs/2211.12588",
    patterns=(
        Pattern("answer-last", r"^ans ?= ?[^\n]+\s*\Z", weight=0.45, variant="ans"),
        Pattern("answer-after-values", r"^[a-z]\w* ?= ?[^\n]+\n(?:[ \t]*#[^\n]*\n|[ \t]*\n)*ans ?= ?[^\n]+\s*\Z", weight=0.4, variant="ans"),
        Pattern("answer-updated", r"^[ \t]+ans ?(?:=|[-+*/]=) ?[^\n]+\s*\Z", weight=0.5, variant="ans"),
        Pattern("answer-in-fence", r"^ans ?= ?[^\n]+\n+(?:print\(ans\)[ \t]*\n+)?```", weight=0.6, variant="ans"),
        Pattern("solver", r"^ans ?= ?solver\(\)", weight=0.9, variant="zeroshot"),
        Pattern("solver-opens", r"^def solver\(\):", weight=0.6, variant="zeroshot"),
        Pattern("solver-asked", r"^# Answer this question by implementing an? solver\(\)", weight=0.9, variant="zeroshot"),
        Pattern("returned", r"^[ \t]+return ans\b", weight=-0.93),
        Pattern("reads-input", r"\binput\(\)|\bsys\.stdin|^if __name__", weight=-0.9),
        Pattern("comment-equations", r"^% ", weight=-0.9),
        Pattern("typed", r"^ans: |^ans ?=[^\n]*;$", weight=-0.9),
    ),
    syntax=(
        Syntax(
            "bare-assignment",
            '(module (expression_statement (assignment left: (identifier) @name right: (_))) (#eq? @name "ans"))',
            weight=0.7,
            clean=True,
            whole=True,
        ),
    ),
    outranks=("python", "fenced_code_answer"),
    ending=r"^[ \t]*ans ?(?:=|[-+*/]=) ?\S",
    examples=(
        "```python\npens = 3 * 12\nans = pens - 7\n```",
        "pens = 3 * 12\nans = pens - 7\n",
        "boxes = [4, 9, 2, 7]\nans = 0\nfor box in boxes:\n    if box > 3:\n        ans += 1\n",
        "import math\n\n# Question: How many pens are in 3 boxes of 12?\n"
        "# Answer this question by implementing a solver() function.\ndef solver():\n    pens = 3 * 12\n"
        "    return pens\n\nans = solver()\n",
        "from sympy import Symbol, solve\nx = Symbol('x')\nans = solve(3 * x - 12, x)[0]",
    ),
    counterexamples=(
        "ans = 29 is what we get, since 36 - 7 = 29.\n",
        "n = int(input())\nans = 0\nfor i in range(n):\n    ans += i\nprint(ans)\n",
        "% Three boxes of 12 pens:\npens = 3 * 12\n% The answer is:\nans = pens - 7\n",
        "def count(n):\n    ans = n * 2\n    return ans\n",
    ),
)  # fmt: skip
