"""JavaScript source."""

from echoformat.format import Format, Pattern
from echoformat.signs import CODE_END, FENCE, NO_SCRIPT, PROSE_LINE

FORMAT = Format(
    name="javascript",
    family="code",
    title="JavaScript source",
    source="https://tc39.es/ecma262/",
    patterns=(
        Pattern("arrow", r"^[ \t]*(?:export )?(?:const|let|var) [\w$]+ = (?:async ?)?(?:\([^\n)]*\)|[\w$]+) ?=>", weight=0.85),
        Pattern("function", r"^[ \t]*(?:export )?(?:default )?(?:async )?function\*? ?[\w$]*\([^\n:]*\) ?\{", weight=0.7),
        Pattern("function-value", r"[(=,:] ?(?:async )?function ?\w*\([\w$,]*(?: [\w$,]+)?(?: [\w$,]+)?\) ?\{", weight=0.5),
        Pattern("declares", r"^[ \t]*(?:const|let|var) (?:[\w$]+|\{[^}\n]+\}|\[[^\]\n]+\]) = ", weight=0.5),
        Pattern("triple-equals", r"[\w)\]] ?(?:===|!==) ?[\w'\"(]", weight=0.4),
        Pattern("library", r"\bconsole\.(?:log|error|warn)\(|\bdocument\.\w+|\bmodule\.exports\b|\brequire\(['\"]|\bMath\.(?:floor|max|min|abs|round)\(|\bJSON\.(?:parse|stringify)\(|\bnew (?:Map|Set|Promise|Array)\(|\baddEventListener\(", weight=.4),
        Pattern("imports", r"^import (?:[\w$*{][^\n]* from )?['\"][^'\"\n]+['\"];?[ \t]*$|^export (?:default|const|function|class|\{)", weight=0.6),
        Pattern("class", r"^[ \t]*constructor\([^\n:]*\) ?\{|\bthis\.\w+ = ", weight=0.4),
        Pattern("calls-back", r"\.(?:map|filter|reduce|forEach|then|sort)\((?:async )?(?:\(?[\w$]*(?:, ?[\w$]+)?\)? ?=>|function)", weight=0.5),
        Pattern("types", r"^[ \t]*(?:interface [A-Z]\w*|type [A-Z]\w* ?=|enum [A-Z])|: (?:string|number|boolean)\b|\)\s*: ?(?:void|any|Promise<|[A-Z]\w*\[\])|\bas (?:const|string|number|any)\b|\b(?:const|let) \w+: ", weight=-0.95),
        Pattern("other-language", NO_SCRIPT, weight=-0.9),
        Pattern("markup", r"\A\s*<(?:!DOCTYPE|html|!--|\w+[ >])", weight=-0.9),
        Pattern("prose-line", PROSE_LINE, weight=-0.5),
        Pattern("not-fence", FENCE, weight=-.99),
    ),
    ending=CODE_END,
    examples=(
        "$(document).ready(function () {\n  $('#lake').on('click', function (e) {\n    e.preventDefault();\n  });\n});\n",
        "const deepest = (depths) => {\n  let best = 0;\n  for (const d of depths) {\n    if (d !== best && d > best) {\n      best = d;\n    }\n  }\n  return best;\n}\n",
        "import fs from 'fs';\n\nclass Lake {\n  constructor(depth) {\n    this.depth = depth;\n  }\n}\n\nfunction show(lakes) {\n  console.log(lakes.map(l => l.depth));\n}\n",
    ),
    counterexamples=(
        "function deepest(depths: number[]): number {\n  return Math.max(...depths);\n}\n",
        "func deepest(depths []int) int {\n    return 0\n}\n",
        "The function of the lake is to let boats pass => always.",
    ),
)  # fmt: skip
