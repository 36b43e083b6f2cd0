"""Train on files: one folder or file a source in, a model directory out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.errors import UsageError
from echoformat.rollouts.log import read_rollouts
from echoformat.rollouts.options import Columns
from echoformat.training import SourceClassifier, clean_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_ROWS = 50
MOST_ROWS = 5000
BINS = 15
SUFFIXES = (".jsonl", ".json", ".parquet", ".gz", ".zst", ".csv", ".arrow", ".txt")


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What training on sources came to.

    Attributes:
        folder: The model directory.
        sources: Names, in the order of rows and columns.
        rows: Texts of each source.
        confusion: counts[true, predicted] on held-out folds.
        accuracy: Part of held-out texts told right, 0 to 1.
        calibration_error: Expected calibration error of the held-out confidence, 0 to 1.
        skipped: Rows without text, by source.
        sha256: Of the weights.
    """

    folder: Path
    sources: tuple[str, ...]
    rows: tuple[int, ...]
    confusion: NDArray[np.int64]
    accuracy: float
    calibration_error: float
    skipped: dict[str, int]
    sha256: str

    def to_dict(self) -> dict[str, Any]:
        """As a JSON-able mapping."""
        return {
            "folder": str(self.folder),
            "sources": list(self.sources),
            "rows": list(self.rows),
            "confusion": self.confusion.tolist(),
            "accuracy": round(self.accuracy, 4),
            "calibration_error": round(self.calibration_error, 4),
            "skipped": self.skipped,
            "sha256": self.sha256,
        }


def train_sources(
    folder: str | Path,
    out: str | Path,
    columns: Columns | None = None,
    most_rows: int = MOST_ROWS,
) -> TrainReport:
    """Learn the sources in a folder and write a model directory that `Classifier.load` takes.

    Every subfolder, and every file beside them, is one source, named after it. Held-out folds keep a problem
    together where rows name one.

    Args:
        folder: One folder or file (JSONL, JSON, parquet, CSV; compressed or not) a source.
        out: Where to write `weights.npz` and `card.json`; made where missing.
        columns: Names of columns, where they are not found by themselves.
        most_rows: Rows taken of each source, evenly spread.

    Raises:
        UsageError: Fewer than two sources, fewer than 50 texts of one, two sources of one name.
    """
    places = _sources(Path(folder))
    read = {name: _read(path, columns, most_rows) for name, path in places.items()}
    for name, (texts, _, _) in read.items():
        if len(texts) < FEWEST_ROWS:
            raise UsageError(
                f"source {name!r} ({places[name]}) has {len(texts)} texts, training needs {FEWEST_ROWS}"
            )
    texts = [text for name in read for text in read[name][0]]
    target = [name for name in read for _ in read[name][0]]
    groups = [f"{name} {group}" for name in read for group in read[name][1]]
    model = SourceClassifier().fit(texts, target, groups if _worth_grouping(read) else None)
    report = _report(model, target, {name: read[name][2] for name in read}, Path(out))
    card = {"held_out": report.to_dict(), "formats": list(report.sources)}
    sha256 = model.to_model(report.sources, card).save(Path(out))
    return replace(report, sha256=sha256)


def _sources(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder; give one with a subfolder or file for each source")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not (path.is_dir() or path.suffix in SUFFIXES):
            continue
        name = clean_name(path.name.split(".")[0])
        if name in found:
            raise UsageError(f"{found[name]} and {path} are both called {name!r}; rename one")
        found[name] = path
    if len(found) < 2:
        raise UsageError(
            f"{folder} holds {len(found)} source(s), training needs 2: one subfolder or file a source"
        )
    return found


def _read(path: Path, columns: Columns | None, most_rows: int) -> tuple[list[str], list[str], int]:
    """Texts, groups and the number of rows without text."""
    rows = [(c.text, c.problem) for c in read_rollouts(path, columns=columns)]
    kept = [(text, problem) for text, problem in rows if text and not text.isspace()]
    step = max(1, -(-len(kept) // most_rows))
    taken = kept[::step]
    return [text for text, _ in taken], [problem for _, problem in taken], len(rows) - len(kept)


def _worth_grouping(read: dict[str, tuple[list[str], list[str], int]]) -> bool:
    return all(len(set(groups)) >= 5 for _, groups, _ in read.values())


def _report(
    model: SourceClassifier, target: Sequence[str], skipped: dict[str, int], out: Path
) -> TrainReport:
    names = tuple(str(name) for name in model.classes_)
    tested = model.tested_
    truth = np.array([names.index(name) for name in target])[tested]
    told = model.held_out_.argmax(axis=1)[tested]
    confusion = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(confusion, (truth, told), 1)
    error = calibration_error(model.held_out_.max(axis=1)[tested], told == truth)
    rows = tuple(int(n) for n in np.unique(np.array(target), return_counts=True)[1])
    return TrainReport(out, names, rows, confusion, float((told == truth).mean()), error, skipped, "")


def calibration_error(confidence: NDArray[Any], right: NDArray[Any]) -> float:
    """Expected calibration error: how far confidence and accuracy lie apart, over 15 bins of equal width.

    Example:
        >>> calibration_error(np.array([0.9, 0.9]), np.array([True, False]))
        0.4
    """
    bins = np.minimum((np.asarray(confidence) * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float(np.mean(confidence[bins == b])) - float(np.mean(right[bins == b])))
        * float((bins == b).mean())
        for b in np.unique(bins)
    ]
    return round(float(sum(gaps)), 10)
