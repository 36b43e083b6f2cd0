"""What a set scan scans for together: a plan of automata, made by `scan_plan` or shipped."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Automaton:
    """What is scanned for together.

    Attributes:
        from_start: Its patterns begin at the start of a text.
        columns: Of the result, one a pattern.
        patterns: As RE2 takes them.
        stand_ins: Columns of the stand-ins it waits for; empty where it is scanned always.
    """

    from_start: bool
    columns: tuple[int, ...]
    patterns: tuple[str, ...]
    stand_ins: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How some patterns are scanned.

    Attributes:
        width: Columns of the result: those of the patterns, then those of the stand-ins.
        automata: What is scanned for together; first all that is scanned always.
        twins: For the first of each pattern that is taken, every index that declares the same.
    """

    width: int
    automata: tuple[Automaton, ...]
    twins: tuple[tuple[int, ...], ...]

    def to_dict(self) -> dict[str, Any]:
        """As a JSON-able mapping."""
        return asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Plan:
        """What `to_dict` gave.

        Example:
            >>> plan = Plan(1, (Automaton(True, (0,), ("a",)),), ((0,),))
            >>> Plan.from_dict(plan.to_dict()) == plan
            True
        """
        automata = tuple(
            Automaton(one["from_start"], *(tuple(one[name]) for name in ("columns", "patterns", "stand_ins")))
            for one in data["automata"]
        )
        return Plan(data["width"], automata, tuple(map(tuple, data["twins"])))
