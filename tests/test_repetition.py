"""Loops: what a policy stuck on one piece writes, and what only looks like it."""

from __future__ import annotations

import pytest

from echoformat.classifier import Classifier
from echoformat.detectors.repetition import find_loop

TABLE = "| lake | depth |\n|---|---|\n" + "".join(f"| Orta | {n} |\n" for n in range(80))
RECORDS = "[" + ", ".join(f'{{"lake": "Orta", "depth": {n}, "cold": true}}' for n in range(60)) + "]"
CODE = "".join(f"    depths[{n}] = measure(lake, {n})\n    total += depths[{n}]\n" for n in range(40))
MOVES = (
    "<answer>\n" + "".join(f"Move disk {n % 3} from peg {n % 2} to peg 2\n" for n in range(60)) + "</answer>"
)
SHOPPING = "".join(f"- {n} {what}\n" for n, what in enumerate(("apples", "pears", "plums", "figs") * 4))


@pytest.mark.parametrize(
    "text",
    [
        "The answer is 4. " + "I am sure. " * 20,
        "So\n" + "the lake is deep and\n" * 12,
        "1" + "0" * 300,
        "</s>" * 60,
        "It is 40 times as many. " + "".join(f"The number of plums is {10**n}. " for n in range(2, 30)),
        "".join(f"{n}. Open the file and find the next conflict in the text.\n" for n in range(40)),
    ],
    ids=["exact", "lines", "digits", "token", "growing-numbers", "counting"],
)
def test_loop_is_found(text: str) -> None:
    assert find_loop(text) is not None


@pytest.mark.parametrize(
    "text",
    [TABLE, RECORDS, CODE, MOVES, SHOPPING, "", " \n" * 400, "No loop here, only a sentence. " * 2],
    ids=["table", "records", "code", "moves", "list", "empty", "blank", "twice"],
)
def test_what_repeats_by_nature_is_no_loop(text: str) -> None:
    assert find_loop(text) is None


def test_a_varied_loop_starts_where_the_text_began_to_repeat() -> None:
    before = (
        "Lake Orta lies west of Lake Maggiore, in the north of Italy, and is known for its island. "
        "Painters came in summer to row there, writers to be left alone; a ferry still crosses at noon. "
    )
    words = "Cold clear green water moved under old stone arches while slow bells rang over empty boats. "
    other = " ".join(f"{a}{b}" for a in "bcdfglmnprst" for b in ("aro", "eli", "ono", "unda", "ista", "ore"))
    loop = "".join(f"Step {n} is to open the file and look at it again. " for n in range(60))
    found = find_loop(before + words + other + ". " + loop)
    assert found is not None and found.period == 0
    began = len(before + words + other)
    assert began - 450 < found.start < began + 450


def test_label_of_a_loop_is_degenerate_and_keeps_what_it_began_as() -> None:
    text = "So there are \\(\\boxed{4}\\) lakes.\n" + "Let me check that again. " * 60
    label = Classifier(model=None).classify(text)
    assert (label.format, label.reason.value) == (None, "degenerate")
