"""A bare answer: a number, a name, a few words, no sentence."""

from echoformat.format import Format, Pattern

FORMAT = Format(
    name="short_answer",
    family="natural_language",
    title="Bare answer: a number or a few words",
    source="https://arxiv.org/abs/2005.14165",
    patterns=(
        Pattern("number", r"\A\s*(?:[-+~≈$€£¥(]|Rs\.? ?|USD ?)*\d[\d,.]*(?: ?(?:%|percent|million|billion|thousand|hundred|dollars?|cents|years?|days?|hours?|minutes?|[a-zA-Z]{1,12}))?(?: [a-z]{1,12}){0,2}[).]?\s*\Z", weight=0.9),
        Pattern("fraction", r"\A\s*\$?-?\d+ ?[/:] ?\d+\$?\s*\Z", weight=0.9),
        Pattern("list-of-numbers", r"\A\s*\(?-?[$]?\d[\d,.]*%?(?:(?:, ?| and | or |; ?| to )-?[$]?\d[\d,.]*%?){1,6}\)?\.?\s*\Z", weight=0.8),
        Pattern("yes-no", r"\A\s*(?:[Yy]es|[Nn]o|[Tt]rue|[Ff]alse|[Nn]one|N/A|[Nn]ot (?:given|enough information|applicable)|[Uu]nknown)\.?\s*\Z", weight=0.85),
        Pattern("few-words", r"\A\s*[\w'\"&$(-][\w'’\"&.,()%$/-]*(?: [\w&(%$][\w'’\"&,()%$./-]*){0,7}\s*\Z", weight=0.6),
        Pattern("quoted-list", r"\A\s*\['[^'\n]*'(?:, ?'[^'\n]*')*\]\s*\Z", weight=0.8),
        Pattern("dated", r"\A\s*(?:(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}(?:, ?\d{4})?|(?:fiscal )?(?:19|20)\d\d(?:[ ,-]+(?:and )?(?:19|20)\d\d){0,3})\.?\s*\Z", weight=0.7),
        Pattern("sentence", r"\A\s*[A-Z][a-z']+ (?:[\w']+ ){2,}[\w']+[.!?]\s*\Z", weight=-0.7),
        Pattern("operators", r"\A[^\n=;{}<>|\\]*[=;{}<>|\\]|\A\s*\w+\(|\A\s*\[[^']|\A\s*\w+://", weight=-0.8),
        Pattern("shell", r"\A\s*[a-z]+ (?:-\w|[~./])|\A\s*(?:ls|pwd|cd|whoami|ps|df|du|cat|grep|find|echo|date|id)\b", weight=-0.8),
        Pattern("lead", r"\A\s*(?:To|Let|First|We|The|If|Sure|Here|This|There|So|In|It|I|Select|select|SELECT)\b [a-z]+ [a-z]+ [a-z]+", weight=-0.5),
        Pattern("label", r"\A\s*(?:Thought|Action|Answer|Explanation|Question|Step|Plan|Input|Output)s?\b", weight=-0.8),
    ),
    examples=("['12 km', '15 km']", "143", "-29,817 thousand", "2/3", "12, 15 and 18", "No", "Lake Maggiore", "June 3, 1929", "14.5%"),
    counterexamples=(
        "The lake is 143 metres deep.",
        "depth = 143",
        "ls -la",
        "x(3)",
        "<answer>143</answer>",
        "To find the depth we first subtract",
    ),
)  # fmt: skip
