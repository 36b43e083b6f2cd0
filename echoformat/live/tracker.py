"""FormatTracker: which formats a policy writes in, measured while it trains. No framework inside."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from echoformat.classifier import Classifier, default_classifier
from echoformat.errors import UsageError, did_you_mean
from echoformat.label_batch import LabelBatch
from echoformat.live.bell import Bell, Ring
from echoformat.live.inputs import (
    as_list,
    numbers_of,
    problem_ids,
    rank_of_process,
    sampled_rows,
    texts_of,
)
from echoformat.live.ledger import MISSING, Ledger
from echoformat.live.tally import NAN, PREFIX, STATES, metrics_of
from echoformat.mixture import Mixture
from echoformat.series import FormatSeries

TRAIN = "train"
STATE_VERSION = 1
logger = logging.getLogger("echoformat")


class FormatTracker:
    """Labels a training loop's completions and returns what to plot.

    It never raises into the loop: a failure is logged once, counted under ``echoformat/failures``, and the
    loop goes on with NaN. It starts no process and no thread and touches no accelerator.

    The metrics of a step cover all completions handed over for that step and split so far; keys are
    ``echoformat/...`` for the split ``train`` and ``echoformat/<split>/...`` for any other. The key set is
    fixed: by the formats given, by those of the mixture, or, without either, by the formats met in the first
    `settle` updates (at most `most_formats`); all others are ``other_formats`` from then on. The alarm hears
    finished steps of the split ``train``: a step is finished when a later one begins.

    Args:
        formats: Formats with a curve of their own.
        mixture: Your pretraining mixture; its formats have curves, and labels name its sources.
        classifier: What labels; the whole shelf by default.
        run: Name of the run in `series`.
        most_completions: Completions labelled an update; of more, a simple random sample is (seeded by
            `seed`, step, split and the completions seen before, never by the clock). ``None`` for all.
        most_formats: Bound of the curves where formats are neither given nor declared.
        settle: Updates after which the key set is fixed where formats are neither given nor declared.
        seed: Seed of the sample.
        rank: Rank of this process; from the launcher's environment by default. On every rank but 0 `update`
            counts and returns ``{}``; `merge` their states into rank 0's.
        alarm: ``False`` for none, or settings of `echoformat.measure.alarm.CollapseAlarm`.

    Raises:
        UsageError: An unknown format, or a bound below 1.

    Example:
        >>> tracker = FormatTracker(formats=["tinygsm", "program_of_thought"], rank=0)
        >>> metrics = tracker.update(1, ["ans = 3 * 12\\n", "ans = 7\\n", ""], rewards=[1, 0, 0])
        >>> metrics["echoformat/share/program_of_thought"] == 2 / 3
        True
        >>> metrics["echoformat/accuracy/program_of_thought"], metrics["echoformat/alarm"]
        (0.5, 0.0)
        >>> tracker.series().names
        ('program_of_thought', 'empty')
    """

    def __init__(
        self,
        formats: Iterable[str] | None = None,
        *,
        mixture: Mixture | None = None,
        classifier: Classifier | None = None,
        run: str = "",
        most_completions: int | None = 1024,
        most_formats: int = 16,
        settle: int = 10,
        seed: int = 0,
        rank: int | None = None,
        alarm: bool | Mapping[str, Any] = True,
    ) -> None:
        _check_bounds(most_completions=most_completions, most_formats=most_formats, settle=settle)
        self.classifier = classifier if classifier is not None else _classifier(mixture)
        declared = _declared(formats, mixture or self.classifier.mixture)
        self.formats = [] if declared is None else _known(declared, self.classifier)
        self.settled = declared is not None
        self.run, self.rank = run, rank_of_process() if rank is None else rank
        self.most_completions, self.most_formats, self.settle, self.seed = (
            most_completions,
            most_formats,
            settle,
            seed,
        )
        self.updates = self.failures = 0
        self._ledger = Ledger(run)
        self._bell = None if alarm is False else Bell({} if alarm is True else alarm)
        if self._bell is not None and self.settled:
            self._bell.begin(self.formats)
        self._open_step: int | None = None
        self._graded = False
        self._told = False

    @property
    def ring(self) -> Ring | None:
        """What the collapse alarm rang for; ``None`` while it has not."""
        return None if self._bell is None else self._bell.ring

    def update(
        self,
        step: int,
        completions: Iterable[Any],
        rewards: Any = None,
        correct: Any = None,
        problems: Any = None,
        split: str = TRAIN,
        truncated: Any = None,
    ) -> dict[str, float]:
        """Count the completions of a step, or a part of them, and return the metrics of the step so far.

        Args:
            step: Training step of the policy that sampled them.
            completions: Strings, or messages (the assistant's turns count, reasoning in front); ``None``
                where there is none (in no share).
            rewards: One number a completion; ``None`` or NaN where unknown.
            correct: Whether each was right. Without it, rewards count as correctness until the first one that
                is neither 0 nor 1.
            problems: What identifies each one's problem: an id, or the prompt itself. Intervals and the alarm
                treat completions of one problem as one piece of evidence.
            split: ``train`` or another name.
            truncated: Whether each was cut off, where the loop knows; else the labels tell.

        Returns:
            A value for every key, NaN where unknown; ``{}`` on ranks other than 0.
        """
        self.observe(step, completions, rewards, correct, problems, split, truncated)
        try:
            return {} if self.rank else self.metrics(int(step), split)
        except Exception as error:
            self.failed(error)
            return {f"{PREFIX}/failures": float(self.failures)}

    def observe(
        self,
        step: int,
        completions: Iterable[Any],
        rewards: Any = None,
        correct: Any = None,
        problems: Any = None,
        split: str = TRAIN,
        truncated: Any = None,
    ) -> list[str | None]:
        """Count as `update` does and return each completion's label.

        The label is the format or the state; ``None`` where the completion was missing, not in the sample, or
        labelling failed.
        """
        rows: list[Any] = []
        try:
            rows = as_list(completions)
            return self._count(int(step), rows, rewards, correct, problems, split, truncated)
        except Exception as error:
            self.failed(error)
            return [None] * len(rows)

    def _count(
        self,
        step: int,
        rows: list[Any],
        rewards: Any,
        correct: Any,
        problems: Any,
        split: str,
        truncated: Any,
    ) -> list[str | None]:
        self._begin(step, split)
        seen = self._ledger.tally(step, split).completions
        chosen = sampled_rows(len(rows), self.most_completions, [self.seed, step, split, seen])
        labels = self.classifier.classify_batch(texts_of(rows[i] for i in chosen))
        paid = self._column("rewards", rewards, rows, chosen, numbers_of)
        right = self._column("correct", correct, rows, chosen, numbers_of)
        where = self._column("problems", problems, rows, chosen, problem_ids) or self._unnamed(seen, chosen)
        cut = self._column("truncated", truncated, rows, chosen, numbers_of)
        if right is None and paid is not None:
            right = self._binary(paid)
        elif right is not None:
            right = [value if value != value else float(value > 0) for value in right]
        self._ledger.put(step, split, labels, where, right, paid, cut, len(rows))
        self._settle(labels)
        named = dict(zip(chosen, _row_labels(labels), strict=True))
        return [named.get(i) for i in range(len(rows))]

    def _column(self, name: str, values: Any, rows: list[Any], chosen: list[int], read: Any) -> Any:
        """A column's chosen rows; one of the wrong length is left out and counted as a failure."""
        if values is None:
            return None
        listed = as_list(values)
        if len(listed) != len(rows):
            self.failed(UsageError(f"{name} has {len(listed)} rows, completions {len(rows)}; left out"))
            return None
        return read([listed[i] for i in chosen])

    def _unnamed(self, seen: int, chosen: Sequence[int]) -> list[str]:
        mark = f"#{self.rank}." if self.rank else "#"
        return [f"{mark}{seen + i}" for i in chosen]

    def _binary(self, paid: list[float]) -> list[float] | None:
        self._graded = self._graded or any(reward not in (0.0, 1.0) for reward in paid if reward == reward)
        return None if self._graded else paid

    def _begin(self, step: int, split: str) -> None:
        if split != TRAIN:
            return
        if self._open_step is not None and step > self._open_step and self._bell is not None:
            self._bell.hear(self._open_step, self._ledger.problems(self._open_step, TRAIN))
        self._open_step = step if self._open_step is None else max(step, self._open_step)

    def _settle(self, labels: LabelBatch) -> None:
        self.updates += 1
        if self.settled:
            return
        self._welcome(name for name in labels.counts() if name not in STATES)
        if self.updates >= self.settle:
            self.settled = True
            if self._bell is not None:
                self._bell.begin(self.formats)

    def _welcome(self, names: Iterable[str]) -> None:
        new = [name for name in names if name not in self.formats]
        self.formats += new[: max(0, self.most_formats - len(self.formats))]

    def failed(self, error: Exception) -> None:
        """Count a failure; the first one is logged."""
        self.failures += 1
        if not self._told and not self.rank:
            self._told = True
            logger.warning("echoformat could not label; training goes on. %s", repr(error)[:500])

    def metrics(self, step: int, split: str = TRAIN, prefix: str | None = None) -> dict[str, float]:
        """The metrics of a step so far.

        Args:
            step: The step.
            split: Its split.
            prefix: What keys begin with; ``echoformat`` and the split by default.
        """
        start = prefix if prefix is not None else PREFIX if split == TRAIN else f"{PREFIX}/{split}"
        found = metrics_of(self._ledger.tally(step, split), self.formats)
        found["alarm"] = float(self.ring is not None)
        found["alarm_step"] = NAN if self.ring is None else float(self.ring.step)
        found["failures"] = float(self.failures)
        return {f"{start}/{key}": value for key, value in found.items()}

    def series(self) -> FormatSeries:
        """All labels so far, counted by step, split and problem."""
        return self._ledger.series(self.classifier)

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on after a restart, JSON-able.

        It grows by one entry a (step, problem, format).
        """
        return {
            "version": STATE_VERSION,
            "formats": list(self.formats),
            "settled": self.settled,
            "updates": self.updates,
            "failures": self.failures,
            "open_step": self._open_step,
            "graded": self._graded,
            "ledger": self._ledger.state_dict(self.classifier),
            "bell": None if self._bell is None else self._bell.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state; formats and alarm become those of the state.

        Raises:
            UsageError: Not the state of a tracker.
        """
        checked_state(state)
        self.formats, self.settled = list(state["formats"]), bool(state["settled"])
        self.updates, self.failures = int(state["updates"]), int(state["failures"])
        self._open_step, self._graded = state["open_step"], bool(state["graded"])
        self._ledger = Ledger.from_state_dict(state["ledger"])
        self._bell = None if state["bell"] is None else Bell.from_state_dict(state["bell"])

    def merge(self, *states: Mapping[str, Any]) -> None:
        """Add what trackers of other ranks counted, each rank's state once; the alarm hears all steps anew.

        Raises:
            UsageError: Not the state of a tracker.
        """
        for state in states:
            checked_state(state)
            if not self.settled:
                self._welcome(state["formats"])
            self.updates += int(state["updates"])
            self.failures += int(state["failures"])
            self._graded = self._graded or bool(state["graded"])
            opened = [step for step in (self._open_step, state["open_step"]) if step is not None]
            self._open_step = max(opened, default=None)
            self._ledger.merge(Ledger.from_state_dict(state["ledger"]))
        self._hear_again()

    def _hear_again(self) -> None:
        if self._bell is None:
            return
        self._bell = Bell(self._bell.settings)
        if self.settled:
            self._bell.begin(self.formats)
        for step, problems in self._ledger.steps(self.classifier, TRAIN):
            if self._open_step is None or step < self._open_step:
                self._bell.hear(step, problems)


def checked_state(state: Mapping[str, Any]) -> None:
    """Refuse what no tracker saved.

    Raises:
        UsageError: Another version, or keys that are missing.
    """
    needed = {"formats", "settled", "updates", "failures", "open_step", "graded", "ledger", "bell"}
    if not isinstance(state, Mapping) or state.get("version") != STATE_VERSION or needed - set(state):
        shown = json.dumps(sorted(state), default=str)[:200] if isinstance(state, Mapping) else type(state)
        raise UsageError(f"not a state of FormatTracker version {STATE_VERSION}: {shown}")


def _check_bounds(**bounds: int | None) -> None:
    for name, value in bounds.items():
        if value is not None and value < 1:
            raise UsageError(f"{name}={value}: at least 1")


def _classifier(mixture: Mixture | None) -> Classifier:
    return default_classifier() if mixture is None else Classifier(mixture=mixture)


def _declared(formats: Iterable[str] | None, mixture: Mixture | None) -> list[str] | None:
    if formats is not None:
        return list(dict.fromkeys(formats))
    if mixture is not None:
        return [format for source in mixture.sources for format in source.formats]
    return None


def _known(names: Sequence[str], classifier: Classifier) -> list[str]:
    known = classifier.classify_batch([]).names
    for name in names:
        if name not in known:
            raise UsageError(f"no format {name!r}: {did_you_mean(name, known)}")
    return list(names)


def _row_labels(labels: LabelBatch) -> list[str | None]:
    gone = (labels.statuses == MISSING).tolist()
    return [None if missing else name for name, missing in zip(labels.label_names(), gone, strict=True)]
