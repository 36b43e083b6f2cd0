"""CompletionBatch: completions as columns, for work that wants no object a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from echoformat.completion import Completion


@dataclass(slots=True)
class CompletionBatch:
    """Columns of completions, all of one length; row ``i`` of every list is one completion.

    Example:
        >>> batch = CompletionBatch.of([Completion("4", step=1, problem="p", reward=1.0)])
        >>> len(batch), batch.texts, batch.steps, batch.rewards
        (1, ['4'], [1], [1.0])
    """

    texts: list[str | None] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    steps: list[int | None] = field(default_factory=list)
    splits: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    samples: list[int] = field(default_factory=list)
    rewards: list[float | None] = field(default_factory=list)
    corrects: list[bool | None] = field(default_factory=list)
    truncateds: list[bool | None] = field(default_factory=list)
    tokens: list[int | None] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    @classmethod
    def of(cls, completions: Iterable[Completion]) -> CompletionBatch:
        """The columns of some completions."""
        batch = cls()
        for completion in completions:
            batch.append(completion)
        return batch

    def append(self, completion: Completion) -> None:
        """Add one row."""
        self.texts.append(completion.text)
        self.runs.append(completion.run)
        self.steps.append(completion.step)
        self.splits.append(completion.split)
        self.problems.append(completion.problem)
        self.samples.append(completion.sample)
        self.rewards.append(completion.reward)
        self.corrects.append(completion.correct)
        self.truncateds.append(completion.truncated)
        self.tokens.append(completion.tokens)
        self.sources.append(completion.source)

    def extend(self, more: CompletionBatch, columns: Iterable[str] | None = None) -> None:
        """Add the rows of another batch, all of their columns or some."""
        for name in self.__slots__ if columns is None else columns:
            getattr(self, name).extend(getattr(more, name))

    def clear(self) -> None:
        """Forget all rows."""
        for name in self.__slots__:
            getattr(self, name).clear()

    def cut(self, size: int) -> CompletionBatch:
        """Take the first ``size`` rows out into a batch of their own."""
        first = CompletionBatch()
        for name in self.__slots__:
            column = getattr(self, name)
            # The longer part keeps its list, so that only the shorter one is copied.
            if 2 * size < len(column):
                setattr(first, name, column[:size])
                del column[:size]
            else:
                setattr(first, name, column)
                setattr(self, name, column[size:])
                del column[size:]
        return first

    def rows(self) -> Iterator[Completion]:
        """The rows as completions (prompt, reasoning, named rewards and extras are not in a batch)."""
        for i, text in enumerate(self.texts):
            yield Completion(
                text,
                self.runs[i],
                self.steps[i],
                self.splits[i],
                self.problems[i],
                self.samples[i],
                reward=self.rewards[i],
                correct=self.corrects[i],
                truncated=self.truncateds[i],
                tokens=self.tokens[i],
                source=self.sources[i],
            )
