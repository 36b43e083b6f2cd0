"""Running prose: articles, stories, papers, web pages that are not a discussion."""

from echoformat.format import Format, Pattern

FORMAT = Format(
    name="prose",
    family="natural_language",
    title="Running prose: article, story, paper, web page",
    source="https://arxiv.org/abs/2502.10341",
    patterns=(
        Pattern("long-paragraph", r"^[A-Z\"“'][^\n\\=$`]{280,600}", weight=0.3),
        Pattern("paragraphs", r"^[A-Z\"“][^\n\\=$`]{100,}[.!?\"”]\s*\n\s*\n?[A-Z\"“][^\n\\=$`]{100,}", weight=0.3),
        Pattern("past-tense", r"\b(?:he|she|they|it|[A-Z][a-z]+) (?:was|were|had|felt|said|looked|knew|made|took|came|went|found|became|began|born)\b", weight=0.2),
        Pattern("title-line", r"\A\s*(?:[A-Z0-9][^\n.!?]{3,90})\n\n", weight=0.2),
        Pattern("web-words", r"(?:Copyright|©|All [Rr]ights [Rr]eserved|Privacy Policy|[Nn]ewsletter|[Ss]ubscribe|[Cc]lick here|[Rr]ead more|Photo(?:s)? (?:by|courtesy)|[Ww]ebsite|[Cc]ontact [Uu]s|Home\b|[Mm]ore [Ii]nformation|Tags:|Filed under|Share this)", weight=0.3),
        Pattern("encyclopedia", r"\((?:born|[a-z]+: |\d{4}[-–]\d{4}\)|from )|\b(?:is (?:a|an|the) (?:[a-z-]+ ){1,4}(?:of|in|that|which|by|from|who)\b|[Ss]ee also|[Rr]eferences$|[Ee]xternal links|From Wikipedia|refers to|was (?:founded|established|built|born|published|released))", weight=0.3),
        Pattern("academic", r"\b(?:et al\.?|Abstract|ABSTRACT|[Tt]his (?:paper|study|article|chapter|thesis|work)|[Tt]he (?:results|authors|study|data)|doi|DOI|pp\. ?\d|Vol\. ?\d|[Jj]ournal of|University of|we (?:show|propose|present|find|investigate)|[Ff]ig(?:ure)?\.? ?\d|\(\d{4}\))", weight=0.35),
        Pattern("dashes-and-quotes", r"[a-z,.!?][”\"] (?:she|he|they|I|[A-Z][a-z]+ )|[“”‘]|[a-z] ?— ?[a-z]", weight=0.15),
        Pattern("mathematics", r"\\boxed|\\\(|\\\[|\$[^$\n]*\\|\d ?[-+*/x×] ?\d+(?:\.\d+)? ?= ?\$?\d|^#### |<<[^>\n]*>>|[Tt]he answer is|\$\$", weight=-0.85),
        Pattern("code", r"^\s*(?:def |class \w+[:({]|import [a-z]|#include|public |const |let |var |function \w|func |fn |SELECT |package [a-z]|theorem |lemma |theory |assert )|[{;][ \t]*$|^```|^\s*<[?!/a-z]|^\s*[\[{]\s*\"|\\(?:begin|section|emph)\b", weight=-0.93),
        Pattern("markdown", r"^#{1,4} |\*\*[^*\n]+\*\*|^\d+\. \*\*|^\|[^\n]+\|$", weight=-0.7),
        Pattern("speech", r"^(?:Thought|Action|Observation|Answer|Explanation|Plan|Passage|Steps|Question|Input|Output|Step)(?: \d+)?: ?|</?(?:think|answer|tool_call|llm-code)>|<\|\w+\|>|<<<\w+>>>", weight=-0.93),
        Pattern("assistant", r"\A\s*(?:Certainly|Sure[,!]|Of course|Here(?:'s| is| are) |I'm sorry|I cannot|I can't|As an AI|To (?:find|solve|determine|calculate))|[Ww]ould you like|[Ll]et me know if|feel free to|[Pp]lease (?:confirm|provide|let me)", weight=-0.7),
        Pattern("discussion", r"^\s*(?:Reply|Quote|Post Reply|Re: )|[Pp]osted by|[Pp]ost by|\d+ (?:replies|answers|votes)\b|^Join(?:ed)?(?: Date)?: |^Posts: |\d (?:hours?|days?|weeks?|months?|years?) ago", weight=-0.5),
        Pattern("numbers", r"\A[^a-z]{0,60}\Z", weight=-0.9),
    ),
    examples=(
        "The Harbor at Orta\n\nThe harbor was built in 1838 by masons from Novara; it was paid by the town, who found good granite on the western shore. The town, which is a village of fewer than a thousand people, "
        "became known for its boats, and painters from all over the north came in summer to row to the island and to sit under the plane trees of the square until the light went, “as if the lake had called them,” one wrote.\n\n"
        "In winter the boats lay upside down on the stones, and the fishermen mended nets in the arcade while the snow came down upon the water and the far shore was gone from sight. Read more in the newsletter. Copyright 2012.\n",
        "Abstract\n\nThis paper presents depths of 14 lakes measured by Rossi et al. (1998) with a weighted line, and compares them with the echo soundings of a later study by the University of Pavia, which is a source of many errors that the authors could not remove from the series, "
        "because the boats drifted during the descent of the line and the clocks of the two crews were not set to the same hour.\n\nThe results agree to within two metres in all lakes but one, whose floor is soft mud that took the weight in, and that was excluded from the final table of depths.\n",
    ),
    counterexamples=(
        "Lake Orta",
        "The lake is 9 * 4 = 36 km around. The answer is 36.",
        "Sure! Here is a story about a harbor.",
    ),
)  # fmt: skip
