"""Texts of formats as other authors, models and prompts write them: the labels that rules alone give."""

# The texts keep their length.
# ruff: noqa: E501

from __future__ import annotations

import pytest

from echoformat.classifier import Classifier

CLASSIFIER = Classifier(model=None)

# Written for this test; none of them is an example of the shelf.
TEXTS = {
    "tinygsm": (
        "Here is the function:\n\n```python\ndef simple_math_problem():\n    eggs = 12 * 3\n    return eggs\n```",
        "def simple_math_problem()->int:\n  '''Question?'''\n  a=3\n  return a",
        '\n\ndef simple_math_problem() -> int:\n    """\n    Ann has 5 hens.',
    ),
    "pal": (
        '```python\ndef solution():\n    """Ann has 5 hens. How many legs?"""\n    hens = 5\n    legs = hens * 2\n    return legs\n```',
        "def solution() -> int:\n    hens = 5\n    result = hens * 2\n    return result",
    ),
    "program_of_thought": (
        "import sympy\nx = sympy.Symbol('x')\nsol = sympy.solve(x**2 - 4, x)\nans = sol[0]\nprint(ans)",
    ),
    "metamath": ("Ann has 5 hens.\nEach lays 2 eggs, so 5*2=10.\nThe answer is: 10</s>",),
    "gsm8k": (
        "Ann has 5*2=<<5*2=10>>10 eggs\n#### 10<|endoftext|>",
        "Ann has 5 * 2 = 10 eggs.\nShe sells 4.\n#### 6",
    ),
    "cot_answer_is": (
        "Ann has 5 hens. Each lays 2. 5 x 2 = 10. So the answer is 10.",
        "First, Ann has 5 hens.\nEach lays 2 eggs.\nTherefore, the answer is 10 eggs.",
    ),
    "boxed_cot": (
        "Ann has 5 hens, each lays 2 eggs a day.\nSo in 3 days, she gets 5*2*3 = <<30>> eggs.\nThe answer is \\boxed{30}.",
        "We are given that $x + 2 = 5$.\n\nSubtracting 2 from both sides:\n$$x = 3$$\n\nThus, the final answer is $\\boxed{3}$.",
        "## Step 1: Find x\nWe have $x+2=5$.\n\n## Step 2: Solve\nSubtract 2.\n\nThe final answer is: $\\boxed{3}$",
        "To solve for $x$, we subtract $2$ from both sides of the equation $x + 2 = 5$, which gives $x = 3$. Therefore, the value of $x$ is $\\boxed{3}$.",
    ),
    "math_latex": (
        "The sum of the interior angles is $180^\\circ$, so $x = 180^\\circ - 50^\\circ = \\boxed{130^\\circ}$.",
    ),
    "tora": (
        "To solve this, we use Python.\n\n```python\nprint(2+2)\n```\n```output\n4\n```\nThe answer is $\\boxed{4}$.",
    ),
    "think": (
        "<think>hm, 2+2 is 4</think>4",
        "Okay, so 2+2... that's 4.\n</think>\n\nThe answer is 4.",
    ),
    "answer_tag": ("2+2 is 4.\n<answer> 4 </answer>",),
    "python": (
        "import numpy as np\nx = np.arange(5)\nprint(x.mean())",
        "class Hen:\n    def lay(self):\n        return 2\n\n\nif __name__ == '__main__':\n    print(Hen().lay())",
        "from typing import List\n\nclass Solution:\n    def twoSum(self, nums: List[int], target: int) -> List[int]:\n        return []\n",
        "n = int(input())\na = list(map(int, input().split()))\nprint(max(a))",
        "x = [1, 2, 3]\ny = [i ** 2 for i in x]\nprint(y)\n",
    ),
    "json": (
        '{\n  "eggs": 10,\n  "hens": ["a", "b"]\n}',
        "```json\n[1, 2, 3]\n```",
    ),
    "react": (
        "Thought: I need the capital.\nAction: Search[capital of Chad]",
        "Question: What?\nThought: look up\nAction: search\nAction Input: Chad\nObservation: N'Djamena\nThought: I know\nFinal Answer: N'Djamena",
    ),
    "tool_call_json": ('{"type": "function", "function": {"name": "get_eggs", "arguments": {"n": 2}}}',),
    "hermes_tool_call": (
        '<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>\n<tool_call>\n{"name": "g", "arguments": {}}\n</tool_call>',
    ),
    "swe_agent": (
        "THOUGHT: list files first.\n\n```bash\nls -la\n```",
        "Let's run the script again to see whether the error is gone.\n```\npython reproduce.py\n```",
    ),
    "bash": (
        "#!/bin/bash\nfor f in *.txt; do\n  echo $f\ndone",
        "grep -rn 'TODO' src/ | wc -l",
        "tar -czf out.tgz dir/ && rm -rf dir",
        "docker ps -a",
        "echo hello",
        'set -euo pipefail\n\nusage() {\n  echo "usage: $0 FILE"\n  exit 1\n}\n\n[ $# -eq 1 ] || usage\nwhile read -r line; do\n  echo "$line"\ndone < "$1"\n',
        '#!/bin/sh\ncase "$1" in\n  start) echo starting ;;\n  stop) echo stopping ;;\n  *) echo "usage" ;;\nesac\n',
        '# back up the maps\nfor d in /srv/*; do\n  tar -czf "/backup/$(basename $d).tgz" "$d"\ndone\n',
        "export PATH=$PATH:/opt/bin\nsource ~/.profile\nmkdir -p build\ncd build\ncmake ..\nmake -j4\n",
        "while getopts 'ab:' opt; do\n  case $opt in\n    a) A=1 ;;\n    b) B=$OPTARG ;;\n  esac\ndone\nshift $((OPTIND - 1))\n",
        "cat <<EOF > config.txt\nname=lake\nEOF\nif [[ -f config.txt ]]; then\n  echo ok\nfi\n",
        "sudo apt-get update\nsudo apt-get install -y nginx\nsudo systemctl enable nginx\n",
        "git add .\ngit commit -m 'fix'\ngit push origin main\n",
    ),
    "sql": (
        "SELECT a.name\nFROM artists AS a\nINNER JOIN songs s ON s.artist_id = a.id\nWHERE s.year > 1990\nLIMIT 5",
        "select max(age) from people where city = 'Rome'",
        "CREATE OR REPLACE VIEW deep AS\nSELECT name FROM lakes WHERE depth > 100;",
        "SELECT DISTINCT T1.name FROM student AS T1 JOIN enroll AS T2 ON T1.id = T2.sid WHERE T2.grade > 3",
    ),
    "unified_diff": (
        "```diff\n--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n-a\n+b\n```",
        "*** Begin Patch\n*** Update File: a.py\n@@ def f():\n-    return 1\n+    return 2\n*** End Patch",
    ),
    "cpp": (
        "#include <bits/stdc++.h>\nusing namespace std;\nint main(){int n;cin>>n;cout<<n*2;}",
        'int add(int a, int b) {\n    return a + b;\n}\n\nint main() {\n    printf("%d", add(1, 2));\n    return 0;\n}\n',
        "class Solution {\npublic:\n    vector<int> twoSum(vector<int>& nums, int target) {\n        unordered_map<int, int> seen;\n        return {};\n    }\n};",
    ),
    "java": (
        "public class Main {\n  public static void main(String[] args) {\n    System.out.println(1);\n  }\n}",
        "class Lake {\n    private int depth;\n\n    public Lake(int depth) {\n        this.depth = depth;\n    }\n\n    public int getDepth() { return depth; }\n}\n",
    ),
    "go": (
        'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println(1)\n}',
        'func add(a, b int) (int, error) {\n\tif a < 0 {\n\t\treturn 0, errors.New("neg")\n\t}\n\treturn a + b, nil\n}\n',
    ),
    "rust": (
        'fn main() {\n    let x = vec![1, 2, 3];\n    println!("{:?}", x);\n}',
        "impl Solution {\n    pub fn two_sum(nums: Vec<i32>, target: i32) -> Vec<i32> {\n        vec![]\n    }\n}",
    ),
    "javascript": (
        "function add(a, b) {\n  return a + b;\n}\n\nconsole.log(add(1, 2));",
        "const express = require('express');\nconst app = express();\napp.get('/', (req, res) => res.send('hi'));\napp.listen(3000);",
        "import React from 'react';\n\nexport default function App() {\n  const [n, setN] = useState(0);\n  return (\n    <div onClick={() => setN(n + 1)}>{n}</div>\n  );\n}\n",
        "var twoSum = function(nums, target) {\n    var seen = {};\n    for (var i = 0; i < nums.length; i++) {\n        if (seen[nums[i]] !== undefined) return [seen[nums[i]], i];\n    }\n};\n",
        "$(document).ready(function() {\n  $('#a').on('click', function(e) {\n    e.preventDefault();\n    alert('hi');\n  });\n});\n",
    ),
    "typescript": (
        "export interface User {\n  id: number;\n  name: string;\n}\n\nexport const getUser = async (id: number): Promise<User> => {\n  return fetch(`/u/${id}`).then(r => r.json());\n};",
        "import React, { useState } from 'react';\n\ntype Props = { title: string };\n\nconst Card: React.FC<Props> = ({ title }) => {\n  const [open, setOpen] = useState<boolean>(false);\n  return <div>{title}</div>;\n};\n\nexport default Card;",
        "import { Component, OnInit } from '@angular/core';\n\n@Component({\n  selector: 'app-root',\n  templateUrl: './app.html',\n})\nexport class AppComponent implements OnInit {\n  title = 'x';\n  constructor(private http: HttpClient) {}\n  ngOnInit(): void {}\n}\n",
        "export type Result<T> = { ok: true; value: T } | { ok: false; error: Error };\n\nexport const wrap = <T>(f: () => T): Result<T> => {\n  try {\n    return { ok: true, value: f() };\n  } catch (e) {\n    return { ok: false, error: e as Error };\n  }\n};\n",
        "declare module 'foo' {\n  export function bar(x: number): string;\n}\n",
        "enum Color { Red, Green }\n\nfunction paint(c: Color, times = 1): void {\n  console.log(c, times);\n}\n",
        "const sum = (xs: number[]): number => xs.reduce((a, b) => a + b, 0);\nconsole.log(sum([1, 2]));\n",
        "function twoSum(nums: number[], target: number): number[] {\n    const seen = new Map<number, number>();\n    for (let i = 0; i < nums.length; i++) {\n        seen.set(nums[i], i);\n    }\n    return [];\n};",
    ),
    "css": (
        ".btn {\n  color: red;\n}\n\n.btn:hover {\n  color: blue;\n}",
        ":root { --main: #333; }\n\n* { box-sizing: border-box; }\n",
        "/* Reset */\n*, *::before, *::after {\n  box-sizing: border-box;\n}\nhtml { font-size: 16px; }\na:hover, a:focus { text-decoration: underline; }\n",
        '@import url("theme.css");\n\n.nav > li a.active{color:#fff;background:#222;padding:4px 8px}\n.nav li{float:left}\n',
        "$primary: #336699;\n\n.card {\n  border: 1px solid $primary;\n  &:hover { opacity: .8; }\n  .title { font-weight: bold; }\n}\n",
        "h1, h2, h3 {\n  font-family: Georgia, serif;\n}\n@keyframes spin {\n  from { transform: rotate(0deg); }\n  to { transform: rotate(360deg); }\n}\n",
        ".grid {\n  display: grid;\n  grid-template-columns: repeat(3, 1fr);\n  gap: 10px",
    ),
    "html": (
        "<html>\n<body>\n<h1>Hi</h1>\n</body>\n</html>",
        "<!doctype html>\n<html>",
        "<ul>\n  <li>One</li>\n  <li>Two</li>\n</ul>",
        '<!-- header -->\n<header class="top">\n  <nav>\n    <a href="/">Home</a>\n  </nav>\n</header>\n',
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml">\n<head><title>x</title></head>\n',
        '<!DOCTYPE html>\n<html>\n<head>\n<style>\nbody { margin: 0; }\n</style>\n<script>\nconst x = () => { return 1; };\nfunction f(a) { return a; }\n</script>\n</head>\n<body onload="f()">\n</body>\n</html>',
        '<table border="1">\n<tr><th>Name</th><th>Age</th></tr>\n<tr><td>Ann</td><td>3</td></tr>\n</table>',
        "<p>Hello <b>world</b></p>\n<p>Again</p>",
        '<form action="/login" method="post">\n  <input type="text" name="user">\n  <button type="submit">Go</button>\n</form>',
    ),
    "xml": (
        "<note>\n  <to>Ann</to>\n  <from>Bo</from>\n</note>",
        '<project xmlns="http://maven.apache.org/POM/4.0.0">\n  <modelVersion>4.0.0</modelVersion>\n</project>',
        "<?xml version='1.0'?><rss version=\"2.0\"><channel><title>x</title></channel></rss>",
        '<configuration>\n  <appSettings>\n    <add key="a" value="1" />\n  </appSettings>\n</configuration>',
    ),
    "yaml": (
        "name: CI\non: [push]\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: make test\n",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: nginx\n    image: nginx:1.25\n",
        "title: Hens\nauthor: Ann\ntags:\n  - birds\n  - eggs\ndraft: false\n",
        "version: '3.8'\nservices:\n  db:\n    image: postgres:15\n    environment:\n      POSTGRES_PASSWORD: secret\n    volumes:\n      - data:/var/lib/postgresql/data\nvolumes:\n  data:\n",
        "- hosts: all\n  become: yes\n  tasks:\n    - name: Install nginx\n      apt:\n        name: nginx\n        state: present\n",
        "openapi: 3.0.0\ninfo:\n  title: Lakes API\n  version: 1.0.0\npaths:\n  /lakes:\n    get:\n      responses:\n        '200':\n          description: OK\n",
        "name: base\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11\n  - numpy\n",
        "# settings\ndebug: false\nport: 8080\nhost: localhost\nlog_level: info\n",
        "site_name: Docs\ntheme:\n  name: material\nnav:\n  - Home: index.md\n  - About: about.md\n",
        "person:\n  name: Ann Lee\n  age: 30\n  address:\n    street: 1 Lake Road\n    city: Orta\n",
        "model:\n  type: resnet\n  layers: [3, 4, 6, 3]\ntrain:\n  lr: 0.1\n  epochs: 90\n  notes: |\n    First run of the year.\n    Do not stop it.\n",
    ),
    "ipynb": (
        '{\n "nbformat": 4,\n "nbformat_minor": 2,\n "metadata": {},\n "cells": []\n}',
        '{\n  "cells": [\n    {\n      "cell_type": "markdown",\n      "metadata": {},\n      "source": [\n        "# Title\\n",\n        "Some text"\n      ]\n    },',
        '{\n "metadata": {\n  "name": "x"\n },\n "nbformat": 3,\n "nbformat_minor": 0,\n "worksheets": [\n  {\n   "cells": []}]}',
        '{"cells":[{"cell_type":"code","execution_count":null,"metadata":{},"outputs":[],"source":["import numpy as np"]}],"metadata":{},"nbformat":4,"nbformat_minor":5}',
    ),
    "latex_document": (
        "\\documentclass{article}\n\\begin{document}\nHello\n\\end{document}",
        "\\begin{theorem}\\label{t}\nLet $n$ be odd. Then $n^2$ is odd.\n\\end{theorem}\n\\begin{proof}\nClear.\n\\end{proof}",
        "\\section{Introduction}\nWe study lakes. See~\\cite{orta}.\n\n\\subsection{Depth}\nDepth is measured in metres.\n",
        "% !TEX root = main.tex\n\\chapter{Lakes}\n\\begin{figure}[h]\n\\includegraphics{lake.png}\n\\caption{A lake}\n\\end{figure}\n",
    ),
    "isabelle": (
        'lemma foo: "x + 0 = (x::nat)"\n  by simp',
        'theorem t:\n  assumes "a > 0"\n  shows "a * a > 0"\n  using assms by simp',
        'theory Scratch\n  imports Main\nbegin\n\nfun double :: "nat \\<Rightarrow> nat" where\n  "double 0 = 0"\n| "double (Suc n) = Suc (Suc (double n))"\n\nend\n',
        'have "x = 2" using h0 by simp\nthen show ?thesis using h1 by auto\nqed',
    ),
    "lean3": (
        "theorem t (a b : ℕ) : a + b = b + a :=\nbegin\n  exact nat.add_comm a b,\nend",
        "example (p q : Prop) (hp : p) (hq : q) : p ∧ q :=\nbegin\n  split,\n  exact hp,\n  exact hq,\nend",
        "theorem t (x : ℝ) (h : x = 2) : x + 1 = 3 :=\nby linarith",
    ),
    "lean4": (
        "theorem t (a b : ℕ) : a + b = b + a := by\n  omega",
        "import Mathlib.Tactic\n\nexample : 2 + 2 = 4 := rfl",
        "theorem foo (n : ℕ) (h : 0 < n) : n ≠ 0 := by\n  intro hn\n  simp [hn] at h",
        "def fib : Nat → Nat\n  | 0 => 0\n  | 1 => 1\n  | n+2 => fib (n+1) + fib n\n\n#eval fib 10\n",
    ),
    "coq": (
        "Lemma add_0_r : forall n : nat, n + 0 = n.\nProof.\n  induction n; simpl; auto.\nQed.",
        "Inductive day : Type :=\n  | monday\n  | tuesday.\n\nDefinition next (d : day) : day :=\n  match d with\n  | monday => tuesday\n  | tuesday => monday\n  end.",
        "From Coq Require Import Lia.\nTheorem t : 1 < 2. Proof. lia. Qed.",
        '(** * Lists *)\nRequire Export Induction.\nModule NatList.\n\nInductive natprod : Type :=\n| pair (n1 n2 : nat).\n\nNotation "( x , y )" := (pair x y).\n\nEnd NatList.\n',
        "From mathcomp Require Import all_ssreflect.\n\nLemma addnC' m n : m + n = n + m.\nProof. by elim: m => //= m ->; rewrite addnS. Qed.\n",
        "Theorem and_comm : forall P Q : Prop, P /\\ Q -> Q /\\ P.\nProof.\n  intros P Q [HP HQ].\n  split.\n  - apply HQ.\n  - apply HP.\nQed.",
        "Definition double (n : nat) : nat := n + n.\n\nCompute double 3.\n\nExample test_double : double 3 = 6.\nProof. reflexivity. Qed.\n",
        "Lemma foo (A : Type) (x y : A) : x = y -> y = x.\nProof.\n  intro H. rewrite H. reflexivity.\nDefined.",
        "Fixpoint even (n:nat) : bool :=\n  match n with\n  | O => true\n  | S O => false\n  | S (S n') => even n'\n  end.\n",
        "intros n m H.\ninduction n as [| n IHn].\n- simpl. reflexivity.\n- simpl. rewrite IHn. auto.\nQed.",
    ),
    "mathcoder": ("<|text|>First we compute.<|endofblock|><|code|>\nx=1",),
    "refusal": (
        "I'm sorry, but I can't assist with that request.",
        "As an AI language model, I cannot provide personal opinions on this.",
        "I'm not able to help with that. It would be illegal.",
    ),
    "multiple_choice": (
        "Paris is the capital. The correct answer is (B) Paris.",
        "So it must be option C.\n\n**Answer: C**",
    ),
    "short_answer": (
        "Paris",
        "$1,234.50",
        "about 12 km",
    ),
    "numbered_cot": (
        "Step 1: Find the eggs.\nThere are 10.\n\nStep 2: Sell 4.\n6 left.\n\nThe answer is: 6",
    ),
    "fenced_code_answer": ("```javascript\nconsole.log(1)\n```",),
    "chat_markdown": (
        "## Overview\n\n- **Eggs**: good\n- **Hens**: better\n\nLet me know if you need anything else!",
    ),
    "equation_of_thought": ("% Let the hens be x:\nhens = x\n% Eggs:\n2 * hens = 10\nans = hens",),
    "assert_check": ("# Check the eggs\nassert eggs == hens * 2",),
}
# Formats that nobody declared: other languages, notations that a policy might invent.
STRANGERS = (
    "SELECT is a word I like. From here it is far.",
    "<<SYS>> hello",
    'fun main() {\n    println("hi")\n}',
    "puts 'hello'\n",
    "def foo\n  puts 1\nend\n",
    'module Main where\n\nmain :: IO ()\nmain = putStrLn "hi"\n',
    "(defun f (x) (* x 2))",
    "1. e4 e5 2. Nf3 Nc6 3. Bb5 a6",
    "X:1\nT:Tune\nM:4/4\nK:C\nCDEF GABc|",
    "FINAL: 34 | conf=0.9",
    "=== Plan ===\n>> add(3,4) => 7\n>> stop",
    "5 hens -> 10 eggs -> 6 left => 6",
    "QED: x=3 ∎",
    "solve: x^2=4; roots {2,-2}; pick 2",
    "[THOUGHT] 2+2 [/THOUGHT] [ANS] 4 [/ANS]",
)


@pytest.mark.parametrize("format", TEXTS)
def test_format_is_told(format: str) -> None:
    called = {text: CLASSIFIER.classify(text).name for text in TEXTS[format]}
    assert called == dict.fromkeys(TEXTS[format], format)


@pytest.mark.parametrize("text", STRANGERS)
def test_stranger_is_not_called_its_nearest_neighbour(text: str) -> None:
    label = CLASSIFIER.classify(text)
    assert label.format is None, (label.format, [(e.format, e.rule) for e in label.evidence])


@pytest.mark.parametrize("format", TEXTS)
def test_nothing_else_is_called_tinygsm(format: str) -> None:
    if format != "tinygsm":
        assert "tinygsm" not in {CLASSIFIER.classify(text).name for text in TEXTS[format]}
