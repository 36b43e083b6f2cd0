"""Judges: who decides where rules are silent, by what a caller asks for, and what its labels are made by."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from echoformat.decision import RuleDecision
from echoformat.errors import ModelError, UsageError
from echoformat.format import Format
from echoformat.label import Versions
from echoformat.plugins import GuardedDetector
from echoformat.ruleset import ruleset_hash
from echoformat.version import TAXONOMY_VERSION, __version__

if TYPE_CHECKING:
    from echoformat.compat import CompatRule
    from echoformat.judgement import Judge
    from echoformat.model import Model
    from echoformat.source_model import SourceJudge, SourceModel


def judge_for(
    model: Model | SourceModel | str | Path, rules: RuleDecision, formats: Sequence[Format]
) -> tuple[Judge | SourceJudge, Sequence[Format]]:
    """Who decides, and the formats that labels name."""
    # numpy and the weights: not before a classifier is made.
    from echoformat.judgement import Judge
    from echoformat.model import Model, builtin_model

    if isinstance(model, str | Path):
        model = builtin_model() if model == "builtin" else _load(model)
    shelf = [format.name for format in formats]
    if isinstance(model, Model):
        return Judge(rules, model, shelf), formats
    from echoformat.source_model import SourceJudge, SourceModel

    if isinstance(model, SourceModel):
        base = Judge(rules, builtin_model(), shelf)
        return SourceJudge(base, model, ruleset_hash(formats)), model.formats()
    raise UsageError(
        f"model must be 'builtin', a directory, a Model or None, not {type(model).__name__}; "
        "a fitted SourceClassifier gives one by its to_model() method"
    )


def _load(folder: str | Path) -> Model | SourceModel:
    from echoformat.model import load_arrays, model_of
    from echoformat.source_model import KIND, SourceModel

    arrays, sha256, card = load_arrays(folder)
    try:
        if card.get("kind") == KIND:
            return SourceModel.from_arrays(arrays, sha256, card)
        return model_of(arrays, sha256, card)
    except ModelError as error:
        raise ModelError(f"{folder}: {error}") from error


def versions_of(
    formats: Sequence[Format],
    compat: CompatRule | None,
    judge: Judge | SourceJudge | None,
    others: Sequence[GuardedDetector],
) -> Versions:
    """What makes the labels of a classifier."""
    rules = f"compat:{compat.name}" if compat else ruleset_hash(formats)
    if others and not compat:
        # Rules of other packages make other labels, so another name for the set.
        said = repr([(other.name, other.rules) for other in others])
        rules = hashlib.blake2b((rules + said).encode(), digest_size=8).hexdigest()
    return Versions(__version__, TAXONOMY_VERSION, rules, judge.model_hash if judge else "")
