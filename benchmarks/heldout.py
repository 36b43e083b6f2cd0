"""Labels as they come out for repositories that neither the model nor its calibration has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.crossfit import NEVER, Prepared
from benchmarks.labelled import FOLDS
from echoformat.calibrating import Seen, calibrate
from echoformat.combination import Combination
from echoformat.decision import Decision, RuleDecision
from echoformat.detectors import Rule
from echoformat.detectors.learned import LearnedModel
from echoformat.detectors.ngrams import DENSE_NAMES
from echoformat.format import Format
from echoformat.judgement import Judge
from echoformat.model import Model


@dataclass(frozen=True, slots=True)
class Held:
    """Decisions on rows of left-out repositories.

    Attributes:
        truth: Expected name of each row.
        label: Format or state of each row.
        confidence: Of each label.
        reason: Of each label.
        rows: Index of each in the corpus.
    """

    truth: np.ndarray
    label: np.ndarray
    confidence: np.ndarray
    reason: np.ndarray
    rows: np.ndarray


def scoring_judge(
    combination: Combination, names: Sequence[str], rules: RuleDecision, shelf: Sequence[str]
) -> Judge:
    """A judge for scores that were made elsewhere: its own weights are nothing."""
    empty = LearnedModel(
        tuple(names),
        np.zeros(0, dtype=np.int32),
        np.zeros((len(DENSE_NAMES), len(names)), dtype=np.int16),
        np.ones(len(names), dtype=np.float32),
        np.zeros(len(names), dtype=np.float32),
    )
    return Judge(rules, Model(empty, combination), shelf)


def decide(
    judge: Judge, rules: RuleDecision, fired: Sequence[tuple[int, ...]], scores: np.ndarray
) -> list[Decision]:
    """What a classifier would decide."""
    asked = judge.conclude(fired, scores)
    return [judge.settled(rules(f)) or asked[i] for i, f in enumerate(fired)]


def held_out(
    data: Prepared,
    seen: Seen,
    rows: np.ndarray,
    strangers: Sequence[tuple[Seen, np.ndarray]],
    rules: RuleDecision,
    shelf: Sequence[str],
) -> Held:
    """Each fold decided with a calibration of the other folds on top of scores of models without it."""
    folds = data.corpus.folds[rows]
    found: list[Decision | None] = [None] * len(rows)
    for fold in range(FOLDS):
        others = [item.take(data.corpus.folds[index] != fold) for item, index in strangers]
        combination = calibrate(seen.take(folds != fold), others, data.names)
        judge = scoring_judge(combination, data.names, rules, shelf)
        out = np.flatnonzero(folds == fold)
        decisions = decide(judge, rules, [data.fired[i] for i in rows[out].tolist()], seen.scores[out])
        for place, decision in zip(out.tolist(), decisions, strict=True):
            found[place] = decision
    kept = [decision for decision in found if decision is not None]
    return Held(
        data.corpus.names[rows],
        np.array([d.format or d.reason.value for d in kept]),
        np.array([d.confidence for d in kept]),
        np.array([d.reason.value for d in kept]),
        rows,
    )


def stranger_scores(
    data: Prepared,
    seen: Seen,
    strangers: Sequence[tuple[Seen, np.ndarray]],
    formats: Sequence[Format],
    rules: Sequence[Rule],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How known each row of the left-out rounds looks, whether it is, and its name.

    A round's judge is calibrated on the other rounds. The look of a labelled row is its confidence, that
    of an unlabelled one the rest of its confidence to 1.
    """
    from benchmarks.crossfit import without

    look, known, names = [], [], []
    for turn, (item, index) in enumerate(strangers):
        others = [other for k, (other, _) in enumerate(strangers) if k != turn]
        out = {data.names[i] for i in np.flatnonzero((item.scores <= NEVER).all(axis=0)).tolist()}
        combination = calibrate(seen, others, data.names)
        decision = without(formats, rules, out)
        shelf = [format.name for format in formats if format.name not in out]
        judge = scoring_judge(combination, data.names, decision, shelf)
        made = decide(judge, decision, [data.fired[i] for i in index.tolist()], item.scores)
        look.append([d.confidence if d.format else 1 - d.confidence for d in made])
        known.append(item.truth >= 0)
        names.append(data.corpus.names[index])
    return np.concatenate(look), np.concatenate(known), np.concatenate(names)
