"""Panel: all detectors over one shelf; which rules fire on a view, and where."""

from __future__ import annotations

from collections.abc import Sequence

from echoformat.detectors import NOTHING, Detector, Findings, Rule
from echoformat.detectors.pattern import PatternDetector
from echoformat.detectors.syntax import SyntaxDetector
from echoformat.format import Format, Pattern
from echoformat.formats import shelf_formats
from echoformat.label import Evidence, Status
from echoformat.plugins import GuardedDetector, guard, usable_detectors
from echoformat.text import View

# Where a parse may pay: a line that only code begins with, or a block that announces code.
CODE_GATE = Pattern(
    "gate.code",
    r"^[ \t]{0,8}(?:def |class |import |from [\w.]+ import |for \w+ in |while |print ?\("
    r"|return |[A-Za-z_]\w* ?= ?\S)|^```|<llm-code>",
    weight=0.0,
)
ENDING = "ending."


class Panel:
    """All detectors over some formats.

    Args:
        formats: The shelf.
        engine: Pattern engine.
        detectors: Further techniques; ``None`` for those that installed packages bring.

    Attributes:
        rules: Every rule of every detector, in the order that indices refer to.
        patterns: Finds pattern rules and gates.
        syntax: Finds syntax rules.
        others: Further techniques, guarded.
        code_gate: Index of the gate that a parse waits for.
        endings: Index of the gate for the declared ending of a format, by its name.
    """

    def __init__(self, formats: Sequence[Format], engine: str, detectors: Sequence[Detector] | None) -> None:
        names = {format.name for format in formats}
        self.patterns = PatternDetector(formats, _gates(formats), engine)
        self.syntax = SyntaxDetector(formats, later=_is_of_the_shelf(formats))
        self.others: tuple[GuardedDetector, ...] = (
            usable_detectors(names) if detectors is None else tuple(guard(one, names) for one in detectors)
        )
        self._detectors: tuple[Detector, ...] = (self.patterns, self.syntax, *self.others)
        self.rules: tuple[Rule, ...] = tuple(rule for one in self._detectors for rule in one.rules)
        gates = {rule.name: i for i, rule in enumerate(self.patterns.rules) if not rule.format}
        self.code_gate = gates.pop(CODE_GATE.name)
        self.endings = {name.removeprefix(ENDING): i for name, i in gates.items()}

    def more(self, text: str, found: Findings, parse: bool) -> Findings:
        """What the other detectors add to the patterns that fire on a view."""
        syntax = self.syntax.find(text) if parse else NOTHING
        if syntax is NOTHING and not self.others:
            return found
        offset = len(self.patterns.rules)
        fired = (*found.fired, *(offset + i for i in syntax.fired))
        offset += len(self.syntax.rules)
        for other in self.others:
            fired += tuple(offset + i for i in other.find(text).fired)
            offset += len(other.rules)
        return Findings(fired, found.status if found.status is not Status.OK else syntax.status)

    def parsed(self, encoded: list[bytes]) -> list[Findings]:
        """What parses find in views, given in UTF-8; `NOTHING` for most."""
        offset = len(self.patterns.rules)
        # Few combinations of rules come up.
        known = {NOTHING: NOTHING}
        for one in (found := self.syntax.find_many(encoded)):
            if one is not NOTHING and one not in known:
                known[one] = Findings(tuple(offset + i for i in one.fired), one.status)
        return [one if one is NOTHING else known[one] for one in found]

    def ending(self, format: str | None, fired: Sequence[int]) -> bool | None:
        """Whether the declared ending of a format is there; ``None`` where none is declared."""
        gate = self.endings.get(format or "")
        return None if gate is None else gate in fired

    def evidence(self, seen: View, fired: Sequence[int]) -> list[Evidence]:
        """The rules of formats among those that fired, with their places in the completion, in order."""
        found = [self._one(seen, index) for index in fired if self.rules[index].format]
        return sorted(found, key=lambda e: (e.start, e.end, e.format, e.rule))

    def _one(self, seen: View, index: int) -> Evidence:
        place = index
        for detector in self._detectors:
            if place < len(detector.rules):
                break
            place -= len(detector.rules)
        start, end = detector.span(place, seen.text)
        rule = self.rules[index]
        return Evidence(
            rule.format, rule.name, rule.detector, seen.position(start), seen.position(end), rule.weight
        )


def _is_of_the_shelf(formats: Sequence[Format]) -> bool:
    """Whether all are our own, whose queries are known to be good."""
    return set(map(id, formats)) <= set(map(id, shelf_formats()))


def _gates(formats: Sequence[Format]) -> tuple[Pattern, ...]:
    endings = (Pattern(ENDING + f.name, f.ending, weight=0.0) for f in formats if f.ending)
    return (CODE_GATE, *endings)
