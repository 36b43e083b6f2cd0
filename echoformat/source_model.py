"""SourceModel: tells the sources of one pretraining mixture apart, on top of the shelf's own verdict.

What a source looks like is learnt from few samples, so it stands on what generalises: how likely each format
of the shelf is (its profile), and the n-grams of the skeleton.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from echoformat.decision import Decision
from echoformat.detectors.learned import LearnedDetector, LearnedModel, log_softmax
from echoformat.detectors.weights import write_arrays
from echoformat.errors import ModelError
from echoformat.format import Family, Format
from echoformat.judgement import AMBIGUOUS, LEARNED, Conclusions, Judge
from echoformat.label import Reason
from echoformat.model import CARD, CARD_FORMAT, WEIGHTS
from echoformat.version import TAXONOMY_VERSION

if TYPE_CHECKING:
    from numpy.typing import NDArray

KIND = "sources"
DIGITS = 5
SHOWN = 0.01


@dataclass(frozen=True, slots=True)
class SourceModel:
    """A trained model of sources.

    Attributes:
        weights: Linear model over skeleton n-grams, one column a source.
        columns: Formats of the profile.
        profile: [columns, sources], worth of the square root of each format's probability.
        sharpness: [1], what scores are multiplied by before the softmax.
        least: [sources], the probability from which a source passes.
        families: Medium of each source.
        base: Hashes of the rules and of the built-in model that made the profile.
        sha256: Of the weights file.
        card: What it was fitted on and how well it does.
    """

    weights: LearnedModel
    columns: tuple[str, ...]
    profile: NDArray[np.float64]
    sharpness: NDArray[np.float64]
    least: NDArray[np.float64]
    families: tuple[str, ...]
    base: tuple[str, str]
    sha256: str = ""
    card: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        count = len(self.weights.names)
        if self.profile.shape != (len(self.columns), count) or self.least.shape != (count,):
            raise ModelError(f"profile and least must fit {len(self.columns)} formats and {count} sources")
        if len(self.families) != count or self.sharpness.shape != (1,):
            raise ModelError("families must name one a source, sharpness hold one number")
        if not all(np.isfinite(a).all() for a in (self.profile, self.least, self.sharpness)):
            raise ModelError("profile, least or sharpness holds NaN or infinity")

    @property
    def hash(self) -> str:
        """The first 16 hex digits of the weights' sha256."""
        return self.sha256[:16]

    def formats(self) -> tuple[Format, ...]:
        """The sources as formats without rules, for labels to name."""
        rows = zip(self.weights.names, self.families, strict=True)
        return tuple(Format(name, family, f"Source {name}", "") for name, family in rows)

    def save(self, folder: Path) -> str:
        """Write `weights.npz` and `card.json`; returns the sha256 of the weights."""
        folder.mkdir(parents=True, exist_ok=True)
        sha256 = write_arrays(folder / WEIGHTS, self.to_arrays())
        facts = {"card_format": CARD_FORMAT, "kind": KIND, "taxonomy": TAXONOMY_VERSION, "sha256": sha256}
        text = json.dumps({**self.card, **facts}, indent=1, sort_keys=True) + "\n"
        (folder / CARD).write_text(text, encoding="utf-8")
        return sha256

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """As the arrays of a weights file."""
        return {
            **self.weights.to_arrays(),
            "columns": np.array(self.columns),
            "profile": self.profile,
            "sharpness": self.sharpness,
            "least": self.least,
            "families": np.array(self.families),
            "base": np.array(self.base),
        }

    @staticmethod
    def from_arrays(arrays: dict[str, NDArray[Any]], sha256: str, card: dict[str, Any]) -> SourceModel:
        """The model in the arrays of a weights file.

        Raises:
            ModelError: An array is missing or does not fit.
        """
        needed = ("columns", "profile", "sharpness", "least", "families", "base")
        missing = [name for name in needed if name not in arrays]
        if missing:
            raise ModelError(f"weights lack the array(s) {', '.join(missing)}")
        columns, families, base = (
            tuple(map(str, arrays[n].tolist())) for n in ("columns", "families", "base")
        )
        if not set(families) <= set(Family) or len(base) != 2:
            raise ModelError("families or base hold something else")
        profile, sharpness, least = (arrays[n].astype(np.float64) for n in ("profile", "sharpness", "least"))
        weights = LearnedModel.from_arrays(arrays)
        return SourceModel(
            weights, columns, profile, sharpness, least, families, (base[0], base[1]), sha256, card
        )


class SourceJudge:
    """Decides between sources.

    Args:
        base: The shelf's judge, whose probabilities are the profile.
        model: The trained sources.
        rules_hash: Hash of the rules in use.

    Raises:
        ModelError: The model was trained on the profile of other rules or another built-in model.
    """

    tells_sources: ClassVar[bool] = True

    def __init__(self, base: Judge, model: SourceModel, rules_hash: str) -> None:
        now = (rules_hash, base.model_hash)
        if model.base != now:
            raise ModelError(
                f"these sources were trained over rules {model.base[0]} and model {model.base[1]}, "
                f"in use are {now[0]} and {now[1]}: train them again"
            )
        if model.columns != base.columns:
            raise ModelError("these sources were trained over another shelf of formats: train them again")
        self._base, self._model = base, model
        self._detector = LearnedDetector(model.weights)
        self.model_hash = model.hash

    def settled(self, decision: Decision) -> Decision | None:
        """Nothing: a source is never a matter of rules alone."""
        return None

    def standing(self, codes: NDArray[np.int16], top: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of the rules' verdicts stand without asking: none."""
        return np.zeros(len(codes), dtype=np.bool_)

    def trusted(self, codes: NDArray[np.int16], confidence: NDArray[np.float64]) -> NDArray[np.float64]:
        """How sure verdicts that stand are; there are none."""
        return confidence

    def decide(self, texts: Sequence[str], fired: Sequence[tuple[int, ...]]) -> list[Decision]:
        """The source of each view."""
        return [self._one(row) for row in self.probabilities(texts, fired)]

    def weigh(
        self, texts: Sequence[str], evidence: NDArray[np.float64], encoded: Sequence[bytes] | None = None
    ) -> Conclusions:
        """What `decide` says, as columns, from what rules say of each format of the shelf."""
        share = self._share(texts, self._base.likely(texts, evidence, encoded), encoded)
        best = share.argmax(axis=1)
        highest = share.max(axis=1, initial=0.0)
        is_none = highest < self._model.least[best]
        return Conclusions(
            np.where(is_none, -1, best).astype(np.int16),
            np.where(is_none, AMBIGUOUS, LEARNED).astype(np.uint8),
            np.where(is_none, np.round(1 - highest, DIGITS), highest),
        )

    def probabilities(self, texts: Sequence[str], fired: Sequence[tuple[int, ...]]) -> NDArray[np.float64]:
        """How likely each source is: [n, sources]."""
        return self._share(texts, self._base.probabilities(texts, fired))

    def _share(
        self, texts: Sequence[str], formats: NDArray[np.float64], encoded: Sequence[bytes] | None = None
    ) -> NDArray[np.float64]:
        profile = np.sqrt(formats)
        scores = self._detector.scores(texts, encoded)
        scores = scores + (profile[:, :, None] * self._model.profile).sum(axis=1)
        return np.asarray(np.round(np.exp(log_softmax(scores * self._model.sharpness[0])), DIGITS))

    def _one(self, row: NDArray[np.float64]) -> Decision:
        names = self._model.weights.names
        order = np.argsort(-row, kind="stable").tolist()
        candidates = tuple((names[i], float(row[i])) for i in order if row[i] >= SHOWN)
        best = order[0]
        if row[best] < self._model.least[best]:
            return Decision(None, None, Reason.AMBIGUOUS, round(1 - float(row[best]), DIGITS), candidates)
        return Decision(names[best], None, Reason.LEARNED, float(row[best]), candidates)
