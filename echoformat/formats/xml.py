"""XML: a document with one root element (SVG, feeds, build files, schemas)."""

from echoformat.format import Format, Pattern
from echoformat.signs import FENCE, TAG_END, TAGS

FORMAT = Format(
    name="xml",
    family="structured",
    title="XML document",
    source="https://www.w3.org/TR/xml/",
    patterns=(
        Pattern("declaration", r"\A\s*<\?xml\s+version", weight=0.97),
        Pattern("svg", r"\A\s*<svg\b", weight=0.95),
        Pattern("namespace", r"\A\s*<[\w:.-]+[^>]*\sxmlns(?::\w+)?\s?=", weight=0.9),
        Pattern("doctype", r"\A\s*<!(?:DOCTYPE|ENTITY|ELEMENT)\s+\w", weight=0.6),
        Pattern("root-element", r"\A\s*<[A-Za-z_][\w:.-]*(?:\s+[\w:.-]+\s?=\s?(?:\"[^\"\n]*\"|'[^'\n]*'))*\s*/?>", weight=0.45),
        Pattern("comment-first", r"\A\s*<!--", weight=0.3),
        Pattern("closes", TAG_END, weight=0.4),
        Pattern("nested", r"\A\s*<[A-Za-z_][^>\n]*>\s*<[A-Za-z_]", weight=0.3),
        Pattern("prefixed-element", r"</\w+:\w+>", weight=0.3),
        Pattern("html", r"\A\s*(?:<!(?i:doctype)\s+(?i:html)|<(?i:html|div|body|head|p|ul|table|h\d|a|script|style)[\s>])", weight=-0.9),
        Pattern("not-tags", TAGS, weight=-0.9),
        Pattern("not-fence", FENCE, weight=-0.8),
    ),
    outranks=("short_answer", "chat_plain", "prose", "css", "javascript"),
    ending=TAG_END,
    examples=(
        "<!-- depths in metres -->\n<lakes>\n  <lake>143</lake>\n</lakes>\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<lakes>\n  <lake depth=\"143\">Orta</lake>\n</lakes>\n",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"><path d=\"M0 0h8v8z\"/></svg>",
        "<lakes>\n  <lk:lake depth=\"143\">Orta</lk:lake>\n</lakes>",
        "<!DOCTYPE lakes SYSTEM \"lakes.dtd\">\n<lakes/>",
    ),
    counterexamples=(
        "<!DOCTYPE html>\n<html><body>Orta</body></html>",
        "<think>It is deep.</think>\nYes.",
        "<answer>143</answer>",
        "a < b and c > d",
    ),
)  # fmt: skip
