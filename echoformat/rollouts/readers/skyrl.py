"""SkyRL's evaluation dumps: ``dumped_evals/global_step_{N}_evals/{data_source}.jsonl``.

Training text goes to a tracker's table only. Special tokens are kept; ``score`` is a number, or one a
token.
"""

from __future__ import annotations

from collections.abc import Iterator

from echoformat.completion import Completion
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.readers.generic import flat_rows

ROLES = {
    "completion": "output_response",
    "prompt": "input_prompt",
    "reward": "score",
    "finish": "stop_reason",
}


class SkyRl:
    """``input_prompt``, ``output_response``, ``score``."""

    name = "skyrl"
    title = "SkyRL evaluation dumps"
    source = "https://github.com/NovaSky-AI/SkyRL"

    def sniff(self, file: LogFile) -> bool:
        """Those columns."""
        return {"input_prompt", "output_response", "score"} <= file.keys

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Rows, all of them evaluation."""
        for completion in flat_rows(file, known=ROLES):
            completion.split = "eval"
            yield completion


READER = SkyRl()
