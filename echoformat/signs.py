r"""Signs of a medium, for formats to declare what speaks against them.

A text with a fence is not bare code, one with LaTeX is not a forum post. Formats of one medium share these
signs, so that they agree on what they are not, and so that the scan looks for each sign once.

Example:
    >>> from echoformat.format import Pattern
    >>> Pattern("fence", FENCE, weight=-0.9).regex
    '^[ \\t]*```'
"""

from __future__ import annotations

FENCE = r"^[ \t]*```"
CODE = (
    r"^[ \t]*(?:def \w|class \w+[:({ ]|import [\w.*{\"]+(?:;|$| as | from |,)|from [\w.]+ import |#include|"
    r"public |const |let \w|var \w|function \w|func \w|fn \w|package [a-z]|SELECT |theorem |lemma |theory |"
    r"assert |return\b)"
)
# At the margin: a script in another document is indented.
PROGRAM = (
    r"^(?:def \w|class \w+[:({ ]|import [\w.*{\"]+(?:;|$| as | from |,)|from [\w.]+ import |#include|public |"
    r"const |let [a-z]\w* = |var \w|function \w+ ?\(\w|func \w|fn \w|package [a-z]|SELECT |theorem |lemma |"
    r"theory |assert |return [a-zA-Z({\[])"
)
HERE_DOCUMENT = (
    r"^(?:sudo )?(?:cat|tee|ssh|mysql|psql|sqlite3|python3?|bash|sh|kubectl|docker)\b[^\n]*<<-? ?['\"]?[A-Z]"
)
BRACES = r"[{;][ \t]*$"
MARKUP = r"^[ \t]*</?[A-Za-z!?]"
HEADING = r"^#{1,4} [A-Z0-9*`]"
MARKDOWN = r"^#{1,4} [A-Z]|\*\*[A-Z0-9]"
NUMBERED = r"^[ \t]*2[.)] [A-Z*\\$(]"
LATEX = r"\\(?:[(\[]|(?:d?frac|boxed|begin|text|times|sqrt|cdot)\b)"
BOXED = r"\\boxed ?\{"
PROSE_LINE = r"^[A-Z][a-z']+ (?:[a-z']+ ){3}[a-z]"
SUM = r"\d ?[-+*/x×] ?\d+(?:\.\d{1,4})? ?= ?\$?\d"
ANSWER = r"^#### |\b[Tt]he (?:final )?answer is|<<[\d$]"
TAGS = r"</?(?:think|answer|tool_call|llm-code|command)>|<\|\w+\|>|<<<\w+>>>"
TURNS = r"^(?:Thought|Action|Observation)(?: \d+)?: ?"
LABELS = (
    r"^(?:Question|Answer|Q|A|User|Assistant|Human|Input|Output|Solution|Explanation|Plan|Passage|Steps?)"
    r"(?: \d+)?: ?"
)
WEB = (
    r"\b(?:Copyright|All [Rr]ights [Rr]eserved|Privacy Policy|Permalink|[Ll]og ?in\b|Sign [Uu]p|"
    r"[Nn]ewsletter|[Rr]ead [Mm]ore|Post(?:ed)? (?:by|on)|Leave a (?:[Rr]eply|[Cc]omment))|©"
)
# What neither JavaScript nor TypeScript holds: lines of other languages.
NO_SCRIPT = (
    r"^(?:[ \t]*(?:<\?php|def |func |public (?:static|class)|(?:fi|done|esac)[ \t]*$|local [a-z_]\w*=|"
    r"my [$@%(]|let [gsbwla]:\w)|#include|package |using |import \w+$|use \w+::)|"
    r"\b(?:fn \w+\(|fun \w+\(|let (?:mut|\w+ ?: ?&?(?:[iuf]\d|usize|Vec|String\b))|(?:format|println|vec)!|"
    r"for \w+ in \w+\.\.|echo [\"$])|\.unwrap\(\)|::<|-> (?:Int|i32|String)|<\?php"
)
NO_LEAN = r"\b(?:shows \"|Qed\.)|^(?:Proof\.|theory |def \w+\(|class \w+:|module [A-Z]|data [A-Z])"
# Ends that are shared; and an opening that only tells variants apart.
CODE_END = r"[};)]\s*\Z"
JSON_END = r"[\]}]\s*(?:```)?\s*\Z"
TAG_END = r"(?:</[\w:.-]+|/|--)>\s*\Z"
NO_TAG_FIRST = r"\A\s*[^\s<]"
