"""TypeScript source."""

from echoformat.format import Format, Pattern
from echoformat.signs import CODE_END, FENCE, NO_SCRIPT, PROSE_LINE

FORMAT = Format(
    name="typescript",
    family="code",
    title="TypeScript source",
    source="https://www.typescriptlang.org/docs/",
    patterns=(
        Pattern("interface", r"^[ \t]*(?:export )?(?:default )?interface [A-Z]\w*(?:<[^\n{]*>)?(?: extends [\w, <>]+)? ?\{", weight=0.75),
        Pattern("type-alias", r"^[ \t]*(?:export )?type [A-Z]\w*(?:<[^\n=]*>)? ?=(?: ?[^\n= ]|[ \t]*\n[ \t]+[|\w(\[])", weight=0.7),
        Pattern("typed-parameter", r"[(,] ?(?:readonly |private |public )?[\w$]+\?? ?: ?(?:string|number|boolean|any|unknown|void|never|Promise<|Array<|Record<|Map<|Partial<)(?:\W|$)", weight=0.6),
        Pattern("typed-return", r"\)\s*: ?(?:string|number|boolean|void|any|never|unknown|[A-Z]\w*)(?:<[\w<>\[\],|]*(?:,? [\w<>\[\],|]+)?(?:,? [\w<>\[\],|]+)?>)?(?:\[\])?(?: \| \w+)? ?(?:\{|=>)", weight=0.7),
        Pattern("declares", r"^[ \t]*(?:export )?declare (?:const|let|var|function|class|abstract|type|interface|enum|module|namespace|global)\b", weight=0.85),
        Pattern("type-imports", r"^import type [\w{*]|^import \{ type \w|^export type [{*]|\bimport\(['\"][^'\"\s]+['\"]\)\.[A-Za-z]|^(?:import|export) [^\n]* from ['\"][^'\"\s]+\.tsx?['\"]", weight=0.6),
        Pattern("generic-function", r"^[ \t]*(?:export )?(?:default )?(?:async )?function\*? ?[\w$]+<[A-Z]|^[ \t]*(?:export )?(?:default )?(?:abstract )?class [A-Z]\w*<[A-Z][^\n{]*> ?(?:extends|implements|\{)", weight=0.4),
        Pattern("type-operators", r"\b(?:keyof|typeof|infer) [A-Z]|\bextends (?:keyof|infer|string|number|unknown|any)\b|\bsatisfies [A-Z]|: ?readonly \w+\[\]|\bis (?:string|number|[A-Z]\w*) ?\{", weight=0.4),
        Pattern("typed-variable", r"^[ \t]*(?:export )?(?:const|let|var) \w+ ?: ?[\w<>\[\]{}|, ]+ ?= ", weight=0.7),
        Pattern("members", r"^[ \t]+(?:private|public|protected|readonly)(?: readonly| static| async)* \w+(?:\([^\n)]*: ?\w|\(\) ?:|\??: ?\w)|^[ \t]+\w+\??: (?:string|number|boolean|any|unknown|Date|[A-Z]\w*(?:\[\])?|(?:string|number)\[\])(?: \| [\w'\"]+)*;[ \t]*$", weight=0.5),
        Pattern("parameter-property", r"\bconstructor\(\s*(?:private|public|protected|readonly)\b", weight=0.7),
        Pattern("assertions", r"\bas (?:const|string|number|unknown|any|[A-Z]\w+)\b|\b(?:enum|namespace|declare module|abstract class) [A-Z'\"]|^import type ", weight=0.4),
        Pattern("script", r"^[ \t]*(?:export )?(?:const|let|async function|function|class) [\w$]+|^import [^\n]+ from ['\"]", weight=0.2),
        Pattern("other-language", NO_SCRIPT, weight=-0.95),
        Pattern("prose-line", PROSE_LINE, weight=-0.5),
        Pattern("not-fence", FENCE, weight=-.99),
    ),
    outranks=("javascript", "java", "css"),
    ending=CODE_END,
    examples=(
        "abstract class Shape {\n  constructor(protected readonly name: string) {}\n  abstract area(): number;\n}\n",
        "import { readFile } from 'fs/promises';\n\ninterface Lake {\n  name: string;\n  depth?: number;\n}\n\ntype Region = 'north' | 'south';\n\n"
        "export function deepest(lakes: Lake[], region: string): Lake {\n  const best: Lake = lakes[0];\n  return best as Lake;\n}\n",
        "import type { Lake } from './lake.ts';\n\nexport declare const depths: Record<string, number>;\n"
        "export function first<T extends keyof Lake>(rows: readonly T[]): T | undefined;\n",
        "export function pick<T>(rows: T[]): T {\n  return rows[0];\n}\n",
        "class Harbor {\n  private boats: string[] = [];\n\n  add(name: string): void {\n    this.boats.push(name);\n  }\n}\n",
    ),
    counterexamples=(
        "const deepest = (depths) => {\n  return Math.max(...depths);\n};\n",
        "fn deepest(depths: &[i32]) -> i32 {\n    0\n}\n",
        "def deepest(depths: list, region: str) -> int:\n    return max(depths)\n",
        "The type of lake: number, string, or none.",
    ),
)  # fmt: skip
