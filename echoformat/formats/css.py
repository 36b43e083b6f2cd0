"""CSS: a style sheet as the whole answer."""

from echoformat.format import Format, Pattern
from echoformat.signs import FENCE

FORMAT = Format(
    name="css",
    family="structured",
    title="CSS style sheet",
    source="https://www.w3.org/Style/CSS/",
    patterns=(
        Pattern("rule-opens", r"^[ \t]*(?:[.#][\w-]+|\*|:root|(?:html|body|header|main|nav|footer|section|article|aside|div|span|p|a|ul|ol|li|h[1-6]|img|table|t[dhr]|button|input|form|label|textarea|select|pre|code|svg|figure)\b)[^\n{};=()]*(?:\([^\n)]*\)[^\n{};=]*)?\{[ \t]*(?:$|[a-z-]+ ?:)", weight=0.5),
        Pattern("rule-opens-below", r"^[.#@*]?[\w-]+\n\{[ \t]*\n[ \t]+[a-z-]+ ?: ", weight=0.5),
        Pattern("declaration", r"^[ \t]*(?:-{2}[\w-]+|color|background(?:-\w+)*|margin(?:-\w+)?|padding(?:-\w+)?|border(?:-[\w-]+)?|font(?:-\w+)?|display|width|height|max-width|min-width|min-height|position|top|left|right|bottom|float|flex(?:-\w+)?|grid(?:-[\w-]+)?|align-\w+|justify-\w+|text-[\w-]+|line-height|letter-spacing|box-[\w-]+|cursor|opacity|overflow|transition|transform|animation|z-index|gap|list-style|content|fill|visibility) ?: ?[^\n;{}]+;", weight=0.6),
        Pattern("one-line-rule", r"\{ ?[a-z-]+ ?: ?[\w#.%()-]+(?: [\w#.%()-]+)?;", weight=0.6),
        Pattern("at-rule", r"^[ \t]*@(?:media|import|font-face|keyframes|charset|supports|layer|tailwind|use|include|mixin)\b", weight=0.7),
        Pattern("units", r": ?-?[\d.]+(?:px|em|rem|vh|vw|%)|#[0-9a-fA-F]{3,8};|\brgba?\(", weight=0.3),
        Pattern("markup", r"<(?:html|head|style|body|div|script|svg|!DOCTYPE)\b", weight=-0.95),
        Pattern("program", r"^[ \t]*(?:def |import [\w{*]|const |let |var |function |class \w+[ {:(]|return |if ?\(|#include|public )| ===? |=>", weight=-0.8),
        Pattern("not-fence", FENCE, weight=-.99),
        Pattern("json", r"^[ \t]*\"[\w-]+\"\s*:", weight=-0.9),
    ),
    outranks=("prose", "chat_plain", "yaml"),
    examples=(
        "@media (max-width: 600px) {\n  .card {\n    padding: 8px 12px;\n    color: #334455;\n  }\n}\n",
        ".lake\n{\n  color: teal;\n  margin: 0;\n}\n",
        "body { margin: 0; }\n#lake a:hover { color: teal; }\n",
    ),
    counterexamples=(
        "<style>\nbody { margin: 0; }\n</style>\n<div>lake</div>\n",
        "const style = {\n  color: 'teal',\n};\n",
        "The set {x : x > 3} has no largest element;",
    ),
)  # fmt: skip
