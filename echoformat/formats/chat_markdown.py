"""A chat assistant's answer in markdown: headings, bold, lists, blocks of code between prose."""

from echoformat.format import Format, Pattern
from echoformat.signs import ANSWER, HEADING, LATEX, NUMBERED, SUM, TAGS, TURNS, WEB

FORMAT = Format(
    name="chat_markdown",
    family="natural_language",
    title="Chat answer in markdown",
    source="https://lmsys.org/blog/2024-04-19-arena-hard/",
    patterns=(
        Pattern("heading", HEADING, weight=0.35),
        Pattern("bold-lead", r"^[ \t]*(?:[-*+]|\d+\.)?[ \t]*\*\*[^*\n]+\*\*", weight=0.4),
        Pattern("bullets", r"^[ \t]*[-*+] [^\n]+\n\n?[ \t]*[-*+] [^\n]", weight=0.25),
        Pattern("numbered", NUMBERED, weight=0.2),
        Pattern("block-between-prose", r"[a-z:.][ \t]*\n+```[\w+#-]*[ \t]*\n(?:[^`]|`[^`]|``[^`])*```[ \t]*\n+[A-Z#*\d-]", weight=0.55),
        Pattern("code-words", r" `\w[^`\n ]*`[ ,.:;)]", weight=0.25),
        Pattern("table", r"^\|[^\n]*\|[ \t]*\n\|[ \t:|-]+\|", weight=0.4),
        Pattern("rule", r"^---+[ \t]*$", weight=0.15),
        Pattern("assistant", r"\A\s*(?:Certainly|Sure|Of course|Absolutely|Here(?:'s| is| are)|Great question|Below|To [a-z]+ (?:a|an|the|your|this)|Yes, |Creating |I'd be happy)\b", weight=0.25),
        Pattern("offers", r"\b(?:I hope (?:this|that)|[Ll]et me know if|[Ff]eel free to|If you (?:have any|need|would like|'d like)|[Rr]emember (?:to|that)|[Oo]verall,|In (?:conclusion|summary))", weight=0.25),
        Pattern("not-latex", LATEX, weight=-0.7),
        Pattern("not-answer", ANSWER, weight=-0.7),
        Pattern("not-sum", SUM, weight=-0.6),
        Pattern("not-tags", TAGS, weight=-0.9),
        Pattern("not-turns", TURNS, weight=-0.9),
        Pattern("not-web", WEB, weight=-0.8),
        Pattern("script", r"\A\s*(?:#!|#[^\n]*\n#|\"\"\"|'''|import [\w.{*]+(?:;|$| as | from |,)|from [\w.]+ import |/\*|//|#include|package \w+|use [\w:]+;|declare (?:module|const|function|namespace)|export (?:const|default|function|class|type|interface|declare|async|\*|\{)|<\?|<!)", weight=-0.9),
        Pattern("keys", r"\A\s*(?:#[^\n]*\n\s*)*[a-z_][\w.-]*:(?: [^\n]*)?\n", weight=-0.9),
    ),
    outranks=("prose", "chat_plain", "python", "bash", "sql", "cpp", "java", "go", "rust", "javascript", "typescript", "yaml", "html", "css"),
    examples=(
        "# Choosing a lake\n\nHere are **two** lakes to weigh:\n\n1. **Orta**: quiet and deep.\n2. **Como**: grand and busy.\n\n"
        "- Bring a map\n- Bring water\n\n| Lake | Depth |\n|---|---|\n| Orta | 143 |\n\n---\n\nLet me know if you need more.\n",
        "Here's how to list the `maps` folder:\n\n```bash\nls -la maps\n```\n\nThe flag `-a` also shows hidden files.\n",
    ),
    counterexamples=(
        "Lake Orta lies west of Lake Maggiore, and it is quieter.",
        "1. **Rows:** 4.\n2. **Seats:** $4 \\cdot 9 = 36$.\n\nThe final answer is $\\boxed{36}$.",
        "# Orta\n- 143\n",
    ),
)  # fmt: skip
