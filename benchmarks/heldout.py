"""Labels as they come out for repositories that neither the model nor its calibration has seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.crossfit import NEVER, Prepared, without
from benchmarks.labelled import FOLDS
from echoformat.calibrating import Seen, calibrate
from echoformat.classifier import Classifier
from echoformat.combination import Combination
from echoformat.decision import Decision, RuleDecision
from echoformat.detectors import Rule
from echoformat.detectors.learned import LearnedDetector, LearnedModel
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
        judges: One a fold, calibrated without it.
    """

    truth: np.ndarray
    label: np.ndarray
    confidence: np.ndarray
    reason: np.ndarray
    rows: np.ndarray
    judges: list[Judge]


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
    judges = []
    for fold in range(FOLDS):
        others = [item.take(data.corpus.folds[index] != fold) for item, index in strangers]
        combination = calibrate(seen.take(folds != fold), others, data.names)
        judge = scoring_judge(combination, data.names, rules, shelf)
        judges.append(judge)
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
        judges,
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


def prefix_labels(
    data: Prepared,
    held: Held,
    models: Sequence[LearnedModel],
    rules: Classifier,
    rows: np.ndarray,
    length: int,
) -> list[str]:
    """Labels of the first characters of some rows, by models and judges that had not seen their fold."""
    texts = [data.corpus.texts[i][:length] for i in rows.tolist()]
    fired = [rules._scan(text)[0] for text in texts]
    labels = [""] * len(rows)
    for fold, model in enumerate(models):
        place = np.flatnonzero(data.corpus.folds[rows] == fold)
        raw = LearnedDetector(model).scores([texts[i] for i in place.tolist()])
        scores = np.full((len(place), len(data.names)), NEVER)
        scores[:, [data.names.index(name) for name in model.names]] = raw
        made = decide(held.judges[fold], rules._decide, [fired[i] for i in place.tolist()], scores)
        for i, decision in zip(place.tolist(), made, strict=True):
            labels[i] = decision.format or decision.reason.value
    return labels


def confusion_counts(held: Held) -> dict[str, dict[str, int]]:
    """Labels given, counted, for each true format."""
    return {
        str(name): {
            str(k): int(n) for k, n in sorted(Counter(held.label[held.truth == name].tolist()).items())
        }
        for name in sorted(set(held.truth.tolist()))
    }
