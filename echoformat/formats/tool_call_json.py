"""A tool call as bare JSON: OpenAI `tool_calls` or `function_call`, or name with arguments."""

from echoformat.format import Format, Pattern
from echoformat.signs import JSON_END

FORMAT = Format(
    name="tool_call_json",
    family="agent",
    title="Tool call as JSON: tool_calls, or name and arguments",
    source="https://platform.openai.com/docs/guides/function-calling",
    patterns=(
        Pattern("tool-calls", r"\A\s*(?:```json\s*)?\{?\s*(?:\"(?:role|content)\"\s*:\s*(?:\"assistant\"|null|\"\")\s*,\s*)*\"(?:tool_calls|function_call)\"\s*:\s*[\[{]", weight=0.95, variant="openai"),
        Pattern("typed-call", r"\"type\"\s*:\s*\"function\"", weight=0.6, variant="openai"),
        Pattern("call-id", r"\"id\"\s*:\s*\"call_", weight=0.6, variant="openai"),
        Pattern("name-then-arguments", r"\A\s*(?:```json\s*)?\[?\s*\{\s*\"(?:name|function|tool|tool_name)\"\s*:\s*\"[\w.:/-]+\"\s*,\s*\"(?:arguments|parameters|args|tool_input|input)\"\s*:\s*[{\"\[]", weight=0.95, variant="function"),
        Pattern("arguments-then-name", r"\A\s*\[?\s*\{\s*\"(?:arguments|parameters)\"\s*:\s*[{\"][\s\S]*\"name\"\s*:\s*\"[\w.:/-]+\"\s*\}", weight=0.9, variant="function"),
        Pattern("action-input", r"\A\s*(?:```(?:json)?\s*)?\{\s*\"action\"\s*:\s*\"[^\"\n]+\"\s*,\s*\"action_input\"\s*:", weight=0.9, variant="function"),
        Pattern("python-list", r"\A\s*\[[a-zA-Z_][\w.]*\([a-z_]\w*=[^\n]*\)\]\s*\Z", weight=0.9, variant="python"),
        Pattern("name-cut", r"\A\s*\{\"name\": \"[a-z]\w*_\w+\", \"arg", weight=0.5, variant="function"),
    ),
    outranks=("json", "python", "short_answer"),
    ending=JSON_END,
    examples=(
        "[lake_depth(lake='Orta'), lake_depth(lake='Como')]",
        '{"name": "lake_depth", "arguments": {"lake": "Orta"}}',
        '{"tool_calls": [{"id": "call_7f3a", "type": "function", "function": {"name": "lake_depth", "arguments": "{}"}}]}',
        '[{"name": "lake_depth", "parameters": {"lake": "Orta"}}]',
        '{"arguments": {"lake": "Orta"}, "name": "lake_depth"}',
        '```json\n{\n  "action": "lake_depth",\n  "action_input": "Orta"\n}\n```',
    ),
    counterexamples=(
        '{"name": "Orta", "depth": 143, "region": "Piedmont"}',
        '<tool_call>\n{"name": "lake_depth", "arguments": {"lake": "Orta"}}\n</tool_call>',
        '{"parameters": {"lr": 0.1}, "epochs": 4}',
    ),
)  # fmt: skip
