"""Standing: what the rules alone make of many completions, in columns, and where that is the last word."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from echoformat.label_batch import NO_CODE
from echoformat.labelling import Labelling
from echoformat.panel import Panel
from echoformat.rule_columns import RuleColumns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from echoformat.judgement import Judge
    from echoformat.source_model import SourceJudge


@dataclass(frozen=True, slots=True)
class Standing:
    """What rules alone make of `n` completions.

    Attributes:
        codes: int16 [n], index into the shelf, -1 for none.
        variants: int16 [n], index into the labelling's variants, -1 for none.
        reasons: uint8 [n], index into `echoformat.label.REASONS`.
        confidence: float64 [n], 0 to 1; as earned, where the verdict stands.
        stands: bool [n], no model need be asked.
        parses: bool [n], a parse is asked for before anything else is.
    """

    codes: NDArray[np.int16]
    variants: NDArray[np.int16]
    reasons: NDArray[np.uint8]
    confidence: NDArray[np.float64]
    stands: NDArray[np.bool_]
    parses: NDArray[np.bool_]

    def put(self, rows: Sequence[int], other: Standing) -> None:
        """Replace what is said of some completions."""
        for field in fields(self):
            getattr(self, field.name)[rows] = getattr(other, field.name)


class StandingColumns:
    """Says where the rules' verdicts stand.

    Args:
        panel: The detectors whose rules fire.
        rules: What follows from rules.
        judge: Decides what rules do not settle; ``None`` for rules alone.
        labelling: The names behind codes.
    """

    def __init__(
        self, panel: Panel, rules: RuleColumns, judge: Judge | SourceJudge | None, labelling: Labelling
    ) -> None:
        self._panel, self._rules, self._judge = panel, rules, judge
        known = set(labelling.variants)
        codes = [labelling.variant_code(name) if name in known else NO_CODE for name in rules.variants]
        self._variants = np.array([*codes, NO_CODE], dtype=np.int16)

    def __call__(self, fired: NDArray[np.bool_]) -> Standing:
        """What rules make of completions, given which rules fired on which: bool [n, rules]."""
        said = self._rules(fired)
        stands = np.ones(len(fired), dtype=np.bool_)
        if self._judge is not None:
            stands = self._judge.standing(said.codes, said.top)
            said.confidence[stands] = self._judge.trusted(said.codes[stands], said.confidence[stands])
        return Standing(
            said.codes,
            self._variants[said.variants],
            said.reasons,
            said.confidence,
            stands,
            self._parses(fired, stands),
        )

    @property
    def is_compiled(self) -> bool:
        """Whether the compiled part works them out: then it is idle to remember them."""
        return self._rules.is_compiled

    def evidence(self, fired: NDArray[np.bool_], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """What rules say of each format of the shelf, capped sums, of some completions: [rows, shelf]."""
        return self._rules.evidence(fired, rows)

    def variants(
        self, fired: NDArray[np.bool_], codes: NDArray[np.int16], rows: NDArray[np.int64]
    ) -> NDArray[np.int16]:
        """The finer form of the formats of some completions, -1 for none: [rows]."""
        return np.asarray(self._variants[self._rules.variant_codes(fired, codes, rows)])

    def _parses(self, fired: NDArray[np.bool_], stands: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Where a parse is asked for: it costs much, so only what patterns leave open is parsed."""
        if not self._panel.syntax.rules:
            return np.zeros(len(fired), dtype=np.bool_)
        asked = fired[:, self._panel.code_gate]
        # Further detectors are asked about every text, so no one's verdict stands before they are heard.
        is_final = self._judge is not None and not self._panel.others
        return asked & ~stands if is_final else asked
