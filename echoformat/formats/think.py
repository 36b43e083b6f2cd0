"""Reasoning between `<think>` tags, then the answer: R1 and its prompts. The opening tag often stands in the prompt."""

from echoformat.format import Format, Pattern
from echoformat.signs import NO_TAG_FIRST

FORMAT = Format(
    name="think",
    family="natural_language",
    title="<think> reasoning </think>, then the answer",
    source="https://arxiv.org/abs/2501.12948",
    patterns=(
        Pattern("opens", r"\A\s*<(?:think|thinking|thought|reasoning)>", weight=0.97, variant="free"),
        Pattern("opens-begin", r"\A\s*<\|begin_of_thought\|>", weight=0.97, variant="free"),
        Pattern("closes", r"</(?:think|thinking|thought|reasoning)>\s*(?:\n|\Z|[A-Z<*#$\\\d(])", weight=0.9),
        Pattern("closes-end", r"<\|end_of_thought\|>", weight=0.9),
        Pattern("closes-then-answer", r"</(?:think|thinking|thought|reasoning)>\s*<answer>", weight=0.9, variant="think_answer"),
        Pattern("prefilled", NO_TAG_FIRST, weight=0.0, variant="prefilled"),
    ),
    outranks=(
        "answer_tag", "boxed_cot", "math_latex", "metamath", "gsm8k", "cot_answer_is", "python", "tinygsm", "pal",
        "program_of_thought", "fenced_code_answer", "chat_markdown", "chat_plain", "prose", "numbered_cot",
        "multiple_choice", "explanation_answer", "json", "xml", "html", "short_answer", "refusal", "tora",
    ),
    ending=r"</(?:think|thinking|thought|reasoning)>\s*\S|<\|end_of_thought\|>\s*\S",
    examples=(
        "<think>\nOkay, nine jars of four. That is 36. Wait, two broke, so 34.\n</think>\n\nThere are 34 jars.",
        " Nine jars of four is 36, less two is 34. </think> <answer> 34 </answer>",
        "First, nine times four is 36.\nThen I take away two.\n</think>\n\n**34** jars are whole.",
        "<|begin_of_thought|>\n\nNine times four is 36.\n\n<|end_of_thought|>\n\nSo 36.",
    ),
    counterexamples=(
        "Write your reasoning between <think> and </think> tags, please.",
        "Nine jars of four make 36.\n<answer>36</answer>",
        "I think the answer is 36.",
    ),
)  # fmt: skip
