"""Labels of repositories that model and calibration have not seen: ``python -m benchmarks.figures``.

Formats with several repositories are split by repository, those with one by problem. Rules are not fitted.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score

from benchmarks.crossfit import Prepared, crossfit, prepare, strangers
from benchmarks.heldout import Held, confusion_counts, held_out, prefix_labels, stranger_scores
from benchmarks.labelled import read_corpus
from benchmarks.scores import wilson
from echoformat.calibrating import Seen
from echoformat.classifier import Classifier
from echoformat.detectors.learned import LearnedModel
from echoformat.fitting import balanced_weights
from echoformat.formats import all_formats
from echoformat.label import UNLABELLED
from echoformat.source_files import calibration_error

PREFIXES = (64, 128, 256, 512, 1024)
PREFIX_ROWS = 100
STUDY = ("tinygsm", "openmath1", "boxed_cot", "metamath", "gsm8k")
STATES = tuple(reason.value for reason in UNLABELLED)


def out_of_repository(
    data: Prepared,
    seen: Seen,
    rows: np.ndarray,
    rounds: Sequence[tuple[Seen, np.ndarray]],
    models: Sequence[LearnedModel],
) -> dict[str, Any]:
    """Every figure of the model card, as a JSON-able mapping."""
    formats = all_formats()
    rules = Classifier(formats, model=None)
    held = held_out(data, seen, rows, rounds, rules._decide, [f.name for f in formats])
    alone = np.array([rules._decide(data.fired[i]).format or "none" for i in rows.tolist()])
    model = np.array(data.names)[seen.scores.argmax(axis=1)]
    unlabelled = np.isin(held.label, STATES)
    right = held.label == held.truth
    return {
        "held_out": _formats(data, held, alone, model),
        "macro_f1": {way: _macro(data, rows, labels) for way, labels in _ways(held, alone, model)},
        "families": _families(held, formats),
        "confusion": confusion_counts(held),
        "calibration_error": calibration_error(held.confidence[~unlabelled], right[~unlabelled]),
        "unlabelled": round(float(unlabelled.mean()), 4),
        "reasons": dict(sorted(Counter(held.reason.tolist()).items())),
        "unknown": _unknown(data, seen, rounds, rules),
        "prefixes": _prefixes(data, held, models, rules),
        "tinygsm_errors": _tinygsm_errors(data, held),
    }


def _ways(held: Held, alone: np.ndarray, model: np.ndarray) -> list[tuple[str, np.ndarray]]:
    return [("both", held.label), ("rules", alone), ("model", model)]


def _formats(data: Prepared, held: Held, alone: np.ndarray, model: np.ndarray) -> dict[str, dict[str, Any]]:
    names = list(data.names)
    found: dict[str, dict[str, Any]] = {name: {} for name in names}
    for way, labels in _ways(held, alone, model):
        p, r, f, n = precision_recall_fscore_support(held.truth, labels, labels=names, zero_division=0)
        for i, name in enumerate(names):
            if way != "both":
                found[name][f"f1_{way}"] = round(float(f[i]), 4)
                continue
            hits, given = int((labels[held.truth == name] == name).sum()), int((labels == name).sum())
            found[name] |= {
                "rows": int(n[i]),
                "repositories": len(set(data.corpus.repos[held.rows][held.truth == name].tolist())),
                "tier": int(data.corpus.tiers[held.rows][held.truth == name][0]),
                "precision": _with_interval(p[i], hits, given),
                "recall": _with_interval(r[i], hits, int(n[i])),
                "f1": round(float(f[i]), 4),
            }
    return found


def _with_interval(value: float, hits: int, count: int) -> list[float]:
    low, high = wilson(hits, count) if count else (0.0, 1.0)
    return [round(float(x), 4) for x in (value, low, high)]


def _macro(data: Prepared, rows: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    truth, tiers = data.corpus.names[rows], data.corpus.tiers[rows]
    _, _, f, _ = precision_recall_fscore_support(truth, labels, labels=list(data.names), zero_division=0)
    tier = {name: tiers[truth == name][0] for name in data.names}
    scores = {t: [f[i] for i, name in enumerate(data.names) if tier[name] == t] for t in (1, 2)}
    found = {f"tier_{t}": round(float(np.mean(scores[t])), 4) for t in (1, 2)}
    return {**found, "tier_1_lowest": round(float(min(scores[1])), 4)}


def _families(held: Held, formats: Sequence[Any]) -> dict[str, Any]:
    family = {f.name: str(f.family) for f in formats}
    truth = np.array([family[name] for name in held.truth.tolist()])
    told = np.array([family.get(name, name) for name in held.label.tolist()])
    names = sorted(set(truth.tolist()))
    _, _, f, _ = precision_recall_fscore_support(truth, told, labels=names, zero_division=0)
    each = {name: round(float(v), 4) for name, v in zip(names, f, strict=True)}
    return {"f1": each, "macro_f1": round(float(np.mean(f)), 4)}


def _unknown(
    data: Prepared, seen: Seen, rounds: Sequence[tuple[Seen, np.ndarray]], rules: Classifier
) -> dict[str, Any]:
    look, known, names = stranger_scores(data, seen, rounds, rules.formats, rules._rules)
    sides = np.array([f"{k}{n}" for k, n in zip(known.tolist(), names.tolist(), strict=True)])
    weights = balanced_weights(sides, names)
    return {
        "auroc": round(float(roc_auc_score(known, look)), 4),
        "auroc_formats_balanced": round(float(roc_auc_score(known, look, sample_weight=weights)), 4),
        "by_format": {
            str(name): round(float(roc_auc_score(known[pick], look[pick])), 4)
            for name in sorted(set(names[~known].tolist()))
            for pick in [known | ((names == name) & ~known)]
        },
    }


def _prefixes(
    data: Prepared, held: Held, models: Sequence[LearnedModel], rules: Classifier
) -> dict[str, dict[str, float]]:
    rng = np.random.default_rng(0)
    rows = np.concatenate(
        [
            rng.permutation(np.flatnonzero(data.scored & (data.corpus.names == name)))[:PREFIX_ROWS]
            for name in data.names
        ]
    )
    return {
        str(length): _macro(data, rows, np.array(prefix_labels(data, held, models, rules, rows, length)))
        for length in PREFIXES
    }


def _tinygsm_errors(data: Prepared, held: Held) -> dict[str, list[int]]:
    """[called tinygsm, of how many], natural language and other Python."""
    family = np.array([row["family"] for row in data.corpus.rows])[held.rows]
    python = np.isin(
        held.truth, ("python", "pal", "program_of_thought", "fenced_code_answer", "assert_check")
    )
    called = held.label == "tinygsm"
    prose = family == "natural_language"
    return {
        "natural_language": [int((called & prose).sum()), int(prose.sum())],
        "other_python": [int((called & python).sum()), int(python.sum())],
    }


def table(figures: dict[str, Any]) -> str:
    """The figures as Markdown."""
    lines = ["| format | tier | rows | repos | precision | recall | F1 | rules alone | model alone |"]
    lines.append("|---|--:|--:|--:|---|---|--:|--:|--:|")
    for name, row in sorted(figures["held_out"].items(), key=lambda item: (item[1]["tier"], item[0])):
        p, r = ("{:.3f} ({:.3f}-{:.3f})".format(*row[key]) for key in ("precision", "recall"))
        cells = (name, row["tier"], row["rows"], row["repositories"], p, r)
        lines.append("| " + " | ".join(map(str, cells)) + " | {:.3f} | {:.3f} | {:.3f} |".format(
            row["f1"], row["f1_rules"], row["f1_model"]
        ))  # fmt: skip
    lines += ["", "| | tier 1 macro-F1 | lowest of tier 1 | tier 2 macro-F1 |", "|---|--:|--:|--:|"]
    ways = {"rules and model": "both", "rules alone": "rules", "model alone": "model"}
    shown = {title: figures["macro_f1"][way] for title, way in ways.items()}
    shown |= {f"first {n} characters": row for n, row in figures["prefixes"].items()}
    for title, row in shown.items():
        cells = f"{row['tier_1']:.3f} | {row['tier_1_lowest']:.3f} | {row['tier_2']:.3f}"
        lines.append(f"| {title} | {cells} |")
    unknown = figures["unknown"]
    lines += [
        "",
        f"Families macro-F1 {figures['families']['macro_f1']:.3f}. Expected calibration error of labelled "
        f"completions {figures['calibration_error']:.4f}; {figures['unlabelled']:.1%} stay unlabelled. Known "
        f"against unknown with whole formats left out: AUROC {unknown['auroc']:.3f} over completions, "
        f"{unknown['auroc_formats_balanced']:.3f} with formats weighing the same. Called tinygsm by mistake: "
        + ", ".join(f"{k.replace('_', ' ')} {a} of {b}" for k, (a, b) in figures["tinygsm_errors"].items())
        + ".",
    ]
    return "\n".join(lines)


def measure() -> dict[str, Any]:
    """All figures from scratch."""
    formats = all_formats()
    data = prepare(read_corpus(), formats)
    seen, rows, models = crossfit(data)
    rounds = strangers(data, formats, Classifier(formats, model=None)._rules)
    return out_of_repository(data, seen, rows, rounds, models)


if __name__ == "__main__":
    start = time.time()
    figures = measure()
    print(json.dumps(figures, indent=1) if "--json" in sys.argv else table(figures))
    print(f"{time.time() - start:.0f} s", file=sys.stderr)
