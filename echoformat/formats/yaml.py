"""YAML: a document of keys and values as the whole answer."""

from echoformat.format import Format, Pattern
from echoformat.signs import FENCE, HERE_DOCUMENT, LABELS, LATEX, MARKUP, PROGRAM, PROSE_LINE, TURNS

FORMAT = Format(
    name="yaml",
    family="structured",
    title="YAML document",
    source="https://yaml.org/spec/1.2.2/",
    patterns=(
        Pattern("document-start", r"\A\s*(?:#[^\n]*\n)*(?:%YAML[^\n]*\n)?---[ \t]*\n(?:#[^\n]*\n)*[\w\"'-]+(?: ?:|[ \t]\w+:)", weight=0.75),
        Pattern("nested-keys", r"^[a-zA-Z_][\w./-]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*[ ]{1,8}(?:- )?[\w\"'./-]+:(?:[ \t]|$)", weight=0.75),
        Pattern("key-then-list", r"^[ ]*[a-z_][\w./-]*:[ \t]*\n[ ]{0,8}- [^\n]+(?:\n|\Z)", weight=.45),
        Pattern("keys-in-a-row", r"^[a-z_$][\w.-]*:(?: [^\n]*)?\n[ ]*(?:- )?(?:[a-zA-Z_][\w.-]*:(?: |\n|\Z)|- )", weight=0.6),
        Pattern("scalar-kinds", r"^[ ]*[\w.-]+: (?:true|false|null|~|yes|no|\d[\d.]*|\"[^\"\n]*\"|'[^'\n]*'|[|>][+-]?|\[[^\]\n]*\]|[&*]\w+)[ \t]*(?:#[^\n]*)?$", weight=0.35),
        Pattern("known-keys", r"^(?:apiVersion|kind|metadata|spec|version|services|jobs|on|steps|stages|image|openapi|dependencies|name|runs-on|script|hosts|tasks):(?:[ \t]|$)", weight=0.35),
        Pattern("list-of-maps", r"\A\s*(?:#[^\n]*\n\s*|---\s*\n)*- [\w-]+:[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*[ ]{2,}(?:- )?[\w-]+:(?:[ \t]|$)", weight=0.7),
        Pattern("keys-with-comments", r"^[a-z_$][\w.-]*: [^\n]*\n(?:[ \t]*\n)*[ \t]*#[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*[a-zA-Z_][\w.-]*:(?: |\n|\Z)", weight=0.5),
        Pattern("block-scalar", r"^[ ]*(?:- )?[a-zA-Z_][\w.-]*: [|>][+-]?[ \t]*\n[ ]+\S", weight=0.5),
        Pattern("not-code", PROGRAM, weight=-0.93),
        Pattern("here-document", HERE_DOCUMENT, weight=-0.93),
        Pattern("not-braces", r"^\}|^\w[\w.-]*:[^\n]*;[ \t]*$", weight=-0.9),
        Pattern("shebang", r"\A\s*#!", weight=-0.95),
        Pattern("not-turns", TURNS, weight=-0.9),
        Pattern("not-labels", LABELS, weight=-0.9),
        Pattern("prose", PROSE_LINE, weight=-0.85),
        Pattern("not-bold", r"\*\*[A-Z]", weight=-0.85),
        Pattern("not-latex", LATEX, weight=-0.85),
        Pattern("form", r"^[A-Z][a-z]+ [A-Za-z]+: \S", weight=-0.7),
        Pattern("annotated", r"^[a-z_]\w*: [\w\[\], ]+ = |^\w+\([^\n]*\)[ \t]*$", weight=-0.9),
        Pattern("not-fence", FENCE, weight=-0.9),
        Pattern("not-markup", MARKUP, weight=-0.9),
    ),
    outranks=("prose", "chat_plain", "short_answer", "python", "forum", "bash"),
    examples=(
        "name: maps\non: push\njobs:\n  build:\n    steps:\n      - run: |\n          if [ -f map ]; then\n            echo \"$HOME\"; return 1;\n          fi\n",
        "---\n# harbor\nname: harbor\nservices:\n  web:\n    image: lake:1.2\n    ports:\n      - \"8080:80\"\n    restart: true\n",
        "# Depths of the lakes\n\nunit: metres\n# A lake deeper than this is deep\nlimit: 100\nnote: |\n  Measured by rope.\n",
        "- name: Orta\n  depth: 143\n- name: Como\n  depth: 425\n",
        "version: 2\nsteps:\n  - checkout\n  - build\n",
    ),
    counterexamples=(
        "Thought: the lake is deep.\nAction: measure\n",
        "def depth(lake):\n    name: str = lake\n    return name\n",
        "Ingredients: flour\nMethod: Mix the flour and bake it well.\n",
        '{"name": "Orta",\n "depth": 143}',
    ),
)  # fmt: skip
