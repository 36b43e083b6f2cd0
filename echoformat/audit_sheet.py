"""AuditSheet: which completions a person should read, what they said so far, and the shares that follow.

The sheet is a JSONL file: a header that says what was drawn from what, then one line an answer. It holds no
completion's text, only its row and a hash, so that it can be shared, and resumed where it stopped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from echoformat.errors import InputError, UsageError
from echoformat.measure.audit import TwoPhase, audit_plan, two_phase

KIND = "echoformat-audit"


class Item(BaseModel):
    """One completion to read: its row among those labelled, and the hash of its text."""

    model_config = ConfigDict(frozen=True)
    row: int
    text_hash: str
    predicted: str


class Header(BaseModel):
    """What the audit was drawn from."""

    model_config = ConfigDict(frozen=True)
    kind: str
    versions: dict[str, str]
    predicted: dict[str, int]
    budget: int
    seed: int
    items: tuple[Item, ...]


class Answer(BaseModel):
    """What a person said of one item."""

    model_config = ConfigDict(frozen=True)
    item: int
    said: str


@dataclass(slots=True)
class AuditSheet:
    """A plan and the answers so far.

    Attributes:
        header: What was drawn from what.
        answers: Name said of each item read, by item number.
        path: The file; every answer is appended to it at once.
    """

    header: Header
    path: Path | None = None
    answers: dict[int, str] = field(default_factory=dict)

    @property
    def waiting(self) -> list[int]:
        """Items not read yet, in an order that mixes the predicted formats."""
        left = [i for i in range(len(self.header.items)) if i not in self.answers]
        return sorted(left, key=lambda i: self.header.items[i].text_hash)

    def say(self, item: int, name: str) -> None:
        """Keep one answer.

        Raises:
            UsageError: There is no such item.
        """
        if not 0 <= item < len(self.header.items):
            raise UsageError(f"no item {item} in this audit of {len(self.header.items)}")
        self.answers[item] = name
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as sheet:
                sheet.write(Answer(item=item, said=name).model_dump_json() + "\n")

    @property
    def names(self) -> tuple[str, ...]:
        """Everything predicted or said, sorted."""
        return tuple(sorted({*self.header.predicted, *self.answers.values()}))

    def table(self) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        """Audited completions, [predicted, said], in the order of `names`."""
        place = {name: i for i, name in enumerate(self.names)}
        counts = np.zeros((len(place), len(place)), dtype=np.int64)
        for item, said in self.answers.items():
            counts[place[self.header.items[item].predicted], place[said]] += 1
        return counts

    def shares(self, level: float = 0.95) -> TwoPhase:
        """Shares by what a person would say, from the labels of all and the answers so far."""
        predicted = [self.header.predicted.get(name, 0) for name in self.names]
        return two_phase(predicted, self.table(), level=level)


def draw_sheet(
    names: Sequence[str], texts: Sequence[str | None], versions: dict[str, str], budget: int, seed: int = 0
) -> AuditSheet:
    """Plan an audit of labelled completions.

    Args:
        names: Label of each completion: its format, or its state.
        texts: The completions; only their hashes are kept.
        versions: What made the labels.
        budget: Completions that a person will read.
        seed: Of the draw.

    Raises:
        UsageError: A budget below one, or nothing to audit.

    Example:
        >>> sheet = draw_sheet(["a"] * 8 + ["b"] * 2, [str(i) for i in range(10)], {}, budget=4)
        >>> len(sheet.waiting), sheet.header.predicted
        (4, {'a': 8, 'b': 2})
    """
    if not names:
        raise UsageError("there is no completion to audit")
    words = sorted(set(names))
    codes = [words.index(name) for name in names]
    plan = audit_plan(codes, budget, formats=len(words), seed=seed)
    items = tuple(Item(row=int(i), text_hash=text_hash(texts[i]), predicted=names[i]) for i in plan.indices)
    counted = {word: names.count(word) for word in words}
    header = Header(kind=KIND, versions=versions, predicted=counted, budget=budget, seed=seed, items=items)
    return AuditSheet(header)


def text_hash(text: str | None) -> str:
    """16 hex digits that tell whether a row still holds the text that was drawn."""
    return hashlib.blake2b((text or "").encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def start_sheet(sheet: AuditSheet, path: Path) -> AuditSheet:
    """Write the plan to a new file, to which answers are then appended.

    Raises:
        UsageError: The file exists.
    """
    if path.exists():
        raise UsageError(f"{path} exists; it is resumed, not drawn anew. Name another file for a new audit")
    path.write_text(sheet.header.model_dump_json() + "\n", encoding="utf-8")
    sheet.path = path
    return sheet


def load_sheet(path: Path) -> AuditSheet:
    """A sheet as far as it was read; a half-written last answer is left out.

    Raises:
        InputError: Not an audit sheet, or a damaged line before the last.
    """
    lines = path.read_text(encoding="utf-8").split("\n")
    sheet = AuditSheet(_parse(Header, lines[0], path, 1), path)
    for number, line in enumerate(lines[1:], start=2):
        if not line or (number == len(lines) and not _is_json(line)):
            continue
        answer = _parse(Answer, line, path, number)
        sheet.answers[answer.item] = answer.said
    return sheet


def _parse(kind: type[Any], line: str, path: Path, number: int) -> Any:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        raise InputError(
            f"not a line of an audit sheet: {error.errors()[0]['msg']}", path=path, line=number
        ) from error


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
