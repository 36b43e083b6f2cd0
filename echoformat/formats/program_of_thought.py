"""Program of Thoughts: a bare script whose last value is called ans."""

from echoformat.format import Format, Pattern, Syntax

FORMAT = Format(
    name="program_of_thought",
    family="code",
    title="Program of Thoughts: a bare script that ends in ans = ...",
    source="https://arxiv.org/abs/2211.12588",
    patterns=(Pattern("answer-variable", r"^ans ?= ?[^\n]+\s*\Z", weight=0.85, variant="ans"),),
    syntax=(
        Syntax(
            "bare-assignment",
            '(module (expression_statement (assignment left: (identifier) @name)) (#eq? @name "ans"))',
            weight=0.6,
            clean=True,
            whole=True,
        ),
    ),
    outranks=("python",),
    examples=("pens = 3 * 12\nans = pens - 7\n",),
    counterexamples=("ans = 29 is what we get, since 36 - 7 = 29.\n",),
)
