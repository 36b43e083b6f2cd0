"""The mixed bench: completions of the corpus with the lengths of a mixed set of real ones.

Lengths follow quantiles measured on 21,919 completions of nine public sources (`QUANTILES`, mean 1,366
characters), drawn between them as of a normal curve in log length. The corpus is shorter than that: each
length takes a completion within 2 % of it that was not taken before; where none is left, completions of one
format are glued. Glued ones of 10,000 characters and more are reasoning traces, since nothing else in such
logs is that long.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import NormalDist, fmean

from benchmarks.corpus import Row, read_corpus

COUNT, SEED = 21_919, 20250407
QUANTILES = {0.0: 12, 0.1: 149, 0.5: 676, 0.9: 2992, 0.99: 13_125, 1.0: 30_857}
NEAR, TRACE, TRACES_FROM = 0.02, "think", 10_000


@dataclass(frozen=True, slots=True)
class Bench:
    """The rows in an order fixed by a seed, and how many of them had to be glued."""

    rows: list[Row]
    glued: int

    @property
    def texts(self) -> list[str]:
        """Their texts."""
        return [row.text for row in self.rows]


def bench_texts(count: int = COUNT) -> Bench:
    """The mixed bench, or as many rows of the same lengths."""
    pool, dice = _pool(), random.Random(SEED + 1)
    natural, missing = _matched(sorted(pool, key=lambda row: len(row.text)), wanted_lengths(count))
    glue = _Glue(pool, dice, {row.text for row in natural})
    rows = natural + [glue.row(length) for length in missing]
    dice.shuffle(rows)
    return Bench(rows, len(missing))


def wanted_lengths(count: int) -> list[int]:
    """As many lengths, spread over the quantiles, ascending."""
    normal = NormalDist()
    knots = [(normal.inv_cdf(min(max(p, 1e-4), 1 - 2e-5)), math.log(size)) for p, size in QUANTILES.items()]
    return [
        round(math.exp(_between(knots, normal.inv_cdf((i + 0.5) / count), knots[-1][1])))
        for i in range(count)
    ]


def _between(knots: list[tuple[float, float]], x: float, beyond: float) -> float:
    if x <= knots[0][0]:
        return knots[0][1]
    for (x0, y0), (x1, y1) in pairwise(knots):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return beyond


def _matched(pool: list[Row], lengths: list[int]) -> tuple[list[Row], list[int]]:
    """Rows near a length, longest first, and the lengths nothing was left for."""
    rows, missing, left = [], [], list(pool)
    for length in reversed(lengths):
        while left and len(left[-1].text) > length * (1 + NEAR):
            left.pop()
        if left and len(left[-1].text) >= length * (1 - NEAR):
            rows.append(left.pop())
        else:
            missing.append(length)
    return rows, missing


class _Glue:
    """Completions of one format one behind the other, none made twice."""

    def __init__(self, pool: list[Row], dice: random.Random, seen: set[str]):
        self.pool, self.dice, self.seen = pool, dice, seen
        self.sizes = [len(row.text) for row in pool]
        self.formats: dict[str, list[Row]] = defaultdict(list)
        for row in pool:
            self.formats[row.format].append(row)

    def row(self, length: int) -> Row:
        """One of about that length; which format, by how much of the corpus is in it."""
        while True:
            first = self.dice.choices(self.pool, self.sizes)[0]
            first = self.dice.choice(self.formats[TRACE]) if length >= TRACES_FROM else first
            text = self._joined(first, length)
            if text is not None and text not in self.seen:
                self.seen.add(text)
                return replace(first, text=text)

    def _joined(self, first: Row, length: int) -> str | None:
        parts, size = [first.text], len(first.text)
        for _ in range(200):
            if abs(size - length) <= NEAR * length:
                return "\n\n".join(parts)
            more = self.dice.choice(self.formats[first.format]).text
            if size + len(more) + 2 <= length * (1 + NEAR):
                parts.append(more)
                size += len(more) + 2
        return None


def reached(texts: Sequence[str]) -> dict[str, float]:
    """Mean and quantiles of the lengths, as the bench was to have them."""
    sizes = sorted(map(len, texts))
    at = {f"p{100 * p:g}": sizes[min(int(p * len(sizes)), len(sizes) - 1)] for p in QUANTILES}
    return {"texts": len(sizes), "mean": fmean(sizes), **at}


def texts_between(low: int, high: int, count: int) -> list[str]:
    """Texts of that many characters: the corpus' own, then glued ones; in an order fixed by a seed."""
    pool, dice = _pool(), random.Random(SEED)
    own = [row.text for row in pool if low <= len(row.text) <= high]
    dice.shuffle(own)
    glue = _Glue(pool, dice, set(own))
    middle = (low + high) // 2
    return [*own[:count], *(glue.row(middle).text for _ in range(count - len(own)))]


def _pool() -> list[Row]:
    """Every row of the corpus with a text of its own, shuffled."""
    pool = list({row.text: row for row in read_corpus() if row.text}.values())
    random.Random(SEED).shuffle(pool)
    return pool
