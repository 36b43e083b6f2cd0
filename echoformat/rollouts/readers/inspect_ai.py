"""inspect_ai logs: ``.eval`` (a zip with one member a sample) and ``.json`` (one object).

Members are zstd (which the standard library reads from Python 3.14 on) or deflate. The step has no
standard place; it is looked for in the metadata (``global_step``, ``step``), in tags (``step=100``) and
in the model's name.
"""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from echoformat.completion import Completion
from echoformat.rollouts.columns import cut_off
from echoformat.rollouts.compose import a_list, composed, told
from echoformat.rollouts.container import Container
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.opening import zstd
from echoformat.rollouts.records import ROW_CAP
from echoformat.rollouts.steps import step_in_path, step_of

_ZSTD = 93
_HEADERS = ("header.json", "_journal/start.json")
_STEPS = ("global_step", "step", "training_step", "checkpoint_step", "checkpoint")


class InspectAi:
    """Samples with ``output``, ``scores``, ``id`` and ``epoch``."""

    name = "inspect_ai"
    title = "inspect_ai evaluation logs"
    source = "https://inspect.aisi.org.uk/eval-logs.html"

    def sniff(self, file: LogFile) -> bool:
        """A zip with inspect's members, or an object with ``eval`` and ``samples``."""
        if file.container is Container.ZIP:
            return any(name in _HEADERS or name.startswith("samples/") for name in file.members)
        return {"eval", "samples"} <= file.keys and isinstance(file.first["eval"], Mapping)

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Each sample of each epoch."""
        file.read.columns.update({"output.completion": "completion", "input": "prompt", "scores": "correct"})
        if file.container is not Container.ZIP:
            for _, page in file.rows():
                yield from self._page(file, page)
            return
        with file.open() as stream, zipfile.ZipFile(stream) as archive:
            head = self._head(file, stream, archive)
            samples = [info for info in archive.infolist() if info.filename.startswith("samples/")]
            for row, info in enumerate(samples, 1):
                sample = _member(file, stream, info)
                if sample is not None:
                    yield _completion(file, row, sample, head)

    def _page(self, file: LogFile, page: Any) -> Iterator[Completion]:
        if not isinstance(page, Mapping):
            file.bad_row("not a log of inspect_ai")
            return
        head = _facts(file, page)
        for row, sample in enumerate(a_list(page.get("samples")), 1):
            yield _completion(file, row, sample if isinstance(sample, Mapping) else {}, head)

    def _head(self, file: LogFile, stream: BinaryIO, archive: zipfile.ZipFile) -> int | None:
        names = {info.filename: info for info in archive.infolist()}
        info = next((names[name] for name in _HEADERS if name in names), None)
        return _facts(file, _member(file, stream, info) or {}) if info is not None else file.step


def _facts(file: LogFile, page: Mapping[str, Any]) -> int | None:
    """The step of the evaluated policy; greedy or sampled goes to the file's facts."""
    about = _mapping(page.get("eval"))
    settings = {
        **_mapping(_mapping(page.get("plan")).get("config")),
        **_mapping(about.get("model_generate_config")),
    }
    if settings.get("temperature") is not None:
        file.facts["decoding"] = "greedy" if settings["temperature"] == 0 else "sampled"
    metadata = {**_mapping(about.get("task_args")), **_mapping(about.get("metadata"))}
    stated = (step_of(metadata.get(key)) for key in _STEPS)
    tags = (step_in_path(str(tag)) for tag in a_list(about.get("tags")))
    named = (step_in_path(str(about.get("model"))), file.step)
    return next((step for steps in (stated, tags, named) for step in steps if step is not None), None)


def _completion(file: LogFile, row: int, sample: Mapping[str, Any], step: int | None) -> Completion:
    output = _mapping(sample.get("output"))
    choices = output.get("choices")
    choice = _mapping(choices[0]) if isinstance(choices, list) and choices else {}
    message = _mapping(choice.get("message"))
    given = _mapping(sample.get("scores")) or {"score": sample.get("score")}
    scores = {name: _mapping(score).get("value") for name, score in given.items() if score is not None}
    usage = _mapping(output.get("usage"))
    done = composed(
        file,
        row,
        _answer(message, sample) if message else output.get("completion"),
        prompt=_whole(sample.get("input"), sample),
        rewards={
            name: {"C": 1.0, "I": 0.0}.get(v, v) if isinstance(v, str) else v for name, v in scores.items()
        },
        correct=next(iter(scores.values()), None),
        step=step,
        split="eval",
        problem=str(sample.get("id", "")),
        tokens=usage.get("output_tokens") if isinstance(usage.get("output_tokens"), int) else None,
        truncated=cut_off(choice.get("stop_reason")),
        extras=told(sample, "target", "epoch", "metadata", "error"),
    )
    done.source = f"{file.path}[{sample.get('id')}/{sample.get('epoch')}]"
    return done


def _answer(message: Mapping[str, Any], sample: Mapping[str, Any]) -> dict[str, Any]:
    return {**message, "content": _whole(message.get("content"), sample)}


def _whole(content: Any, sample: Mapping[str, Any]) -> Any:
    """Content with the long texts that a sample keeps as attachments put back."""
    if isinstance(content, str):
        prefix, found, key = content.partition("attachment://")
        kept = _mapping(sample.get("attachments"))
        return kept.get(key, content) if found and not prefix else content
    return content


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _member(file: LogFile, stream: BinaryIO, info: zipfile.ZipInfo) -> Mapping[str, Any] | None:
    try:
        value = json.loads(unpacked(stream, info).decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError, OSError, zlib.error, struct.error) as error:
        file.bad_row(f"{info.filename} cannot be read: {error}")
        return None
    return value if isinstance(value, Mapping) else None


def unpacked(stream: BinaryIO, info: zipfile.ZipInfo) -> bytes:
    """The bytes of a zip member that is stored, deflated or zstd-compressed.

    Raises:
        ValueError: Another method, more bytes than a row may have, or damaged data.
    """
    if info.file_size > ROW_CAP:
        raise ValueError(f"larger than {ROW_CAP >> 20} MB")
    stream.seek(info.header_offset)
    name, extra = struct.unpack("<26xHH", stream.read(30))
    stream.seek(name + extra, 1)
    packed = stream.read(info.compress_size)
    if info.compress_type == zipfile.ZIP_STORED:
        return packed
    if info.compress_type == zipfile.ZIP_DEFLATED:
        return zlib.decompressobj(-15).decompress(packed, ROW_CAP)
    if info.compress_type != _ZSTD:
        raise ValueError(f"zip method {info.compress_type} is not known")
    zstandard = zstd()
    try:
        with zstandard.ZstdDecompressor().stream_reader(packed) as reader:
            return bytes(reader.read(ROW_CAP))
    except zstandard.ZstdError as error:
        raise ValueError(f"zstd data damaged: {error}") from error


READER = InspectAi()
