"""PromptHashes: the problem that a prompt stands for, where a log has no id of its own."""

from __future__ import annotations

from echoformat.completion import problem_of
from echoformat.rollouts.flat_blocks import Columns

MOST_PROMPTS = 4096


class PromptHashes(dict[str | None, str]):
    """Hashes of prompts; groups repeat their prompt, so the last ones are remembered.

    Example:
        >>> hashes = PromptHashes()
        >>> hashes["2+2?"] == problem_of("2+2?"), hashes[None]
        (True, '')
    """

    def __missing__(self, prompt: str | None) -> str:
        if len(self) >= MOST_PROMPTS:
            self.clear()
        self[prompt] = known = problem_of(prompt)
        return known

    def of(self, columns: Columns, size: int) -> list[str]:
        """The problems of plain rows: as they are stated, else by their prompts."""
        stated, prompts = columns.problems, columns.prompts
        if stated is None:
            return [""] * size if prompts is None else list(map(self.__getitem__, prompts))
        if prompts is None or "" not in stated:
            return stated
        return [known or self[prompt] for known, prompt in zip(stated, prompts)]
