"""What is weighed with the compiled part ends in the same digits as without."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray

from echoformat.combination import Combination, Combiner, Winners
from echoformat.compiled import SWITCH, native

pytestmark = pytest.mark.skipif(native() is None, reason="the compiled part is not built")


def _combiner(names: list[str], shelf: list[str], rng: np.random.Generator) -> Combiner:
    count = len(names)
    fitted = Combination(
        trust=rng.random(count),
        settles=np.ones(count),
        worth=rng.random(count),
        offset=rng.normal(size=count),
        least=rng.random(count) * 0.5,
        model_worth=rng.random(1),
        correct=rng.normal(size=8),
        known=rng.normal(size=8),
    )
    return Combiner(fitted, names, shelf)


def _told(rows: int, columns: int, names: int, rng: np.random.Generator) -> tuple[NDArray, NDArray]:
    """Evidence, mostly none or at its cap, and scores of which several may be equal."""
    evidence = rng.choice([0.0, 0.0, 0.0, -8.0, 8.0, 2.302585093, -0.356674944], (rows, columns))
    return evidence, np.round(rng.normal(size=(rows, names)) * 9, rng.integers(0, 17))


def _same(one: Winners, other: Winners) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(Winners))


@pytest.mark.parametrize("seed", range(40))
def test_the_same_winners(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(seed)
    names = [f"n{i}" for i in range(rng.integers(1, 60))]
    # Some that only the model knows, and some that only the shelf does.
    shelf = [*names[:: int(rng.integers(1, 4))], *(f"own{i}" for i in range(rng.integers(0, 9)))]
    combiner = _combiner(names, shelf, rng)
    told = _told(int(rng.integers(1, 200)), len(combiner.columns), len(names), rng)
    found = combiner.winners(*told)
    monkeypatch.setenv(SWITCH, "0")
    assert _same(found, combiner.winners(*told))


def test_no_completions_no_winners() -> None:
    combiner = _combiner(["a", "b"], ["a"], np.random.default_rng(0))
    assert len(combiner.winners(np.zeros((0, 2)), np.zeros((0, 2))).winner) == 0


def test_rows_side_by_side_or_not() -> None:
    rng = np.random.default_rng(3)
    combiner = _combiner(["a", "b", "c"], ["c", "d"], rng)
    evidence, scores = _told(90, 4, 3, rng)
    assert _same(combiner.winners(evidence, scores), combiner.winners(evidence.copy("F"), scores.copy("F")))


def test_the_first_of_equals_wins() -> None:
    combiner = _combiner(["a", "b", "c"], ["a", "b", "c"], np.random.default_rng(1))
    combiner._offset[:] = [-9.0, 0.0, 0.0]
    found = combiner.winners(np.zeros((1, 3)), np.zeros((1, 3)))
    assert found.winner.tolist() == [1] and found.own.tolist() == [0.0]


def test_arrays_that_do_not_fit_are_refused() -> None:
    one, two, place = np.zeros(1), np.zeros(2), np.zeros(1, np.int64)
    for rows, width, out in ((1, 1, two), (2, 1, one), (-1, 1, one), (1, 0, one), (2**62, 2**62, one)):
        with pytest.raises(ValueError):
            native().centred(rows, width, out, one, one)
    with pytest.raises(ValueError):
        native().centred(1, 1, one.astype(np.float32), one, one)
    good = (1, 1, 1, 0.0, 1.0, place, one, one, one, one, one)
    native().weighed(*good, np.zeros(1))
    native().winners(*good, np.zeros(4), np.zeros(3, np.int64))
    for change in ({5: place + 1}, {5: one}, {6: two}, {7: two}, {8: two}, {9: two}, {10: two}, {0: -1}):
        wrong = tuple(change.get(i, value) for i, value in enumerate(good))
        with pytest.raises(ValueError):
            native().weighed(*wrong, np.zeros(1))
        with pytest.raises(ValueError):
            native().winners(*wrong, np.zeros(4), np.zeros(3, np.int64))
    with pytest.raises(ValueError):
        native().winners(*good, np.zeros(3), np.zeros(3, np.int64))
    with pytest.raises(ValueError):
        native().winners(*good, np.zeros(4), np.zeros(2, np.int64))
    frozen = np.zeros(1)
    frozen.setflags(write=False)
    with pytest.raises((ValueError, BufferError)):
        native().weighed(*good, frozen)
