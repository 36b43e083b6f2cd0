"""open-instruct's ``{run}_rollouts_{shard}.jsonl`` (``save_traces``): token ids, so a tokenizer is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from echoformat.completion import Completion
from echoformat.rollouts.columns import cut_off
from echoformat.rollouts.compose import a_list, composed, told
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.steps import step_of
from echoformat.rollouts.token_ids import WHY_PASSED, decoder_of


class OpenInstruct:
    """``prompt_tokens`` and ``response_tokens``."""

    name = "open_instruct"
    title = "open-instruct rollouts"
    source = "https://github.com/allenai/open-instruct/blob/main/open_instruct/rl_utils.py"

    def sniff(self, file: LogFile) -> bool:
        """Those columns, as lists."""
        return {"prompt_tokens", "response_tokens"} <= file.keys and isinstance(
            file.first["response_tokens"], list
        )

    def chosen(self, files: Sequence[LogFile]) -> Mapping[str, str]:
        """Nothing can be read without a tokenizer."""
        return {file.path: WHY_PASSED for file in files if file.options.tokenizer is None}

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Rows, decoded."""
        decode = decoder_of(file.options.tokenizer)
        file.read.columns.update(
            {"response_tokens": "completion", "prompt_tokens": "prompt", "reward": "reward"}
        )
        for line, record in file.rows():
            ids = record.get("response_tokens") if isinstance(record, Mapping) else None
            if not isinstance(ids, list):
                file.bad_row("no response_tokens in this line", line)
                continue
            yield composed(
                file,
                line,
                decode(ids),
                prompt=decode(a_list(record.get("prompt_tokens"))),
                reward=record.get("reward"),
                rewards=told(record, "reward"),
                step=step_of(record.get("step")),
                truncated=cut_off(record.get("finish_reason")),
                tokens=len(ids),
                extras=told(record, "dataset", "ground_truth", "advantage", "prompt_idx", "sample_idx"),
            )


READER = OpenInstruct()
