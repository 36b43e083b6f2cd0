"""Tool calls between `<tool_call>` tags: Hermes, Qwen."""

from echoformat.format import Format, Pattern

FORMAT = Format(
    name="hermes_tool_call",
    family="agent",
    title="JSON tool call between <tool_call> tags",
    source="https://github.com/NousResearch/Hermes-Function-Calling",
    patterns=(
        Pattern("call-opens", r"<tool_call>\s*[\[{]\s*[\"']", weight=0.97),
        Pattern("call-in-tags", r"<tool_call>\s*<function=", weight=0.95),
        Pattern("call-closes", r"\}\s*</tool_call>", weight=0.7),
        Pattern("call-cut", r"<tool_call>\s*\{?\s*\Z", weight=0.6),
        Pattern("thinks-before", r"<think>", weight=0.0, variant="think"),
        Pattern("reply-only", r"\A\s*<tool_response>", weight=-0.5),
    ),
    outranks=("tool_call_json", "json", "xml", "think", "html", "chat_plain", "chat_markdown", "answer_tag", "react"),
    ending=r"</tool_call>",
    examples=(
        '<tool_call>\n{"name": "lake_depth", "arguments": {"lake": "Orta"}}\n</tool_call>',
        '<think>\nThey ask for the depth, so I call the tool.\n</think>\n\n<tool_call>\n{"name": "lake_depth", "arguments": {"lake": "Orta"}}\n</tool_call>\n',
        "I will look it up.\n<tool_call>\n<function=lake_depth>\n<parameter=lake>\nOrta\n</parameter>\n</function>\n</tool_call>",
        "Let me check the depth.\n<tool_call>\n",
    ),
    counterexamples=(
        '{"name": "lake_depth", "arguments": {"lake": "Orta"}}',
        "Wrap each call in <tool_call> and </tool_call> tags.",
        "<think>\nNo tool helps here.\n</think>\n\nIt is 143 metres deep.",
    ),
)  # fmt: skip
