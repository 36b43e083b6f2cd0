"""Rust source."""

from echoformat.format import Format, Pattern
from echoformat.signs import CODE_END, FENCE

FORMAT = Format(
    name="rust",
    family="code",
    title="Rust source",
    source="https://doc.rust-lang.org/reference/",
    patterns=(
        Pattern("use", r"^(?:pub )?use (?:[a-z_]\w*|\{[a-z_]\w*)::[\w:{*][^\n]*;?", weight=0.8),
        Pattern("function", r"^[ \t]*(?:pub(?:\(\w+\))? )?(?:async |unsafe |const )*fn \w+(?:<[^\n]*>)? ?\([^\n]*", weight=0.8),
        Pattern("let-mut", r"\blet mut \w+|\blet \w+: ?&?(?:mut )?(?:[iu](?:8|16|32|64|128|size)|f32|f64|String|Vec<|bool|HashMap)", weight=0.7),
        Pattern("types", r"&(?:mut )?(?:str|self|\[[iuf]\d+\])\b|\b(?:Vec|Option|Result|Box|HashMap|HashSet)<[\w&(]|\b(?:usize|i32|u64|f32|f64|i64|u8|u32)\b", weight=0.4),
        Pattern("macros", r"\b(?:println|print|vec|panic|assert_eq|assert|format|write|unwrap)!\s*[\[(]|\.(?:unwrap\(\)|iter\(\)|collect(?:::<|\(\))|to_string\(\))", weight=.6),
        Pattern("loops", r"\bfor (?:\w+|\(\w+, \w+\)) in (?:&|[\w.()]*(?:\.\.|\.iter|\.chars))|\b[iuf](?:8|32|64|size)::\w", weight=0.5),
        Pattern("closures", r"\.\w+\(\|&?\w+(?:: ?&?\w+)?(?:, ?&?\w+(?:: ?&?\w+)?)?\| ", weight=0.5),
        Pattern("items", r"^[ \t]*(?:pub )?(?:impl(?:<[^\n>]*>)? \w|struct [A-Z]\w*|enum [A-Z]\w*|mod \w+ ?[{;]|trait [A-Z]\w*)|^[ \t]*#\[(?:derive|test|cfg|allow)|\bmatch [\w.&*()]+ \{", weight=0.5),
        Pattern("other-language", r"^(?:#include|using |import |package |func |[ \t]*(?:my|our) [$@%(]|use (?:strict|warnings)\b)|\b(?:std::(?:cout|vector|string)\b|fun \w+\(|console\.log)", weight=-0.95),
        Pattern("not-fence", FENCE, weight=-.99),
    ),
    ending=CODE_END,
    examples=(
        "use std::collections::HashMap;\n\n#[derive(Debug)]\nstruct Lake {\n    depth: u32,\n}\n\nfn deepest(depths: &[i32]) -> i32 {\n    let mut best = 0;\n"
        "    for d in depths.iter() {\n        if *d > best { best = *d; }\n    }\n    println!(\"{}\", best);\n    best\n}\n",
        "pub fn mean(values: Vec<f64>) -> f64 {\n    let total: f64 = values.iter().map(|v| v * 1.0).sum();\n    total / values.len() as f64\n}\n",
    ),
    counterexamples=(
        "func mean(values []float64) float64 {\n    return 0\n}\n",
        "#include <vector>\nstd::vector<int> depths;\n",
        "use strict;\nuse Lake::Depth;\n\nmy $deepest = Lake::Depth->new;\n",
        "Use rust remover, let it soak, and match the color.",
    ),
)  # fmt: skip
