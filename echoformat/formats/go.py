"""Go source."""

from echoformat.format import Format, Pattern
from echoformat.signs import CODE_END, FENCE

FORMAT = Format(
    name="go",
    family="code",
    title="Go source",
    source="https://go.dev/ref/spec",
    patterns=(
        Pattern("package", r"^package [a-z]\w*[ \t]*$", weight=0.8),
        Pattern("imports", r"^import \(\n[ \t]+(?:\w+ )?\"|^import \"[\w./-]+\"[ \t]*$", weight=0.8),
        Pattern("function", r"^func (?:\(\w+ \*?\w+(?:\[\w+\])?\) )?\w+(?:\[[^\]\n]+\])?\([^\n]*\)[^\n=>;]*\{[ \t]*$", weight=0.8),
        Pattern("declares", r"^[ \t]+\w+(?:, \w+)?(?:, \w+)? := ", weight=0.5),
        Pattern("range", r"\bfor (?:\w+(?:, \w+)? := )?range \w+", weight=0.5),
        Pattern("library", r"\b(?:fmt\.(?:Print|Sprint|Errorf|Scan)|math\.Max|strconv\.\w+|strings\.\w+|make\((?:\[\]|map\[|chan ))|\bif err != nil\b", weight=0.5),
        Pattern("type", r"^type [A-Z]?\w+ (?:struct|interface) \{", weight=0.8),
        Pattern("swift", r"\b(?:let|var) \w+(?:: \w+)? = |\) -> \w+ \{|^import (?:UIKit|Foundation|SwiftUI)", weight=-0.8),
        Pattern("not-fence", FENCE, weight=-.99),
    ),
    ending=CODE_END,
    examples=(
        'package main\n\nimport (\n    "fmt"\n)\n\ntype Lake struct {\n    depth int\n}\n\nfunc (l *Lake) Deep() bool {\n    return l.depth > 100\n}\n\n'
        "func main() {\n    for i := range lakes {\n        fmt.Println(i)\n    }\n}\n",
        "func deepest(depths []int) int {\n    best := 0\n    for _, d := range depths {\n        if d > best {\n            best = d\n        }\n    }\n    return best\n}\n",
    ),
    counterexamples=(
        "func deepest(depths: [Int]) -> Int {\n    let best = depths.max() ?? 0\n    return best\n}\n",
        "fn deepest(depths: &[i32]) -> i32 {\n    0\n}\n",
        "Go to the lake and range freely.",
    ),
)  # fmt: skip
