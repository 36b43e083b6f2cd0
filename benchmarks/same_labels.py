"""The same labels by every path: ``python -m benchmarks.same_labels`` counts where any differ.

Texts are the completions of the corpus and of the miniature study in `../shared` (or `$ECHOFORMAT_SHARED`),
and parts of them, all different. Paths are a batch by the compiled part, one text at a time, a batch with
nothing compiled (by RE2's sets, and by numpy alone), and one with the `regex` package, which searches each
pattern for itself. Ends with 1 where a label differs.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.corpus import read_corpus, shared_folder
from benchmarks.uncompiled import nothing_compiled
from echoformat.classifier import Classifier
from echoformat.compiled import state
from echoformat.label_batch import LabelBatch
from echoformat.rollouts import read_rollouts

SEED = 20250407
COLUMNS = ("codes", "variants", "reasons", "confidence", "truncated", "statuses")


def texts(count: int) -> list[str]:
    """So many different texts, or as many as there are."""
    dice = random.Random(SEED)
    whole = list(dict.fromkeys(_completions()))
    cut = (_part(text, dice) for text in dice.choices(whole, k=2 * count))
    return list(dict.fromkeys([*whole, *cut]))[:count]


def _completions() -> Iterator[str]:
    yield from (row.text for row in read_corpus())
    for run in sorted((shared_folder() / "ministudy").rglob("*.jsonl*")):
        yield from (row.text for row in read_rollouts(run) if row.text)


def _part(text: str, dice: random.Random) -> str:
    start = dice.randrange(len(text) + 1)
    return text[start:] if dice.random() < 0.5 else text[:start]


def differing(one: LabelBatch, other: LabelBatch) -> int:
    """How many rows differ in any column."""
    return int(np.any([getattr(one, name) != getattr(other, name) for name in COLUMNS], axis=0).sum())


def alone(classifier: Classifier, some: Sequence[str]) -> LabelBatch:
    """Labels of batches of one."""
    return LabelBatch.concat([classifier.classify_batch([text]) for text in some])


def main() -> int:
    """Print the counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=100_000)
    some = texts(parser.parse_args().texts)
    classifier = Classifier()
    batch = classifier.classify_batch(some)
    found = {"one text at a time": differing(batch, alone(classifier, some))}
    with nothing_compiled():
        for engine in ("re2", "numpy", "regex"):
            other = Classifier(engine=engine).classify_batch(some)
            found[f"nothing compiled, engine {engine}"] = differing(batch, other)
    print(f"one batch, compiled part {state()}")
    for path, count in found.items():
        print(f"{path}: {count:,} of {len(some):,} labels differ from those of one batch")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
