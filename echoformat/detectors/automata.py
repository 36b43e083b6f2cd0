"""What a set scan scans for together: a plan of automata, made by `scan_plan` or shipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

# So few patterns are looked for at once: each pass costs more than their states.
AT_ONCE = 64


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


def together(automata: Sequence[Automaton], at_once: int = AT_ONCE) -> Sequence[Automaton]:
    """All patterns in one automaton, where they are few; none waits then, and those of a start say so.

    Example:
        >>> first, second = Automaton(True, (0,), (r"\\Aa",)), Automaton(False, (1,), ("b",))
        >>> [one.columns for one in together([first, second])], len(together([first, second], 1))
        ([(0, 1)], 2)
    """
    if sum(len(one.patterns) for one in automata) > at_once:
        return automata
    columns = tuple(column for one in automata for column in one.columns)
    patterns = tuple(pattern for one in automata for pattern in one.patterns)
    return [Automaton(False, columns, patterns)]
