"""A few sentences of explanation, then the answer on its own line."""

from echoformat.format import Format, Pattern
from echoformat.signs import BOXED, FENCE, TAGS, TURNS

FORMAT = Format(
    name="explanation_answer",
    family="natural_language",
    title="Explanation, then the answer on its own line",
    source="https://arxiv.org/abs/2211.12588",
    patterns=(
        Pattern("answer-on-next-line", r"\b(?:[Ss]o|[Tt]hus|[Tt]herefore|[Hh]ence),? the (?:final )?answer is ?: ?\n+[^\n]+\s*\Z", weight=0.9),
        Pattern("explanation-opens", r"\A\s*(?:Explanation|Rationale|Reasoning|Justification): ?\S", weight=0.5),
        Pattern("answer-line-last", r"\n(?:Answer|Final [Aa]nswer|ANSWER): ?[^\n]+\s*\Z", weight=0.4),
        Pattern("answer-then-explanation", r"\A\s*(?:Answer|A): ?[^\n]{1,80}\n+(?:Explanation|Rationale|Reasoning): ?\S", weight=0.7),
        Pattern("answer-inline-colon", r"\b[Ss]o the answer is: ?[^\n:]+\s*\Z", weight=0.6),
        Pattern("option-letter", r"^\(?[A-E][).]?\s*\Z|\b[Aa]nswer(?: is)?:? ?\(?[A-E][).]?\s*\Z", weight=-0.9),
        Pattern("steps", r"^Steps:|\(left: |^Step 1|^1[.)] |^\*\*|^#{1,4} ", weight=-0.7),
        Pattern("not-boxed", BOXED, weight=-0.8),
        Pattern("not-tags", TAGS, weight=-0.8),
        Pattern("not-fence", FENCE, weight=-0.8),
        Pattern("not-turns", TURNS, weight=-0.9),
    ),
    outranks=("cot_answer_is", "prose", "chat_plain", "short_answer"),
    examples=(
        "The depth rose from 140 to 143 metres, a change of 3. So the answer is:\n3 metres",
        "Explanation: The text gives the depth of the lake in its second line.\nAnswer: 143 metres",
        "Answer: 143\nExplanation: It stands in the table.",
        "Half of 286 is 143, so the answer is: 143",
    ),
    counterexamples=(
        "The depth rose from 140 to 143 metres. The answer is 3.",
        "Half of 286 is 143.\nThe answer is: 143",
        "The lake is deep.\nAnswer: (B)",
    ),
)  # fmt: skip
