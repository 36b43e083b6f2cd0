"""An assistant's answer in plain sentences: no markdown, no mathematics."""

from echoformat.format import Format, Pattern
from echoformat.signs import ANSWER, BRACES, CODE, FENCE, LABELS, LATEX, MARKDOWN, MARKUP, SUM, TAGS, WEB

FORMAT = Format(
    name="chat_plain",
    family="natural_language",
    title="Assistant answer in plain text",
    source="https://arxiv.org/abs/2212.10560",
    patterns=(
        Pattern("addresses-you", r"\b(?:[Yy]ou (?:can|should|could|may|will need|might|need to|have|are)|[Yy]our|you'd|you'll|[Ii]f you)\b", weight=0.25),
        Pattern("assistant", r"\A\s*(?:Certainly|Sure|Of course|Absolutely|Here(?:'s| is| are)|Yes,|No,|I am |I'm (?:sorry|happy|glad|here)|I (?:have|can|will|would|found|understand|recommend)|Thank you|Hello|Hi|Dear |To [a-z]+ (?:a|an|the|your|this)\b|It seems|Please|Unfortunately|Once |Great)", weight=.3),
        Pattern("offers", r"\b(?:[Ww]ould you like|[Pp]lease (?:confirm|provide|let me|note|check)|[Ll]et me know|[Ff]eel free|[Hh]ow (?:can|may) I (?:help|assist)|I hope|[Ii]s there anything else|[Hh]ave a (?:great|nice)|happy to help|assist you|further (?:questions|assistance))", weight=.4),
        Pattern("numbered-plain", r"^1[.)] [A-Z][^\n*$=]+\n\s*2[.)] [A-Z]", weight=0.25),
        Pattern("bullets-plain", r"^[-•] ?[A-Z][^\n*$=]+\n\s*[-•] ?[A-Z]", weight=0.2),
        Pattern("imperatives", r"^(?:\d+[.)] |- )?(?:Use|Make|Try|Add|Click|Open|Select|Choose|Check|Create|Write|Avoid|Start|Be|Keep|Take|Place|Mix) [a-z]", weight=0.2),
        Pattern("short-paragraph", r"\A\s*[A-Z\"'][^\n]+[.!?\"'][)*]?\s*\Z", weight=0.2),
        Pattern("not-markdown", MARKDOWN, weight=-0.7),
        Pattern("not-fence", FENCE, weight=-0.7),
        Pattern("not-latex", LATEX, weight=-0.8),
        Pattern("not-sum", SUM, weight=-0.8),
        Pattern("not-answer", ANSWER, weight=-0.8),
        Pattern("not-labels", LABELS, weight=-0.8),
        Pattern("not-code", CODE, weight=-0.93),
        Pattern("not-braces", BRACES, weight=-0.8),
        Pattern("not-markup", MARKUP, weight=-0.8),
        Pattern("not-web", WEB, weight=-0.7),
        Pattern("not-tags", TAGS, weight=-0.93),
    ),
    examples=(
        "Sure! You can reach the lake by bus. Please let me know if you need the times.",
        "1. Open the map of the region.\n\n2. Choose the harbor on the west shore.\n\nIf you arrive late, call your host.",
        "Here are some lakes that you might like:\n- Orta is quiet\n- Como is grand\nWould you like to see more?",
    ),
    counterexamples=(
        "Lake Orta lies west of Lake Maggiore. Its island holds a basilica.",
        "The lake is 9 * 4 = 36 km around. The answer is 36.",
        "Posted by rower77 on June 3\nYou should see Orta.\nReply",
    ),
)  # fmt: skip
