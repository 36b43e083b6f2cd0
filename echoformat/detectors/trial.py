"""How one part of a pattern is tried at a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import regex

from echoformat.detectors.backtracking import lengths_in_time
from echoformat.detectors.pattern_nodes import Node, mirrored, written
from echoformat.detectors.pattern_parts import Part
from echoformat.detectors.requirements import Way


@dataclass(slots=True)
class Trial:
    """How one part of a pattern is tried at a place.

    Attributes:
        rule: The pattern.
        forth: Matches from the place on, or from the end backwards.
        back: Matches backwards from the place; ``None`` where nothing has to stand there.
        search: Looks for the part anywhere.
        quick: Rule, forth and back, and up to which length and place they need no clock.
    """

    rule: int
    forth: Any
    back: Any
    search: Any
    quick: tuple[int, Any, int, Any, int]

    @classmethod
    def of(cls, part: Part, whole: Any) -> Trial:
        """Compile a part; `whole` is the pattern it comes from."""
        forth, back = part.forth, part.back
        if part.node is None or forth is None:
            return cls(part.rule, whole.match, None, whole.search, (part.rule, whole.match, 0, None, 0))
        is_back = part.need is not None and part.need.way is Way.BACK
        matches = _regex(forth, is_back).match
        in_forth = lengths_in_time(mirrored(forth) if is_back else forth)[0]
        before = None if back is None else _regex(back, True).match
        in_back = 1 << 30 if back is None else lengths_in_time(mirrored(back))[0]
        search = _regex(part.node).search
        return cls(part.rule, matches, before, search, (part.rule, matches, in_forth, before, in_back))

    def timed(self, text: str, at: int, end: int, low: int, seconds: float) -> bool:
        """Whether the part matches.

        Raises:
            TimeoutError: It takes too long to tell.
        """
        if at < 0:
            return self.search(text, timeout=seconds) is not None
        if self.forth(text, at, end, timeout=seconds) is None:
            return False
        return self.back is None or self.back(text, low, at, timeout=seconds) is not None


def _regex(node: Node, is_back: bool = False) -> Any:
    return regex.compile(("(?rma)" if is_back else "(?ma)") + written(node))
