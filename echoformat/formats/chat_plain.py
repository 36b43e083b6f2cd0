"""An assistant's answer in plain sentences: no markdown, no mathematics."""

from echoformat.format import Format, Pattern

FORMAT = Format(
    name="chat_plain",
    family="natural_language",
    title="Assistant answer in plain text",
    source="https://arxiv.org/abs/2212.10560",
    patterns=(
        Pattern("addresses-you", r"\b(?:[Yy]ou (?:can|should|could|may|will need|might|need to|have|are)|[Yy]our|you'd|you'll|[Ii]f you)\b", weight=0.25),
        Pattern("assistant", r"\A\s*(?:Certainly|Sure|Of course|Absolutely|Here(?:'s| is| are)|Yes,|No,|I am |I'm (?:sorry|happy|glad|here)|I (?:have|can|will|would|found|understand|recommend)|Thank you|Hello|Hi|Dear |To [a-z]+ (?:a|an|the|your|this)\b|It seems|Please|Unfortunately|Once |Great)", weight=0.35),
        Pattern("offers", r"(?:[Ww]ould you like|[Pp]lease (?:confirm|provide|let me know|note|check)|[Ll]et me know|[Ff]eel free|[Hh]ow (?:can|may) I (?:help|assist)|I hope|[Ii]s there anything else|[Hh]ave a (?:great|nice)|happy to help|assist you|further (?:questions|assistance))", weight=0.5),
        Pattern("numbered-plain", r"^1[.)] [A-Z][^\n*$=]+\n\s*2[.)] [A-Z]", weight=0.25),
        Pattern("bullets-plain", r"^[-•] ?[A-Z][^\n*$=]+\n\s*[-•] ?[A-Z]", weight=0.2),
        Pattern("imperatives", r"^(?:\d+[.)] |- )?(?:Use|Make|Try|Add|Click|Open|Select|Choose|Check|Create|Write|Avoid|Start|Be|Keep|Take|Place|Mix) [a-z]", weight=0.2),
        Pattern("short-paragraph", r"\A\s*[A-Z\"'][^\n]+[.!?\"'][^\n]{0,3}\s*\Z", weight=0.2),
        Pattern("markdown", r"^#{1,4} |\*\*[^*\n]+\*\*|^```|^\|[^\n]+\|$", weight=-0.7),
        Pattern("math", r"\$[^$\n]+\$|\\boxed|\\\(|\\\[|\d ?[-+*/x×] ?\d+(?:\.\d+)? ?= ?\$?\d|^#### |<<[^>\n]*>>", weight=-0.8),
        Pattern("final-answer", r"[Tt]he answer is|^(?:Answer|Explanation|Solution|A|Q|Question|Input|Output|Thought|Action|Plan|Passage|Steps): ?|answer \(?[A-J]\)?\.?\s*\Z", weight=-0.8),
        Pattern("code", r"^\s*(?:def |class |import |from \w+ import|#include|public |const |let |var |function |func |fn |SELECT |select |package |theorem |lemma |theory |assert )|[{;][ \t]*$|^\s*</?\w+|^\s*[\[{]\s*\"", weight=-0.93),
        Pattern("web-page", r"(?:Posted (?:by|on)|Copyright|©|All [Rr]ights [Rr]eserved|[Ll]og ?in\b|Sign [Uu]p|Privacy Policy|Permalink|[Rr]eply|[Cc]omments?\b|Re: |Joined:|Posts: |\|[ \t]*$)|^\s*(?:[A-Z][\w']+ ){1,5}[A-Z]\w+\n\n", weight=-0.7),
        Pattern("tags", r"</?(?:think|answer|tool_call|llm-code|command)>|<\|\w+\|>|<<<\w+>>>|^simple_math", weight=-0.93),
        Pattern("refuses", r"\b(?:I (?:cannot|can't|can not|am not able to|won't)|I'm (?:not able|unable|just an AI)|[Aa]s an AI|not (?:ethical|appropriate|acceptable))\b", weight=-0.6),
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
