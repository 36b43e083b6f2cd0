"""verl's dumps: ``rollout_data_dir/{step}.jsonl`` and ``validation_data_dir/{step}.jsonl``."""

from __future__ import annotations

from collections.abc import Iterator

from echoformat.completion import Completion
from echoformat.rollouts.container import Container
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.flat_blocks import Block, blocks_of
from echoformat.rollouts.readers.generic import flat_rows

ROLES = {"completion": "output", "prompt": "input", "reward": "score", "step": "step"}


class Verl:
    """One file a step; ``input``, ``output``, ``score`` and every key of the reward function's dictionary."""

    name = "verl"
    title = "verl rollout and validation dumps"
    source = "https://github.com/volcengine/verl/blob/main/verl/trainer/ppo/ray_trainer.py"

    def sniff(self, file: LogFile) -> bool:
        """``input``, ``output`` and ``score`` in the first line."""
        return file.container is Container.LINES and {"input", "output", "score"} <= file.keys

    def step_of_path(self, file: LogFile) -> int | None:
        """The file is called by its step."""
        stem = file.name.split(".")[0]
        return int(stem) if stem.isdecimal() else None

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Rows; validation rows are told by their folder or by the column that only validation writes."""
        self._split(file)
        yield from flat_rows(file, known=ROLES)

    def blocks(self, file: LogFile) -> Iterator[Block]:
        """The same rows as blocks of columns."""
        self._split(file)
        yield from blocks_of(file, ROLES)

    def _split(self, file: LogFile) -> None:
        if not file.split and {"reward", "score"} <= file.keys:
            file.split = "eval"


READER = Verl()
