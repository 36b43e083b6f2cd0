"""HTML: a page, or a fragment of one, as the whole answer."""

from echoformat.format import Format, Pattern
from echoformat.signs import FENCE, TAG_END

FORMAT = Format(
    name="html",
    family="structured",
    title="HTML page or fragment",
    source="https://html.spec.whatwg.org/",
    patterns=(
        Pattern("doctype", r"\A\s*(?:<!--[^\n]*\n\s*)?<!(?i:doctype)\s+(?i:html)\b", weight=0.97),
        Pattern("xhtml", r"\A\s*<\?xml[^>\n]*>\s*<!DOCTYPE html\b|\A\s*<\?xml[^>\n]*>\s*<html\b", weight=0.97),
        Pattern("root", r"^[ \t]*<(?i:html)[\s>]", weight=0.9),
        Pattern("head-or-body", r"^[ \t]*<(?i:head|body|title|meta|link|script|style|main|header|footer|nav|section|article)(?:\s[^>\n]*)?/?>", weight=0.4),
        Pattern("opens-with-element", r"\A\s*<(?i:div|p|ul|ol|li|table|form|h[1-6]|section|article|nav|header|footer|main|span|a|img|button|script|style|body|head|center|br|pre|blockquote|aside|details|figure|iframe|select|input|label|dl|b|strong)(?:\s[^>\n]*)?/?>", weight=0.6),
        Pattern("closes-with-element", r"</(?i:html|body|div|p|ul|ol|table|form|section|article|nav|header|footer|main|h[1-6]|script|style|span|a|button|aside|details|figure|select|pre|blockquote|dl)>\s*\Z", weight=0.45),
        Pattern("attributes", r"<(?i:a|img|div|link|script|input|form|span|table|td|button)\s+(?i:href|src|class|id|rel|type|action|style|onclick|border|alt|width|for)\s?=\s?[\"']", weight=0.4),
        Pattern("xml", r"\A\s*<\?xml|\A\s*<(?:svg|feed|rss|project|math)\b|^[ \t]*<xsl:", weight=-0.9),
        Pattern("script-around", r"\A\s*(?:import |const |function |export |<\?php|def |class |#!|//|/\*|use )", weight=-0.8),
        Pattern("not-fence", FENCE, weight=-.99),
        Pattern("prose-before", r"\A\s*[A-Za-z][^<\n]", weight=-0.7),
    ),
    outranks=("xml", "css", "javascript", "chat_plain", "prose", "short_answer"),
    ending=TAG_END,
    examples=(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n  <title>Lakes</title>\n</head>\n<body>\n  <p>Deep.</p>\n</body>\n</html>\n",
        "<?xml version=\"1.0\"?>\n<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\">\n<body>\n<p>Deep.</p>\n</body>\n</html>\n",
        "<div class=\"card\">\n  <h2>Orta</h2>\n  <a href=\"/orta\">More</a>\n</div>\n",
    ),
    counterexamples=(
        "<?xml version=\"1.0\"?>\n<lakes><lake depth=\"143\">Orta</lake></lakes>\n",
        "<answer>143</answer>",
        "Use <b>bold</b> for the lake's name.",
    ),
)  # fmt: skip
