"""Scores of models that had not seen a row's repository, and of models that had not seen its format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.labelled import EXTRA_WEIGHT, FOLDS, SCORED_TIERS, Corpus, change
from echoformat.calibrating import Seen
from echoformat.classifier import Classifier
from echoformat.decision import RuleDecision
from echoformat.detectors import Rule
from echoformat.detectors.learned import LearnedModel
from echoformat.fitting import (
    INVERSE_PENALTY,
    all_features,
    balanced_weights,
    design_matrix,
    export,
    fit_linear,
    select,
)
from echoformat.format import Format
from echoformat.judgement import LEAST_DECISIVE

NEVER = -30.0
ROUNDS = 6
CHANGED_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Prepared:
    """Features of every row, then of every changed copy, with who they belong to.

    Attributes:
        corpus: The rows.
        names: Formats to tell apart, sorted.
        ngrams: Sparse [rows + copies, buckets].
        dense: uint8 [rows + copies, dense features].
        owner: int [rows + copies], row that each came from.
        weight: [rows + copies], before balancing.
        scored: bool [rows].
        fired: Rules that fire on each row.
        evidence: [rows, names].
        verdict: int [rows].
    """

    corpus: Corpus
    names: tuple[str, ...]
    ngrams: Any
    dense: np.ndarray
    owner: np.ndarray
    weight: np.ndarray
    scored: np.ndarray
    fired: list[tuple[int, ...]]
    evidence: np.ndarray
    verdict: np.ndarray


def prepare(corpus: Corpus, formats: Sequence[Format]) -> Prepared:
    """Everything that every fit needs, computed once."""
    shelf = {format.name for format in formats}
    scored = np.isin(corpus.tiers, SCORED_TIERS) & np.isin(corpus.names, sorted(shelf))
    names = tuple(sorted(set(corpus.names[scored].tolist())))
    trained = scored | np.isin(corpus.names, names)
    originals = np.flatnonzero(trained)
    copies = np.array([i for i in originals.tolist() if scored[i]])
    changed = [change(corpus.texts[i], str(i)) for i in copies.tolist()]
    ngrams, dense = all_features([*corpus.texts, *changed])
    every = np.arange(len(corpus.texts))
    weight = np.concatenate(
        [np.where(scored, 1.0, np.where(trained, EXTRA_WEIGHT, 0.0)), np.full(len(copies), CHANGED_WEIGHT)]
    )
    rules = Classifier(formats, model=None)
    fired = [rules._scan(text)[0] for text in corpus.texts]
    evidence, verdict = judged(rules._decide, fired, names)
    owner = np.concatenate([every, copies])
    return Prepared(corpus, names, ngrams, dense, owner, weight, scored, fired, evidence, verdict)


def judged(
    rules: RuleDecision, fired: Sequence[tuple[int, ...]], names: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Evidence [n, names] and decisive verdict [n] of the rules."""
    place = {name: i for i, name in enumerate(names)}
    evidence = np.zeros((len(fired), len(names)))
    verdict = np.full(len(fired), -1)
    for row, combination in enumerate(fired):
        for name, total in rules.sums(combination).items():
            if name in place:
                evidence[row, place[name]] = total
        decision = rules(combination)
        if decision.format in place and decision.candidates[0][1] >= LEAST_DECISIVE:
            verdict[row] = place[decision.format]
    return evidence, verdict


def fit(data: Prepared, rows: np.ndarray) -> tuple[LearnedModel, Any]:
    """The model fitted on some rows (bool [rows]) and their changed copies."""
    part = rows[data.owner] & (data.weight > 0)
    names, repos = data.corpus.names[data.owner[part]], data.corpus.repos[data.owner[part]]
    weights = balanced_weights(names, repos) * data.weight[part]
    ngrams, dense = data.ngrams[part], data.dense[part]
    features = select(ngrams, names, repos, weights)
    fitted = fit_linear(design_matrix(ngrams, dense, features), names, weights, INVERSE_PENALTY)
    return export(fitted, features, dense.shape[1]), fitted


def score(data: Prepared, model: LearnedModel, rows: np.ndarray) -> np.ndarray:
    """Scores of some rows (int [n]) for every name; a name that the model lacks never wins."""
    kept = np.concatenate([data.dense[rows], data.ngrams[rows][:, model.features].toarray()], axis=1)
    scores = (kept.astype(np.float32) @ model.weights.astype(np.float32)) * model.scale + model.bias
    found = np.full((len(rows), len(data.names)), NEVER)
    found[:, [data.names.index(name) for name in model.names]] = scores
    return found


def crossfit(data: Prepared) -> tuple[Seen, np.ndarray, list[LearnedModel]]:
    """What a model fitted without its fold sees of each scored row, which rows those are, and the models."""
    models = []
    rows = np.flatnonzero(data.scored)
    scores = np.full((len(data.corpus.names), len(data.names)), NEVER)
    for fold in range(FOLDS):
        model, _ = fit(data, data.corpus.folds != fold)
        out = np.flatnonzero(data.scored & (data.corpus.folds == fold))
        scores[out] = score(data, model, out)
        models.append(model)
    return _seen(data, rows, data.evidence[rows], data.verdict[rows], scores[rows]), rows, models


def _seen(
    data: Prepared, rows: np.ndarray, evidence: np.ndarray, verdict: np.ndarray, scores: np.ndarray
) -> Seen:
    place = {name: i for i, name in enumerate(data.names)}
    truth = np.array([place.get(name, -1) for name in data.corpus.names[rows].tolist()])
    weights = balanced_weights(data.corpus.names[rows], data.corpus.repos[rows])
    return Seen(truth, evidence, verdict, scores, weights)


def strangers(
    data: Prepared, formats: Sequence[Format], rules: Sequence[Rule]
) -> list[tuple[Seen, np.ndarray]]:
    """Rounds with every sixth format left out of shelf, evidence and model, and which rows each saw."""
    found = []
    for turn in range(ROUNDS):
        out = {name for i, name in enumerate(data.names) if i % ROUNDS == turn}
        stranger = np.isin(data.corpus.names, sorted(out)) & data.scored
        fold = turn % FOLDS
        model, _ = fit(data, ~np.isin(data.corpus.names, sorted(out)) & (data.corpus.folds != fold))
        # Formats of tier 0 that the shelf lacks are strangers in every round.
        foreign = ~np.isin(data.corpus.names, data.names) & (data.corpus.folds == fold)
        foreign &= ~np.char.startswith(data.corpus.names.astype(str), "mixed_")
        foreign &= data.corpus.names != "degenerate"
        rows = np.flatnonzero(stranger | foreign | (data.scored & ~stranger & (data.corpus.folds == fold)))
        decide = without(formats, rules, out)
        evidence, verdict = judged(decide, [data.fired[i] for i in rows.tolist()], data.names)
        seen = _seen(data, rows, evidence, verdict, score(data, model, rows))
        truth = np.where(stranger[rows], -1, seen.truth)
        found.append((Seen(truth, evidence, verdict, seen.scores, seen.weights), rows))
    return found


def without(formats: Sequence[Format], rules: Sequence[Rule], out: set[str]) -> RuleDecision:
    """The rules' decision with some formats off the shelf."""
    kept = [format for format in formats if format.name not in out]
    silenced = [Rule("", r.name, r.detector, r.weight, r.variant) if r.format in out else r for r in rules]
    return RuleDecision(kept, silenced)
