"""BlockFinisher: the work of ``Finisher`` on columns, with the same rows as its outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from echoformat.completion import Completion
from echoformat.completion_batch import CompletionBatch
from echoformat.rollouts.coded import Coded
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.flat import completions_of
from echoformat.rollouts.flat_blocks import Block, Columns, filled, plain_columns
from echoformat.rollouts.part import PartRead
from echoformat.rollouts.report import ReadReport
from echoformat.rollouts.row_columns import NO_STEP, UNSAID, RowColumns
from echoformat.rollouts.rows import FIRST_REWARDS, Finisher

if TYPE_CHECKING:
    from numpy.typing import NDArray

_AS_CORRECT = {1.0: True, 0.0: False, None: None}


class BlockFinisher(Finisher):
    """A ``Finisher`` that also takes blocks of columns."""

    def appended(
        self, blocks: Iterator[Block], batch: CompletionBatch, sources: bool = True
    ) -> Iterator[int]:
        """Append blocks to a batch, yielding how many rows each added; the rows are those of ``finished``."""
        file = self._file
        assert file is not None
        if self._undecided:
            self._undecided = False
            blocks = self._decide_by_blocks(blocks)
        for block in blocks:
            columns = plain_columns(block, self._report)
            rows = len(batch)
            if columns is None:
                for done in self._one_by_one(block, file):
                    self._finish(done, file, self._row)
                    batch.append(done)
                    self._row += 1
            else:
                self._append(columns, len(block), file, batch, partial(_place, file, block.lines))
                batch.sources += _places(file, block.lines) if sources else [""] * len(block)
                self._constants(block, batch.runs[rows:])
            file.read.rows += len(batch) - rows
            yield len(batch) - rows
        self._decoding(file)

    def of_part(self, part: PartRead) -> RowColumns:
        """The rows that another reader took out of a part of the file, complete; the texts stay there."""
        file, said = self._file, part.columns
        assert file is not None
        size = len(part.lines)
        rewards = np.full(size, np.nan) if said.rewards is None else said.rewards
        if self._undecided:
            self._undecided = False
            self._binary_by([None if r != r else r for r in rewards[:FIRST_REWARDS].tolist()])
        self._report.shapes.update(part.shapes)
        runs = _words(said.runs if self._fixed_run is None else None, size, self._fixed_run or file.run)
        splits = _words(said.splits, size, file.split)
        steps = self._step_array(said.steps, size, file)
        samples = self._numbers.of_codes(runs, steps, splits, said.problems)
        corrects = self._correct_codes(
            _codes(said.corrects, size), rewards, lambda row: f"{file.path}:{part.line_of(row)}"
        )
        file.read.rows += size
        self._row += size
        truncateds = _codes(said.truncateds, size)
        return RowColumns(runs, steps, splits, said.problems, samples, rewards, corrects, truncateds)

    def _one_by_one(self, block: Block, file: LogFile) -> Iterator[Completion]:
        for line, record in zip(block.lines, block.records()):
            for done in completions_of(record, block.plan, self._report, file.options.apart):
                done.source = f"{file.path}:{line}"
                yield done

    def _append(
        self, columns: Columns, size: int, file: LogFile, batch: CompletionBatch, place: Callable[[int], str]
    ) -> None:
        runs = filled(columns.runs if self._fixed_run is None else None, size, self._fixed_run or file.run)
        if columns.runs is not None and file.run and self._fixed_run is None:
            runs = [run or file.run for run in runs]
        splits = filled(columns.splits, size, file.split)
        if columns.splits is not None and file.split:
            splits = [split or file.split for split in splits]
        steps, problems = self._steps_of(columns, size, file), self._prompts.of(columns, size)
        corrects = filled(columns.corrects, size, None)
        rewards = filled(columns.rewards, size, None)
        batch.texts += columns.texts
        batch.runs += runs
        batch.steps += steps
        batch.splits += splits
        batch.problems += problems
        batch.samples += self._numbers.column(runs, steps, splits, problems)
        batch.rewards += rewards
        batch.truncateds += filled(columns.truncateds, size, None)
        batch.tokens += filled(columns.tokens, size, None)
        batch.corrects += self._corrects_of(corrects, rewards, place)
        self._row += size

    def _steps_of(self, columns: Columns, size: int, file: LogFile) -> list[int | None]:
        if self._from == "line":
            return list(range(self._row, self._row + size))
        if self._from is not None:
            return [self._number if self._from == "file" else file.step] * size
        if columns.steps is None or file.step is None:
            return filled(columns.steps, size, file.step)
        return [file.step if step is None else step for step in columns.steps]

    def _step_array(self, steps: NDArray[np.int64] | None, size: int, file: LogFile) -> NDArray[np.int64]:
        if self._from == "line":
            return np.arange(self._row, self._row + size, dtype=np.int64)
        path = NO_STEP if file.step is None else file.step
        if steps is None or self._from is not None:
            return np.full(size, self._number if self._from == "file" else path, dtype=np.int64)
        return steps if file.step is None else np.where(steps == NO_STEP, path, steps)

    def _correct_codes(
        self, corrects: NDArray[np.int8], rewards: NDArray[np.float64], place: Callable[[int], str]
    ) -> NDArray[np.int8]:
        """`_corrects_of` for codes."""
        unsaid = corrects == UNSAID
        if not self.binary.get(self._source) or not unsaid.any():
            return corrects
        told = unsaid & ~np.isnan(rewards)
        odd = np.flatnonzero(told & (rewards != 0) & (rewards != 1))
        if len(odd):
            told[odd[0] :] = False
            self._not_binary(place(int(odd[0])))
        return np.where(told, (rewards == 1).astype(np.int8), corrects)

    def _corrects_of(
        self, corrects: list[bool | None], rewards: list[float | None], place: Callable[[int], str]
    ) -> list[bool | None]:
        if not self.binary.get(self._source) or None not in corrects:
            return corrects
        if corrects.count(None) == len(corrects) and set(rewards) <= _AS_CORRECT.keys():
            return list(map(_AS_CORRECT.__getitem__, rewards))
        rows = enumerate(zip(corrects, rewards))
        odd = (i for i, (known, reward) in rows if known is None and reward not in _AS_CORRECT)
        end = next(odd, len(rewards))
        known = [_AS_CORRECT[rewards[i]] if corrects[i] is None else corrects[i] for i in range(end)]
        if end < len(rewards):
            self._not_binary(place(end))
        return known + corrects[end:]

    def _constants(self, block: Block, runs: list[str]) -> None:
        if not runs or not block.plan.rest:
            return
        if len(set(runs)) > 1:
            for run, record in zip(runs, block.records()):
                self._constant(run, {name: record[name] for name in block.plan.rest if name in record})
        else:
            self._constant_columns(runs[0], block)

    def _constant_columns(self, run: str, block: Block) -> None:
        if run not in self.metadata:
            record = block.records()[0]
            self._constant(run, {name: record[name] for name in block.plan.rest if name in record})
        known = self.metadata[run]
        for name, value in list(known.items()):
            if name not in block.plan.rest or block.column(name).count(value) < len(block):
                del known[name]

    def _decide_by_blocks(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """The rule of ``_decide`` on the rows of the first blocks."""
        first: list[Block] = []
        rewards: list[float | None] = []
        for block in blocks:
            first.append(block)
            for record in block.records():
                group = completions_of(record, block.plan, ReadReport(), True)
                rewards += [done.reward for done in group]
                if len(rewards) >= FIRST_REWARDS:
                    break
            if len(rewards) >= FIRST_REWARDS:
                break
        self._binary_by(rewards[:FIRST_REWARDS])
        yield from first
        yield from blocks


def _words(column: Coded | None, rows: int, word: str) -> Coded:
    """A column, with a word where it has none."""
    if column is None:
        return Coded.same(word, rows)
    return column.filled(word) if word else column


def _codes(column: NDArray[np.int8] | None, rows: int) -> NDArray[np.int8]:
    return np.full(rows, UNSAID, dtype=np.int8) if column is None else column


def _places(file: LogFile, lines: Sequence[int]) -> list[str]:
    """``file:line`` of rows."""
    return [f"{file.path}:{line}" for line in lines]


def _place(file: LogFile, lines: Sequence[int], row: int) -> str:
    return f"{file.path}:{lines[row]}"
