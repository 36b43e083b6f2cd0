"""Tables of the page: runs, steps, sources, claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from echoformat.mixture import Mixture
from echoformat.report.escape import html
from echoformat.report.headline import headline, percent
from echoformat.report.part import Part
from echoformat.report.pictures import pooled
from echoformat.report.thin import spread

MOST_ROWS = 120


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], words: Sequence[int] = ()) -> str:
    """A table whose cells are already HTML; columns in `words` are left-aligned text."""
    kinds = [' class="words"' if i in words else "" for i in range(len(head))]
    top = "".join(f'<th scope="col"{kind}>{name}</th>' for kind, name in zip(kinds, head, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>"
        for row in rows
    )
    said = f"<caption>{caption}</caption>" if caption else ""
    return (
        f'<div class="scroll"><table>{said}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def runs_table(parts: Sequence[Part], shown: int) -> str:
    """One row a run; the first `shown` link to their section."""
    head = ["run", "verdict", "steps", "completions", "from step", "entropy, nats", "accuracy"]
    rows = [_run_row(number, part, number < shown) for number, part in enumerate(parts)]
    return table("", head, rows, words=(0, 1))


def _run_row(number: int, part: Part, linked: bool) -> list[str]:
    name = html(part.title)
    link = f'<a href="#run-{number}">{name}</a>' if linked else name
    if not part.total:
        return [link, html(headline(part).text), "0", "0", "", "", ""]
    onset = part.collapse.onset
    start, end = part.ends
    before, after = (one.series.entropy_nats()[0] for one in (start, end))
    return [
        link,
        html(headline(part).text),
        str(len(part.steps)),
        str(part.total),
        "" if onset is None else str(onset),
        f"{before:.2f} → {after:.2f}",
        known_span(start.accuracy[0], end.accuracy[0]),
    ]


def known_span(first: float, last: float) -> str:
    """Two fractions as one cell, empty where they are not known."""
    return f"{percent(first)} → {percent(last)}" if np.isfinite(first + last) else ""


def steps_table(part: Part, slots: Mapping[str, int]) -> str:
    """One row a step (at most 120, evenly spread): shares of the drawn names, entropy, accuracy."""
    chosen = part.steps[spread(len(part.steps), MOST_ROWS)]
    few = part.of_steps(chosen)
    small = pooled(few, slots)
    shares, entropy, right = small.series.shares(), few.series.entropy_nats(), few.accuracy
    names = sorted(range(len(small.names)), key=lambda i: (slots.get(small.names[i], 99), small.names[i]))
    head = ["step", "completions", *(html(small.names[i]) for i in names), "entropy, nats", "accuracy"]
    counts = small.counts.sum(axis=1)
    rows = [
        [
            str(step),
            str(counts[row]),
            *(percent(shares[row, i]) for i in names),
            f"{entropy[row]:.3f}",
            percent(right[row]) if np.isfinite(right[row]) else "",
        ]
        for row, step in enumerate(few.steps.tolist())
    ]
    left = len(part.steps) - len(rows)
    note = (
        f"{len(rows)} of {len(part.steps)} steps, evenly spread." if left else "Share of completions by step."
    )
    return table(note, head, rows)


def sources_table(part: Part, mixture: Mixture) -> str:
    """Declared proportion of each source beside its share at the start and at the end."""
    declared = mixture.proportions()
    moves = {move.name: move for move in part.moves}
    rows = []
    for name in [*declared, *(name for name in moves if name not in declared)]:
        move = moves.get(name)
        ends = ["0%", "0%"] if move is None else [percent(move.start), percent(move.end)]
        rows.append([html(name), percent(declared[name]) if name in declared else "", *ends])
    note = f"By source of the declared mixture {html(mixture.name)}; unknown: no format of a declared source."
    return table(note, ["source", "declared", "start", "end"], rows)
