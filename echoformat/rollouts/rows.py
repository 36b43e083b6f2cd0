"""Finisher: what all logs share, done once for every completion that a reader yields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from echoformat.completion import Completion, problem_of
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.options import ReadOptions
from echoformat.rollouts.report import ReadReport

MOST_COUNTED = 1_000_000
"""Counters of samples by problem that are held at once; beyond it those of the oldest steps are forgotten."""

FIRST_REWARDS = 64
"""Rows of the first file whose rewards must all be 0 or 1 for the reward to count as correctness."""


class Finisher:
    """Fills in run, step, split and problem, numbers the samples, and reads 0/1 rewards as correctness.

    The rule for correctness where no column says it: if every reward among the first 64 rows that have one is
    0 or 1, the reward is the correctness, until the first reward that is neither; from there on it is
    ``None`` and the report says so.
    """

    def __init__(self, options: ReadOptions, report: ReadReport, run: str | None) -> None:
        self._from, self._report, self._fixed_run = options.step_from, report, run
        self._counts: dict[tuple[str, int | None, str], dict[str, int]] = {}
        self._counted = 0
        self.binary: bool | None = None
        self._prompts: dict[str, str] = {}
        self._file: LogFile | None = None
        self._number = 0
        self._steps: dict[int, set[str]] = {}
        self.metadata: dict[str, dict[str, Any]] = {}

    def open(self, file: LogFile, number: int) -> None:
        """Begin with a file, the ``number``-th."""
        self._file, self._number = file, number

    def close(self) -> None:
        """Tell the report what only the whole log shows."""
        only = [step for step, splits in self._steps.items() if splits == {"eval"}]
        if any("train" in splits or "" in splits for splits in self._steps.values()):
            self._report.eval_only_steps = sorted(only)

    def finished(self, completions: Iterator[Completion]) -> Iterator[Completion]:
        """The same completions, complete."""
        file = self._file
        assert file is not None
        if self.binary is None:
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
            done.problem = self._problem(done.prompt)
        self._place(done)
        if self.binary and done.correct is None:
            self._correct(done)
        if done.extras:
            self._constant(done.run, done.extras)

    def _problem(self, prompt: str) -> str:
        """The prompt's hash; groups repeat their prompt, so the last ones are remembered."""
        known = self._prompts.get(prompt)
        if known is None:
            if len(self._prompts) >= 4096:
                self._prompts.clear()
            known = self._prompts[prompt] = problem_of(prompt)
        return known

    def _place(self, done: Completion) -> None:
        key = (done.run, done.step, done.split)
        counts = self._counts.get(key)
        if counts is None:
            self._new_step(key)
            counts = self._counts[key] = {}
        number = counts.get(done.problem, 0)
        done.sample = number
        counts[done.problem] = number + 1

    def _new_step(self, key: tuple[str, int | None, str]) -> None:
        _, step, split = key
        if step is not None:
            self._steps.setdefault(step, set()).add(split)
        held = sum(map(len, self._counts.values())) if len(self._counts) % 64 == 0 else 0
        while held > MOST_COUNTED and self._counts:
            oldest = next(iter(self._counts))
            held -= len(self._counts.pop(oldest))

    def _decide(self, completions: Iterator[Completion]) -> Iterator[Completion]:
        first = list(islice(completions, FIRST_REWARDS))
        rewards = [one.reward for one in first if one.reward is not None]
        if rewards:
            self.binary = all(reward in (0.0, 1.0) for reward in rewards)
        yield from first
        yield from completions

    def _correct(self, done: Completion) -> None:
        if done.reward in (0.0, 1.0):
            done.correct = done.reward == 1.0
        elif done.reward is not None:
            self.binary = False
            self._report.note(
                f"rewards were taken as correctness until {done.source}, where one is neither 0 nor 1; "
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
