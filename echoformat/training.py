"""Training: learn to tell the sources of your own mixture apart from a few samples of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedKFold
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from echoformat.classifier import Classifier, default_classifier
from echoformat.detectors.learned import LearnedModel, log_softmax
from echoformat.errors import UsageError
from echoformat.fitting import all_features, design_matrix, export, select
from echoformat.format import LONGEST_NAME, NAME_CHARACTERS
from echoformat.judgement import Judge
from echoformat.source_model import SourceJudge, SourceModel
from echoformat.text import view

if TYPE_CHECKING:
    from numpy.typing import NDArray

PROFILE_SCALE = 20.0
CHUNK = 512
MISSED = 0.05
LEAST_RANGE = (0.3, 0.6)
SHARPNESS = np.geomspace(0.25, 4.0, 17)


class SourceClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Tells the sources of a mixture apart: a scikit-learn classifier of texts.

    Scores are linear in the shelf's verdict on a text (how likely each format is) and in the n-grams of its
    skeleton, so that fifty samples a source go far and topics count for little.

    Args:
        inverse_penalty: Inverse of the strength of the penalty on weights, above 0.
        kept: Most n-grams to keep.
        folds: Held-out folds for calibration, at least 2.

    Attributes:
        classes_: The sources, sorted.
        n_features_in_: 1, the text.
        held_out_: Probabilities of each training text by a model that had not seen its fold: [n, sources].

    Example:
        >>> code = [f"def f():\\n    return {n}\\n" for n in range(9)]
        >>> prose = [f"It is {n}." for n in range(9)]
        >>> model = SourceClassifier(folds=3).fit(code + prose, ["code"] * 9 + ["prose"] * 9)
        >>> model.predict(["def g():\\n    return 7\\n"]).tolist()
        ['code']
    """

    def __init__(self, inverse_penalty: float = 0.03, kept: int = 2000, folds: int = 5) -> None:
        self.inverse_penalty = inverse_penalty
        self.kept = kept
        self.folds = folds

    def fit(
        self, X: Sequence[str], y: Sequence[Any], groups: Sequence[Any] | None = None
    ) -> SourceClassifier:
        """Fit on texts and the source of each.

        Args:
            X: Texts.
            y: Source of each.
            groups: What must not stand on both sides of a held-out split: problem, author, repository.

        Raises:
            ValueError: Lengths differ, a value is not text, or there is one source only.
        """
        texts, target = _texts(X), np.asarray(y)
        if len(texts) != len(target):
            raise ValueError(f"X has {len(texts)} texts, y {len(target)} sources")
        check_classification_targets(target)
        self.classes_, codes = np.unique(target, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("a classifier needs samples of at least two sources; y holds one class")
        self.n_features_in_ = 1
        self.families_ = _families(texts, codes)
        ngrams, dense = all_features(texts)
        parts = (ngrams, dense, _profile(texts), codes)
        self.held_out_scores_, tested = self._held_out(parts, groups)
        self._calibrate(codes, tested)
        self._final(parts)
        return self

    def _held_out(
        self, parts: tuple[Any, ...], groups: Sequence[Any] | None
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        codes = parts[3]
        scores = np.zeros((len(codes), len(self.classes_)))
        tested = np.zeros(len(codes), dtype=bool)
        for train, test in _splits(codes, groups, self.folds):
            if len(np.unique(codes[train])) < len(self.classes_):
                continue
            features, fitted = self._fit_one(parts, train)
            scores[test] = _decision(fitted, _matrix(parts, features, test))
            tested[test] = True
        return scores, tested

    def _fit_one(self, parts: tuple[Any, ...], rows: NDArray[np.intp]) -> tuple[NDArray[np.int32], Any]:
        ngrams, _, _, codes = parts
        counts = np.bincount(codes[rows], minlength=len(self.classes_))
        weights = len(rows) / (len(self.classes_) * counts[codes[rows]])
        features = select(ngrams[rows], codes[rows], rows, weights, self.kept)
        fitted = LogisticRegression(C=self.inverse_penalty, max_iter=200)
        return features, fitted.fit(_matrix(parts, features, rows), codes[rows], sample_weight=weights)

    def _calibrate(self, codes: NDArray[np.intp], tested: NDArray[np.bool_]) -> None:
        count = len(self.classes_)
        self.sharpness_, self.least_ = 1.0, np.full(count, LEAST_RANGE[0])
        if tested.any():
            rows, truth = np.flatnonzero(tested), codes[tested]
            losses = [_loss(self.held_out_scores_[rows] * s, truth) for s in SHARPNESS]
            self.sharpness_ = float(SHARPNESS[int(np.argmin(losses))])
            own = np.exp(log_softmax(self.held_out_scores_ * self.sharpness_))[rows, truth]
            found = [
                np.quantile(own[truth == c], MISSED) if (truth == c).any() else 0.0 for c in range(count)
            ]
            self.least_ = np.clip(np.array(found), *LEAST_RANGE)
        self.held_out_ = np.exp(log_softmax(self.held_out_scores_ * self.sharpness_))
        self.tested_ = tested

    def _final(self, parts: tuple[Any, ...]) -> None:
        features, fitted = self._fit_one(parts, np.arange(len(parts[3])))
        dense = parts[1].shape[1]
        kept = dense + len(features)
        both = fitted.coef_ if len(fitted.coef_) > 1 else np.concatenate([-fitted.coef_, fitted.coef_]) / 2
        self.profile_ = np.round(both[:, kept:].T * PROFILE_SCALE, 6)
        fitted.coef_ = fitted.coef_[:, :kept]
        self.weights_ = export(fitted, features, dense)

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """How likely each source is, one row a text: [n, sources]; rows sum to 1."""
        check_is_fitted(self, "weights_")
        shelf = default_classifier()
        texts = _texts(X)
        judge = SourceJudge(_base(shelf), self.to_model(), shelf.versions.rules)
        found = judge.probabilities(texts, [shelf._scan(text)[0] for text in texts])
        return np.asarray(found / found.sum(axis=1, keepdims=True))

    def predict(self, X: Sequence[str]) -> NDArray[Any]:
        """The likeliest source of each text."""
        check_is_fitted(self, "weights_")
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])

    def to_model(self, names: Sequence[str] | None = None, card: dict[str, Any] | None = None) -> SourceModel:
        """What `Classifier(model=...)` takes.

        Args:
            names: Names for the sources, in the order of `classes_`; by default made of them.
            card: What the model's card shall say.
        """
        check_is_fitted(self, "weights_")
        given = tuple(names or (clean_name(name) for name in self.classes_.tolist()))
        shelf = default_classifier()
        base = _base(shelf)
        return SourceModel(
            _renamed(self.weights_, given),
            base.columns,
            self.profile_,
            np.array([self.sharpness_]),
            self.least_,
            self.families_,
            (shelf.versions.rules, shelf.versions.model),
            card=dict(card or {}),
        )

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "weights_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.no_validation = True
        return tags


def clean_name(name: Any) -> str:
    """A name that labels can carry.

    Example:
        >>> clean_name("My Source (v2)")
        'my-source-v2'
    """
    kept = "".join(c if c in NAME_CHARACTERS else "-" for c in str(name).lower())
    short = "-".join(part for part in kept.split("-") if part)[:LONGEST_NAME]
    return short or "source"


def _texts(X: Any) -> list[str]:
    values = X.tolist() if isinstance(X, np.ndarray) else list(X) if not isinstance(X, str) else None
    if values is None or not all(isinstance(value, str) for value in values):
        raise ValueError("X must be a sequence of texts (str), one a completion")
    if not values:
        raise ValueError("Found array with 0 sample(s): X holds no text, at least one is needed")
    return [view(value).text for value in values]


def _base(shelf: Classifier) -> Judge:
    judge = shelf._judge
    if not isinstance(judge, Judge):
        raise TypeError("the default classifier has no built-in model")
    return judge


def _profile(texts: Sequence[str]) -> NDArray[np.float64]:
    shelf = default_classifier()
    fired = [shelf._scan(text)[0] for text in texts]
    rows = [
        _base(shelf).probabilities(texts[i : i + CHUNK], fired[i : i + CHUNK])
        for i in range(0, len(texts), CHUNK)
    ]
    return np.sqrt(np.concatenate(rows))


def _families(texts: Sequence[str], codes: NDArray[np.intp]) -> tuple[str, ...]:
    """The commonest family among the shelf's labels of each source, ``other`` where it has none."""
    named = default_classifier().classify_batch(texts).family_list()
    found = []
    for code in range(codes.max() + 1):
        families = Counter(named[i] for i in np.flatnonzero(codes == code).tolist() if named[i])
        found.append(min(families, key=lambda f: (-families[f], str(f))) if families else "other")
    return tuple(str(family) for family in found)


def _matrix(parts: tuple[Any, ...], features: NDArray[np.int32], rows: NDArray[np.intp]) -> Any:
    ngrams, dense, profile, _ = parts
    plain = design_matrix(ngrams[rows], dense[rows], features)
    return sp.hstack([plain, sp.csr_matrix((profile[rows] * PROFILE_SCALE).astype(np.float32))]).tocsr()


def _decision(fitted: Any, matrix: Any) -> NDArray[np.float64]:
    scores = fitted.decision_function(matrix)
    return np.asarray(scores if scores.ndim == 2 else np.stack([-scores, scores], axis=1) / 2)


def _splits(
    codes: NDArray[np.intp], groups: Sequence[Any] | None, folds: int
) -> Iterable[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    rows = np.zeros((len(codes), 1))
    if groups is not None and len(set(groups)) >= 2:
        count = min(folds, len(set(groups)))
        return GroupKFold(count).split(rows, codes, groups=np.asarray(groups, dtype=str))  # type: ignore[no-any-return]
    count = min(folds, int(np.bincount(codes).min()))
    if count < 2:
        return []
    return StratifiedKFold(count, shuffle=True, random_state=0).split(rows, codes)  # type: ignore[no-any-return]


def _loss(scores: NDArray[np.float64], truth: NDArray[np.intp]) -> float:
    return float(-log_softmax(scores)[np.arange(len(truth)), truth].mean())


def _renamed(weights: LearnedModel, names: Sequence[str]) -> LearnedModel:
    if len(set(names)) != len(weights.names):
        raise UsageError(f"sources need {len(weights.names)} different names, not {', '.join(names)}")
    return replace(weights, names=tuple(names))
