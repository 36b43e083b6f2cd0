"""Finisher: what all logs share, done once for every completion that a reader yields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from echoformat.completion import Completion, problem_of
from echoformat.completion_batch import CompletionBatch
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.flat import completions_of
from echoformat.rollouts.flat_blocks import Block, Columns, filled, plain_columns
from echoformat.rollouts.options import ReadOptions
from echoformat.rollouts.report import ReadReport

MOST_COUNTED = 1_000_000
"""Counters of samples by problem that are held at once; beyond it those of the oldest steps are forgotten."""

FIRST_REWARDS = 64
"""Rows of a run's first file whose rewards must all be 0 or 1 for the reward to count as correctness."""


class Finisher:
    """Fills in run, step, split and problem, numbers the samples, and reads 0/1 rewards as correctness.

    The rule for correctness where no column says it: if every reward among the first 64 rows of a run is 0 or
    1 (rows without one aside), the reward is the correctness, until the first reward that is neither; from
    there on it is ``None`` and the report says so.
    """

    def __init__(self, options: ReadOptions, report: ReadReport, run: str | None) -> None:
        self._from, self._report, self._fixed_run = options.step_from, report, run
        self._counts: dict[tuple[str, int | None, str], dict[str, int]] = {}
        self._counted = 0
        self.binary: dict[str, bool] = {}
        self._source = ""
        self._prompts: dict[str, str] = {}
        self._file: LogFile | None = None
        self._number = 0
        self._steps: dict[tuple[str, int], set[str]] = {}
        self.metadata: dict[str, dict[str, Any]] = {}

    def open(self, file: LogFile, number: int) -> None:
        """Begin with a file, the ``number``-th."""
        self._file, self._number = file, number
        self._source = f"{file.read.reader} {file.run}"

    def close(self) -> None:
        """Tell the report what only the whole log shows."""
        trained = {run for (run, _), splits in self._steps.items() if splits - {"eval"}}
        only = {step for (run, step), splits in self._steps.items() if splits == {"eval"} and run in trained}
        self._report.eval_only_steps = sorted(only)

    def finished(self, completions: Iterator[Completion]) -> Iterator[Completion]:
        """The same completions, complete."""
        file = self._file
        assert file is not None
        if self._source not in self.binary:
            completions = self._decide(completions)
        row = 0
        for row, done in enumerate(completions):
            self._finish(done, file, row)
            file.read.rows += 1
            yield done
        self._decoding(file)

    def appended(self, blocks: Iterator[Block], batch: CompletionBatch) -> Iterator[int]:
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
        batch.samples += self._samples(runs, steps, splits, problems)
        batch.rewards += rewards
        batch.truncateds += filled(columns.truncateds, size, None)
        batch.tokens += filled(columns.tokens, size, None)
        batch.sources += [f"{file.path}:{line}" for line in block.lines]
        batch.corrects += self._corrects_of(corrects, rewards, batch.sources[-size:])
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
            return [self._problem(prompt) for prompt in prompts] if prompts is not None else [""] * size
        if prompts is None or "" not in columns.problems:
            return columns.problems
        return [known or self._problem(prompt) for known, prompt in zip(columns.problems, prompts)]

    def _corrects_of(
        self, corrects: list[bool | None], rewards: list[float | None], sources: list[str]
    ) -> list[bool | None]:
        if not self.binary.get(self._source) or None not in corrects:
            return corrects
        rows = zip(corrects, rewards, sources)
        return [
            self._correctness(reward, source) if known is None else known for known, reward, source in rows
        ]

    def _constants(self, block: Block, runs: list[str]) -> None:
        if len(set(runs)) > 1:
            for run, record in zip(runs, block.records()):
                self._constant(run, {name: record[name] for name in block.plan.rest if name in record})
        elif runs and block.plan.rest:
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

    def _finish(self, done: Completion, file: LogFile, row: int) -> None:
        if self._fixed_run is not None:
            done.run = self._fixed_run
        elif not done.run:
            done.run = file.run
        if self._from is not None:
            done.step = row if self._from == "line" else self._number if self._from == "file" else file.step
        elif done.step is None:
            done.step = file.step
        if not done.split and file.split:
            done.split = file.split
        if not done.problem and done.prompt is not None:
            done.problem = self._problem(done.prompt)
        done.sample = self._place(done.run, done.step, done.split, done.problem)
        if done.correct is None and done.reward is not None:
            done.correct = self._correctness(done.reward, done.source)
        if "decoding" in file.facts:
            done.extras = {**done.extras, "decoding": file.facts["decoding"]}
        if done.extras:
            self._constant(done.run, done.extras)

    def _problem(self, prompt: str | None) -> str:
        """The prompt's hash; groups repeat their prompt, so the last ones are remembered."""
        if prompt is None:
            return ""
        known = self._prompts.get(prompt)
        if known is None:
            if len(self._prompts) >= 4096:
                self._prompts.clear()
            known = self._prompts[prompt] = problem_of(prompt)
        return known

    def _place(self, run: str, step: int | None, split: str, problem: str) -> int:
        """The number of the next sample of a problem at a step."""
        counts = self._counters((run, step, split))
        number = counts.get(problem, 0)
        counts[problem] = number + 1
        return number

    def _samples(
        self, runs: list[str], steps: list[int | None], splits: list[str], problems: list[str]
    ) -> Iterator[int]:
        """``_place`` for columns; rows of one step stand together, so its counters are looked up once."""
        counts: dict[str, int] = {}
        at: tuple[str, int | None, str] | None = None
        for run, step, split, problem in zip(runs, steps, splits, problems):
            if at is None or step != at[1] or run != at[0] or split != at[2]:
                at = (run, step, split)
                counts = self._counters(at)
            number = counts.get(problem, 0)
            counts[problem] = number + 1
            yield number

    def _counters(self, key: tuple[str, int | None, str]) -> dict[str, int]:
        counts = self._counts.get(key)
        if counts is None:
            self._new_step(key)
            counts = self._counts[key] = {}
        return counts

    def _new_step(self, key: tuple[str, int | None, str]) -> None:
        run, step, split = key
        if step is not None:
            self._steps.setdefault((run, step), set()).add(split)
        held = sum(map(len, self._counts.values())) if len(self._counts) % 64 == 0 else 0
        while held > MOST_COUNTED and self._counts:
            oldest = next(iter(self._counts))
            held -= len(self._counts.pop(oldest))

    def _decide(self, completions: Iterator[Completion]) -> Iterator[Completion]:
        first = list(islice(completions, FIRST_REWARDS))
        self._binary_by([one.reward for one in first])
        yield from first
        yield from completions

    def _binary_by(self, rewards: list[float | None]) -> None:
        stated = [reward for reward in rewards if reward is not None]
        if stated:
            self.binary[self._source] = all(reward in (0.0, 1.0) for reward in stated)

    def _correctness(self, reward: float | None, source: str) -> bool | None:
        """A reward of 0 or 1 as correctness, until the first that is neither."""
        if reward is None or not self.binary.get(self._source):
            return None
        if reward in (0.0, 1.0):
            return reward == 1.0
        self.binary[self._source] = False
        self._report.note(
            f"rewards were taken as correctness until {source}, where one is neither 0 nor 1; "
            "name the column with columns=Columns(correct=...)"
        )
        return None

    def _constant(self, run: str, extras: Mapping[str, Any]) -> None:
        known = self.metadata.get(run)
        if known is None:
            self.metadata[run] = {name: value for name, value in extras.items() if _is_plain(value)}
            return
        for name, value in list(known.items()):
            if extras.get(name) != value:
                del known[name]

    def _decoding(self, file: LogFile) -> None:
        said = file.facts.get("decoding")
        if said and self._report.decoding not in ("", said):
            self._report.decoding = "greedy and sampled"
        elif said:
            self._report.decoding = said


def _is_plain(value: Any) -> bool:
    return (isinstance(value, str | int | float | bool) and len(str(value)) < 200) or isinstance(value, dict)
