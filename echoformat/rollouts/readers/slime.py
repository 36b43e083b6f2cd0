"""slime's debug dumps: ``rollout_data/{rollout_id}.pt`` and ``eval_{id}.pt``, zip files as torch writes them.

The pickle inside is read by an unpickler that refuses every global, so nothing in a file can run and
torch is not needed. Plain samples hold plain values; a dump with tensors or arrays in it is refused with
that reason.
"""

from __future__ import annotations

import io
import pickle
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.compose import composed, told
from echoformat.rollouts.container import Container
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.steps import step_of

_NAME = re.compile(r"(eval_)?(\d+)\.pt\Z")
MOST_BYTES = 1 << 32
MOST_PACKED = 1 << 28
"""Torch stores its pickles; a packed one that grows much larger than its file is no dump of slime."""


class Slime:
    """A zip with ``data.pkl`` whose samples have a ``response``."""

    name = "slime"
    title = "slime rollout dumps"
    source = "https://github.com/THUDM/slime/blob/main/slime/observability/rollout_data_utils.py"

    def sniff(self, file: LogFile) -> bool:
        """Any torch zip; what does not hold samples says so when read."""
        return file.container is Container.TORCH

    def step_of_path(self, file: LogFile) -> int | None:
        """The number that the file is called by."""
        found = _NAME.search(file.name)
        return int(found[2]) if found else None

    def read(self, file: LogFile) -> Iterator[Completion]:
        """The samples."""
        try:
            data = plain_pickle(file)
        except (
            pickle.UnpicklingError,
            zipfile.BadZipFile,
            OSError,
            EOFError,
            ValueError,
            IndexError,
        ) as error:
            file.bad_file(str(error))
            return
        except (MemoryError, RecursionError, KeyError, TypeError, AttributeError, OverflowError) as error:
            file.bad_file(f"damaged pickle: {error}")
            return
        samples = data.get("samples") if isinstance(data, Mapping) else None
        if not isinstance(samples, list):
            file.bad_file("holds no list of samples")
            return
        yield from self._completions(file, samples, step_of(data.get("rollout_id")))

    def _completions(self, file: LogFile, samples: list[Any], step: int | None) -> Iterator[Completion]:
        found = _NAME.search(file.name)
        split = "eval" if found and found[1] else "train"
        file.read.columns.update({"response": "completion", "prompt": "prompt", "reward": "reward"})
        for row, sample in enumerate(samples, 1):
            if not isinstance(sample, Mapping):
                file.bad_row("a sample is not a record", row)
                continue
            reward = sample.get("reward")
            yield composed(
                file,
                row,
                sample.get("response"),
                prompt=sample.get("prompt"),
                reward=reward,
                rewards=reward if isinstance(reward, Mapping) else told(sample, "reward"),
                step=step,
                split=split,
                truncated=sample.get("status") == "truncated" if sample.get("status") else None,
                tokens=sample.get("response_length")
                if isinstance(sample.get("response_length"), int)
                else None,
                extras=told(sample, "label", "group_index", "index", "status", "metadata"),
            )


class _PlainUnpickler(pickle.Unpickler):
    """Builds numbers, texts, lists and dictionaries, and nothing that has a name."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(
            f"holds {module}.{name}, more than plain values; refused, nothing was run"
        )

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("holds tensors; refused, nothing was run. Dump plain samples")


def plain_pickle(file: LogFile) -> Any:
    """The plain values of a torch zip.

    Raises:
        pickle.UnpicklingError: It names a class or a function, or holds a tensor.
    """
    with file.open() as stream, zipfile.ZipFile(stream) as archive:
        name = next(name for name in archive.namelist() if name.endswith("data.pkl"))
        info = archive.getinfo(name)
        if info.file_size > (MOST_BYTES if info.compress_type == zipfile.ZIP_STORED else MOST_PACKED):
            raise ValueError(f"a pickle of {info.file_size >> 20} MB, more than is read at once")
        return _PlainUnpickler(io.BytesIO(archive.read(name))).load()


READER = Slime()
