"""What the tracker adds to a step: 1,024 completions of 2 kB, in milliseconds and as a share of 30 s.

Run: ``python benchmarks/live_overhead.py``. Every text differs, so that nothing is found in a cache.
"""

from __future__ import annotations

import random
import statistics
import time

from echoformat.live.tracker import FormatTracker

COMPLETIONS, CHARACTERS, STEPS, STEP_SECONDS = 1024, 2048, 8, 30.0
OBJECTS = ("pens", "apples", "tickets", "boxes", "coins", "books", "miles", "cups")


def prose(dice: random.Random) -> str:
    """Reasoning in sentences with an answer in a box."""
    parts = []
    while sum(map(len, parts)) < CHARACTERS - 60:
        many, each = dice.randint(2, 99), dice.randint(2, 99)
        thing = dice.choice(OBJECTS)
        parts.append(
            f"There are {many} bags with {each} {thing} in each, so {many} * {each} = {many * each}. "
        )
    return "".join(parts) + f"The answer is \\boxed{{{dice.randint(1, 9999)}}}."


def function(dice: random.Random) -> str:
    """A function with its question as docstring."""
    lines = ["def simple_math_problem() -> int:", '    """', "    How many are there?", '    """']
    while sum(map(len, lines)) < CHARACTERS - 100:
        name = f"{dice.choice(OBJECTS)}_{dice.randint(0, 999)}"
        lines.append(f"    {name} = {dice.randint(2, 99)} * {dice.randint(2, 99)}  # of the first kind")
    return "\n".join([*lines, "    result = 0", "    return result", ""])


def step(number: int) -> list[str]:
    """One step's completions."""
    dice = random.Random(number)
    return [(function if dice.random() < 0.5 else prose)(dice) for _ in range(COMPLETIONS)]


def main() -> None:
    """Print the table."""
    tracker = FormatTracker(rank=0, most_completions=None)
    tracker.update(0, step(0))
    spent, processor = [], []
    for number in range(1, STEPS + 1):
        texts = step(number)
        problems = [f"p{i // 8}" for i in range(COMPLETIONS)]
        begun, begun_cpu = time.perf_counter(), time.process_time()
        metrics = tracker.update(number, texts, rewards=[1.0] * COMPLETIONS, problems=problems)
        spent.append(1000 * (time.perf_counter() - begun))
        processor.append(1000 * (time.process_time() - begun_cpu))
        assert metrics["echoformat/labelled"] == COMPLETIONS and metrics["echoformat/failures"] == 0
    size = statistics.mean(map(len, step(1)))
    rows = {
        "processor, median": statistics.median(processor),
        "processor, worst": max(processor),
        "wall clock, median": statistics.median(spent),
    }
    print(f"{COMPLETIONS} completions of {size:.0f} characters a step, {STEPS} steps, one thread")
    print(f"{'':24}{'ms a step':>12}{'ms a completion':>18}{'share of a 30 s step':>24}")
    for name, value in rows.items():
        print(f"{name:24}{value:12.0f}{value / COMPLETIONS:18.2f}{value / 1000 / STEP_SECONDS:23.2%}")


if __name__ == "__main__":
    main()
