"""Sample completions as cards, with the characters that spoke for the label marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from echoformat.engines.samples import Sample
from echoformat.label import Evidence
from echoformat.report.escape import html
from echoformat.report.headline import percent
from echoformat.report.part import Part

MOST_NAMES = 12
BROAD = 0.5
OPENED_FROM = 0.05


def samples_html(part: Part, samples: Sequence[Sample], slots: Mapping[str, int], room: int) -> str:
    """Cards of a part by format, the most common first; each shows at most about `room` characters."""
    own = [s for s in samples if (s.run, s.split) == (part.run, part.split)]
    total = part.counts.sum(axis=0)
    order = np.argsort(-total, kind="stable")[:MOST_NAMES]
    blocks = [
        _of_name(
            part.names[i], int(total[i]), part.total, [s for s in own if s.name == part.names[i]], slots, room
        )
        for i in order
    ]
    return "".join(blocks)


def _of_name(
    name: str, count: int, total: int, samples: Sequence[Sample], slots: Mapping[str, int], room: int
) -> str:
    slot = f"s{slots[name]}" if name in slots else "rest"
    head = f'<h4><span class="key {slot}"></span>{html(name)}'
    said = f'<span class="soft">{count} of {total} completions, {percent(count / total)}</span></h4>'
    open_first = count >= OPENED_FROM * total
    cards = [
        sample_html(sample, room, opened=open_first and number == 0) for number, sample in enumerate(samples)
    ]
    return head + said + "".join(cards)


def sample_html(sample: Sample, room: int, *, opened: bool = False) -> str:
    """One card.

    The text is escaped whole; nothing of it can become markup.
    """
    step = "no step" if sample.step is None else f"step {sample.step}"
    known = {True: '<span class="good">correct</span>', False: '<span class="bad">wrong</span>'}
    verdict = "" if sample.correct is None else f" · {known[sample.correct]}"
    about = [f"problem {sample.problem[:40]}" if sample.problem else "", sample.variant or ""]
    about += ["truncated" if sample.truncated else "", f"confidence {sample.confidence:.2f}"]
    words = " · ".join(html(word) for word in about if word)
    head = f"<summary>{step} ({sample.phase}) · {words}{verdict}</summary>"
    # A parser drops the first newline of a pre element; this one stands in for the text's own.
    body = f"<pre>\n{marked(sample, room)}</pre>{_rules(sample)}"
    return f'<details class="sample"{" open" if opened else ""}>{head}{body}</details>'


def _rules(sample: Sample) -> str:
    rules = sorted(
        {f"{e.format or sample.name}.{e.rule} ({e.weight:+.2f}, {e.detector})" for e in sample.evidence}
    )
    said = "Rules that fired: " + ", ".join(rules) if rules else "No rule fired"
    return f'<p class="meta">{html(said)}. From {html(sample.place or "memory")}.</p>'


def marked(sample: Sample, room: int) -> str:
    """The text with the spans of evidence for its label in `mark` elements, cut to `room` characters."""
    shown = sample.text[:room]
    left = len(sample.text) - len(shown)
    own = [e for e in sample.evidence if e.format in (sample.name, "") and e.weight > 0 and e.start < e.end]
    pieces = "".join(_piece(text, rules, broad) for text, rules, broad in _pieces(shown, own))
    more = f"\n[{left} more characters{' and a tail that was not kept' if sample.shortened else ''}]"
    return pieces + (f"<i>{more}</i>" if left or sample.shortened else "")


def _piece(text: str, rules: str, broad: bool) -> str:
    if not rules:
        return html(text)
    kind = ' class="broad"' if broad else ""
    return f'<mark{kind} title="{html(rules)}">{html(text)}</mark>'


def _pieces(text: str, evidence: Sequence[Evidence]) -> Iterator[tuple[str, str, bool]]:
    """Stretches of text with the rules that cover them; broad where only spans of half the text do."""
    cuts = {
        0,
        len(text),
        *(min(e.start, len(text)) for e in evidence),
        *(min(e.end, len(text)) for e in evidence),
    }
    edges = sorted(cuts)
    for start, end in pairwise(edges):
        over = [e for e in evidence if e.start <= start and e.end >= end]
        rules = ", ".join(sorted({e.rule for e in over}))
        broad = all(e.end - e.start > BROAD * len(text) for e in over)
        yield text[start:end], rules, broad
