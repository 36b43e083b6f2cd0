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
    ),
    "sql": (
        "SELECT a.name\nFROM artists AS a\nINNER JOIN songs s ON s.artist_id = a.id\nWHERE s.year > 1990\nLIMIT 5",
        "select max(age) from people where city = 'Rome'",
    ),
    "unified_diff": ("```diff\n--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n-a\n+b\n```",),
    "cpp": ("#include <bits/stdc++.h>\nusing namespace std;\nint main(){int n;cin>>n;cout<<n*2;}",),
    "java": (
        "public class Main {\n  public static void main(String[] args) {\n    System.out.println(1);\n  }\n}",
    ),
    "go": ('package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println(1)\n}',),
    "rust": ('fn main() {\n    let x = vec![1, 2, 3];\n    println!("{:?}", x);\n}',),
    "javascript": (
        "function add(a, b) {\n  return a + b;\n}\n\nconsole.log(add(1, 2));",
        "const express = require('express');\nconst app = express();\napp.get('/', (req, res) => res.send('hi'));\napp.listen(3000);",
    ),
    "typescript": (
        "export interface User {\n  id: number;\n  name: string;\n}\n\nexport const getUser = async (id: number): Promise<User> => {\n  return fetch(`/u/${id}`).then(r => r.json());\n};",
        "import React, { useState } from 'react';\n\ntype Props = { title: string };\n\nconst Card: React.FC<Props> = ({ title }) => {\n  const [open, setOpen] = useState<boolean>(false);\n  return <div>{title}</div>;\n};\n\nexport default Card;",
    ),
    "css": (
        ".btn {\n  color: red;\n}\n\n.btn:hover {\n  color: blue;\n}",
        ":root { --main: #333; }\n\n* { box-sizing: border-box; }\n",
    ),
    "html": (
        "<html>\n<body>\n<h1>Hi</h1>\n</body>\n</html>",
        "<!doctype html>\n<html>",
        "<ul>\n  <li>One</li>\n  <li>Two</li>\n</ul>",
    ),
    "xml": (
        "<note>\n  <to>Ann</to>\n  <from>Bo</from>\n</note>",
        '<project xmlns="http://maven.apache.org/POM/4.0.0">\n  <modelVersion>4.0.0</modelVersion>\n</project>',
    ),
    "yaml": (
        "name: CI\non: [push]\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: make test\n",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: nginx\n    image: nginx:1.25\n",
        "title: Hens\nauthor: Ann\ntags:\n  - birds\n  - eggs\ndraft: false\n",
    ),
    "ipynb": ('{\n "nbformat": 4,\n "nbformat_minor": 2,\n "metadata": {},\n "cells": []\n}',),
    "latex_document": (
        "\\documentclass{article}\n\\begin{document}\nHello\n\\end{document}",
        "\\begin{theorem}\\label{t}\nLet $n$ be odd. Then $n^2$ is odd.\n\\end{theorem}\n\\begin{proof}\nClear.\n\\end{proof}",
    ),
    "isabelle": (
        'lemma foo: "x + 0 = (x::nat)"\n  by simp',
        'theorem t:\n  assumes "a > 0"\n  shows "a * a > 0"\n  using assms by simp',
    ),
    "lean3": (
        "theorem t (a b : ℕ) : a + b = b + a :=\nbegin\n  exact nat.add_comm a b,\nend",
        "example (p q : Prop) (hp : p) (hq : q) : p ∧ q :=\nbegin\n  split,\n  exact hp,\n  exact hq,\nend",
        "theorem t (x : ℝ) (h : x = 2) : x + 1 = 3 :=\nby linarith",
    ),
    "lean4": (
        "theorem t (a b : ℕ) : a + b = b + a := by\n  omega",
        "import Mathlib.Tactic\n\nexample : 2 + 2 = 4 := rfl",
    ),
    "coq": (
        "Lemma add_0_r : forall n : nat, n + 0 = n.\nProof.\n  induction n; simpl; auto.\nQed.",
        "Inductive day : Type :=\n  | monday\n  | tuesday.\n\nDefinition next (d : day) : day :=\n  match d with\n  | monday => tuesday\n  | tuesday => monday\n  end.",
        "From Coq Require Import Lia.\nTheorem t : 1 < 2. Proof. lia. Qed.",
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
