"""A chat answer that is mostly one fenced block of code."""

from echoformat.format import Format, Pattern

FORMAT = Format(
    name="fenced_code_answer",
    family="code",
    title="One fenced block of code as the answer",
    source="https://livecodebench.github.io/",
    patterns=(
        Pattern("fence-around", r"\A\s*```[\w+#-]*[ \t]*\n(?:[^`]|`[^`]|``[^`])*```\s*\Z", weight=0.85),
        Pattern("fence-first", r"\A\s*```(?:python|py|python3|cpp|c\+\+|c|java|javascript|js|typescript|ts|go|rust|bash|sh|sql|html|css|ruby|php|r|julia|kotlin|swift|scala|csharp|cs|lua|perl|haskell|lean4?)?[ \t]*\n", weight=0.6),
        Pattern("fence-last", r"^[ \t]*```[A-Za-z+#]+[ \t]*\n(?:[^`]|`[^`]|``[^`])*```\s*\Z", weight=0.4),
        Pattern("one-line-before", r"\A\s*[^\n`]+\n+```[a-z+#]+[ \t]*\n(?:[^`]|`[^`]|``[^`])*```\s*\Z", weight=0.5),
        Pattern("fence-named", r"^```(?:json|JSON|output|yaml|xml|markdown|text|diff|mermaid|csv)\b", weight=-0.9),
        Pattern("several-blocks", r"^```\w+[ \t]*\n(?:[^`]|`[^`]|``[^`])*```[ \t]*\n(?:[^`]|`[^`]|``[^`])*^```\w", weight=-0.6),
        Pattern("prose-after", r"^```[ \t]*\n\s*[A-Z#*\d-][^\n]+\n[^`]*\Z", weight=-0.7),
        Pattern("headings", r"^#{1,4} [A-Z][^\n]*\n\s*[A-Z*\d-]", weight=-0.4),
        Pattern("object", r"\A\s*```[a-z]*\s*[\[{]\s*\"", weight=-0.9),
    ),
    outranks=("python", "cpp", "java", "go", "rust", "javascript", "typescript", "bash", "sql", "html", "css", "chat_markdown", "chat_plain", "prose"),
    ending=r"^[ \t]*```[ \t]*$",
    examples=(
        "```python\nn = int(input())\nprint(sum(range(n)))\n```\n",
        "This reads the rows and keeps the deepest.\n\n```cpp\n#include <iostream>\nint main() { return 0; }\n```",
        "```python\nimport sys\nrows = sys.stdin.read().split()\n",
    ),
    counterexamples=(
        "```json\n{\"depth\": 143}\n```",
        "There are two ways.\n\n```python\nprint(3)\n```\n\nThe first one prints. The second does not:\n\n```python\npass\n```\n\nChoose one.",
        "n = int(input())\nprint(n)\n",
    ),
)  # fmt: skip
