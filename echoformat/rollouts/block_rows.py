"""BlockFinisher: the work of ``Finisher`` on columns, with the same rows as its outcome."""

from __future__ import annotations

from collections.abc import Iterator

from echoformat.completion import Completion
from echoformat.completion_batch import CompletionBatch
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.flat import completions_of
from echoformat.rollouts.flat_blocks import Block, Columns, filled, plain_columns
from echoformat.rollouts.report import ReadReport
from echoformat.rollouts.rows import FIRST_REWARDS, Finisher

_AS_CORRECT = {1.0: True, 0.0: False, None: None}


class BlockFinisher(Finisher):
    """A ``Finisher`` that also takes blocks of columns."""

    def appended(
        self, blocks: Iterator[Block], batch: CompletionBatch, sources: bool = True
    ) -> Iterator[int]:
        """Append blocks to a batch, yielding how many rows each added; the rows are those of ``finished``."""
        file = self._file
        assert file is not None
        if self._source not in self.binary:
            blocks = self._decide_by_blocks(blocks)
        row = 0
        for block in blocks:
            columns = plain_columns(block, self._report)
            rows = len(batch)
            if columns is None:
                for done in self._one_by_one(block, file):
                    self._finish(done, file, row)
                    batch.append(done)
                    row += 1
            else:
                self._append(columns, block, file, batch, row)
                batch.sources += block.places(file.path) if sources else [""] * len(block)
                row += len(block)
            file.read.rows += len(batch) - rows
            yield len(batch) - rows
        self._decoding(file)

    def _one_by_one(self, block: Block, file: LogFile) -> Iterator[Completion]:
        for line, record in zip(block.lines, block.records()):
            for done in completions_of(record, block.plan, self._report, file.options.apart):
                done.source = f"{file.path}:{line}"
                yield done

    def _append(
        self, columns: Columns, block: Block, file: LogFile, batch: CompletionBatch, row: int
    ) -> None:
        size = len(block)
        runs = filled(columns.runs if self._fixed_run is None else None, size, self._fixed_run or file.run)
        if columns.runs is not None and file.run and self._fixed_run is None:
            runs = [run or file.run for run in runs]
        splits = filled(columns.splits, size, file.split)
        if columns.splits is not None and file.split:
            splits = [split or file.split for split in splits]
        steps, problems = self._steps_of(columns, size, file, row), self._problems_of(columns, size)
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
        batch.corrects += self._corrects_of(corrects, rewards, block, file)
        self._constants(block, runs)

    def _steps_of(self, columns: Columns, size: int, file: LogFile, row: int) -> list[int | None]:
        if self._from == "line":
            return list(range(row, row + size))
        if self._from is not None:
            return [self._number if self._from == "file" else file.step] * size
        if columns.steps is None or file.step is None:
            return filled(columns.steps, size, file.step)
        return [file.step if step is None else step for step in columns.steps]

    def _problems_of(self, columns: Columns, size: int) -> list[str]:
        prompts = columns.prompts
        if columns.problems is None:
            return [""] * size if prompts is None else list(map(self._prompts.__getitem__, prompts))
        if prompts is None or "" not in columns.problems:
            return columns.problems
        return [known or self._prompts[prompt] for known, prompt in zip(columns.problems, prompts)]

    def _corrects_of(
        self, corrects: list[bool | None], rewards: list[float | None], block: Block, file: LogFile
    ) -> list[bool | None]:
        if not self.binary.get(self._source) or None not in corrects:
            return corrects
        if corrects.count(None) == len(corrects) and set(rewards) <= _AS_CORRECT.keys():
            return list(map(_AS_CORRECT.__getitem__, rewards))
        rows = zip(corrects, rewards, block.places(file.path))
        return [
            self._correctness(reward, source) if known is None else known for known, reward, source in rows
        ]

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
