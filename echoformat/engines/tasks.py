"""What a worker process is asked besides texts, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from echoformat.classifier import Classifier
from echoformat.label_batch import LabelBatch
from echoformat.rollouts.part import Part, PartRead, read_part
from echoformat.rollouts.prompt_hashes import PromptHashes


@dataclass(frozen=True, slots=True)
class PartTask:
    """A part of a file to read, and whether to label its texts."""

    part: Part
    labelled: bool = True


class NotPlain:
    """The answer to a part that a worker cannot read, or did not survive."""


PartAnswer = tuple[PartRead, LabelBatch | None] | NotPlain


class PartLabeler:
    """Reads and labels parts in one process.

    Args:
        classifier: What labels.
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier, self._hashes = classifier, PromptHashes()

    def answer(self, task: PartTask) -> PartAnswer:
        """The rows of a part and their labels."""
        found = read_part(task.part, self._hashes)
        if found is None:
            return NotPlain()
        texts, rows = found
        return rows, self._classifier.classify_batch(texts) if task.labelled else None
