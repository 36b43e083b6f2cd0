"""ReAct: Thought, Action, Observation, in turns."""

from echoformat.format import Format, Pattern

FORMAT = Format(
    name="react",
    family="agent",
    title="ReAct: Thought / Action / Observation turns",
    source="https://arxiv.org/abs/2210.03629",
    patterns=(
        Pattern("thought", r"^Thought(?: \d+)?: ?\S", weight=0.4),
        Pattern("action-call", r"^Action(?: \d+)?: ?[A-Za-z_]\w*\[", weight=0.7),
        Pattern("action-finish", r"^Action(?: \d+)?: ?(?:[Ff]inish|[Ss]ubmit)\b", weight=0.5),
        Pattern("action-name", r"^Action(?: \d+)?: ?`?[A-Za-z_][\w .-]{0,60}`?[ \t]*$", weight=0.3),
        Pattern("action-input", r"^Action Input(?: \d+)?: ?\S", weight=0.7),
        Pattern("observation", r"^Observation(?: \d+)?: ?\S", weight=0.4),
        Pattern("final-answer", r"^Final Answer: ?\S", weight=0.15),
        Pattern("numbered-turns", r"^(?:Thought|Action|Observation) \d+: ?\S", weight=0.6),
        Pattern("turns", r"^Thought(?: \d+)?: [^\n]+\n(?:[^\n]+\n)?Action(?: \d+)?:", weight=0.6),
    ),
    outranks=("json", "cot_answer_is", "chat_plain", "bash", "sql", "prose", "short_answer", "multiple_choice"),
    ending=r"^(?:Action(?: \d+)?: ?(?:[Ff]inish|[Ss]ubmit)\b|Final Answer: ?\S|Observation \d+: [^\n]*\s*\Z|Action[^\n]*[\]}]\s*\Z)",
    examples=(
        "Thought 1: I should look up the lake first.\nAction 1: Search[Lake Orta]\n"
        "Observation 1: Lake Orta lies west of Lake Maggiore.\nThought 2: That is in Piedmont.\nAction 2: Finish[Piedmont]\n",
        'Thought: Do I need a tool? Yes.\nAction: weather\nAction Input: {"city": "Orta"}\nObservation: 21 degrees\n'
        "Thought: I now know the final answer.\nFinal Answer: It is 21 degrees.\n",
        "Thought: The lake lies west of Maggiore, so the answer is Piedmont.\nAction: Finish[Piedmont]",
    ),
    counterexamples=(
        "Thought: what a lovely lake.\n",
        "Action: the hero runs. Observation is the key to the plot.\n",
        '{"action": "search", "action_input": "Lake Orta"}',
    ),
)  # fmt: skip
