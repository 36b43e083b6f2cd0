"""An answer between `<answer>` tags, with or without reasoning before it, and no thinking tags."""

from echoformat.format import Format, Pattern
from echoformat.signs import NO_TAG_FIRST

FORMAT = Format(
    name="answer_tag",
    family="natural_language",
    title="Answer between <answer> tags",
    source="https://github.com/open-thought/reasoning-gym",
    patterns=(
        Pattern("whole-tag", r"</answer>\s*\Z", weight=0.9),
        Pattern("tag-on-its-line", r"^[ \t]*<answer>", weight=0.6),
        Pattern("tag-after-sentence", r"[.:!?)\]}*] ?<answer>", weight=0.4),
        Pattern("closes", r"</answer>", weight=0.3),
        Pattern("nothing-before", r"\A\s*<answer>", weight=0.5, variant="only"),
        Pattern("reasons-before", NO_TAG_FIRST, weight=0.0, variant="cot"),
    ),
    outranks=(
        "boxed_cot", "math_latex", "xml", "html", "cot_answer_is", "chat_plain", "chat_markdown", "prose",
        "numbered_cot", "explanation_answer", "json", "short_answer", "gsm8k", "multiple_choice",
    ),
    ending=r"</answer>",
    examples=(
        "Nine jars of four are 36, less two is 34\n</answer>",
        "<answer>34</answer>",
        "Let me solve this step by step:\n\n1) Nine jars of four are 36.\n2) Two broke: 34.\n\n<answer>34</answer>\n",
        "Nine jars of four are 36, less two is 34. <answer>34</answer>",
    ),
    counterexamples=(
        "Nine times four is 36.</think> <answer>34</answer>",
        "Put the final number in <answer> tags.",
        "<reply><text>34</text></reply>",
    ),
)  # fmt: skip
