"""A JSON object or array as the whole answer, bare, fenced, or announced by one line."""

from echoformat.format import Format, Pattern
from echoformat.signs import CODE, JSON_END, MARKUP

FORMAT = Format(
    name="json",
    family="structured",
    title="JSON object or array",
    source="https://www.rfc-editor.org/rfc/rfc8259",
    patterns=(
        Pattern("object-opens", r"\A\s*\{\s*\"[^\"\n]+\"\s*:\s*(?:[\[{\"\d\-]|true|false|null)", weight=0.85),
        Pattern("object-in-fence", r"\A\s*```(?:json|JSON)?[ \t]*\n\s*[\[{]\s*(?:\"|\{|\[|-?\d)", weight=0.9),
        Pattern("object-after-prose", r"^\{[ \t]*\n?[ \t]*\"[^\"\n]+\"\s*:\s*(?:[\[{\"\d\-]|true|false|null)", weight=0.55),
        Pattern("fence-after-prose", r"^```json[ \t]*\n\s*[\[{]", weight=0.55),
        Pattern("array-of-objects", r"\A\s*\[\s*\{\s*\"[^\"\n]+\"\s*:", weight=0.85),
        Pattern("array-of-values", r"\A\s*\[\s*(?:\"[^\"\n]*\"|-?\d[\d.eE+-]*|\[|true|false|null)\s*[,\]]", weight=.55),
        Pattern("closes", JSON_END, weight=0.3),
        Pattern("empty", r"\A\s*(?:\{\s*\}|\[\s*\])\s*\Z", weight=0.8),
        Pattern("call", r"\A\s*(?:```json\s*)?\{\s*\"(?:arguments|tool_calls|function_call)\"\s*:", weight=-0.97),
        Pattern("named-call", r"\A\s*(?:```json\s*)?\{\s*\"name\"\s*:\s*\"[^\"\n]*\"\s*,\s*\"(?:arguments|parameters)\"", weight=-0.97),
        Pattern("not-code", CODE, weight=-0.6),
        Pattern("not-markup", MARKUP, weight=-0.6),
        Pattern("script", r"\A\s*#!", weight=-0.9),
    ),
    outranks=("boxed_cot", "math_latex", "python", "chat_plain", "chat_markdown", "fenced_code_answer", "prose", "css", "short_answer"),
    ending=JSON_END,
    examples=(
        '{"reasoning": "Nine jars of four are 36.", "answer": "36"}',
        '```json\n{\n  "answer": 36,\n  "sure": true\n}\n```\n',
        "Here is the record you asked for:\n\n{\n  \"jars\": 9,\n  \"each\": 4\n}\n",
        '[{"jar": 1, "olives": 4}, {"jar": 2, "olives": 7}]',
        "[1, 2, 3, 5]",
        "{}",
        "The list follows.\n```json\n[4, 7]\n```",
    ),
    counterexamples=(
        '{"name": "count_jars", "arguments": {"shelf": 3}}',
        "jars = {'shelf': 3}\nprint(jars)\n",
        "{x | x > 3} is the set we want.",
        "[Nora opens the jar and looks inside.]",
    ),
)  # fmt: skip
