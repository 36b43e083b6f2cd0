"""Bell: feeds finished steps to the collapse alarm and remembers what rang."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from echoformat.live.tally import OTHER, STATES
from echoformat.measure.alarm import CollapseAlarm

UNLABELLED = "unlabelled"
Names = dict[str, int]


@dataclass(frozen=True, slots=True)
class Ring:
    """What rang.

    Attributes:
        step: Finished step whose completions made it ring.
        format: Format that took over; ``unlabelled`` where completions ceased to be readable.
        kind: ``"rise"`` above the base, or above the absolute ``"cap"``.
    """

    step: int
    format: str
    kind: str

    def to_dict(self) -> dict[str, Any]:
        """As a JSON-able mapping."""
        return asdict(self)


class Bell:
    """Watches formats over finished steps; see `echoformat.measure.alarm.CollapseAlarm` for its promise.

    Columns are the formats, all others as one, and the unlabelled. The unlabelled can ring by rising (text
    that stops being readable) but not by the cap: a run whose formats are on no shelf has not collapsed.

    Args:
        settings: Arguments of the alarm (`run_length`, `margin`, `cap`, `warmup`).

    Example:
        >>> bell = Bell({"warmup": 16})
        >>> bell.begin(["tinygsm", "boxed_cot"])
        >>> even = {f"p{i}": {"tinygsm": 2, "boxed_cot": 6} for i in range(64)}
        >>> for step in range(20): bell.hear(step, even)
        >>> for step in range(20, 30): bell.hear(step, {p: {"tinygsm": 8} for p in even})
        >>> bell.ring
        Ring(step=20, format='tinygsm', kind='rise')
    """

    def __init__(self, settings: Mapping[str, Any] | None = None) -> None:
        self.settings = dict(settings or {})
        self.columns: tuple[str, ...] = ()
        self.ring: Ring | None = None
        self._alarm: CollapseAlarm | None = None
        self._waiting: list[tuple[int, dict[str, Names]]] = []

    def begin(self, formats: Sequence[str]) -> None:
        """Fix the formats; steps heard before are taken now."""
        self.columns = (*formats, OTHER, UNLABELLED)
        self._alarm = CollapseAlarm(len(self.columns), **self.settings)
        waiting, self._waiting = self._waiting, []
        for step, problems in waiting:
            self.hear(step, problems)

    def hear(self, step: int, problems: Mapping[str, Names]) -> None:
        """Take a finished step: completions by problem and name."""
        if self._alarm is None:
            self._waiting.append((step, {key: dict(names) for key, names in problems.items()}))
            return
        self._alarm.update(self._counts(problems), step)
        if self.ring is None:
            self.ring = self._loudest(step)

    def _counts(self, problems: Mapping[str, Names]) -> Any:
        column = {name: i for i, name in enumerate(self.columns)}
        counts = np.zeros((len(problems), len(self.columns)), dtype=np.int64)
        for row, names in enumerate(problems.values()):
            for name, n in names.items():
                counts[row, column.get(UNLABELLED if name in STATES else name, column[OTHER])] += n
        return counts

    def _loudest(self, step: int) -> Ring | None:
        assert self._alarm is not None
        enough = math.log(len(self.columns) * self._alarm.run_length)
        rung = [
            (evidence, name, kind)
            for kind, row in self._alarm.evidence.items()
            for name, evidence in zip(self.columns, row, strict=True)
            if evidence >= enough and (name, kind) != (UNLABELLED, "cap")
        ]
        if not rung:
            return None
        _, name, kind = max(rung, key=lambda one: (one[0], one[2], one[1]))
        return Ring(step, name, kind)

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on, JSON-able."""
        return {
            "settings": self.settings,
            "columns": list(self.columns),
            "ring": None if self.ring is None else self.ring.to_dict(),
            "alarm": None if self._alarm is None else self._alarm.state_dict(),
            "waiting": [[step, problems] for step, problems in self._waiting],
        }

    @classmethod
    def from_state_dict(cls, state: Mapping[str, Any]) -> Bell:
        """A bell that goes on from a saved state."""
        bell = cls(state["settings"])
        bell.columns = tuple(state["columns"])
        bell.ring = None if state["ring"] is None else Ring(**state["ring"])
        if state["alarm"] is not None:
            bell._alarm = CollapseAlarm.from_state_dict(state["alarm"])
        bell._waiting = [(int(step), problems) for step, problems in state["waiting"]]
        return bell
