"""Finisher: what all logs share, done once for every completion that a reader yields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.options import ReadOptions
from echoformat.rollouts.prompt_hashes import PromptHashes
from echoformat.rollouts.report import ReadReport
from echoformat.rollouts.samples import SampleNumbers

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
        self._numbers = SampleNumbers()
        self.binary: dict[str, bool] = {}
        self._source = ""
        self._prompts = PromptHashes()
        self._file: LogFile | None = None
        self._number = self._row = 0
        self._undecided = False
        self.metadata: dict[str, dict[str, Any]] = {}

    def open(self, file: LogFile, number: int) -> None:
        """Begin with a file, the ``number``-th."""
        self._file, self._number, self._row = file, number, 0
        self._source = f"{file.read.reader} {file.run}"
        self._undecided = self._source not in self.binary

    def close(self) -> None:
        """Tell the report what only the whole log shows."""
        self._report.eval_only_steps = self._numbers.eval_only_steps()

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
            done.problem = self._prompts[done.prompt]
        done.sample = self._numbers.next(done.run, done.step, done.split, done.problem)
        if done.correct is None and done.reward is not None:
            done.correct = self._correctness(done.reward, done.source)
        if "decoding" in file.facts:
            done.extras = {**done.extras, "decoding": file.facts["decoding"]}
        if done.extras:
            self._constant(done.run, done.extras)

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
        self._not_binary(source)
        return None

    def _not_binary(self, source: str) -> None:
        self.binary[self._source] = False
        self._report.note(
            f"rewards were taken as correctness until {source}, where one is neither 0 nor 1; "
            "name the column with columns=Columns(correct=...)"
        )

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
