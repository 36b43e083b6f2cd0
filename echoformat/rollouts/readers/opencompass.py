"""OpenCompass predictions: ``predictions/{model}/{dataset}.json``, one object with a key a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.compose import composed, told
from echoformat.rollouts.file import LogFile


class OpenCompass:
    """``{"0": {"prediction": ..., "origin_prompt": ...}, ...}``."""

    name = "opencompass"
    title = "OpenCompass predictions"
    source = "https://github.com/open-compass/opencompass"

    def sniff(self, file: LogFile) -> bool:
        """A key ``"0"`` with a prediction."""
        entry = file.first.get("0") if isinstance(file.first, Mapping) else None
        return isinstance(entry, Mapping) and "prediction" in entry

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Each prediction, or each of several; correctness stands in other files (``results/``)."""
        file.read.columns.update({"prediction": "completion", "origin_prompt": "prompt"})
        for line, page in file.rows():
            for key, entry in page.items() if isinstance(page, Mapping) else ():
                yield from self._entry(file, line, key, entry)

    def _entry(self, file: LogFile, line: int, key: str, entry: Any) -> Iterator[Completion]:
        if not isinstance(entry, Mapping):
            file.bad_row(f"entry {key} is not a record", line)
            return
        given = entry.get("prediction")
        for text in given if isinstance(given, list) else [given]:
            prompt = entry.get("origin_prompt")
            done = composed(file, line, text, prompt=prompt, split="eval", extras=told(entry, "gold"))
            done.source = f"{file.path}[{key}]"
            yield done


READER = OpenCompass()
