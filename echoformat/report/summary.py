"""The terminal summary: what happened, in words and a small table, within 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from echoformat.report.headline import headline, percent
from echoformat.report.part import Part
from echoformat.report.thin import spread
from echoformat.series import FormatSeries

WIDTH = 79
BLOCKS = " ▁▂▃▄▅▆▇█"
MOST_NAMES, SPARK_WIDTH, NAME_WIDTH = 10, 32, 22
LEAST_SHARE = 0.02

Shares = NDArray[np.float64]


def summary_lines(part: Part) -> list[str]:
    """The summary of one run, lines of at most 79 columns (names are cut)."""
    said = headline(part)
    lines = [_cut(part.title, WIDTH)]
    lines += [f"  {line}" for words in (said.text, *said.details) for line in _wrapped(words)]
    return [*lines, "", *_table(part)] if part.total else lines


def _table(part: Part) -> Iterator[str]:
    shares = part.series.shares()
    first, last = part.steps[0], part.steps[-1]
    head = f"  {'share of completions':<{NAME_WIDTH}} {'start':>6} {'end':>6}   steps {first} to {last}"
    yield head[:WIDTH]
    shown = _columns(shares)
    for column in shown:
        name = part.names[column]
        line = shares[spread(len(shares), SPARK_WIDTH), column]
        ends = " ".join(f"{percent(one.limits.get(name, (0.0,))[0]):>6}" for one in part.ends)
        yield f"  {_cut(name, NAME_WIDTH):<{NAME_WIDTH}} {ends}   {sparkline(line)}".rstrip()
    if len(part.names) > len(shown):
        yield f"  and {len(part.names) - len(shown)} more, never above {percent(_rest(shares, shown))}"
    yield from _figures(part)


def _columns(shares: Shares) -> list[int]:
    """Columns worth a line, largest last share first."""
    peak = shares.max(axis=0)
    order = [int(i) for i in np.argsort(-peak, kind="stable") if peak[i] >= LEAST_SHARE][:MOST_NAMES]
    return sorted(order, key=lambda i: (-shares[-1, i], i))


def _rest(shares: Shares, shown: list[int]) -> float:
    return float(np.delete(shares, shown, axis=1).max())


def _figures(part: Part) -> Iterator[str]:
    start, end = part.ends
    before, after = (one.series.entropy_nats()[0] for one in (start, end))
    yield f"  {'entropy, nats':<{NAME_WIDTH}} {before:>6.2f} {after:>6.2f}"
    first, last = start.accuracy[0], end.accuracy[0]
    if np.isfinite(first + last):
        yield f"  {'accuracy':<{NAME_WIDTH}} {percent(first):>6} {percent(last):>6}"


def sparkline(shares: Shares) -> str:
    """Shares as a row of blocks, empty at 0 and full at 1.

    Example:
        >>> sparkline(np.array([0.0, 0.5, 1.0]))
        ' ▄█'
    """
    return "".join(BLOCKS[round(float(share) * (len(BLOCKS) - 1))] for share in np.nan_to_num(shares))


def _cut(name: str, width: int) -> str:
    return name if len(name) <= width else name[: width - 1] + "…"


def _wrapped(text: str) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > WIDTH - 2:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield line


def step_table(series: FormatSeries) -> Iterator[str]:
    """One line a step: completions, leading name, its share, entropy, accuracy."""
    for run, split, one in series.each():
        yield " · ".join(word for word in (run or "run", split) if word)
        yield f"  {'step':>8} {'completions':>11} {'share':>6} {'entropy':>7} {'accuracy':>8}  {series.of}"
        for row in one.table():
            right = "" if row["accuracy"] is None else percent(row["accuracy"])
            figures = f"{percent(row['dominant_share']):>6} {row['entropy_nats']:>7.3f} {right:>8}"
            yield f"  {row['step']:>8} {row['completions']:>11} {figures}  {row['dominant_format'] or '-'}"
