"""Java source."""

from echoformat.format import Format, Pattern
from echoformat.signs import CODE_END, FENCE

FORMAT = Format(
    name="java",
    family="code",
    title="Java source",
    source="https://docs.oracle.com/javase/specs/",
    patterns=(
        Pattern("imports", r"^import (?:static )?(?:java|javax|org|com|junit)\.[\w.*]+;", weight=0.8),
        Pattern("package", r"^package [a-z][\w.]*;", weight=0.45),
        Pattern("class", r"^[ \t]*(?:public |final |abstract |private |static )*(?:class|interface|enum|record) [A-Z]\w*[^\n{;=]*\{", weight=0.4),
        Pattern("method", r"^[ \t]*(?:public|private|protected)(?: static| final| synchronized)* (?:<\w+> )?[\w<>\[\], ?]+ \w+ ?\([^\n)]*\)?[^\n;=]*\{?[ \t]*$", weight=0.7),
        Pattern("fields", r"^[ \t]*(?:public|private|protected) (?:static |final )*(?:int|String|boolean|double|long|char|float|List<|Map<|Set<)[\w<>\[\], ]* \w+(?: ?=|;|\()", weight=0.6),
        Pattern("main", r"\bpublic static void main ?\( ?String", weight=0.9),
        Pattern("library", r"\bSystem\.(?:out|err|in)\b|\bnew (?:ArrayList|HashMap|HashSet|StringBuilder|Scanner|LinkedList)\b|\b(?:List|Map|Set|Optional)<(?:String|Integer|Character|Double|Long)", weight=0.6),
        Pattern("other-language", r"^(?:using (?:System|namespace)|#include|namespace |func |fn |[ \t]*(?:(?:let|const) |(?:my|our) [$@%(])|use (?:strict|warnings)\b)|\b(?:std::|Console\.Write|console\.log|fun \w+\()|: (?:string|number|boolean)\b", weight=-0.95),
        Pattern("not-fence", FENCE, weight=-.99),
    ),
    ending=CODE_END,
    examples=(
        "class Lake {\n    private int depth;\n\n    public Lake(int depth) {\n        this.depth = depth;\n    }\n}\n",
        "package lakes;\n\nimport java.util.*;\n\npublic class Lakes {\n    public static void main(String[] args) {\n        List<Integer> depths = new ArrayList<>();\n"
        "        System.out.println(depths.size());\n    }\n}\n",
        "import java.util.List;\n\nclass Solution {\n    public int deepest(List<Integer> depths) {\n        int best = 0;\n        for (int d : depths) best = Math.max(best, d);\n        return best;\n    }\n}\n",
    ),
    counterexamples=(
        "#include <vector>\nclass Lake {\npublic:\n    int depth() { return 143; }\n};\n",
        "class Lake {\n  constructor(depth) {\n    this.depth = depth;\n  }\n}\nconsole.log(new Lake(143));\n",
        "Java is an island; import duties apply.",
    ),
)  # fmt: skip
