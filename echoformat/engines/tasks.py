"""What a worker process is asked besides texts, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from echoformat.label_batch import LabelBatch
from echoformat.rollouts.part import Part, PartRead


@dataclass(frozen=True, slots=True)
class PartTask:
    """A part of a file to read, and whether to label its texts."""

    part: Part
    labelled: bool = True


class NotPlain:
    """The answer to a part that a worker cannot read, or did not survive."""


PartAnswer = tuple[PartRead, LabelBatch | None] | NotPlain
