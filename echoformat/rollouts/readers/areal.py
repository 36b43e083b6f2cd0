"""AReaL's dumps: ``{rollout,eval-rollout}/{policy version}/{task_id}.jsonl`` (``dump_to_file``).

The folder is the version of the policy, which also stands in ``tail_version``. Special tokens are kept.
``task_id`` numbers what was sampled, not the problem, which is known by its prompt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from echoformat.completion import Completion
from echoformat.rollouts.columns import whole
from echoformat.rollouts.compose import composed, told
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.steps import step_of


class Areal:
    """``task_id``, ``sample_idx``, ``prompt``, ``completion``, ``tail_version``."""

    name = "areal"
    title = "AReaL trajectory dumps"
    source = "https://github.com/inclusionAI/AReaL/blob/main/areal/infra/workflow_executor.py"

    def sniff(self, file: LogFile) -> bool:
        """Those columns."""
        return {"task_id", "prompt", "completion", "tail_version"} <= file.keys

    def step_of_path(self, file: LogFile) -> int | None:
        """The innermost folder, where it is a number."""
        folder = file.folders[-1] if file.folders else ""
        return int(folder) if folder.isdecimal() else None

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Rows."""
        split = "eval" if "eval-rollout" in file.folders else "train" if "rollout" in file.folders else ""
        folder = self.step_of_path(file)
        file.read.columns.update({"completion": "completion", "prompt": "prompt", "reward": "reward"})
        for line, record in file.rows():
            if not isinstance(record, Mapping):
                file.bad_row("a row is not an object", line)
                continue
            length, prompt = whole(record.get("seqlen")), whole(record.get("prompt_len"))
            yield composed(
                file,
                line,
                record.get("completion"),
                prompt=record.get("prompt"),
                reward=record.get("reward"),
                rewards=told(record, "reward"),
                split=split,
                step=step_of(record.get("tail_version")) if folder is None else folder,
                tokens=length - prompt if length is not None and prompt is not None else None,
                extras=told(record, "task_id", "head_version", "tail_version"),
            )


READER = Areal()
