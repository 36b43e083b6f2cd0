"""C or C++ source."""

from echoformat.format import Format, Pattern
from echoformat.signs import CODE_END, FENCE

FORMAT = Format(
    name="cpp",
    family="code",
    title="C or C++ source",
    source="https://isocpp.org/std/the-standard",
    patterns=(
        Pattern("include", r"^[ \t]*#[ \t]*include[ \t]*[<\"][\w./+-]+[>\"]", weight=0.85),
        Pattern("define", r"^#(?:define|ifndef|ifdef|pragma once|endif)\b", weight=0.5),
        Pattern("std", r"\bstd::\w|^using namespace \w", weight=.45),
        Pattern("template", r"^template ?<(?:typename|class|int|size_t)\b", weight=0.8),
        Pattern("main", r"^int main ?\(", weight=0.8),
        Pattern("typed-function", r"^(?:static |inline |const )?(?:(?:unsigned )?(?:int|long long|long|double|float|bool|void|char|string|auto|size_t)|(?:std::)?(?:vector|map|set|pair) ?<[\w:,<>*]+(?: [\w:,<>*]+)?>)[&*]* [*&]?\w+(?:::\w+)? ?\((?:\)|(?:const |unsigned )?(?:int|long|double|float|char|bool|string|std::|vector|map|void|auto|size_t)\b)", weight=0.6),
        Pattern("stream", r"\b(?:cout|cerr|cin) ?(?:<<|>>)|\bprintf ?\(\"|\bscanf ?\(\"", weight=0.6),
        Pattern("access", r"^[ \t]*(?:public|private|protected):[ \t]*$", weight=0.6),
        Pattern("vector", r"\b(?:vector|map|set|pair|queue|unordered_map) ?<\w|\.(?:push_back\(|size\(\))|->\w+[(;]", weight=0.4),
        Pattern("for-typed", r"\bfor ?\( ?(?:int|size_t|auto|long|unsigned)[ &]", weight=0.3),
        Pattern("keywords", r"\b(?:constexpr \w|nullptr\b|(?:static|dynamic|reinterpret)_cast<)|^(?:namespace [\w:]+ ?\{|using \w+ = [^\n]*;)", weight=0.4),
        Pattern("java", r"^(?:[ \t]*(?:public|private|protected) (?:static |final |class |void )|import java)|\b(?:System\.out|new ArrayList)", weight=-0.9),
        Pattern("script", r"\b(?:console\.log|let mut\b)|=>|^(?:(?:const|let|function) |func |fn |package |[ \t]*def )", weight=-0.9),
        Pattern("other-opening", r"\A\s*(?:#!|<[!?a-zA-Z])", weight=-1.0),
        Pattern("not-fence", FENCE, weight=-.99),
    ),
    ending=CODE_END,
    examples=(
        "namespace lakes {\nconstexpr int kDeep = 100;\nstd::string name(const Lake* lake);\n}\n",
        "class Lake {\npublic:\n    vector<int> depths(vector<int>& rows) {\n        return rows;\n    }\n};\n",
        "#include <iostream>\n#include <vector>\nusing namespace std;\n\nint deepest(vector<int> depths) {\n    int best = 0;\n"
        "    for (int i = 0; i < depths.size(); i++) {\n        if (depths[i] > best) best = depths[i];\n    }\n    return best;\n}\n",
        "#define MAXIMUM 100\n\nint main(void) {\n    printf(\"%d\\n\", MAXIMUM);\n    return 0;\n}\n",
        "template <typename T>\nT larger(T a, T b) {\n    return a > b ? a : b;\n}\n",
        "double mean(vector<double>& values) {\n    double sum = 0;\n    for (auto& v : values) sum += v;\n    cout << sum;\n    return sum / values.size();\n}\n",
    ),
    counterexamples=(
        "import java.util.*;\n\nclass Lakes {\n    public int deepest(int[] depths) {\n        return 3;\n    }\n}\n",
        "func deepest(depths []int) int {\n    return depths[0]\n}\n",
        "```cpp\nint main() { return 0; }\n```\nThis program does nothing.",
    ),
)  # fmt: skip
