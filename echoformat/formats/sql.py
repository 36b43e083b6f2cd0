"""A SQL query or statement as the whole answer."""

from echoformat.format import Format, Pattern
from echoformat.signs import BRACES

FORMAT = Format(
    name="sql",
    family="code",
    title="SQL query",
    source="https://yale-lily.github.io/spider",
    patterns=(
        Pattern("select-from", r"\A\s*\(?(?i:select)\s+[^;{}]*\s(?i:from)\s+[\w\"`\[(.]", weight=0.75),
        Pattern("select-upper", r"\A\s*\(?SELECT\s[^;{}]*\sFROM\s", weight=0.8),
        Pattern("with", r"\A\s*(?i:with)\s+(?i:recursive\s+)?\w+\s*(?:\([\w, ]+\)\s*)?(?i:as)\s*\(\s*(?i:select|with|values)\b", weight=0.9),
        Pattern("changes", r"\A\s*(?:(?i:insert\s+into)\s+[\w\"`.\[\]]+\s*(?:\(|(?i:values|select))|(?i:update)\s+[\w\"`.]+\s+(?i:set)\s+[\w\"`.]+\s*=|(?i:delete\s+from)\s+[\w\"`.]+(?:\s+(?i:where)\b|\s*;|\s*\Z))", weight=0.9),
        Pattern("defines", r"^\s*(?i:create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:table|view|index|unique\s+index|database|trigger|procedure)|alter\s+table|drop\s+(?:table|view|index))\s+[\w\"`.\[\]]+", weight=0.85),
        Pattern("shows", r"\A\s*(?:SHOW|DESCRIBE|DESC|EXPLAIN|USE|TRUNCATE)\s+[A-Za-z_`][\w`.]*(?:\s+\w+)?\s*;?\s*\Z", weight=0.6),
        Pattern("clauses", r"\s(?i:group\s+by|order\s+by|left\s+join|inner\s+join|union\s+(?:all\s+)?select|having\s+\w+)\b", weight=0.4),
        Pattern("join-on", r"\s(?i:join)\s+[\w\"`.]+(?:\s+(?i:as)\s+\w+|\s+\w{1,3})?\s+(?i:on)\s", weight=.4),
        Pattern("where", r"\s(?i:where)\s+[\w\"`.(]+\s*(?:[<>=!]|(?i:in|like|between|is|not)\b)", weight=0.4),
        Pattern("aggregate", r"\b(?i:count|sum|avg|min|max)\s*\(\s*(?:\*|(?i:distinct)\b|\w)", weight=0.3),
        Pattern("select-constant", r"\A\s*SELECT\s+(?:[\w.*]+\(|\d|'|\w+\s*\Z)", weight=0.5),
        Pattern("english", r"\A\s*(?i:select)\s+(?:the|an?|your|all the|one|which|any|this|that|is|was|from)\s|\A\s*(?i:select)\s[^\n;]*\s(?:from|where) (?:the|an?|this|these|your|among|them)\s", weight=-0.93),
        Pattern("prose-before", r"\A\s*(?:[A-Z][a-z]+[ ,']+[a-z]+ [a-z]+|```)", weight=-0.7),
        Pattern("not-braces", BRACES, weight=-0.5),
    ),
    outranks=("short_answer", "prose", "chat_plain", "python"),
    examples=(
        "SELECT name, MAX(depth) FROM lakes WHERE region = 'Piedmont' GROUP BY name ORDER BY 2 DESC;",
        "select count(*) from boats as b join owners as o on b.owner_id = o.id",
        "WITH deep AS (SELECT * FROM lakes WHERE depth > 100) SELECT name FROM deep",
        "INSERT INTO lakes (name, depth) VALUES ('Orta', 143);",
        "CREATE TABLE lakes (\n  id INTEGER PRIMARY KEY,\n  name TEXT\n);",
        "SHOW TABLES",
        "SELECT count(*) > 3",
    ),
    counterexamples=(
        "Select the deepest lake from the list and order by name.",
        "select a region from the map",
        "from lakes import depth\nprint(depth)\n",
        "With care as (always) a virtue, we go on.",
    ),
)  # fmt: skip
