"""rLLM's episodes: one JSON file an episode under ``episodes/{train,val}_step_{N}_epoch_{E}/``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.compose import a_list, composed, told
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.steps import split_of, step_of
from echoformat.rollouts.texts import turns_of


class Rllm:
    """``trajectories`` with ``steps``, beside ``training_step``."""

    name = "rllm"
    title = "rLLM episodes"
    source = "https://github.com/rllm-org/rllm/blob/main/rllm/utils/episode_logger.py"

    def sniff(self, file: LogFile) -> bool:
        """Those fields."""
        return {"trajectories", "training_step"} <= file.keys

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Each trajectory of the episode; the policy's turns one below the other."""
        folder = file.folders[-1] if file.folders else ""
        split = split_of(folder.partition("_")[0])
        file.read.columns.update({"steps.model_response": "completion", "trajectories.reward": "reward"})
        for line, episode in file.rows():
            trajectories = episode.get("trajectories") if isinstance(episode, Mapping) else None
            if not isinstance(trajectories, list):
                file.bad_row("no trajectories in this episode", line)
                continue
            for trajectory in trajectories:
                known = trajectory if isinstance(trajectory, Mapping) else {}
                steps = a_list(known.get("steps"))
                yield composed(
                    file,
                    line,
                    _texts(steps),
                    prompt=_prompt(episode, steps),
                    reward=known.get("reward"),
                    rewards=episode.get("metrics") if isinstance(episode.get("metrics"), Mapping) else {},
                    correct=episode.get("is_correct"),
                    step=step_of(episode.get("training_step")),
                    split=split,
                    problem=str(episode.get("task_hash") or ""),
                    extras=told(episode, "epoch", "episode_id", "termination_reason"),
                )


def _texts(steps: list[Any]) -> str | None:
    texts = [step.get("model_response") for step in steps if isinstance(step, Mapping)]
    given = [text for text in texts if isinstance(text, str)]
    return "\n".join(given) if given else None


def _prompt(episode: Mapping[str, Any], steps: list[Any]) -> Any:
    first = steps[0] if steps and isinstance(steps[0], Mapping) else {}
    talk = first.get("chat_completions")
    task = episode.get("task")
    if isinstance(talk, list) and talk:
        return turns_of(talk)[0]
    return task.get("question") if isinstance(task, Mapping) else task


READER = Rllm()
