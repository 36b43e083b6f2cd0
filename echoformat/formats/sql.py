"""A SQL query or statement as the whole answer."""

from echoformat.format import Format, Pattern
from echoformat.signs import FENCE

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
        Pattern("defines", r"^\s*(?:CREATE|create)\s+(?i:or\s+replace\s+|temp(?:orary)?\s+|unlogged\s+|global\s+|materialized\s+|unique\s+|recursive\s+)*(?:(?i:table|view|index|database|schema|sequence)\s+(?i:if\s+not\s+exists\s+)?[\w\"`.\[\]]+\s*(?:\(|;|\Z|(?i:as|on|using|with|partition|inherits|engine|start|increment|character|default|authorization)\b)|(?i:function|procedure|aggregate|type|domain|trigger|extension|role|user|policy|operator|cast|rule|language)\s+[\w\"`.<>=(!\[]+\s*(?:\(|;|\Z|(?i:as|on|with|for|from|before|after|instead|if|returns|identified|password|to)\b))", weight=0.9),
        Pattern("alters", r"^\s*(?:(?:ALTER|alter)\s+(?i:table|view|index|function|sequence|type|extension|operator|role|user|database|schema|domain|aggregate|policy|materialized\s+view)\s+[\w\"`.\[(]+[^\n;]*\s(?i:add|drop|alter|modify|rename|set|owner|update|change|column|enable|disable|depends|engine|with|parallel|immutable|stable|volatile|strict)\b|(?:DROP|drop)\s+(?i:table|view|index|function|sequence|type|trigger|schema|database|procedure|role|user|extension|operator|aggregate|materialized\s+view)\s+(?i:if\s+exists\s+)?[\w\"`.\[(]+[^\n;]*(?:;|\Z)|TRUNCATE\s+(?:TABLE\s+)?[\w\"`.]+\s*;)", weight=0.9),
        Pattern("grants", r"^\s*(?:(?:GRANT|grant|REVOKE|revoke)\s+[\w(][^\n;]*\s(?i:on|to|from)\s+[^\n;]*(?:;|\Z|\n)|(?:COMMENT|comment)\s+(?i:on)\s+(?i:table|column|function|view|schema|type|index)\s+[\w\"`.(]+[^\n;]*\s(?i:is)\s+')", weight=0.8),
        Pattern("statement-line", r"^(?:INSERT INTO [\w\"`.\[]+|UPDATE [\w\"`.\[\]]+(?: \w+)?\s+SET\s+[\w\"`.]+ ?=|DELETE FROM [\w\"`.]+|MERGE INTO [\w\"`.]+|SELECT (?:[^\n]*\sFROM\s|[^\n]*;$|[^\n]*\n\s*(?:FROM |[^\n]*,\n|[^\n]*\n\s*FROM )))", weight=0.7),
        Pattern("comment-first", r"\A\s*(?:--[^\n]*\n\s*|/\*[^*]*\*+(?:[^*/][^*]*\*+)*/\s*)+(?i:select|with|insert\s+into|update\s+[\w\"`.]+\s+set|delete\s+from|create|alter|drop|grant|set|begin|use|declare)\s", weight=0.6),
        Pattern("transaction", r"^(?:BEGIN(?: TRANSACTION)?|COMMIT|ROLLBACK|START TRANSACTION);[ \t]*$|^\\(?:c|d|dt|echo|i|set|timing|connect|copy) [^\n]*$", weight=0.3),
        Pattern("shows", r"\A\s*(?:SHOW|DESCRIBE|DESC|EXPLAIN|USE|TRUNCATE)\s+[A-Za-z_`][\w`.]*(?:\s+\w+)?\s*;?\s*\Z", weight=0.6),
        Pattern("clauses", r"\s(?i:group\s+by|order\s+by|left\s+join|inner\s+join|union\s+(?:all\s+)?select|having\s+\w+)\b", weight=0.4),
        Pattern("join-on", r"\s(?i:join)\s+[\w\"`.]+(?:\s+(?i:as)\s+\w+|\s+\w{1,3})?\s+(?i:on)\s", weight=.4),
        Pattern("where", r"\s(?i:where)\s+[\w\"`.(]+\s*(?:[<>=!]|(?i:in|like|between|is|not)\b)", weight=0.4),
        Pattern("aggregate", r"\b(?i:count|sum|avg|min|max)\s*\(\s*(?:\*|(?i:distinct)\b|\w)", weight=0.3),
        Pattern("select-constant", r"\A\s*SELECT\s+(?:[\w.*]+\(|\d|'|\w+\s*\Z)", weight=0.5),
        Pattern("english", r"\A\s*(?i:select)\s+(?:the|an?|your|all the|one|which|any|this|that|is|was|from)\s|\A\s*(?i:select)\s[^\n;]*\s(?:from|where) (?:the|an?|this|these|your|among|them)\s", weight=-0.93),
        Pattern("prose-before", r"\A\s*(?:[A-Z][a-z]+[ ,']+[a-z]+ [a-z]+|```)", weight=-0.7),
        Pattern("braces", r"\{[ \t]*$", weight=-0.7),
        Pattern("program", r"^(?:def |import \w|from [\w.]+ import |class |const |let |var |function \w+\(|public |private |package |#include|func |fn |my [$@%]|<\?php|\w+ = |\w+\.\w+\()", weight=-0.9),
        Pattern("not-fence", FENCE, weight=-0.9),
    ),
    outranks=("short_answer", "prose", "chat_plain", "python"),
    examples=(
        "SELECT name, MAX(depth) FROM lakes WHERE region = 'Piedmont' GROUP BY name ORDER BY 2 DESC;",
        "select count(*) from boats as b join owners as o on b.owner_id = o.id",
        "WITH deep AS (SELECT * FROM lakes WHERE depth > 100) SELECT name FROM deep",
        "INSERT INTO lakes (name, depth) VALUES ('Orta', 143);",
        "CREATE TABLE lakes (\n  id INTEGER PRIMARY KEY,\n  name TEXT\n);",
        "SHOW TABLES",
        "-- harbors of the lake\nBEGIN;\nALTER TABLE lakes ADD COLUMN harbors integer;\nGRANT SELECT ON lakes TO rower;\nCOMMIT;\n",
        "/* one row a lake */\nINSERT INTO lakes VALUES (1, 'Orta');\n",
        "SELECT count(*) > 3",
    ),
    counterexamples=(
        "Select the deepest lake from the list and order by name.",
        "select a region from the map",
        "from lakes import depth\nprint(depth)\n",
        "Create a table of lakes, and drop the view of the sea.",
        "import sqlite3\n\nDDL = \"\"\"\nCREATE TABLE lakes (id INTEGER);\n\"\"\"\n",
        "With care as (always) a virtue, we go on.",
    ),
)  # fmt: skip
