"""RolloutLog: completions out of what a framework wrote, one by one, and the report of the reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from echoformat.completion import Completion
from echoformat.completion_batch import CompletionBatch
from echoformat.errors import UsageError
from echoformat.rollouts import listing
from echoformat.rollouts.block_rows import BlockFinisher
from echoformat.rollouts.container import Container
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.flat import checked_columns
from echoformat.rollouts.options import Columns, ReadOptions, checked_reasoning
from echoformat.rollouts.place import placed
from echoformat.rollouts.reader import Reader, chosen
from echoformat.rollouts.report import ReadReport
from echoformat.rollouts.run_names import run_names
from echoformat.rollouts.shelf import OWN, all_readers, plugins, read_by, reader_for


def read_rollouts(
    paths: listing.Paths,
    columns: Columns | None = None,
    step_from: str | None = None,
    reasoning: str = "join",
    run: str | None = None,
    tokenizer: Any = None,
    strict: bool = False,
) -> RolloutLog:
    """Read saved rollouts; what wrote them is found out by looking at paths and first records.

    Files are listed and looked at now; rows are read while iterating, in constant memory, files in numeric
    order.

    Args:
        paths: A file, a directory, a glob, a URL for fsspec, or several of them.
        columns: Names of columns that override what is found; files are then read as generic rows.
        step_from: ``None`` (what the rows say, else the path), ``"path"``, ``"line"`` (the row's number in
            its file, from 0), ``"file"`` (the file's number, from 0), or a regular expression with one group
            for paths.
        reasoning: ``"join"`` puts thinking that a log keeps apart back before the text; ``"apart"`` leaves it
            out.
        run: Name of the run, where the rows' own or the folders' names shall not be used.
        tokenizer: For logs that hold token ids only: anything with ``decode(ids)``, or a folder with
            ``tokenizer.json``.
        strict: Raise at the first row that cannot be used.

    Raises:
        UsageError: A path that is missing, unreadable or empty; a column that is not there; nothing to read.
        MissingExtra: A file that needs an optional package (parquet, zstd, URLs).

    Example:
        >>> import json, pathlib, tempfile
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> rows = [{"step": s, "prompt": "2+2?", "response": "4", "reward": 1.0} for s in (1, 2)]
        >>> _ = (folder / "run.jsonl").write_text("\\n".join(map(json.dumps, rows)))
        >>> log = read_rollouts(folder)
        >>> [(c.step, c.text, c.correct) for c in log]
        [(1, '4', True), (2, '4', True)]
        >>> log.report.rows, log.report.faulty
        (2, False)
    """
    options = ReadOptions(columns or Columns(), step_from, checked_reasoning(reasoning), tokenizer, strict)
    options.pattern()
    report = ReadReport()
    given = listing.as_paths(paths)
    found = listing.listed(given, report)
    names = [run] * len(found) if run is not None else run_names([one.path for one in found])
    shared: dict[str, Any] = {}
    files = [
        LogFile(one.path, one.parts, options, report, name or "", one.named, shared=shared)
        for one, name in zip(found, names)
    ]
    taken = _taken(files, found, report)
    runs = list(dict.fromkeys(file.run for file, _ in taken))
    if len(runs) > 1:
        report.note(f"{len(runs)} runs, told apart by their folders: {', '.join(runs)}")
    return RolloutLog(taken, options, report, run)


@dataclass(frozen=True, slots=True)
class Opened:
    """One file of a log that is being read.

    Attributes:
        file: The file.
        reader: What reads it.
        finisher: What its rows need of the rows before them.
        number: Its place among the files.
    """

    file: LogFile
    reader: Reader
    finisher: BlockFinisher
    number: int

    def begin(self) -> None:
        """Its rows come next."""
        self.finisher.open(self.file, self.number)

    def appended(self, batch: CompletionBatch, sources: bool = True) -> Iterator[int]:
        """Append its rows to a batch, by blocks of columns where the reader has them; yields how many."""
        blocks = getattr(self.reader, "blocks", None) if self.reader in OWN else None
        if blocks is not None:
            yield from self.finisher.appended(blocks(self.file), batch, sources)
            return
        for completion in self.finisher.finished(read_by(self.reader, self.file)):
            batch.append(completion)
            yield 1


class RolloutLog:
    """An iterable of completions; each iteration reads the files again.

    Attributes:
        report: What was read and what was not; complete after an iteration.
        metadata: Per run, the other columns that were the same in every row (``kl_coef``, ``model_size``);
            complete after an iteration.
        readers: Name of each file's reader, by path.
    """

    def __init__(
        self,
        taken: Sequence[tuple[LogFile, Reader]],
        options: ReadOptions,
        report: ReadReport,
        run: str | None,
    ) -> None:
        self._taken, self._options, self.report, self._run = list(taken), options, report, run
        self.readers = {file.path: reader.name for file, reader in taken}
        self.metadata: dict[str, dict[str, Any]] = {}
        report.files = [file.read for file, _ in taken]
        self._again = False

    def __iter__(self) -> Iterator[Completion]:
        for opened in self.opened():
            yield from opened.finisher.finished(read_by(opened.reader, opened.file))

    def opened(self) -> Iterator[Opened]:
        """The files one by one, for who reads them piece by piece; the log is read once all are."""
        finisher, files = self.begun()
        for file in files:
            file.begin()
            yield file
        finisher.close()

    def begun(self) -> tuple[BlockFinisher, list[Opened]]:
        """All files, for who looks ahead; begin each in its turn, and close the finisher at the end."""
        finisher = self._finisher()
        for file, _ in self._taken:
            file.plans, file.mended = {}, 0
        return finisher, [Opened(*one, finisher, number) for number, one in enumerate(self._taken)]

    def _finisher(self) -> BlockFinisher:
        if self._again:
            self.report.restart()
            self._taken[0][0].shared.clear()
        self._again = True
        finisher = BlockFinisher(self._options, self.report, self._run)
        self.metadata = finisher.metadata
        return finisher

    def batches(self, size: int = 4096, sources: bool = True) -> Iterator[CompletionBatch]:
        """The same completions in columns, ``size`` rows at a time (the last batch may be shorter).

        Args:
            size: Rows of a batch.
            sources: Whether to say where each row stands; without, where rows come in blocks that is ``""``.

        Raises:
            UsageError: ``size`` is below one.
        """
        if size < 1:
            raise UsageError(f"size={size}: a batch holds at least one row")
        batch = CompletionBatch()
        for opened in self.opened():
            for _ in opened.appended(batch, sources):
                while len(batch) >= size:
                    yield batch.cut(size)
        if len(batch):
            yield batch


def _taken(
    files: Sequence[LogFile], found: Sequence[listing.Listed], report: ReadReport
) -> list[tuple[LogFile, Reader]]:
    readers = all_readers()
    for wrong in plugins()[1]:
        report.note(wrong)
    known: dict[str, tuple[Reader, list[LogFile]]] = {}
    taken = []
    for file, one in zip(files, found, strict=True):
        reader = _looked_at(file, one, readers)
        if reader is not None:
            known.setdefault(reader.name, (reader, []))[1].append(file)
            taken.append((file, reader))
    passed = {path: why for reader, own in known.values() for path, why in chosen(reader, own).items()}
    report.passed_over.update(passed)
    taken = [(file, reader) for file, reader in taken if file.path not in passed]
    if not taken:
        raise UsageError(_nothing(files, report))
    placed(taken)
    return taken


def _looked_at(file: LogFile, one: listing.Listed, readers: Sequence[Reader]) -> Reader | None:
    """The file's reader, or ``None`` with the reason told."""
    try:
        if file.container is Container.EMPTY:
            _fault_or_pass(file, one, file.facts.get("broken", "is empty"))
            return None
        reader = reader_for(file, readers)
    except OSError as error:
        if one.named:
            raise UsageError(f"{file.path} cannot be read: {error.strerror or error}") from error
        file.report.passed_over[file.path] = f"cannot be read: {error.strerror or error}"
        return None
    wrong = _wrong_column(file)
    if wrong is not None:
        if one.named:
            raise wrong
        file.report.passed_over[file.path] = str(wrong).removeprefix(f"{file.path} ")
        return None
    if reader is None:
        _fault_or_pass(file, one, _why_unknown(file))
    else:
        file.read.reader = reader.name
    return reader


def _wrong_column(file: LogFile) -> UsageError | None:
    """What is wrong with the caller's columns for this file."""
    if not file.options.columns.given() or not file.keys:
        return None
    try:
        checked_columns(file.options.columns, file.keys, file.first, file.path)
    except UsageError as error:
        return error
    return None


def _fault_or_pass(file: LogFile, one: listing.Listed, reason: str) -> None:
    """A file whose bytes are no log at all is a fault; one that is merely something else is passed over."""
    broken = file.container in (Container.EMPTY, Container.UNKNOWN) or file.first is None
    if broken and (one.named or file.container is not Container.UNKNOWN):
        file.bad_file(reason)
    file.report.passed_over[file.path] = reason


def _why_unknown(file: LogFile) -> str:
    if file.keys:
        names = sorted(map(str, file.keys))
        more = ", ..." if len(names) > 8 else ""
        return f"no column holds completions (columns: {', '.join(names[:8])}{more})"
    if file.first is not None:
        return f"its rows are {type(file.first).__name__} values, not records"
    if file.container is Container.UNKNOWN:
        return "neither JSON, CSV, parquet nor any other log that is known"
    return f"no record could be read from this {file.container} file"


def _nothing(files: Sequence[LogFile], report: ReadReport) -> str:
    if not files and not report.passed_over:
        return "no file found: the directory is empty"
    shown = [f"{path}: {reason}" for path, reason in list(report.passed_over.items())[:5]]
    more = len(report.passed_over) - len(shown)
    rest = f"; and {more} more files" if more > 0 else ""
    hint = (
        ". Name the column with columns=Columns(completion=...) or --completion" if _nameless(report) else ""
    )
    return f"no rollouts found. {'; '.join(shown)}{rest}{hint}"


def _nameless(report: ReadReport) -> bool:
    return any(reason.startswith("no column holds") for reason in report.passed_over.values())
