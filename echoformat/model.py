"""Model: learned weights, how they combine with rules, and the card that says where they come from."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from echoformat.combination import Combination
from echoformat.detectors.learned import LearnedDetector, LearnedModel
from echoformat.detectors.weights import read_arrays, refuse_pickle, write_arrays
from echoformat.errors import ModelError
from echoformat.version import TAXONOMY_VERSION

BUILTIN = Path(__file__).parent / "weights" / "builtin"
SUMS = BUILTIN.parent / "SHA256SUMS"
WEIGHTS, CARD = "weights.npz", "card.json"
LARGEST_CARD = 4 * 1024 * 1024
CARD_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model, ready to score.

    Attributes:
        weights: The linear model.
        combination: How its scores and the rules' evidence become one probability.
        sha256: Of the weights file; labels carry its first 16 digits.
        card: What it was fitted on, how well it does, what it must not be used for.
    """

    weights: LearnedModel
    combination: Combination
    sha256: str = ""
    card: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if len(self.combination.trust) != len(self.weights.names):
            raise ModelError("the combination and the weights name different numbers of formats")

    @property
    def hash(self) -> str:
        """The first 16 hex digits of the weights' sha256."""
        return self.sha256[:16]

    def detector(self) -> LearnedDetector:
        """A detector that scores with these weights."""
        return LearnedDetector(self.weights)

    def save(self, folder: Path) -> str:
        """Write `weights.npz` and `card.json`; returns the sha256 of the weights."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {**self.weights.to_arrays(), **self.combination.to_arrays()}
        sha256 = write_arrays(folder / WEIGHTS, arrays)
        card = {**self.card, "card_format": CARD_FORMAT, "taxonomy": TAXONOMY_VERSION, "sha256": sha256}
        text = json.dumps(card, indent=1, sort_keys=True, ensure_ascii=True) + "\n"
        (folder / CARD).write_text(text, encoding="utf-8")
        return sha256


def model_of(arrays: dict[str, Any], sha256: str, card: dict[str, Any]) -> Model:
    """The model in checked arrays."""
    return Model(LearnedModel.from_arrays(arrays), Combination.from_arrays(arrays), sha256, card)


def read_card(path: Path) -> dict[str, Any]:
    """The card of a model.

    Raises:
        ModelError: It is missing, no JSON object, of another card format or taxonomy.
    """
    try:
        if path.stat().st_size > LARGEST_CARD:
            raise ModelError(f"{path}: larger than {LARGEST_CARD} bytes")
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path}: not a model card ({error})") from error
    if not isinstance(card, dict) or card.get("card_format") != CARD_FORMAT:
        raise ModelError(f"{path}: not a card of format {CARD_FORMAT}")
    if card.get("taxonomy") != TAXONOMY_VERSION:
        raise ModelError(
            f"{path}: model of taxonomy {card.get('taxonomy')!r}, this echoformat has {TAXONOMY_VERSION!r}; "
            "names may have changed their meaning: train it again"
        )
    return card


@cache
def builtin_model() -> Model:
    """The model that is part of echoformat, checked against the hash that the package lists.

    Raises:
        ModelError: The installed files were changed or are missing.

    Example:
        >>> "gsm8k" in builtin_model().weights.names
        True
    """
    return _assemble(BUILTIN / WEIGHTS, listed_sha256(), {})


def builtin_card() -> dict[str, Any]:
    """The card of the model that is part of echoformat."""
    return read_card(BUILTIN / CARD)


def listed_sha256() -> str:
    """What the package says the built-in weights hash to."""
    try:
        lines = SUMS.read_text(encoding="ascii").splitlines()
    except OSError as error:
        raise ModelError(f"{SUMS}: cannot be read ({error.strerror}); reinstall echoformat") from error
    listed = {name: digest for digest, name in (line.split(None, 1) for line in lines if line.strip())}
    return str(listed.get(f"{BUILTIN.name}/{WEIGHTS}", ""))


def load_arrays(folder: str | Path) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """Arrays, sha256 and card of a model directory, checked but not yet understood.

    Raises:
        ModelError: No such directory, a pickle, a card that is not one, weights that do not hash to what
            the card says, another taxonomy.
    """
    place = Path(folder)
    refuse_pickle(place)
    if not place.is_dir():
        raise ModelError(f"{place}: not a model directory; it holds {WEIGHTS} and {CARD}")
    card = read_card(place / CARD)
    sha256 = str(card.get("sha256", ""))
    return read_arrays(place / WEIGHTS, sha256), sha256, card


def _assemble(path: Path, sha256: str, card: dict[str, Any]) -> Model:
    arrays = read_arrays(path, sha256)
    try:
        return model_of(arrays, sha256, card)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
