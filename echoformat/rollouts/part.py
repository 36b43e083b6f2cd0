"""Part: a stretch of a file of JSON lines that another process can read, as long as its rows are plain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from echoformat.errors import InputError
from echoformat.rollouts.coded import Coded
from echoformat.rollouts.container import Container
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.flat import FlatPlan
from echoformat.rollouts.flat_blocks import Columns, joined, plain_columns
from echoformat.rollouts.opening import CHUNK, Compression, is_url
from echoformat.rollouts.prompt_hashes import PromptHashes
from echoformat.rollouts.reader import Reader
from echoformat.rollouts.report import ReadReport
from echoformat.rollouts.row_columns import coded_numbers, coded_steps, coded_truths
from echoformat.rollouts.rows import FIRST_REWARDS
from echoformat.rollouts.shelf import OWN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Some thousand rows, as many as are labelled at once; towards the end of a file less, so that who reads the
# last part does not keep the others waiting.
PART_BYTES = 6 << 20
LEAST_PART_BYTES = 1 << 20
LONGEST_START = 64 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """What a process that has not seen a file must know to read a stretch of it.

    Attributes:
        reader: Name of the file's reader.
        facts: Fields of its ``LogFile``.
        start: First byte, where a line begins.
        end: Byte behind the last line.
    """

    reader: str
    facts: Mapping[str, Any]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PartColumns:
    """The columns of plain rows as arrays (see `RowColumns`), as far as their file has them."""

    problems: Coded
    runs: Coded | None
    splits: Coded | None
    steps: NDArray[np.int64] | None
    rewards: NDArray[np.float64] | None
    corrects: NDArray[np.int8] | None
    truncateds: NDArray[np.int8] | None


@dataclass(slots=True)
class PartRead:
    """The plain rows of a part.

    Attributes:
        columns: Their columns; the texts stand apart.
        lines: Their lines, counted from the part's first.
        shapes: How their completions came.
        path: The file.
        start: First byte of the part.
    """

    columns: PartColumns
    lines: Sequence[int]
    shapes: Counter[str]
    path: str
    start: int

    def line_of(self, row: int) -> int:
        """The line in the file of a row; it takes reading the file up to there."""
        return lines_before(self.path, self.start) + self.lines[row]


def lines_before(path: str, end: int) -> int:
    """How many lines of a file end before a place."""
    lines = 0
    with Path(path).open("rb") as stream:
        while end > 0 and (piece := stream.read(min(CHUNK, end))):
            lines, end = lines + piece.count(b"\n"), end - len(piece)
    return lines


def parts_of(file: LogFile, reader: Reader, workers: int) -> Iterator[Part] | None:
    """The file in parts; ``None`` where it must be read as a whole, by one process.

    Its first rows must be plain: what one process finds in them, all others are told.

    Args:
        file: The file.
        reader: What reads it.
        workers: Processes that share the parts; without any, a small file is better read with others.
    """
    if not _is_cuttable(file, reader):
        return None
    size, first = Path(file.path).stat().st_size, _first_lines(file.path)
    if first > LONGEST_START or (workers == 0 and size < LEAST_PART_BYTES):
        return None
    probe = replace(file, report=ReadReport(), plans={}, window=(0, first, 0))
    read = _plain(probe, reader, PromptHashes())
    if read is None or len(probe.plans) != 1:
        return None
    file.plans, file.split = probe.plans, probe.split
    file.read.columns.update(probe.read.columns)
    return _cut(file, reader, first, size, workers)


def _is_cuttable(file: LogFile, reader: Reader) -> bool:
    return (
        reader in OWN
        and hasattr(reader, "blocks")
        and not is_url(file.path)
        and file.options.tokenizer is None
        and file.compression is Compression.NONE
        and file.encoding == "utf-8"
        and file.container is Container.LINES
    )


def _first_lines(path: str) -> int:
    """Where the lines end that decide on a file."""
    with Path(path).open("rb") as stream:
        for _ in range(FIRST_REWARDS):
            _end_of_line(stream)
            if stream.tell() > LONGEST_START:
                break
        return stream.tell()


def _end_of_line(stream: BinaryIO) -> None:
    """Go behind the end of a line, however long it is."""
    while (piece := stream.readline(CHUNK)) and not piece.endswith(b"\n"):
        pass


def _cut(file: LogFile, reader: Reader, first: int, size: int, workers: int) -> Iterator[Part]:
    names = ("path", "parts", "options", "run", "named", "step", "split", "plans")
    facts = {name: getattr(file, name) for name in names}
    start = 0
    with Path(file.path).open("rb") as stream:
        while start < size:
            stream.seek(max(start + _size_of_part(size - start, workers), first) - 1)
            _end_of_line(stream)
            end = min(stream.tell(), size)
            yield Part(reader.name, facts, start, end)
            start = end


def _size_of_part(left: int, workers: int) -> int:
    share = left // (2 * workers) if workers > 1 else left
    return min(PART_BYTES, max(LEAST_PART_BYTES, share))


def read_part(part: Part, hashes: PromptHashes) -> tuple[list[str | None], PartRead] | None:
    """The texts and the other columns of a part; ``None`` where its rows are not all plain.

    Args:
        part: What to read.
        hashes: Those of prompts of other parts, to which more are added.
    """
    reader = next(one for one in OWN if one.name == part.reader)
    facts = {**part.facts, "plans": dict(part.facts["plans"])}
    file = LogFile(**facts, report=ReadReport(), window=(part.start, part.end, 0))
    return _plain(file, reader, hashes)


def _plain(file: LogFile, reader: Any, hashes: PromptHashes) -> tuple[list[str | None], PartRead] | None:
    kinds = max(len(file.plans), 1)
    whole: Columns | None = None
    plan: FlatPlan | None = None
    lines: Sequence[int] = ()
    try:
        for block in reader.blocks(file):
            columns, plan = plain_columns(block, file.report), plan or block.plan
            if columns is None or block.plan is not plan or len(file.plans) > kinds:
                return None
            columns.problems, columns.prompts = hashes.of(columns, len(block)), None
            whole = columns if whole is None else _longer(whole, columns)
            lines = joined(lines, block.lines)
    except InputError:
        return None
    if whole is None or _has_more_to_say(file.report):
        return None
    said = _in_arrays(whole)
    start = file.window[0] if file.window else 0
    return (
        None
        if said is None
        else (
            whole.texts,
            PartRead(said, lines, file.report.shapes, file.path, start),
        )
    )


def _in_arrays(whole: Columns) -> PartColumns | None:
    """Columns as arrays; ``None`` where a step is too large for that."""
    steps = _given(coded_steps, whole.steps)
    if steps is not None and steps.dtype == object:
        return None
    return PartColumns(
        Coded.of(whole.problems or []),
        _given(Coded.of, whole.runs),
        _given(Coded.of, whole.splits),
        steps,
        _given(coded_numbers, whole.rewards),
        _given(coded_truths, whole.corrects),
        _given(coded_truths, whole.truncateds),
    )


def _given(read: Callable[[list[Any]], Any], column: list[Any] | None) -> Any:
    return None if column is None else read(column)


def _longer(whole: Columns, more: Columns) -> Columns:
    for one in fields(Columns):
        column = getattr(whole, one.name)
        if column is not None:
            column += getattr(more, one.name)
    return whole


def _has_more_to_say(report: ReadReport) -> bool:
    """Whether reading met anything that only who reads the whole log can place."""
    return report.faulty or bool(report.tails or report.notes or report.repeats)
