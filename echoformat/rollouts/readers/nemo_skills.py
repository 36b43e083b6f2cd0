"""NeMo-Skills: ``output.jsonl`` (greedy), ``output-rs{seed}.jsonl`` (sampled), chunks while running.

With ``remove_thinking`` the thinking is cut from ``generation`` and the whole stays in
``_full_generation``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from echoformat.completion import Completion
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.readers.generic import flat_rows

_NAME = re.compile(r"output(-rs\d+)?(_chunk_\d+)?\.jsonl(-async)?\Z")


class NemoSkills:
    """``generation`` beside an expected or predicted answer."""

    name = "nemo_skills"
    title = "NeMo-Skills generations"
    source = "https://github.com/NVIDIA-NeMo/Skills"

    def sniff(self, file: LogFile) -> bool:
        """Those columns."""
        answers = {"expected_answer", "predicted_answer", "symbolic_correct", "num_generated_tokens"}
        return "generation" in file.keys and bool(answers & file.keys)

    def chosen(self, files: Sequence[LogFile]) -> Mapping[str, str]:
        """Pass over chunks and unfinished files whose whole is there."""
        paths = {file.path for file in files}
        whole = {file.path: _whole(file) for file in files}
        return {p: f"its rows stand in {w} too" for p, w in whole.items() if w != p and w in paths}

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Rows; joined means the whole generation."""
        found = _NAME.search(file.name)
        if found:
            file.facts["decoding"] = "sampled" if found[1] else "greedy"
        full = "_full_generation" in file.keys and not file.options.apart
        roles = {"completion": "_full_generation" if full else "generation"}
        yield from flat_rows(file, known=roles)


def _whole(file: LogFile) -> str:
    bare = re.sub(r"_chunk_\d+", "", file.name).replace(".jsonl-async", ".jsonl")
    return file.path.removesuffix(file.name) + bare


READER = NemoSkills()
