"""Running prose: articles, stories, papers, web pages that are not a discussion."""

from echoformat.format import Format, Pattern
from echoformat.signs import ANSWER, BRACES, CODE, FENCE, LABELS, LATEX, MARKDOWN, MARKUP, SUM, TAGS, TURNS

FORMAT = Format(
    name="prose",
    family="natural_language",
    title="Running prose: article, story, paper, web page",
    source="https://arxiv.org/abs/2502.10341",
    patterns=(
        Pattern("sentences", r"^[A-Z\"“][^\n.!?=$\\]*[.!?][\"”]? [A-Z\"“][^\n.!?=$\\]*[.!?][\"”]? [A-Z\"“][^\n.!?=$\\]*[.!?]", weight=.35),
        Pattern("paragraphs", r"[a-z,)][.!?][\"”]?[ ]?\n\n?[ ]{0,4}[A-Z\"“][a-z'’]* [a-zA-Z'’]+,? [a-z]+ [a-z]+ [a-z]", weight=0.3),
        Pattern("past-tense", r"\b(?:[A-Z][a-z]+|he|she|they|it) (?:was|were|had|felt|said|looked|knew|made|took|came|went|found|became|began|born)\b", weight=.25),
        Pattern("title-line", r"\A\s*[A-Z0-9][^\n.!?]{3,}\n\n", weight=0.2),
        Pattern("web-words", r"\b(?:Copyright|All [Rr]ights [Rr]eserved|Privacy Policy|[Nn]ewsletter|[Ss]ubscribe|[Cc]lick here|[Rr]ead more|Photos? (?:by|courtesy)|[Ww]ebsite|[Cc]ontact [Uu]s|Home\b|[Mm]ore [Ii]nformation|Tags:|Filed under|Share this)|©", weight=0.3),
        Pattern("encyclopedia", r"\((?:born|[a-z]+: |\d{4}[-–]\d{4}\)|from )|\b(?:[Ss]ee also|[Rr]eferences$|[Ee]xternal links|From Wikipedia|refers to|was (?:founded|established|built|born|published|released))|[ \n]is (?:a|an|the) (?:[a-z-]+ ){1,4}(?:of|in|that|which|by|from|who)\b", weight=0.3),
        Pattern("academic", r"\b(?:et al\.?|Abstract|ABSTRACT|[Tt]his (?:paper|study|article|chapter|thesis|work)|[Tt]he (?:results|authors|study|data)|doi|DOI|pp\. ?\d|Vol\. ?\d|[Jj]ournal of|University of|we (?:show|propose|present|find|investigate)|[Ff]ig(?:ure)?\.? ?\d|\(\d{4}\))", weight=0.35),
        Pattern("dashes-and-quotes", r"[a-z,.!?][”\"] (?:she|he|they|I)\b|[“”‘]|[a-z] ?— ?[a-z]", weight=0.15),
        Pattern("not-latex", LATEX, weight=-0.85),
        Pattern("not-sum", SUM, weight=-0.85),
        Pattern("not-answer", ANSWER, weight=-0.85),
        Pattern("not-code", CODE, weight=-0.9),
        Pattern("not-braces", BRACES, weight=-0.8),
        Pattern("not-fence", FENCE, weight=-0.9),
        Pattern("not-markup", MARKUP, weight=-0.8),
        Pattern("not-markdown", MARKDOWN, weight=-0.7),
        Pattern("not-turns", TURNS, weight=-0.93),
        Pattern("not-labels", LABELS, weight=-0.9),
        Pattern("not-tags", TAGS, weight=-0.9),
        Pattern("opens-cannot", r"\A\s*I (?:cannot|can't|can not|can’t|won't|will not|must decline|do not (?:think|condone|have)|don't (?:think|have|feel|condone))\b", weight=-0.7),
        Pattern("opens-not", r"\A\s*(?:It is|It's|That is|That's) (?:not|never|neither|important|illegal|unethical) ", weight=-0.7),
        Pattern("as-an-ai", r"\b(?:[Aa]s an (?:AI|artificial|ethical|responsible)|I'?m (?:just )?an AI|I am (?:just )?an AI|as a (?:large )?language model|AI (?:language )?model|my (?:programming|ethical guidelines|guidelines)|within my programming)\b", weight=-0.7),
        Pattern("assistant", r"\A\s*(?:Certainly|Sure[,!]|Of course|Here(?:'s| is| are) |I'm sorry|I cannot|I can't|As an AI|To (?:find|solve|determine|calculate))|\b(?:[Ww]ould you like|[Ll]et me know if|feel free to|[Pp]lease (?:confirm|provide|let me))", weight=-0.7),
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
