"""How one part of a pattern is tried at a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import regex

from echoformat.detectors.backtracking import hurried
from echoformat.detectors.pattern_nodes import in_one_line, written
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
        is_back_first: What stands in front is told sooner.
    """

    rule: int
    forth: Any
    back: Any
    search: Any
    is_back_first: bool = False

    @classmethod
    def of(cls, part: Part, whole: Any) -> Trial:
        """Compile a part; `whole` is the pattern it comes from."""
        forth, back = part.forth, part.back
        if part.node is None or forth is None:
            return cls(part.rule, whole.match, None, whole.search)
        is_back = part.need is not None and part.need.way is Way.BACK
        matches = regex.compile("(?rma)" + written(forth) if is_back else "(?ma)" + hurried(forth)).match
        search = regex.compile("(?ma)" + hurried(part.node)).search
        if back is None:
            return cls(part.rule, matches, None, search)
        before = regex.compile("(?rma)" + written(back)).match
        return cls(part.rule, matches, before, search, in_one_line(back) and not in_one_line(forth))

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
