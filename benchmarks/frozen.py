"""The frozen texts and their labels: ``python -m benchmarks.frozen`` labels them anew and counts what moved.

Texts are made once from the templates here and never change; labels change only on purpose, and then the
counts that this prints go into the changelog.
"""

# ruff: noqa: E501
from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from echoformat.classifier import Classifier

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "frozen"
TEXTS, LABELS = FOLDER / "texts.jsonl", FOLDER / "labels.json"
EACH = 20
WHO = ("Mara", "Tobin", "Ilse", "Quentin", "Petra", "Anselm", "Noor", "Hedda", "Joss", "Wim")
WHAT = ("lanterns", "melons", "ribbons", "kites", "buttons", "jars", "tickets", "candles", "maps", "spoons")


class Scene:
    """Names and numbers for one text."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        self.rng = rng
        self.who, self.what = rng.choice(WHO), rng.choice(WHAT)
        self.a, self.b, self.c = rng.randint(3, 60), rng.randint(2, 30), rng.randint(2, 9)
        self.sum, self.all = self.a + self.b, (self.a + self.b) * self.c

    def question(self) -> str:
        """A word problem."""
        return f"{self.who} has {self.a} {self.what}, finds {self.b} more and sells them at {self.c} each."


def _function(s: Scene) -> str:
    return (
        f"def simple_math_problem() -> int:\n    '''\n    {s.question()}\n    How much is that?\n    '''\n"
        f"    start = {s.a}\n    found = {s.b}\n    price = {s.c}\n    total = (start + found) * price\n"
        "    result = total\n    return result\n"
    )


def _fenced(s: Scene) -> str:
    return f"```python\n{_function(s)}```\n"


def _solution(s: Scene) -> str:
    return (
        f'def solution():\n    """{s.question()} How much is that?"""\n    {s.what} = {s.a} + {s.b}\n'
        f"    price = {s.c}\n    result = {s.what} * price\n    return result\n"
    )


def _answer_variable(s: Scene) -> str:
    return f"start = {s.a}\nfound = {s.b}\nprice = {s.c}\ntotal = start + found\nans = total * price\n"


def _steps(s: Scene) -> str:
    return (
        f"{s.who} has {s.a}+{s.b}=<<{s.a}+{s.b}={s.sum}>>{s.sum} {s.what}.\n"
        f"They bring {s.sum}*{s.c}=$<<{s.sum}*{s.c}={s.all}>>{s.all}.\n#### {s.all}\n"
    )


def _steps_twice(s: Scene) -> str:
    return (
        f"First we count the {s.what}: {s.a} + {s.b} = {s.sum}.\n"
        f"At {s.c} each they bring {s.sum} * {s.c} = {s.all}.\n#### {s.all}\nThe answer is: {s.all}"
    )


def _answer_is(s: Scene) -> str:
    return (
        f"{s.who} has {s.a} + {s.b} = {s.sum} {s.what}. {s.sum} * {s.c} = {s.all}. The answer is {s.all}.\n"
    )


def _code_tag(s: Scene) -> str:
    return (
        f"Let's count with Python.\n<llm-code>\nstart = {s.a}\nfound = {s.b}\n(start + found) * {s.c}\n</llm-code>\n"
        f"<llm-code-output>\n{s.all}\n</llm-code-output>\nSo the {s.what} bring \\boxed{{{s.all}}}.\n"
    )


def _program_output(s: Scene) -> str:
    return (
        f"```python\ndef total():\n    '''{s.question()}'''\n    return ({s.a} + {s.b}) * {s.c}\n\nprint(total())\n```\n"
        f"```output\n{s.all}\n```\nThe {s.what} bring $\\boxed{{{s.all}}}$.\n"
    )


def _boxed(s: Scene) -> str:
    return (
        f"To find what the {s.what} bring, we first add the two amounts:\n\\[ {s.a} + {s.b} = {s.sum} \\]\n"
        f"Next, we multiply by the price:\n\\[ {s.sum} \\times {s.c} = {s.all} \\]\n"
        f"Therefore, the total is \\(\\boxed{{{s.all}}}\\).\n"
    )


def _reference(s: Scene) -> str:
    return (
        f"Since $x+{s.a}={s.sum}$, we have $x={s.b}$. Hence the product is ${s.sum}\\cdot{s.c}="
        f"\\boxed{{{s.all}}}$."
    )


def _think(s: Scene) -> str:
    return (
        f"<think>\nOkay, {s.who} has {s.a} and finds {s.b}, that is {s.sum}. Wait, times {s.c} gives {s.all}.\n"
        f"</think>\n\n<answer>{s.all}</answer>"
    )


def _thought_only(s: Scene) -> str:
    return (
        f"<think>\nAlright, so {s.who} has {s.a} {s.what}. Hmm, adding {s.b} makes {s.sum}. Let me check that.\n"
        f"</think>\n\nThe {s.what} bring {s.all}."
    )


def _answer_tag(s: Scene) -> str:
    return f"We add {s.a} and {s.b} to get {s.sum}, then multiply by {s.c}.\n<answer>{s.all}</answer>"


def _json(s: Scene) -> str:
    return json.dumps({"name": s.who, "things": [s.what], "count": s.sum, "sold": s.c > 4}, indent=2) + "\n"


def _tool(s: Scene) -> str:
    call = json.dumps({"name": "multiply", "arguments": {"left": s.sum, "right": s.c}})
    return f"<tool_call>\n{call}\n</tool_call>"


def _react(s: Scene) -> str:
    return (
        f"Thought: I should look up how many {s.what} there are.\nAction: Search[{s.what}]\n"
        f"Observation: There are {s.sum}.\nThought: Times {s.c} is {s.all}.\nAction: Finish[{s.all}]\n"
    )


def _sql(s: Scene) -> str:
    return f"SELECT name, COUNT(*) FROM {s.what} WHERE price > {s.c} GROUP BY name ORDER BY COUNT(*) DESC LIMIT {s.b};"


def _markdown(s: Scene) -> str:
    return (
        f"## Selling {s.what}\n\nHere is what to think of:\n\n- **Price**: {s.c} is usual.\n- **Stock**: keep {s.a}.\n"
        f"- **Season**: {s.b} days.\n\n### Summary\n\nStart small, and **count** what you sell.\n"
    )


def _numbered(s: Scene) -> str:
    return (
        f"1. {s.who} starts with {s.a} {s.what}.\n2. Finding {s.b} more makes {s.a} + {s.b} = {s.sum}.\n"
        f"3. At {s.c} each, that is {s.sum} * {s.c} = {s.all}.\n#### {s.all}\n"
    )


def _prose(s: Scene) -> str:
    return (
        f"{s.who} had kept the {s.what} in the attic since the spring, under the old coats, where nobody went. "
        f"When the rain came through the roof that night, it was the first thing to come to mind. The stairs were "
        f"dark. Outside, the wind turned over the {s.c} chairs in the yard, one after the other.\n"
    )


def _refusal(s: Scene) -> str:
    return f"I'm sorry, but I can't help with stealing {s.what}. If you are worried about money, I can suggest other ways."


def _javascript(s: Scene) -> str:
    return (
        f"function price(count) {{\n  const base = {s.c};\n  if (count > {s.a}) {{\n    return base * count - {s.b};\n"
        "  }\n  return base * count;\n}\n"
    )


def _rust(s: Scene) -> str:
    return (
        f"fn total(items: &Vec<i32>) -> i32 {{\n    let mut sum = {s.b};\n    for item in items.iter() {{\n"
        f"        sum += item * {s.c};\n    }}\n    sum\n}}\n"
    )


def _lean(s: Scene) -> str:
    return f"theorem sum_{s.a} (x : ℕ) (h : x + {s.b} = {s.sum}) : x = {s.a} := by\n  omega\n"


def _diff(s: Scene) -> str:
    return f"--- a/{s.what}.py\n+++ b/{s.what}.py\n@@ -1,3 +1,3 @@\n def price():\n-    return {s.b}\n+    return {s.c}\n \n"


def _xml(s: Scene) -> str:
    return f'<?xml version="1.0"?>\n<shop>\n  <item count="{s.a}">{s.what}</item>\n  <price>{s.c}</price>\n</shop>\n'


def _loop(s: Scene) -> str:
    return f"{s.question()} " + f"So the answer is {s.all}. " * 40


def _short(s: Scene) -> str:
    return s.rng.choice([f"{s.all}", f"${s.all}", f"{s.all} {s.what}", "yes", "no"])


def _cut(s: Scene) -> str:
    return _function(s)[: 90 + s.c]


def _switch(s: Scene) -> str:
    return _steps(s) + "\n" + _function(s)


MAKERS: tuple[Callable[[Scene], str], ...] = (
    _function, _fenced, _solution, _answer_variable, _steps, _steps_twice, _answer_is, _code_tag, _program_output,
    _boxed, _reference, _think, _thought_only, _answer_tag, _json, _tool, _react, _sql, _markdown, _numbered, _prose,
    _refusal, _javascript, _rust, _lean, _diff, _xml, _loop, _short, _cut, _switch,
)  # fmt: skip


def make() -> list[str]:
    """Every text, in order."""
    return [maker(Scene(1000 * k + n)) for k, maker in enumerate(MAKERS) for n in range(EACH)]


def read_texts() -> list[str]:
    """The frozen texts."""
    return [json.loads(line)["text"] for line in TEXTS.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    """Label the texts, say what moved, and write the labels."""
    if "--texts" in sys.argv:
        TEXTS.write_text("".join(json.dumps({"text": t}) + "\n" for t in make()), encoding="utf-8")
    classifier = Classifier()
    labels = classifier.classify_batch(read_texts()).label_names()
    before = json.loads(LABELS.read_text())["labels"] if LABELS.exists() else labels
    moved = Counter((old, new) for old, new in zip(before, labels, strict=True) if old != new)
    for (old, new), count in sorted(moved.items()):
        print(f"{count} of {old} are now {new}")
    print(f"{sum(moved.values())} of {len(labels)} labels moved")
    content = {"versions": classifier.versions.to_dict(), "labels": labels}
    LABELS.write_text(json.dumps(content, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
