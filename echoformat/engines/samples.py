"""Sample completions for the page: a bounded choice by hash, the same in every order of reading."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from echoformat.classifier import Classifier
from echoformat.completion import Completion
from echoformat.label import Evidence
from echoformat.label_batch import LabelBatch

LONGEST_TEXT = 20_000
MOST_STEPS = 48
A_STEP = 2
A_PHASE = 2
PHASES = ("early", "middle", "late")

_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """One completion shown as an example of its label.

    Attributes:
        name: The format, or the state where there is none.
        phase: ``early``, ``middle`` or ``late``: third of the run's steps.
        text: The completion, its first 20 000 characters.
        shortened: Whether there was more.
        evidence: Rules that fired on the text shown.
        place: ``file:line`` that it came from.
    """

    name: str
    phase: str
    run: str
    split: str
    step: int | None
    problem: str
    variant: str | None
    confidence: float
    truncated: bool
    correct: bool | None
    reward: float | None
    text: str
    shortened: bool
    evidence: tuple[Evidence, ...]
    place: str


@dataclass(frozen=True, slots=True, order=True)
class _Kept:
    rank: bytes
    order: tuple[str, int, str]
    row: Completion
    variant: str | None
    confidence: float
    truncated: bool


class SampleKeeper:
    """Keeps the completions of lowest hash by run, split, label and step; thins the steps by halves.

    Which are kept depends on the set of completions alone, never on the order or the batches they came in.
    """

    def __init__(self) -> None:
        self._kept: dict[_Key, dict[int, list[_Kept]]] = {}
        self._stride: dict[_Key, int] = {}
        self._range: dict[tuple[str, str], tuple[int, int]] = {}

    def add(self, batch: list[Completion], labels: LabelBatch) -> None:
        """Consider a labelled batch."""
        names, variants = labels.label_names(), labels.variant_list()
        for i, row in enumerate(batch):
            if isinstance(row.text, str):
                self._widen(row)
                kept = _kept(row, variants[i], float(labels.confidence[i]), bool(labels.truncated[i]))
                self._offer((row.run, row.split, names[i]), kept)

    def _widen(self, row: Completion) -> None:
        step, key = row.step or 0, (row.run, row.split)
        low, high = self._range.get(key, (step, step))
        self._range[key] = (min(low, step), max(high, step))

    def _offer(self, key: _Key, kept: _Kept) -> None:
        step, stride = kept.row.step or 0, self._stride.setdefault(key, 1)
        if _draw(step) % stride:
            return
        steps = self._kept.setdefault(key, {})
        here = steps.setdefault(step, [])
        if len(here) == A_STEP and not _before(kept, here[-1]):
            return
        here.append(kept)
        here.sort(key=lambda one: (one.rank, one.order))
        del here[A_STEP:]
        while len(steps) > MOST_STEPS:
            stride *= 2
            self._stride[key] = stride
            for gone in [s for s in steps if _draw(s) % stride]:
                del steps[gone]

    def samples(self, classifier: Classifier) -> tuple[Sample, ...]:
        """The chosen completions with their evidence, by run, split, label and phase."""
        return tuple(
            _sample(kept, name, phase, classifier)
            for (run, split, name), steps in sorted(self._kept.items())
            for phase, kept in self._by_phase(self._range[run, split], steps)
        )

    def _by_phase(self, span: tuple[int, int], steps: dict[int, list[_Kept]]) -> Iterator[tuple[str, _Kept]]:
        low, high = span
        for number, phase in enumerate(PHASES):
            inside = [s for s in steps if number == min(2, 3 * (s - low) // max(1, high - low + 1))]
            every = sorted((k for s in inside for k in steps[s]), key=lambda one: (one.rank, one.order))
            distinct = {kept.row.text: kept for kept in reversed(every)}
            chosen = [kept for kept in every if distinct[kept.row.text] is kept]
            yield from ((phase, kept) for kept in chosen[:A_PHASE])


def _draw(step: int) -> int:
    """A number fixed by the step: thinning by the step itself would lose a format that lives on odd steps."""
    return int.from_bytes(hashlib.blake2b(str(step).encode(), digest_size=8).digest())


def _before(one: _Kept, other: _Kept) -> bool:
    return (one.rank, one.order) < (other.rank, other.order)


def _kept(row: Completion, variant: str | None, confidence: float, truncated: bool) -> _Kept:
    text, cut = row.text or "", truncated or bool(row.truncated)
    said = f"{row.step}\0{row.problem}\0{row.sample}\0{text[:LONGEST_TEXT]}\0{len(text)}"
    rank = hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return _Kept(rank, (row.problem, row.sample, row.source), row, variant, confidence, cut)


def _sample(kept: _Kept, name: str, phase: str, classifier: Classifier) -> Sample:
    row, text = kept.row, kept.row.text or ""
    shown = text[:LONGEST_TEXT]
    return Sample(
        name=name,
        phase=phase,
        run=row.run,
        split=row.split,
        step=row.step,
        problem=row.problem,
        variant=kept.variant,
        confidence=kept.confidence,
        truncated=kept.truncated,
        correct=row.correct,
        reward=row.reward,
        text=shown,
        shortened=len(text) > LONGEST_TEXT,
        evidence=classifier.classify(shown).evidence,
        place=row.source,
    )
