"""Many completions to labels in columns: one stage after the other over some thousand at a time.

What is done for a text alone is done here for all of a chunk, in columns, with the same outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.compat import CompatRule
from echoformat.compiled import native
from echoformat.detectors import NOTHING, Findings
from echoformat.detectors.cuts import cut_rows
from echoformat.detectors.looping import looping_ends
from echoformat.label import STATUSES, Status
from echoformat.label_batch import NO_CODE, ROW
from echoformat.labelling import BLANK, DEGENERATE, Labelling, row_of
from echoformat.panel import Panel
from echoformat.rule_columns import RuleColumns
from echoformat.rule_memory import RuleMemory
from echoformat.standing import Standing, StandingColumns
from echoformat.text import Views, views

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from echoformat.judgement import Judge
    from echoformat.source_model import SourceJudge

# The tables of one automaton fill a core's cache: each is walked through many texts before the next.
CHUNK = 8192
LOOPING = (NO_CODE, NO_CODE, DEGENERATE, 1.0, False, 0)
SHORTENED = STATUSES.index(Status.TRUNCATED_VIEW)
NO_GATE = -1


class BatchPath:
    """Labels many texts, each as it would be alone.

    Args:
        panel: The detectors.
        decide: What follows from rules.
        judge: Decides what rules do not settle; ``None`` for rules alone.
        labelling: The names behind codes.
    """

    def __init__(
        self, panel: Panel, decide: RuleColumns, judge: Judge | SourceJudge | None, labelling: Labelling
    ) -> None:
        self._panel, self._judge = panel, judge
        self._alone = StandingColumns(panel, decide, judge, labelling)
        self._standing = self._alone if self._alone.is_compiled else RuleMemory(self._alone)
        self._families = (*labelling.families, None)
        gates = [panel.endings.get(name, NO_GATE) for name in labelling.names]
        self._gates = np.array([*gates, NO_GATE], dtype=np.intp)

    def rows(self, texts: Sequence[str]) -> NDArray[Any]:
        """The `ROW` of each of some texts."""
        self._panel.patterns.start()
        blank = set(_blank(texts))
        if blank:
            rows = np.full(len(texts), np.array(BLANK, ROW))
            filled = [i for i in range(len(texts)) if i not in blank]
            rows[filled] = self._every([texts[i] for i in filled])
            return rows
        return self._every(texts)

    def _every(self, texts: Sequence[str]) -> NDArray[Any]:
        """The rows of texts that hold something."""
        chunks = [self._chunk(texts[start : start + CHUNK]) for start in range(0, len(texts), CHUNK)]
        return np.concatenate([np.zeros(0, ROW), *chunks])

    def _chunk(self, texts: Sequence[str]) -> NDArray[Any]:
        seen = views(texts)
        patterns = self._panel.patterns
        fired, statuses = patterns.matrix(seen.encoded, len(self._panel.rules) - len(patterns.rules))
        said = self._standing(fired)
        changed = self._look_further(seen, fired, statuses, said.parses)
        if changed:
            said.put(changed, self._standing(fired[changed]))
        rows = np.zeros(len(texts), ROW)
        for name in ("codes", "variants", "reasons", "confidence"):
            rows[name] = getattr(said, name)
        self._ask(seen, fired, said, rows)
        self._see_ends(seen, fired, rows)
        _state(rows, statuses, seen.shortened)
        return rows

    def _look_further(
        self, seen: Views, fired: NDArray[np.bool_], statuses: list[Status], parses: NDArray[np.bool_]
    ) -> list[int]:
        """Ask the other detectors where they are asked, and mark what they find; returns the rows marked."""
        rows = np.flatnonzero(parses).tolist()
        changed: dict[int, tuple[int, ...]] = {}
        if self._panel.others:
            rows, asked = list(range(len(fired))), parses.tolist()
            more: Iterator[Findings] = (
                self._panel.more(seen.texts[row], Findings((), Status.OK), asked[row]) for row in rows
            )
        else:
            more = iter(self._panel.parsed([seen.encoded[row] for row in rows]))
        for row, found in zip(rows, more, strict=True):
            if found is NOTHING:
                continue
            if statuses[row] is Status.OK:
                statuses[row] = found.status
            if found.fired:
                changed[row] = found.fired
        if changed:
            places = [row for row, rules in changed.items() for _ in rules]
            fired[places, list(chain.from_iterable(changed.values()))] = True
        return list(changed)

    def _ask(self, seen: Views, fired: NDArray[np.bool_], said: Standing, rows: NDArray[Any]) -> None:
        """Ask the model about what rules do not settle."""
        asked = np.flatnonzero(~said.stands)
        if self._judge is None or not len(asked):
            return
        places = asked.tolist()
        texts, encoded = (list(map(every.__getitem__, places)) for every in (seen.texts, seen.encoded))
        told = self._judge.weigh(texts, self._alone.evidence(fired, asked), encoded)
        rows["codes"][asked] = told.codes
        # Rules know no variants of sources.
        named = np.full_like(told.codes, NO_CODE) if self._judge.tells_sources else told.codes
        rows["variants"][asked] = self._alone.variants(fired, named, asked)
        rows["reasons"][asked] = told.reasons
        rows["confidence"][asked] = told.confidence

    def _see_ends(self, seen: Views, fired: NDArray[np.bool_], rows: NDArray[Any]) -> None:
        """Loops and cuts."""
        gates = self._gates[rows["codes"]]
        declared = gates != NO_GATE
        ended = declared & fired[np.arange(len(rows)), gates]
        texts, encoded = seen.texts, seen.encoded
        # What reached its declared end got out of a near loop.
        looping, signs = looping_ends(texts, encoded, ended)
        rows["truncated"] = cut_rows(texts, encoded, self._families, rows["codes"], declared, ended, signs)
        if looping:
            rows[looping] = np.array(LOOPING, ROW)


def _blank(texts: Sequence[str]) -> list[int]:
    """Rows of the texts that hold nothing but white space."""
    compiled = native()
    if compiled is not None:
        rows: list[int] = compiled.blank(texts if isinstance(texts, list) else list(texts))
        return rows
    return [i for i, text in enumerate(texts) if not text or text.isspace()]


def _state(rows: NDArray[Any], statuses: Sequence[Status], shortened: Sequence[int]) -> None:
    """Fill in the statuses."""
    rows["statuses"][list(shortened)] = SHORTENED
    if statuses.count(Status.OK) < len(statuses):
        for row, status in enumerate(statuses):
            if status is not Status.OK:
                rows["statuses"][row] = STATUSES.index(status)


def label_rows(values: Sequence[Any], rows: Callable[[Sequence[str]], NDArray[Any]]) -> NDArray[Any]:
    """The `ROW` of each of some values, in their order; equal texts are looked at once.

    Args:
        values: Texts, and what is missing or no text.
        rows: Labels distinct texts.
    """
    if _stand_once(values):
        return rows(values)
    texts = [value for value in values if isinstance(value, str)]
    distinct = list(dict.fromkeys(texts))
    found = rows(distinct)
    if len(distinct) == len(values):
        return found
    place = dict(zip(distinct, range(len(distinct)), strict=True))
    odd = [row_of(value) for value in values if not isinstance(value, str)]
    others = iter(range(len(distinct), len(distinct) + len(odd)))
    index = [place[value] if isinstance(value, str) else next(others) for value in values]
    return np.asarray(np.concatenate([found, np.array(odd, ROW)])[index])


def _stand_once(values: Sequence[Any]) -> bool:
    """Whether values are texts, none twice, as samples tell: to hash all of each is to read it once more."""
    compiled = native()
    if compiled is None or not isinstance(values, list):
        return False
    try:
        alike = [values[row] for row in compiled.alike(values)]
    except TypeError:
        return False
    return len(set(alike)) == len(alike)


def compat_rows(rule: CompatRule, labelling: Labelling, texts: Sequence[str]) -> NDArray[Any]:
    """The `ROW` of each text by a published rule."""
    return np.array([labelling.compat_row(rule, text) for text in texts], ROW)
