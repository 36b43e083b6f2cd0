"""ReadReport: what was read, what was passed over and why, what was lost, what was taken for what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

KEPT_IN_FULL = 20
"""How many bad rows are kept with their place; the rest are counted."""


@dataclass(slots=True)
class FileRead:
    """One file that was read: by which reader, how many completions it gave, what columns were taken for."""

    path: str
    reader: str
    rows: int = 0
    columns: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return {"path": self.path, "reader": self.reader, "rows": self.rows, "columns": dict(self.columns)}


@dataclass(slots=True)
class BadRow:
    """One row, or the rest of one file, that could not be used, with its place."""

    path: str
    reason: str
    line: int | None = None
    offset: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return {"path": self.path, "reason": self.reason, "line": self.line, "offset": self.offset}

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}"
        at = "" if self.offset is None else f" (byte {self.offset})"
        return f"{self.path}{line}{at}: {self.reason}"


@dataclass(slots=True)
class ReadReport:
    """Collects what a reading of logs met; complete once the log has been read to its end.

    Attributes:
        files: Files taken, in reading order.
        passed_over: Path and reason of every file that was seen and not read.
        bad_rows: The first rows that could not be used; ``bad_row_reasons`` counts all of them.
        repeats: Rows dropped because they stand elsewhere too, counted by reason.
        tails: Half-written or NUL tails of files still being written; no fault.
        shapes: How many completions came as text, messages, parts, nothing.
        columns_ignored: Columns of flat files that were kept as extras.
        eval_only_steps: Steps of which the log holds evaluation rows only.
        decoding: ``"greedy"``, ``"sampled"`` or ``"greedy and sampled"`` where the log says so.
        notes: Everything else a reader of the figures must know.
    """

    files: list[FileRead] = field(default_factory=list)
    passed_over: dict[str, str] = field(default_factory=dict)
    bad_rows: list[BadRow] = field(default_factory=list)
    bad_row_reasons: Counter[str] = field(default_factory=Counter)
    faulty_files: dict[str, str] = field(default_factory=dict)
    repeats: Counter[str] = field(default_factory=Counter)
    tails: list[BadRow] = field(default_factory=list)
    shapes: Counter[str] = field(default_factory=Counter)
    eval_only_steps: list[int] = field(default_factory=list)
    decoding: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Completions read so far."""
        return sum(file.rows for file in self.files)

    @property
    def faulty(self) -> bool:
        """Whether rows or files were lost to a fault (a half-written last line is none)."""
        return bool(self.bad_row_reasons or self.faulty_files)

    @property
    def missing_text(self) -> int:
        """Completions kept without a text: none was logged, or what was logged is no text."""
        return self.shapes["missing"] + self.shapes["not text"]

    def restart(self) -> None:
        """Forget what the last reading met; the files and what was passed over stay."""
        for file in self.files:
            file.rows, file.columns = 0, {}
        for found in (
            self.bad_rows,
            self.bad_row_reasons,
            self.faulty_files,
            self.repeats,
            self.tails,
            self.shapes,
        ):
            found.clear()

    def bad_row(self, path: str, reason: str, line: int | None = None, offset: int | None = None) -> None:
        """Count one row that could not be used and keep the place of the first few."""
        self.bad_row_reasons[reason] += 1
        if len(self.bad_rows) < KEPT_IN_FULL:
            self.bad_rows.append(BadRow(path, reason, line, offset))

    def bad_file(self, path: str, reason: str, line: int | None = None, offset: int | None = None) -> None:
        """Record a fault that ended the reading of a file; the rows before it were kept."""
        self.faulty_files[path] = str(BadRow(path, reason, line, offset))

    def note(self, text: str, instead_of: str = "") -> None:
        """Add a remark once, in the place of an earlier one where that is there."""
        if instead_of in self.notes:
            self.notes[self.notes.index(instead_of)] = text
        elif text not in self.notes:
            self.notes.append(text)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values for JSON."""
        return {
            "rows": self.rows,
            "faulty": self.faulty,
            "files": [file.to_dict() for file in self.files],
            "passed_over": dict(self.passed_over),
            "bad_rows": [row.to_dict() for row in self.bad_rows],
            "bad_row_reasons": dict(self.bad_row_reasons),
            "faulty_files": dict(self.faulty_files),
            "repeats": dict(self.repeats),
            "tails": [row.to_dict() for row in self.tails],
            "shapes": dict(self.shapes),
            "missing_text": self.missing_text,
            "eval_only_steps": list(self.eval_only_steps),
            "decoding": self.decoding,
            "notes": list(self.notes),
        }

    def lines(self) -> list[str]:
        """The report for people, one finding a line.

        Example:
            >>> report = ReadReport()
            >>> report.files.append(FileRead("run/1.jsonl", "verl", 16, {"output": "completion"}))
            >>> print("\\n".join(report.lines()))
            read 16 completions from 1 file
            reader verl: 1 file, 16 completions (run/1.jsonl)
              columns taken: output as completion
        """
        found = [*self._read(), *self._left(), *self._lost(), *(f"note: {note}" for note in self.notes)]
        return [_printable(line) for line in found]

    def _read(self) -> Iterator[str]:
        yield f"read {_count(self.rows, 'completion')} from {_count(len(self.files), 'file')}"
        for (reader, columns), files in _by_reader(self.files).items():
            rows = sum(file.rows for file in files)
            last = f" ... {files[-1].path}" if len(files) > 1 else ""
            read = f"{_count(len(files), 'file')}, {_count(rows, 'completion')}"
            yield f"reader {reader}: {read} ({files[0].path}{last})"
            if columns:
                yield "  columns taken: " + ", ".join(f"{name} as {role}" for name, role in columns)
        if self.decoding:
            yield f"decoding: {self.decoding}"
        if len(self.shapes) > 1 or self.missing_text:
            yield "shapes of completions: " + ", ".join(
                f"{n} {shape}" for shape, n in self.shapes.most_common()
            )

    def _left(self) -> Iterator[str]:
        by_reason: dict[str, list[str]] = {}
        for path, reason in self.passed_over.items():
            by_reason.setdefault(reason, []).append(path)
        for reason, paths in by_reason.items():
            more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
            yield f"passed over {paths[0]}{more}: {reason}"
        for reason, rows in self.repeats.items():
            yield f"dropped {_count(rows, 'row')} as repeats: {reason}"
        if self.eval_only_steps:
            yield "steps that hold evaluation only: " + ", ".join(map(str, self.eval_only_steps))

    def _lost(self) -> Iterator[str]:
        for tail in self.tails:
            yield f"partial tail at {tail}"
        for reason, rows in self.bad_row_reasons.items():
            places = "; ".join(str(bad) for bad in self.bad_rows if bad.reason == reason)
            yield f"bad: {_count(rows, 'row')} ({reason})" + (f": {places}" if places else "")
        for fault in self.faulty_files.values():
            yield f"bad file: {fault}"


def _printable(line: str) -> str:
    """Names of files and columns are foreign text: what does not print is shown as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _by_reader(files: list[FileRead]) -> dict[tuple[str, tuple[tuple[str, str], ...]], list[FileRead]]:
    groups: dict[tuple[str, tuple[tuple[str, str], ...]], list[FileRead]] = {}
    for file in files:
        groups.setdefault((file.reader, tuple(file.columns.items())), []).append(file)
    return groups
