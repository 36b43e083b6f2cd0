"""Python that is no more particular format: a module, a function, or the body of one."""

from echoformat.format import Format, Pattern, Syntax
from echoformat.signs import BOXED, BRACES, FENCE, MARKUP

FORMAT = Format(
    name="python",
    family="code",
    title="Python source",
    source="https://docs.python.org/3/reference/",
    patterns=(
        Pattern("function", r"^[ \t]*(?:async )?def \w+\([^\n]*\)?(?: ?-> ?[^\n:]+)?:[ \t]*(?:#[^\n]*)?$", weight=.45),
        Pattern("class", r"^class \w+(?:\([\w., =]*\))?:[ \t]*$", weight=0.5),
        Pattern("imports", r"^(?:import [a-z_][\w.]*(?: as \w+)?(?:, ?[\w.]+)*|from [\w.]+ import [\w*(][^\n;]*)[ \t]*$", weight=0.4),
        Pattern("block", r"^[ \t]*(?:for \w+(?:, ?\w+)* in [^\n]+|while [^\n]+|if [^\n]+|elif [^\n]+|with [^\n]+ as \w+|try|else|except[^\n]*):[ \t]*(?:#[^\n]*)?$", weight=0.3),
        Pattern("body-goes-on", r"\A\n*[ \t]{2,}(?:return [^\n;]+|[a-z_]\w*(?:, ?\w+)* [-+*/]?= [^\n;]+|for \w+(?:, ?\w+)* in [^\n]+:|(?:el)?if [^\n{]+:|while [^\n]+:|def \w+[^\n]+:|import \w+|#[^\n]+|try:)[ \t]*$", weight=0.5),
        Pattern("self", r"\bself\.\w+|__(?:init|main|name)__", weight=0.4),
        Pattern("not-boxed", BOXED, weight=-0.9),
        Pattern("not-fence", FENCE, weight=-0.93),
        Pattern("not-braces", BRACES, weight=-0.7),
        Pattern("not-markup", MARKUP, weight=-0.6),
        Pattern("prose", r"[a-z][.!?]\s*\Z", weight=-0.8),
        Pattern("ini", r"^\[[\w .-]+\][ \t]*$", weight=-0.8),
    ),
    syntax=(
        Syntax("defines", "[(function_definition) (class_definition)] @d", weight=0.6, clean=True, whole=True),
        Syntax("import-statement", "[(import_statement) (import_from_statement)] @i", weight=0.4, clean=True, whole=True),
        Syntax("flows", "[(for_statement) (while_statement) (if_statement) (with_statement) (try_statement)] @f", weight=0.5, clean=True, whole=True),
        Syntax("assigns", "(expression_statement (assignment right: (_))) @a", weight=0.3, clean=True, whole=True),
        Syntax("returns", "(return_statement (_)) @r", weight=0.4, clean=True, whole=True),
        Syntax("prints", '(call function: (identifier) @n (#eq? @n "print"))', weight=.5, clean=True, whole=True),
    ),
    outranks=("short_answer",),
    ending=r"[^\s\\,(\[{=+*/.:-]\s*\Z",
    examples=(
        "def second_largest(values):\n    ordered = sorted(set(values))\n    return ordered[-2]\n",
        "import csv\nfrom pathlib import Path\n\nfor path in Path('.').glob('*.csv'):\n    print(path.name)\n",
        "    total = 0\n    for value in values:\n        total += value\n    return total / len(values)\n",
        "class Jar:\n    def __init__(self, olives):\n        self.olives = olives\n",
    ),
    counterexamples=(
        "function second(values) {\n  return values.sort()[1];\n}\n",
        "```python\nprint(3)\n```\nThis prints three.\n",
        "For the class, import the values and return to your seat.\n",
        "jars = 9\nans = jars * 4\n",
    ),
)  # fmt: skip
