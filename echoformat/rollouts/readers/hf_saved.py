"""Datasets saved by HF ``datasets`` (``save_to_disk``): Arrow files that ``state.json`` lists.

Arrow files that it does not list are caches of ``map`` and would count rows twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from echoformat.completion import Completion
from echoformat.rollouts.container import Container
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.flat import holds_completions
from echoformat.rollouts.flat_blocks import Block, blocks_of
from echoformat.rollouts.opening import is_url
from echoformat.rollouts.readers.generic import flat_rows


class HfSaved:
    """``data-00000-of-00001.arrow``; the folders of a DatasetDict name the split."""

    name = "hf_saved"
    title = "HF datasets saved to disk"
    source = "https://huggingface.co/docs/datasets/process#save"

    def sniff(self, file: LogFile) -> bool:
        """Arrow with a column for completions."""
        return file.container is Container.ARROW and holds_completions(file.first)

    def chosen(self, files: Sequence[LogFile]) -> Mapping[str, str]:
        """Pass over Arrow files that the dataset's ``state.json`` does not list."""
        listed = {file.path: _listed(file) for file in files}
        return {
            file.path: "not listed in state.json (a cache)"
            for file in files
            if (names := listed[file.path]) and file.name not in names
        }

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Rows by column names."""
        yield from flat_rows(file)

    def blocks(self, file: LogFile) -> Iterator[Block]:
        """The same rows as blocks of columns."""
        yield from blocks_of(file)


def _listed(file: LogFile) -> set[str]:
    if is_url(file.path):
        return set()
    try:
        state = json.loads(Path(file.path).with_name("state.json").read_text("utf-8", "replace"))
        return {entry["filename"] for entry in state["_data_files"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return set()


READER = HfSaved()
