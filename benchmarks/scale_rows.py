"""Logs of any number of completions, written as they are made: no two texts are equal, none is kept."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from benchmarks.corpus import read_corpus

SEED = 20250407
STEP_ROWS, PROBLEMS = 4096, 512
NAMES = ("Ada", "Bo", "Chen", "Dina", "Emre", "Fay", "Goran", "Hana", "Ivo", "Jun", "Kofi", "Lena", "Mo")
THINGS = (
    "pens",
    "stamps",
    "plums",
    "marbles",
    "tickets",
    "eggs",
    "shells",
    "coins",
    "books",
    "kites",
    "nails",
)


def corpus_texts() -> Iterator[str]:
    """The corpus in an order fixed by a seed, then again and again with a number each."""
    texts = [row.text for row in read_corpus()]
    random.Random(SEED).shuffle(texts)
    yield from texts
    for number in count(len(texts)):
        yield f"{texts[number % len(texts)]}\n{number}"


def made_texts() -> Iterator[str]:
    """Texts made of numbers, names and things in some dozen looks; one in seventeen is empty."""
    for number in count():
        # An odd factor spreads neighbours over all looks; the number itself stays in the text.
        spread = number * 2654435761 >> 7
        name, thing = NAMES[spread % 13], THINGS[spread // 13 % 11]
        yield LOOKS[spread // 143 % len(LOOKS)](number, spread % 97 + 2, spread % 89 + 3, name, thing)


def _function(i: int, a: int, b: int, name: str, thing: str) -> str:
    lines = (f"boxes = {a}", f"{thing} = boxes * {b}", f"result = {thing} + {i}", "return result")
    asked = f'    """\n    {name} has {a} boxes of {b} {thing} and {i} more.\n    """\n'
    return "def simple_math_problem() -> int:\n" + asked + "".join(f"    {line}\n" for line in lines)


def _script(i: int, a: int, b: int, name: str, thing: str) -> str:
    return f"{thing}_of_{name.lower()} = {a}\nmore = {i}\nans = {thing}_of_{name.lower()} * {b} + more\n"


def _steps(i: int, a: int, b: int, name: str, thing: str) -> str:
    return (
        f"Step 1: {name} begins with {a} {thing}.\nStep 2: Each day {b} more are brought, for {i} days.\n"
        f"Step 3: That makes {a} + {b} * {i} = {a + b * i}.\nThe answer is {a + b * i}."
    )


def _boxed(i: int, a: int, b: int, name: str, thing: str) -> str:
    return (
        f"Let $x$ be the number of {thing} that {name} has. We know that ${a}x = {a * i}$, so $x = {i}$.\n\n"
        f"Adding the other {b} gives \\[x + {b} = {i + b}.\\] Therefore the answer is $\\boxed{{{i + b}}}$."
    )


def _trace(i: int, a: int, b: int, name: str, thing: str) -> str:
    turns = "\n\n".join(
        f"Wait, does {name} count the {a + k} {thing} twice? {i} minus {b + k} is {i - b - k}, so no."
        for k in range(2 + a % 9)
    )
    return f"<think>\nOkay, so {name} has {i} {thing}.\n\n{turns}\n</think>\n\nThe answer is **{i - b}**."


def _calculated(i: int, a: int, b: int, name: str, thing: str) -> str:
    return (
        f"{name} buys {a} bags of {b} {thing}, which is {a} * {b} = <<{a}*{b}={a * b}>>{a * b} {thing}.\n"
        f"With the {i} from before there are {a * b} + {i} = <<{a * b}+{i}={a * b + i}>>{a * b + i}.\n"
        f"#### {a * b + i}"
    )


def _object(i: int, a: int, b: int, name: str, thing: str) -> str:
    return json.dumps(
        {"id": i, "owner": name, "items": [{"kind": thing, "count": a}, {"kind": "box", "count": b}]}
    )


def _query(i: int, a: int, b: int, name: str, thing: str) -> str:
    where = f"id > {i} AND {thing} BETWEEN {a} AND {a + b} AND owner <> '{name}'"
    return f"SELECT owner, SUM({thing}) FROM boxes\nWHERE {where}\nGROUP BY owner;"


def _words(i: int, a: int, b: int, name: str, thing: str) -> str:
    return f"{name} kept the {thing} in a drawer, {a} to a row, and nobody asked about number {i} again. " * (
        1 + b % 3
    )


def _loop(i: int, a: int, b: int, name: str, thing: str) -> str:
    return f"So {name} has {i} {thing}. " + f"And then {a} {thing} and " * (20 + b)


def _call(i: int, a: int, b: int, name: str, thing: str) -> str:
    arguments = json.dumps({"name": f"count_{thing}", "arguments": {"owner": name, "from": a, "to": i}})
    return f"<tool_call>\n{arguments}\n</tool_call>"


def _cut(i: int, a: int, b: int, name: str, thing: str) -> str:
    return _function(i, a, b, name, thing)[: 90 + b]


Look = Callable[[int, int, int, str, str], str]
LOOKS: tuple[Look, ...] = (
    _function, _function, _function, _steps, _steps, _boxed, _boxed, _trace, _calculated, _script,
    _object, _query, _words, _loop, _call, _cut, lambda *_: "",
)  # fmt: skip
KINDS = {"corpus": corpus_texts, "made": made_texts}


def write_log(path: Path, rows: int, kind: str) -> int:
    """A log of that many completions under its name once it is whole; its size in bytes."""
    if not path.is_file():
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("w", encoding="utf-8") as file:
            for i, text in zip(range(rows), KINDS[kind](), strict=False):
                row = {
                    "step": i // STEP_ROWS,
                    "prompt": f"p{i % PROBLEMS}",
                    "completion": text,
                    "reward": i % 2,
                }
                file.write(json.dumps(row) + "\n")
        unfinished.rename(path)
    return path.stat().st_size
