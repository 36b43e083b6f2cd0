"""Many completions to labels in columns: one stage after the other over some hundred at a time.

What is done for a text alone is done here for all of a chunk. What depends on the rules that fired alone is
remembered by them in a table, whose columns are taken row by row with numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.compat import CompatRule
from echoformat.detectors import Findings
from echoformat.detectors.near_loop import find_near_loops
from echoformat.detectors.repetition import find_loops
from echoformat.detectors.truncation import truncated
from echoformat.label import STATUSES, Status
from echoformat.label_batch import NO_CODE, ROW
from echoformat.labelling import DEGENERATE, EMPTY, Labelling, row_of
from echoformat.panel import Panel
from echoformat.settlement import Settlements
from echoformat.text import views

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from echoformat.judgement import Judge
    from echoformat.source_model import SourceJudge

Fired = tuple[int, ...]
CHUNK = 512
MOST_REMEMBERED = 100_000
# Whether the declared ending of a format is there, by its code in the table.
ENDINGS = (False, True, None)
COMBINATION = np.dtype([*ROW.descr, ("ending", np.uint8), ("settled", np.bool_), ("parses", np.bool_)])
NO_ENDING, ENDED = ENDINGS.index(None), ENDINGS.index(True)
ROW_NAMES = ROW.names or ()
BLANK = (NO_CODE, NO_CODE, EMPTY, 1.0, False, 0)
SHORTENED = STATUSES.index(Status.TRUNCATED_VIEW)


class Combinations:
    """What the rules alone make of each combination of rules that fires, as a table that grows.

    Attributes:
        table: `COMBINATION` [at least as many as are known].
        fired: The rules of each.
    """

    def __init__(self, settlements: Settlements, labelling: Labelling) -> None:
        self._settlements, self._labelling = settlements, labelling
        self._places: dict[bytes, int] = {}
        self.table = np.zeros(CHUNK, COMBINATION)
        self.fired: list[Fired] = []
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self.fired)

    def places(self, fired: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Where in the table each of some combinations stands.

        Args:
            fired: [n, rules], the last rules may be left out where they do not fire.
        """
        packed = np.packbits(fired, axis=1)
        keys = packed.view(f"V{packed.shape[1]}").ravel().tolist()
        known = self._places
        new = {key: row for row, key in enumerate(keys) if key not in known}
        if new:
            self._learn(new, fired)
        return np.fromiter(map(known.__getitem__, keys), np.intp, len(keys))

    def _learn(self, new: dict[bytes, int], fired: NDArray[np.bool_]) -> None:
        combinations = [tuple(np.flatnonzero(fired[row]).tolist()) for row in new.values()]
        entries = [self._entry(one) for one in combinations]
        with self._lock:
            start = len(self.fired)
            stop = start + len(entries)
            while stop > len(self.table):
                self.table = np.concatenate([self.table, np.zeros_like(self.table)])
            self.table[start:stop] = entries
            self.fired += combinations
            # Another thread may have learnt some of them too: both entries say the same.
            self._places.update(zip(new, range(start, stop), strict=True))

    def _entry(self, fired: Fired) -> tuple[Any, ...]:
        found = self._settlements.settle(fired)
        decision = found.decision
        row = (NO_CODE, NO_CODE, 0, 0.0, False, 0) if decision is None else self._labelling.row(decision)
        return (*row, ENDINGS.index(found.ending), decision is not None, found.parses)


class BatchPath:
    """Labels many texts, each as it would be alone.

    Args:
        panel: The detectors.
        settlements: What rules alone settle.
        judge: Decides the rest; ``None`` for rules alone.
        labelling: The names behind codes.
    """

    def __init__(
        self,
        panel: Panel,
        settlements: Settlements,
        judge: Judge | SourceJudge | None,
        labelling: Labelling,
    ) -> None:
        self._panel, self._settlements, self._judge = panel, settlements, judge
        self._labelling = labelling
        self._known = Combinations(settlements, labelling)
        self._families = (*labelling.families, None)
        self._gates = [panel.endings.get(name) for name in (*labelling.names, "")]

    def rows(self, texts: Sequence[str]) -> NDArray[Any]:
        """The `ROW` of each of some texts."""
        self._panel.patterns.start()
        rows = np.full(len(texts), np.array(BLANK, ROW))
        filled = [i for i, text in enumerate(texts) if text and not text.isspace()]
        for start in range(0, len(filled), CHUNK):
            chunk = filled[start : start + CHUNK]
            rows[chunk] = self._chunk([texts[i] for i in chunk])
        return rows

    def _chunk(self, texts: Sequence[str]) -> NDArray[Any]:
        seen = views(texts)
        fired, statuses = self._panel.patterns.matrix(seen.encoded)
        known = self._combinations()
        places = known.places(fired)
        self._look_further(seen.texts, fired, statuses, known, places)
        rows = known.table[places]
        self._ask(seen.texts, [known.fired[place] for place in places.tolist()], rows)
        self._see_ends(seen.texts, rows)
        _state(rows, statuses, seen.shortened)
        labels = np.empty(len(rows), ROW)
        for name in ROW_NAMES:
            labels[name] = rows[name]
        return labels

    def _combinations(self) -> Combinations:
        if len(self._known) > MOST_REMEMBERED:
            self._known = Combinations(self._settlements, self._labelling)
        return self._known

    def _look_further(
        self,
        texts: Sequence[str],
        fired: NDArray[np.bool_],
        statuses: list[Status],
        known: Combinations,
        places: NDArray[np.intp],
    ) -> None:
        """Ask the other detectors where they are asked; changes statuses and places."""
        parses = known.table["parses"][places]
        asked = range(len(texts)) if self._panel.others else np.flatnonzero(parses).tolist()
        more = np.zeros((len(asked), len(self._panel.rules)), np.bool_)
        more[:, : fired.shape[1]] = fired[asked]
        changed = []
        for place, row in enumerate(asked):
            found = self._panel.more(texts[row], Findings((), statuses[row]), bool(parses[row]))
            statuses[row] = found.status
            if found.fired:
                more[place, list(found.fired)] = True
                changed.append(place)
        if changed:
            places[np.asarray(asked)[changed]] = known.places(more[changed])

    def _ask(self, texts: Sequence[str], fired: Sequence[Fired], rows: NDArray[Any]) -> None:
        """Ask the model about what rules do not settle."""
        asked = np.flatnonzero(~rows["settled"])
        if self._judge is None or not len(asked):
            return
        own = [fired[row] for row in asked.tolist()]
        told = self._judge.decide_columns([texts[row] for row in asked.tolist()], own)
        rows["codes"][asked] = told.codes
        rows["variants"][asked] = list(map(self._labelling.variant_code, told.variants))
        rows["reasons"][asked] = told.reasons
        rows["confidence"][asked] = told.confidence
        gates = [self._gates[code] for code in told.codes.tolist()]
        rows["ending"][asked] = [
            NO_ENDING if gate is None else gate in one for gate, one in zip(gates, own, strict=True)
        ]

    def _see_ends(self, texts: Sequence[str], rows: NDArray[Any]) -> None:
        """Loops and cuts."""
        loops = find_loops(texts)
        # What reached its declared end got out of the loop.
        likely = [row for row in np.flatnonzero(rows["ending"] != ENDED).tolist() if row not in loops]
        looping = [*loops, *find_near_loops(texts, likely)]
        families = [self._families[code] for code in rows["codes"].tolist()]
        rows["truncated"] = truncated(texts, families, [ENDINGS[kind] for kind in rows["ending"].tolist()])
        if looping:
            for name, value in zip(ROW_NAMES, (NO_CODE, NO_CODE, DEGENERATE, 1.0, False, 0), strict=True):
                rows[name][looping] = value


def _state(rows: NDArray[Any], statuses: Sequence[Status], shortened: Sequence[int]) -> None:
    """Fill in the statuses."""
    for row in shortened:
        rows["statuses"][row] = SHORTENED
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


def compat_rows(rule: CompatRule, labelling: Labelling, texts: Sequence[str]) -> NDArray[Any]:
    """The `ROW` of each text by a published rule."""
    return np.array([labelling.compat_row(rule, text) for text in texts], ROW)
