"""Whole files, snippets and answers as models write them, and near misses: the labels that rules alone give."""

# The texts keep their length.
# ruff: noqa: E501

from __future__ import annotations

import pytest

from echoformat.classifier import Classifier

CLASSIFIER = Classifier(model=None)
# What a text that no format declares may be called: nothing, or the prose that it is.
PLAIN = {"unknown", "prose", "chat_plain", "chat_markdown", "short_answer", "ambiguous"}

# Written for this test; none of them is an example of the shelf.
TEXTS = {
    "sql": (
        "CREATE TABLE IF NOT EXISTS boats (\n  id SERIAL PRIMARY KEY,\n  owner_id INT REFERENCES owners(id) ON DELETE CASCADE\n);\n\nCREATE INDEX idx_boats_owner ON boats (owner_id);\n",
        "-- boats by year\nSELECT year, COUNT(*) AS n\nFROM boats\nGROUP BY year\nORDER BY n DESC;\n",
        "ALTER TABLE boats ADD COLUMN length NUMERIC(5, 2) NOT NULL DEFAULT 0;\n",
        "DROP TABLE IF EXISTS boats CASCADE;",
        "GRANT SELECT, INSERT ON boats TO harbor_master;\nREVOKE ALL ON boats FROM PUBLIC;\n",
        "WITH RECURSIVE tree AS (\n  SELECT id, parent_id FROM nodes WHERE parent_id IS NULL\n  UNION ALL\n  SELECT n.id, n.parent_id FROM nodes n JOIN tree t ON n.parent_id = t.id\n)\nSELECT * FROM tree;\n",
        "SELECT name,\n       RANK() OVER (PARTITION BY harbor ORDER BY length DESC) AS place\nFROM boats;",
        "INSERT INTO boats (name, length)\nVALUES ('Alba', 7.5),\n       ('Bora', 9.0)\nON CONFLICT (name) DO NOTHING;",
        "BEGIN;\nUPDATE accounts SET balance = balance - 10 WHERE id = 1;\nUPDATE accounts SET balance = balance + 10 WHERE id = 2;\nCOMMIT;\n",
        "/* nightly clean-up */\nDELETE FROM sessions WHERE expires_at < NOW();\nVACUUM ANALYZE sessions;\n",
        "CREATE OR REPLACE FUNCTION deepest() RETURNS integer AS $$\nBEGIN\n  RETURN (SELECT max(depth) FROM lakes);\nEND;\n$$ LANGUAGE plpgsql;\n",
        "create table lakes (\r\n  id int,\r\n  name varchar(40)\r\n);\r\n",
        "CREATE TRIGGER touched BEFORE UPDATE ON boats\nFOR EACH ROW EXECUTE FUNCTION touch();",
        "TRUNCATE TABLE boats;",
        "COMMENT ON TABLE boats IS 'All boats of the harbor';",
        "EXPLAIN ANALYZE SELECT * FROM boats WHERE length > 7;",
        "CREATE TYPE mood AS ENUM ('calm', 'rough');\nCREATE SEQUENCE boat_ids START 100;",
        "ALTER FUNCTION depth_of(text) PARALLEL SAFE;\nCOMMENT ON FUNCTION depth_of(text) IS 'metres';\n",
        "MERGE INTO boats AS b\nUSING arrivals AS a ON a.name = b.name\nWHEN MATCHED THEN UPDATE SET seen = a.day\nWHEN NOT MATCHED THEN INSERT (name) VALUES (a.name);",
        "SET search_path TO harbor;\nSELECT b.name, o.name FROM boats b LEFT JOIN owners o ON o.id = b.owner_id WHERE b.length BETWEEN 5 AND 9;",
    ),
    "typescript": (
        "import type { Lake } from './lake';\n\nexport function deepest(lakes: Lake[]): Lake | undefined {\n  return lakes[0];\n}\n",
        "/**\n * Depth of a lake.\n */\nexport declare function depthOf(name: string): number;\nexport declare const unit: 'm' | 'ft';\n",
        "export type Option<T> =\n  | { some: true; value: T }\n  | { some: false };\n",
        "declare global {\n  interface Window {\n    lakes: string[];\n  }\n}\nexport {};\n",
        "abstract class Shape {\n  abstract area(): number;\n  constructor(protected readonly name: string) {}\n}\n",
        "const by = <K extends keyof Lake>(key: K) => (a: Lake, b: Lake) => a[key] < b[key] ? -1 : 1;\n",
        "export * from './lake.ts';\nexport * from './boat.ts';\nexport type { Harbor } from './harbor.ts';\n",
        "export class Store<T extends { id: string }> implements Reader<T> {\n  private rows = new Map<string, T>();\n  get(id: string): T | undefined {\n    return this.rows.get(id);\n  }\n}\n",
        "import { useEffect, useState } from 'react';\n\ninterface Props {\n  lakes: string[];\n  onPick?: (name: string) => void;\n}\n\nexport function Picker({ lakes, onPick }: Props) {\n  const [open, setOpen] = useState(false);\n  return <ul>{lakes.map((l) => <li key={l}>{l}</li>)}</ul>;\n}\n",
        "type DeepPartial<T> = {\n  [K in keyof T]?: T[K] extends object ? DeepPartial<T[K]> : T[K];\n};\n",
        "enum Wind {\n  Calm = 'calm',\n  Gale = 'gale',\n}\n\nlet now: Wind = Wind.Calm;\n",
        "async function load(url: string): Promise<Response> {\n  const res = await fetch(url);\n  if (!res.ok) throw new Error(res.statusText);\n  return res;\n}\n",
        "export const config = {\n  port: 80,\n} satisfies Config;\nexport const isLake = (x: unknown): x is Lake => typeof x === 'object';\n",
        "@Injectable({ providedIn: 'root' })\nexport class LakeService {\n  constructor(private http: HttpClient) {}\n  all(): Observable<Lake[]> {\n    return this.http.get<Lake[]>('/lakes');\n  }\n}\n",
        "function first<T>(xs: readonly T[]): T | undefined {\r\n  return xs[0];\r\n}\r\n",
    ),
    "yaml": (
        'name: test\non: [push]\njobs:\n  unit:\n    runs-on: ubuntu-latest\n    steps:\n      - name: Run\n        shell: bash\n        run: |\n          for f in *.txt; do\n            echo "$f";\n          done\n          python - <<EOF\n          import sys\n          EOF\n',
        "# Harbor service\n# Runs on port 80\nport: 80\n\n# where the maps lie\nroot: /srv/maps\n",
        'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: harbor\n  labels: {app: harbor}\nspec:\n  replicas: 3\n  template:\n    spec:\n      containers:\n        - name: web\n          image: harbor:1.0\n          args: ["--port", "80"]\n',
        "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: harbor\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: maps\ndata:\n  greeting: |\n    Welcome to the lake.\n",
        "name: Release\n\non:\n  push:\n    paths:\n      - 'src/**/*.ts'\n      - '**.md'\n\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - name: Build\n        run: |\n          npm ci\n          npm run build\n",
        "openapi: 3.1.0\ninfo:\n  title: Harbor\n  version: '1'\npaths:\n  /boats/{id}:\n    get:\n      parameters:\n        - in: path\n          name: id\n          schema: {type: integer}\n",
        "- name: install\n  hosts: web\n\n  tasks:\n    - apt: name=nginx\n",
        "- id: trailing\n\n  stages: [commit]\n",
        "defaults: &defaults\n  depth: 10\n\nlake:\n  <<: *defaults\n  depth: 143\n",
        "repos:\n  - repo: https://example.org/hooks\n    rev: v1.2\n    hooks:\n      - id: tidy\n",
        'language: python\npython:\n  - "3.11"\nscript:\n  - pytest\n',
        "services:\r\n  web:\r\n    image: harbor\r\n    ports:\r\n      - '80:80'\r\n",
        "stages:\n  - build\n  - test\n\nbuild:\n  stage: build\n  script:\n    - make\n",
        'en:\n  greeting: "Hello, %{name}"\n  errors:\n    missing: "is missing"\n',
        "swagger: '2.0'\ndefinitions:\n  Boat:\n    type: object\n    properties:\n      name:\n        type: string\n",
    ),
    "bash": (
        "#!/bin/bash\ncat > compose.yaml <<EOF\nservices:\n  web:\n    image: harbor\n    restart: always\nEOF\ndocker compose up -d\n",
        "cat <<EOF > pod.yaml\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nEOF\nkubectl apply -f pod.yaml\n",
        'function backup() {\n  local target=$1\n  tar -czf "$target" /srv/maps || return 1\n}\n\nbackup "/tmp/maps.tgz"\n',
        '#!/usr/bin/env bash\n# Copies maps.\n# Usage: copy.sh DEST\n\ndest=${1:?}\ncp -r maps "$dest"\n',
        "#!/bin/sh\ncat > hello.c <<'EOF'\n#include <stdio.h>\nint main(void) { printf(\"hi\\n\"); return 0; }\nEOF\ncc hello.c -o hello\n./hello\n",
        'docker run --rm \\\n  -v "$PWD":/work \\\n  -p 80:80 \\\n  harbor:latest\n',
        "until curl -sf http://localhost/ready; do\n  sleep 1\ndone\necho up\n",
        '#!/bin/bash\ncurl -X POST https://example.org/boats -d @- <<JSON\n{\n"name": "Alba"\n}\nJSON\n',
        "if ! command -v jq >/dev/null; then\n  echo 'jq is missing' >&2\n  exit 1\nfi\n",
        "#!/usr/bin/env zsh\nsetopt extended_glob\nfor f in **/*.txt; do\n  print $f\ndone\n",
        "for i in {1..5}; do echo $i; done",
        "#!/bin/bash\r\necho hi\r\nexit 0\r\n",
    ),
    "css": (
        "/* Colours of the harbor */\n.card,\n.panel {\n  color: #333;\n}\n",
        "@media screen and (min-width: 40em) {\n  main { display: grid; }\n}\n",
        "button:not(:disabled):hover {\n  transform: scale(1.1);\n}\n",
        "ul.nav\n{\n    list-style: none;\n    margin: 0;\n}\n",
        "@font-face {\n  font-family: 'Lake';\n  src: url('lake.woff2') format('woff2');\n}\n",
    ),
    "html": (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml">\n<body><p>Deep.</p></body>\n</html>',
        '<section id="lakes">\n  <h2>Lakes</h2>\n  <p>Orta is <em>deep</em>.</p>\n</section>',
        '<!DOCTYPE html>\r\n<html lang="it">\r\n<body></body>\r\n</html>',
        '<nav>\n  <a href="#a">A</a> | <a href="#b">B</a>\n</nav>',
        '<select name="lake">\n  <option value="1">Orta</option>\n  <option value="2">Como</option>\n</select>',
    ),
    "coq": (
        "Require Import List.\nImport ListNotations.\n\nFixpoint rev {A} (l : list A) : list A :=\n  match l with\n  | [] => []\n  | x :: t => rev t ++ [x]\n  end.\n",
        "Lemma app_nil : forall (A : Type) (l : list A), l ++ nil = l.\nProof.\n  intros A l. induction l as [| h t IH].\n  - reflexivity.\n  - simpl. rewrite IH. reflexivity.\nQed.\n",
        "Inductive tree (A : Type) : Type :=\n| leaf : tree A\n| node : tree A -> A -> tree A -> tree A.\n",
        "Theorem deep : exists n, n > 3.\nProof.\n  exists 4.\n  auto.\nAdmitted.\n",
        "Section S.\nVariable A : Type.\nHypothesis dec : forall x y : A, {x = y} + {x <> y}.\nEnd S.\n",
    ),
    "lean4": (
        "import Mathlib\n\ntheorem sq_nonneg' (x : ℝ) : 0 ≤ x ^ 2 := by\n  positivity\n",
        "structure Lake where\n  depth : Nat\n  name : String\nderiving Repr\n\ndef Lake.deep (l : Lake) : Bool := l.depth > 100\n",
        "inductive Tree (α : Type) where\n  | leaf : Tree α\n  | node : Tree α → α → Tree α → Tree α\n",
        "example (a b : ℕ) (h : a ≤ b) : a < b + 1 := by\n  omega\n",
    ),
    "lean3": (
        "import tactic\n\nexample (a b : ℕ) (h : a = b) : b = a :=\nbegin\n  symmetry,\n  exact h,\nend\n",
        "lemma foo (x : ℝ) (hx : 0 < x) : x ≠ 0 :=\nbegin\n  intro h,\n  rw h at hx,\n  exact lt_irrefl 0 hx,\nend",
    ),
    "isabelle": (
        'theory Lakes\n  imports Main\nbegin\n\nlemma rev_twice: "rev (rev xs) = xs"\n  by (induct xs) auto\n\nend\n',
        'lemma "A \\<and> B \\<longrightarrow> B \\<and> A"\nproof\n  assume "A \\<and> B"\n  then show "B \\<and> A" by blast\nqed\n',
        "datatype 'a tree = Leaf | Node \"'a tree\" 'a \"'a tree\"\n\nfun size' :: \"'a tree \\<Rightarrow> nat\" where\n  \"size' Leaf = 0\"\n| \"size' (Node l _ r) = size' l + size' r + 1\"\n",
    ),
    "unified_diff": (
        "diff --git a/lake.py b/lake.py\nindex 1a2b3c..4d5e6f 100644\n--- a/lake.py\n+++ b/lake.py\n@@ -1,3 +1,3 @@ def depth():\n-    return 1\n+    return 143\n",
        "--- old.txt\t2020-01-01\n+++ new.txt\t2020-01-02\n@@ -1 +1 @@\n-shallow\n+deep\n",
        "The sum starts at the wrong number. This patch fixes it:\n\n```diff\n--- a/sum.py\n+++ b/sum.py\n@@ -3,1 +3,1 @@\n-total = 1\n+total = 0\n```\n",
        "Here is the patch.\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
        "diff --git a/new.py b/new.py\nnew file mode 100644\nindex 0000000..1111111\n--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+print(1)\n",
    ),
    "ipynb": (
        '{"cells": [{"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": ["1+1"]}',
        '{\r\n "cells": [\r\n  {\r\n   "cell_type": "raw",\r\n   "metadata": {},\r\n   "source": []\r\n  }\r\n ],\r\n "nbformat": 4,\r\n "nbformat_minor": 5\r\n}',
    ),
    "cpp": (
        "#pragma once\n\nnamespace lakes {\n\nclass Lake {\n public:\n  explicit Lake(int depth);\n  int depth() const;\n\n private:\n  int depth_;\n};\n\n}  // namespace lakes\n",
        "#ifndef LAKE_H\n#define LAKE_H\n\nstruct lake {\n    int depth;\n};\n\nint lake_depth(const struct lake *l);\n\n#endif\n",
        "template <class T, class U>\nauto add(T a, U b) -> decltype(a + b) {\n  return a + b;\n}\n",
        "// depth\nnamespace lakes {\nconstexpr int kDeep = 100;\nstd::string name(const Lake& l);\n}\n",
        "// sums\nint main()\n{\n    std::vector<int> v{1, 2, 3};\n    std::cout << v.size() << std::endl;\n}\n",
    ),
    "rust": (
        '//! Lakes.\n\nuse std::fmt;\n\npub struct Lake {\n    depth: u32,\n}\n\nimpl fmt::Display for Lake {\n    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {\n        write!(f, "{}", self.depth)\n    }\n}\n',
        "use serde::{Deserialize, Serialize};\n\n#[derive(Serialize, Deserialize)]\nstruct Boat {\n    name: String,\n}\n",
    ),
    "java": (
        "@Override\npublic boolean equals(Object o) {\n    return o instanceof Lake;\n}\n",
        "package lakes;\n\n/** A lake. */\npublic interface Deep {\n    int depth();\n}\n",
    ),
    "javascript": (
        "'use strict';\n\nmodule.exports = function (lakes) {\n  return lakes.filter(function (l) { return l.depth > 100; });\n};\n",
        "export const deepest = (lakes) => lakes.reduce((a, b) => (a.depth > b.depth ? a : b));\n",
        "/**\n * Depth of a lake.\n * @param {string} name\n * @returns {number}\n */\nfunction depthOf(name) {\n  return depths[name] || 0;\n}\n",
        "const sql = `\nSELECT name FROM boats;\n`;\nconsole.log(sql);\n",
        "#!/usr/bin/env node\nconst fs = require('fs');\nconsole.log(fs.readFileSync(process.argv[2], 'utf8'));\n",
    ),
    "python": (
        '"""Depths of lakes."""\n\nimport os\n\n\ndef depth(name):\n    """Use `name` (see `lakes`)."""\n    return os.environ.get(name)\n',
        "# Depths.\n# In metres.\nfrom pathlib import Path\n\nrows = Path('a').read_text().splitlines()\nfor row in rows:\n    print(row)\n",
        "class Harbor:\n    name: str\n    boats: list[str]\n",
        "x: int = 3\ny: str = 'lake'\nprint(x, y)\n",
        'query = "SELECT name FROM boats"\nrows = db.execute(query)\nfor row in rows:\n    print(row)\n',
        "#!/usr/bin/env python3\nimport sys\n\nfor line in sys.stdin:\n    print(line.strip())\n",
    ),
    "gsm8k": (
        "Ann sold 12/2 = 6 eggs in the morning.\nThat leaves 12 - 6 = 6.\n#### 6",
        "She has <<3+4=7>>7 hats.\n#### 7\n",
    ),
    "metamath": (
        "Ann has 3 hats and buys 4.\nSo she has 3 + 4 = 7 hats.\n#### 7\nThe answer is: 7",
        "We have $x = 2$, so $x^2 = 4$.\nThe answer is: 4",
        "Ann has 3 hats. She buys 4 more, so she has 3 + 4 = 7.\nThe answer is: $7$",
    ),
    "cot_answer_is": (
        "Ann has 3 hats. She buys 4 more. 3 + 4 = 7. The answer is $7$.",
        "Ann has 3 hats. She buys 4 more. 3 + 4 = 7. Therefore, the answer is 7.",
        "Ann has 3 hats and buys 4 more, which makes 3 + 4 = 7 hats. Thus, the final answer is 7 hats.",
        "Ann had 20 dollars and spent 4, so she has 20 - 4 = 16. So the answer is $16.",
        "Ann drove 60 miles in 2 hours. 60 / 2 = 30. Hence, the answer is 30 mph.",
    ),
    "think": (
        "So 3 + 4 is 7. Let me check: yes.\n</think>\nThe answer is 7.",
        "<reasoning>\n3 + 4 is 7.\n</reasoning>\n<answer>\n7\n</answer>",
        "<think>\n3 + 4 is 7.\n</think>\n\n\\boxed{7}",
        "<thinking>Add them.</thinking>\n\n7",
    ),
    "answer_tag": (
        "3 + 4 = 7\n<answer>7</answer>",
        "Let me add.\n\n<answer>\n7\n</answer>",
    ),
    "react": (
        "Thought: I should search.\nAction: Search\nAction Input: depth of Orta\n",
        "Thought: I need the depth.\nAction: lookup[Orta]\nObservation: 143 m\nThought: done\nAction: Finish[143 m]",
    ),
    "hermes_tool_call": (
        '<tool_call>\n{"name": "depth", "arguments": {"lake": "Orta"}}\n</tool_call>\n<tool_call>\n{"name": "depth", "arguments": {"lake": "Como"}}\n</tool_call>',
        'I\'ll check both lakes.\n\n<tool_call>{"name": "depth", "arguments": {"lake": "Orta"}}</tool_call>',
    ),
    "tool_call_json": (
        '{"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "depth", "arguments": "{}"}}]}',
        '[{"name": "depth", "arguments": {"lake": "Orta"}}, {"name": "depth", "arguments": {"lake": "Como"}}]',
        "[depth(lake='Orta'), depth(lake='Como')]",
        '{"tool": "depth", "args": {"lake": "Orta"}}',
    ),
    "swe_agent": (
        "We should look at the test first.\n\n```bash\ncat tests/test_lake.py\n```",
        "DISCUSSION\nI will open the file.\n```\nopen lake.py\n```",
    ),
    "multiple_choice": (
        "Granite is hard, so it must be B. The answer is (B).",
        "The correct option is (C) because whales breathe air.",
        "Answer: B",
    ),
    "numbered_cot": (
        "Step 1: Count the hats. There are 3.\nStep 2: Add 4, which makes 7.\nFinal Answer: 7",
        "1. The problem says Ann has 3 hats.\n2. By arithmetic, 3 + 4 = 7.\n3. [Final solution] #### 7",
    ),
    "refusal": (
        "I can't help with that request.",
        "Sorry, but I can't assist with creating that.",
        "I cannot fulfill your request. I am just an AI, and my guidelines do not allow it.",
        "I won't help with hurting anyone.",
        "I'm sorry, I can't help with that.",
    ),
    "chat_markdown": (
        "# Lakes\n\nHere are some tips:\n\n- **Bring a map**: the shore is long.\n- **Bring water**: it is hot.\n\nI hope this helps!",
        "**Short answer:** yes.\n\n1. **Open** the box.\n2. **Read** the note.\n\nLet me know if you have questions.",
        "Here's a config you can use:\n\n```yaml\nport: 80\n```\n\nChange `port` to suit, then restart the `harbor` service.",
        "---\ntitle: Lakes\n---\n\n# Lakes\n\nHere are **two** lakes:\n\n- **Orta**: deep\n- **Como**: deeper\n\nI hope this helps!",
    ),
    "fenced_code_answer": (
        "Here is the query:\n\n```sql\nSELECT name FROM lakes;\n```",
        "```sql\nCREATE TABLE lakes (id INT);\n```",
        "```typescript\ninterface Lake { depth: number }\n```",
    ),
    "pal": (
        "```python\ndef solution():\n    hats = 3\n    result = hats + 4\n    return result\n\nprint(solution())\n```",
        "def solution():\n    # Ann has 3 hats\n    hats = 3\n    return hats + 4\n",
    ),
    "program_of_thought": (
        "from sympy import symbols, Eq, solve\nx = symbols('x')\nans = solve(Eq(x + 3, 7), x)[0]\nprint(ans)\n",
    ),
    "tinygsm": (
        "def simple_math_problem():\n    # Ann has 3 hats\n    hats = 3\n    result = hats + 4\n    return result\nprint(simple_math_problem())\n",
        "def simple_math_problem():\n    hats = 3\n    return hats + 4",
    ),
    "tora": (
        "We compute it.\n```python\nprint(3+5)\n```\n```output\n8\n```\nThat is too large, so we try again.\n```python\nprint(3+4)\n```\n```output\n7\n```\nThe answer is $\\boxed{7}$.",
    ),
    "mathcoder": (
        "<|text|>Add.<|endofblock|><|code|>\nprint(3+4)<|endofblock|><|execution|>\n7<|endofblock|><|text|>So 7.<|endofblock|>",
    ),
    "openmath1": (
        "Let's solve this using Python.\n<llm-code>\nhats = 3 + 4\nhats\n</llm-code>\n<llm-code-output>\n7\n</llm-code-output>\nSo Ann has \\boxed{7} hats.",
        "We use sympy.\n<llm-code>\nimport sympy as sp\nx = sp.Symbol('x')\n",
    ),
    "boxed_cot": (
        "Ann has 3 hats and buys 4 more.\n\nSo she has 3 + 4 = 7 hats.\n\nThe answer is $\\boxed{7}$.",
    ),
    "explanation_answer": ("Explanation: Hats add up, and 3 + 4 is 7.\nAnswer: 7 hats",),
    "short_answer": (
        "7 hats",
        "no",
        "Lake Como",
    ),
}
# Languages, notations and files that no format declares.
STRANGERS = (
    'use strict;\nuse warnings;\nuse File::Spec;\n\nmy @lakes = qw(Orta Como);\nforeach my $lake (@lakes) {\n    print "$lake\\n";\n}\n',
    "#!/usr/bin/perl\nuse LWP::Simple;\nmy $page = get('http://example.org');\nprint $page =~ s/a/b/gr;\n",
    "package Lake;\nuse strict;\nsub new {\n  my ($class, %args) = @_;\n  return bless { %args }, $class;\n}\n1;\n",
    "class Lake\n  attr_reader :depth\n\n  def initialize(depth)\n    @depth = depth\n  end\nend\n\nputs Lake.new(3).depth\n",
    "require 'json'\n\nlakes.each do |lake|\n  puts lake[:depth] unless lake.nil?\nend\n",
    "<?php\n\nnamespace App\\Models;\n\nuse Illuminate\\Database\\Model;\n\nclass Lake extends Model\n{\n    public $depth = 3;\n}\n",
    '<?php\necho "Hello";\n$depth = 3;\nif ($depth > 2) {\n    echo $depth;\n}\n?>\n',
    '[package]\nname = "lake"\nversion = "0.1.0"\n\n[dependencies]\nserde = "1.0"\n',
    "[server]\nport=80\nhost=localhost\n\n; maps\n[maps]\nroot=/srv\n",
    "CC = gcc\nCFLAGS = -O2 -Wall\n\nall: lake\n\nlake: lake.o\n\t$(CC) -o $@ $^\n\nclean:\n\trm -f *.o lake\n",
    'FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["python", "app.py"]\n',
    "library(dplyr)\n\nlakes <- read.csv('lakes.csv')\nlakes %>% filter(depth > 100) %>% summarise(n = n())\n",
    "function y = depth(x)\n% DEPTH of a lake\ny = zeros(size(x));\nfor i = 1:numel(x)\n    y(i) = x(i)^2;\nend\nend\n",
    "module Lakes where\n\nimport Data.List (sortBy)\n\ndata Lake = Lake { name :: String, depth :: Int }\n\ndeepest :: [Lake] -> Lake\ndeepest = head . sortBy (\\a b -> compare (depth b) (depth a))\n",
    "local lakes = {}\nfunction lakes.depth(name)\n  return 143\nend\nprint(lakes.depth('Orta'))\n",
    "2024-01-02 10:00:01 INFO  server started on port 80\n2024-01-02 10:00:03 WARN  slow request /maps took 900 ms\n2024-01-02 10:00:09 ERROR connection reset\n",
    "name,depth,region\nOrta,143,Piedmont\nComo,425,Lombardy\nGarda,346,Veneto\n",
    "1. d4 Nf6 2. c4 e6 3. Nc3 Bb4 4. e3 O-O 5. Bd3 d5",
    "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1",
    "defmodule Lake do\n  def depth(name), do: Map.get(@depths, name)\nend\n",
    "(ns lakes.core)\n\n(defn deepest [lakes]\n  (apply max (map :depth lakes)))\n",
    "program lake\n  implicit none\n  integer :: depth\n  depth = 143\n  print *, depth\nend program lake\n",
    "let rec fact n =\n  if n = 0 then 1 else n * fact (n - 1)\n\nlet () = print_int (fact 5)\n",
    "object Lake extends App {\n  val depths = List(1, 2, 3)\n  println(depths.max)\n}\n",
    "section .text\nglobal _start\n_start:\n    mov eax, 1\n    xor ebx, ebx\n    int 0x80\n",
    'resource "aws_instance" "web" {\n  ami           = "ami-123"\n  instance_type = "t2.micro"\n}\n',
    "server {\n    listen 80;\n    server_name example.org;\n    location / {\n        proxy_pass http://127.0.0.1:8080;\n    }\n}\n",
    'syntax = "proto3";\n\nmessage Lake {\n  string name = 1;\n  int32 depth = 2;\n}\n',
    "type Query {\n  lakes(first: Int): [Lake!]!\n}\n\ntype Lake {\n  name: String!\n}\n",
    'using System;\n\nclass Program\n{\n    static void Main()\n    {\n        Console.WriteLine("hi");\n    }\n}\n',
    'import UIKit\n\nclass LakeView: UIView {\n    var depth: Int = 3\n    func show() -> String {\n        return "deep"\n    }\n}\n',
    "@startuml\nAlice -> Bob: hello\nBob --> Alice: hi\n@enduml\n",
    "graph TD\n  A[Lake] --> B{Deep?}\n  B -->|yes| C[Swim]\n",
    "C - Am - F - G\nC - Am - F - G\n",
    "Q2 2020: 14 | Q3 2020: 15 | Q4 2020: 19",
    "^(?:[a-z0-9]+)@example\\.org$",
)
# Words of a format in sentences, forms and headers.
NEAR_MISSES = (
    "Lake 2.1 Release Notes\n\nThe command now takes a path, and\nthe option $HOME is read first.\n\n    cd lake\n    make install\n\nIf the build was not done yet\nthen it is done now.\n",
    "# define the depth first\n# endif the boat is late\n",
    "Pancakes for two\n\nIngredients:\n- 2 eggs\n- 200 ml milk\n\nServings: 2\n\nBeat the eggs, add the milk and fry the batter in butter until it is golden.",
    "Name: Alba\nType: sailing boat\nLength: 7.5\n\nCrew:\n- Ann\n- Bo\n",
    "Subject: Meeting on Monday\n\nDear Ms Rossi,\n\nI would like to move our meeting to Monday at ten.\n\nKind regards,\nAnn",
    "The lake lay still beneath the moon,\nthe boats were drawn ashore;\nand someone hummed a quiet tune\nbeside the harbor door.",
    "To see all boats, run this query:\n\nSELECT name FROM boats;\n\nIt gives one row for each boat.",
    "Use this to create the table, and then drop it once you are done with it.",
    "Create table 4 in the appendix and update the index.",
    "Grant access to the harbor on Monday; revoke it on Friday.",
    "Select one of the boats from the list where the owner is known.",
    "Note: the boat leaves at nine.\nPlace: the west pier.\nPrice: 12 euro.",
    "type: the kind of boat that you sail; interface: the harbor.",
    "Function of the harbor: it keeps boats safe. Class of the boat: two.",
    "let g:loaded = 1\nlet s:depth = 3\nfunction! s:Show() abort\n  echo s:depth\nendfunction\n",
    "[console_scripts]\nlake = lakes.__main__:main\nboat = boats.__main__:main\n",
    "#!/usr/bin/env ruby\nputs ARGV.first\n",
    '#!/usr/bin/perl -w\n$count = 0;\nwhile (<>) {\n  $count++ if /lake/;\n}\nprint "$count\\n";\n',
    "Status: 200 OK\nContent-Type: text/plain\nContent-Length: 12\n\nHello, lake!",
    "GET /lakes HTTP/1.1\nHost: example.org\nAccept: */*\n",
    'ERROR: relation "boats" does not exist\nLINE 1: SELECT * FROM boats;\n                      ^',
    "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\n    import lake\nModuleNotFoundError: No module named 'lake'\n",
    "# Lakes\n\nOrta is small.\n\n## Depth\n\nIt is 143 m deep.\n",
    "depends: harbor",
    "Dear diary: today was calm.",
    "export the maps from the tool, then import them into the boat's computer.",
    "interface with the harbor master before noon",
    "var = 3",
    "Orta\t143\nComo\t425\nGarda\t346\n",
    "+ added a pier\n- removed a buoy\n+ painted the wall\n",
    "@@ meeting notes @@\n- talk to Ann\n+ call Bo\n",
    "Proof. Let n be even. Then n = 2k, and the claim follows. QED",
    "Theorem: every lake is deep.\nProof: by induction on lakes.",
    "\\echo hello",
)


@pytest.mark.parametrize("format", TEXTS)
def test_format_is_told(format: str) -> None:
    called = {text: CLASSIFIER.classify(text).name for text in TEXTS[format]}
    assert called == dict.fromkeys(TEXTS[format], format)


@pytest.mark.parametrize(
    "format", ("sql", "typescript", "yaml", "bash", "css", "html", "coq", "unified_diff")
)
def test_carriage_returns_change_no_label(format: str) -> None:
    texts = [text.replace("\r", "").replace("\n", "\r\n") for text in TEXTS[format]]
    called = {text: CLASSIFIER.classify(text).name for text in texts}
    assert called == dict.fromkeys(texts, format)


@pytest.mark.parametrize("text", STRANGERS)
def test_undeclared_language_is_unknown(text: str) -> None:
    label = CLASSIFIER.classify(text)
    assert label.format is None, (label.format, [(e.format, e.rule) for e in label.evidence])


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_near_miss_is_at_most_prose(text: str) -> None:
    label = CLASSIFIER.classify(text)
    assert label.name in PLAIN, (label.name, [(e.format, e.rule) for e in label.evidence])
