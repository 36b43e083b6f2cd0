"""LabelStore: the labels of a followed run and the place where following stopped, kept in one file.

It is an SQLite database: labels and place are written in one transaction, so that a follower that is killed
neither loses nor doubles a row.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from echoformat.cells import Cells, merge_cells
from echoformat.completion import Completion
from echoformat.errors import UsageError
from echoformat.label import Status, Versions
from echoformat.label_batch import LabelBatch
from echoformat.live.bell import Ring
from echoformat.series import FormatSeries
from echoformat.text import without_surrogates

COLUMNS = (
    "file",
    "place",
    "run",
    "step",
    "split",
    "problem",
    "format",
    "variant",
    "family",
    "source",
    "confidence",
    "reason",
    "truncated",
    "status",
    "correct",
    "reward",
)
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS labels ({", ".join(COLUMNS)});
CREATE TABLE IF NOT EXISTS rings (run, split, step, format, kind, PRIMARY KEY (run, split));
"""
CELLS = f"""
SELECT run, IFNULL(step, 0), split, problem, IFNULL(format, reason), COUNT(*), COUNT(correct),
       IFNULL(SUM(correct), 0), COUNT(reward), IFNULL(SUM(reward), 0.0)
FROM labels WHERE status != '{Status.MISSING.value}' AND (step IS NULL) = ? GROUP BY 1, 2, 3, 4, 5
"""
LARGEST_STEP = 2**63 - 1


class LabelStore:
    """Labels of one followed path.

    Args:
        file: The database; made if missing.
        path: What is followed.
        versions: What makes the labels.

    Raises:
        UsageError: The file is no such store, belongs to another path or other labels, is in use by another
            process, or cannot be written.
    """

    def __init__(self, file: Path, path: str, versions: Versions) -> None:
        self.file, self.versions = file, versions
        facts = {"path": path, "versions": json.dumps(versions.to_dict(), sort_keys=True)}
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._data = sqlite3.connect(file, isolation_level=None, timeout=1.0)
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(error) from error
        try:
            self._data.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._data.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")
            self._same(facts)
        except BaseException as error:
            self._data.close()
            if isinstance(error, sqlite3.Error):
                raise self._unusable(error) from error
            raise

    def _unusable(self, error: Exception) -> UsageError:
        return UsageError(f"cannot keep labels in {self.file}: {_why(error)}; name another --store")

    def _same(self, facts: Mapping[str, str]) -> None:
        known = dict(self._data.execute("SELECT name, value FROM facts"))
        for name, value in facts.items():
            if known.get(name, value) != value:
                raise UsageError(
                    f"{self.file} holds labels of another {name} ({known[name][:200]}); "
                    "name another --store, or delete it to label everything anew"
                )
        self._data.executemany("INSERT OR IGNORE INTO facts VALUES (?, ?)", facts.items())

    def close(self) -> None:
        """Let go of the file."""
        self._data.close()

    @property
    def state(self) -> dict[str, Any] | None:
        """Where following stopped; ``None`` at the beginning."""
        found = self._data.execute("SELECT value FROM facts WHERE name = 'state'").fetchone()
        return None if found is None else dict(json.loads(found[0]))

    @property
    def rows(self) -> int:
        """Completions labelled."""
        return int(self._data.execute("SELECT COUNT(*) FROM labels").fetchone()[0])

    def add(
        self,
        file: str,
        completions: Sequence[Completion],
        labels: LabelBatch,
        state: Mapping[str, Any],
        replaced: bool = False,
    ) -> None:
        """Keep the labels of some rows of a file and the place behind them: both or neither.

        Args:
            file: The file the rows stand in.
            completions: The rows.
            labels: Their labels.
            state: The place.
            replaced: Rows of this file that were kept before no longer stand.
        """
        columns = labels.columns()
        rows = [
            (
                clean(file),
                *_of_log(completion),
                *(columns[name][i] for name in COLUMNS[6:14]),
                _flag(completion.correct),
                finite_or_none(completion.reward),
            )
            for i, completion in enumerate(completions)
        ]
        self._data.execute("BEGIN IMMEDIATE")
        try:
            if replaced:
                self._data.execute("DELETE FROM labels WHERE file = ?", (clean(file),))
            self._data.executemany(f"INSERT INTO labels VALUES ({', '.join('?' * len(COLUMNS))})", rows)
            self._fact("state", json.dumps(state))
            self._data.execute("COMMIT")
        except BaseException:
            self._data.execute("ROLLBACK")
            raise

    def keep_state(self, state: Mapping[str, Any]) -> None:
        """Keep a place that no new row stands behind."""
        self._fact("state", json.dumps(state))

    def _fact(self, name: str, value: str) -> None:
        self._data.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def rings(self) -> dict[tuple[str, str], Ring]:
        """Alarms that rang, by run and split."""
        found = self._data.execute("SELECT run, split, step, format, kind FROM rings")
        return {(run, split): Ring(step, format, kind) for run, split, step, format, kind in found}

    def keep_ring(self, run: str, split: str, ring: Ring) -> None:
        """Keep the first alarm of a run and split."""
        row = (clean(run), clean(split), ring.step, ring.format, ring.kind)
        self._data.execute("INSERT OR IGNORE INTO rings VALUES (?, ?, ?, ?, ?)", row)

    def series(self, timed: bool = True) -> FormatSeries | None:
        """All labels that have a step, counted, or all that have none (at step 0); ``None`` for none."""
        rows = self._data.execute(CELLS, (not timed,)).fetchall()
        missing = self._data.execute(
            "SELECT COUNT(*) FROM labels WHERE status = ? AND (step IS NULL) = ?",
            (Status.MISSING.value, not timed),
        ).fetchone()[0]
        if not rows and not missing:
            return None
        return FormatSeries(_cells(rows), versions=(self.versions,), missing=int(missing))


def _cells(rows: Sequence[tuple[Any, ...]]) -> Cells:
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(10)]
    coded = [_coded(columns[i]) for i in (0, 2, 3, 4)]
    words = {name: tuple(known) for name, (known, _) in zip(_WORDS, coded, strict=True)}
    codes = {name: code for name, (_, code) in zip(("run", "split", "problem", "name"), coded, strict=True)}
    sums = {
        name: np.array(values, dtype=np.float64 if name == "reward" else np.int64)
        for name, values in zip(("n", "scored", "correct", "rewarded", "reward"), columns[5:], strict=True)
    }
    every: dict[str, Any] = words | codes | sums | {"step": np.array(columns[1], dtype=np.int64)}
    return merge_cells([Cells(**every)])


_WORDS = ("runs", "splits", "problems", "names")


def _coded(values: Sequence[str]) -> tuple[list[str], Any]:
    known: dict[str, int] = {}
    codes = np.array([known.setdefault(value, len(known)) for value in values], dtype=np.int64)
    return list(known), codes


def step_of(completion: Completion) -> int | None:
    """The step of a row; ``None`` where it has none that can be counted."""
    step = completion.step
    return step if step is not None and -LARGEST_STEP <= step <= LARGEST_STEP else None


def problem_of_row(completion: Completion) -> str:
    """What tells the row's problem apart: its id, else its place."""
    return clean(completion.problem or completion.source)


def _of_log(completion: Completion) -> tuple[Any, ...]:
    return (
        clean(completion.source),
        clean(completion.run),
        step_of(completion),
        clean(completion.split),
        problem_of_row(completion),
    )


def clean(text: str) -> str:
    """Text that the store can hold: lone surrogates as U+FFFD."""
    return text if text.isascii() else without_surrogates(text)


def _flag(value: bool | None) -> int | None:
    return None if value is None else int(value)


def finite_or_none(value: float | None) -> float | None:
    """A reward; ``None`` where it is no finite number."""
    return None if value is None or value - value != 0 else float(value)


def _why(error: Exception) -> str:
    if "locked" in str(error):
        return "another process follows this run with it"
    return str(error)
