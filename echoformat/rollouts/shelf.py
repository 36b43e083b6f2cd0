"""The shelf of readers: the project's own, listed once, and those that installed packages bring."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from echoformat.completion import Completion
from echoformat.entry_points import entry_points
from echoformat.errors import EchoformatError
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.reader import Reader
from echoformat.rollouts.readers import (
    areal,
    atropos,
    generic,
    gsm8k_solutions,
    hf_saved,
    inspect_ai,
    lighteval,
    lm_eval,
    ms_swift,
    nemo_rl,
    nemo_skills,
    open_instruct,
    opencompass,
    qwen_math,
    rllm,
    simple_evals,
    skyrl,
    slime,
    tinker,
    trl,
    verifiers,
    verifiers_results,
    verl,
    wandb,
    zhao2025,
)

OWN: tuple[Reader, ...] = (
    trl.READER,
    verl.READER,
    nemo_rl.READER,
    verifiers.READER,
    verifiers_results.READER,
    skyrl.READER,
    slime.READER,
    areal.READER,
    open_instruct.READER,
    rllm.READER,
    ms_swift.READER,
    atropos.READER,
    tinker.READER,
    lm_eval.READER,
    lighteval.READER,
    inspect_ai.READER,
    opencompass.READER,
    simple_evals.READER,
    nemo_skills.READER,
    qwen_math.READER,
    gsm8k_solutions.READER,
    wandb.READER,
    hf_saved.READER,
    zhao2025.READER,
    generic.READER,
)
"""In the order in which they are asked; the generic reader takes any completion column, so it is last."""

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "echoformat.readers"
"""Entry point group for readers of other packages; an entry point names a ``Reader`` instance or class."""


@cache
def plugins() -> tuple[tuple[Reader, ...], tuple[str, ...]]:
    """Readers of installed packages, and what was wrong with those that do not load."""
    found, wrong = [], []
    if os.environ.get("ECHOFORMAT_NO_PLUGINS"):
        return (), ()
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            found.append(_loaded(entry))
        except (Exception, SystemExit) as error:
            wrong.append(
                f"reader {entry.name} ({entry.value}) does not load: {type(error).__name__}: {error}"
            )
    return tuple(found), tuple(wrong)


def _loaded(entry: EntryPoint) -> Reader:
    thing = entry.load()
    reader = thing() if isinstance(thing, type) else thing
    if not isinstance(reader, Reader):
        raise TypeError("it has no name, title, source, sniff and read")
    return reader


def all_readers() -> tuple[Reader, ...]:
    """Every reader in asking order: those of installed packages, then the project's own.

    Example:
        >>> [reader.name for reader in all_readers()][-1]
        'generic'
    """
    return (*plugins()[0], *OWN)


def reader_for(file: LogFile, readers: Sequence[Reader]) -> Reader | None:
    """The first reader that knows the file; one that fails at looking is told to the report and passed."""
    if file.options.columns.given():
        readers = [generic.READER]
    for reader in readers:
        if reader in OWN:
            known = reader.sniff(file)
        else:
            known = _asked(reader, file)
        if known:
            return reader
    return None


def _asked(reader: Reader, file: LogFile) -> bool:
    try:
        return bool(reader.sniff(file))
    except (Exception, SystemExit) as error:
        file.report.note(f"reader {reader.name} failed at {file.path}: {type(error).__name__}: {error}")
        return False


def read_by(reader: Reader, file: LogFile) -> Iterator[Completion]:
    """A file's completions; a foreign reader that fails loses the rest of its file, with the reason told."""
    if reader in OWN:
        yield from reader.read(file)
        return
    try:
        yield from reader.read(file)
    except EchoformatError:
        raise
    except (Exception, SystemExit) as error:
        file.bad_file(f"reader {reader.name} failed: {type(error).__name__}: {error}")
