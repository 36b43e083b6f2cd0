"""Reader: what a file of the shelf is, one a framework."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from echoformat.completion import Completion
from echoformat.rollouts.file import LogFile


@runtime_checkable
class Reader(Protocol):
    """Reads what one framework writes.

    A reader looks at a file's path and first record (``file.first``), says whether it knows it, and turns its
    rows into completions. It leaves to ``RolloutLog`` what all logs share: the step of the path where a row
    has none, the problem from the prompt, the number of the sample, the place in the file. It may also have

    * ``chosen(files) -> Mapping[str, str]``: of the files it knows, those to pass over, path to reason;
    * ``follows = False``: its files repeat what older ones hold, so ``Following`` leaves them alone;
    * ``blocks(file) -> Iterator[Block]``: flat rows as columns, for ``RolloutLog.batches``;
    * ``step_of_path(file) -> int | None``: where a step stands in a path of this framework.

    Attributes:
        name: Short name, as the report shows it.
        title: Framework and kind of file.
        source: Link to the code or the document that says what is written.
    """

    name: str
    title: str
    source: str

    def sniff(self, file: LogFile) -> bool:
        """Whether this reader knows the file."""

    def read(self, file: LogFile) -> Iterator[Completion]:
        """The file's completions, in its order."""


def chosen(reader: Reader, files: Sequence[LogFile]) -> Mapping[str, str]:
    """Files that a reader wants passed over, with the reason."""
    choose = getattr(reader, "chosen", None)
    return choose(files) if choose is not None else {}
