"""MathCoder: text, code and execution blocks between its own special tokens."""

from echoformat.format import Format, Pattern

FORMAT = Format(
    name="mathcoder",
    family="hybrid",
    title="MathCoder: <|text|>, <|code|>, <|execution|> blocks",
    source="https://arxiv.org/abs/2310.03731",
    patterns=(
        Pattern("text-block", r"<\|text\|>", weight=0.9),
        Pattern("code-block", r"<\|code\|>\s*[\w#'\"(\[]", weight=0.9),
        Pattern("execution-block", r"<\|execution\|>", weight=0.9),
        Pattern("block-ends", r"<\|endofblock\|>", weight=0.8),
    ),
    outranks=("boxed_cot", "math_latex", "python", "tora", "openmath1", "metamath", "cot_answer_is", "chat_markdown", "xml"),
    ending=r"<\|endofblock\|>\s*(?:<\|endofmessage\|>)?\s*\Z",
    examples=(
        "<|text|>We count the panes in code.<|endofblock|><|code|>\nwindows = 8\nprint(windows * 6)\n<|endofblock|>"
        "<|execution|>48<|endofblock|><|text|>There are \\(\\boxed{48}\\) panes.<|endofblock|>",
    ),
    counterexamples=(
        "<|im_start|>assistant\nThere are 48 panes.<|im_end|>",
        "```python\nprint(8 * 6)\n```\n```output\n48\n```\nThere are $\\boxed{48}$ panes.",
    ),
)  # fmt: skip
