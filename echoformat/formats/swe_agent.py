"""SWE-agent: a paragraph of discussion, then exactly one command in a fence."""

from echoformat.format import Format, Pattern
from echoformat.signs import MARKDOWN

FORMAT = Format(
    name="swe_agent",
    family="agent",
    title="SWE-agent: discussion, then one fenced command",
    source="https://arxiv.org/abs/2405.15793",
    patterns=(
        Pattern("one-line-fence-last", r"^```(?:bash|sh)?[ \t]*\n[^\n`]+\n```\s*\Z", weight=0.45),
        Pattern("tool-command", r"^```(?:bash|sh)?[ \t]*\n(?:open|edit|goto|scroll_(?:up|down)|search_(?:dir|file)|find_file|create|submit|str_replace_editor|ls|cd|cat|grep|find|python3?|pytest|pip|git|echo|rm|mv|cp|mkdir|sed|exit_\w+|view|head|tail|make|chmod|curl|wget|touch|pwd|bash|\./\S+)\b", weight=.4),
        Pattern("edit-ends", r"^end_of_edit\s*$", weight=0.7),
        Pattern("edit-range", r"^edit \d+:\d+[ \t]*$", weight=0.7),
        Pattern("discussion", r"\A\s*(?:DISCUSSION|THOUGHT)\b", weight=0.7),
        Pattern("command-tags", r"<command>[^<]*</command>\s*\Z", weight=0.85, variant="xml"),
        Pattern("intent", r"\b(?:[Ll]et's|[Ll]et us|I'll|I will|[Ww]e (?:can|should|need|will)) [a-z]", weight=0.1),
        Pattern("prose-after", r"^```[ \t]*\n+[A-Z*#-][^`\n]+\s*\Z", weight=-0.8),
        Pattern("not-markdown", MARKDOWN, weight=-0.6),
        Pattern("other-language", r"^```(?:python|json|java|cpp|c|javascript|js|html|css|sql|go|rust|typescript|output)\b", weight=-0.8),
        Pattern("fence-first", r"\A\s*```", weight=-0.6),
    ),
    outranks=("bash", "fenced_code_answer", "chat_markdown", "chat_plain", "xml", "html", "prose"),
    ending=r"```\s*\Z|</command>\s*\Z",
    examples=(
        "The failing test imports `ledger.totals`, so let's open that file and read the loop.\n```\nopen ledger/totals.py 40\n```",
        "DISCUSSION\nThe sum starts at one. Now we fix the line.\n```\nedit 12:12\n    total = 0\nend_of_edit\n```\n",
        "The folder is unknown. I'll list it.\n<command>\nls -la src\n</command>",
    ),
    counterexamples=(
        "```bash\nls -la src\n```",
        "You can list a folder like this:\n```bash\nls -la src\n```\nThe flag shows hidden files.",
        "Here is the function:\n```python\ndef total():\n    return 0\n```",
    ),
)  # fmt: skip
