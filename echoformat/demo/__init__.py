"""Bundled rollouts of two genuine RL runs, so that a first report needs no data.

A Llama-shaped model of 0.38 million parameters was pretrained from scratch on a third each of three formats
of arithmetic word problems, then trained with GRPO on answer reward: 16 problems x 8 completions a step.
In `U_s_kl0` nothing holds the policy to its start; in `U_s_kl1` a KL penalty of coefficient 1 does.
"""

from __future__ import annotations

from pathlib import Path

RUNS = ("U_s_kl0", "U_s_kl1")


def demo_files() -> tuple[Path, ...]:
    """The bundled logs, one file a run.

    Example:
        >>> [path.name for path in demo_files()]
        ['U_s_kl0.jsonl.gz', 'U_s_kl1.jsonl.gz']
    """
    folder = Path(__file__).parent
    return tuple(folder / f"{run}.jsonl.gz" for run in RUNS)
