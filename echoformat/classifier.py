"""classify: from text to label. The one room that sees formats and detectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from echoformat.decision import Decision, RuleDecision
from echoformat.detectors import Detector, Findings
from echoformat.detectors.near_loop import find_near_loop
from echoformat.detectors.pieces import pieces
from echoformat.detectors.repetition import find_loop
from echoformat.detectors.truncation import is_truncated
from echoformat.errors import UsageError
from echoformat.format import Format
from echoformat.formats import all_formats
from echoformat.judges import judge_for, versions_of
from echoformat.label import Evidence, Label, Reason, Status, Versions, read_later
from echoformat.labelling import BLANK, Labelling, Look, Row
from echoformat.panel import Panel
from echoformat.segment import HYBRID_FAMILIES, Segment, Span, merge, mixture_of
from echoformat.settlement import Settled, Settlements
from echoformat.text import View, view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from echoformat.batch_path import BatchPath
    from echoformat.compat import CompatRule
    from echoformat.judgement import Judge
    from echoformat.label_batch import LabelBatch
    from echoformat.mixture import Mixture
    from echoformat.model import Model
    from echoformat.source_model import SourceJudge, SourceModel

Fired = tuple[int, ...]
# As many are labelled one by one as fast as together.
FEW = 6


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a label says at length, worked out when someone reads it."""

    classifier: Classifier
    view: View
    look: Look

    def evidence(self) -> tuple[Evidence, ...]:
        return self.classifier._evidence(self.view, self.look)

    def mixture(self) -> dict[str, float]:
        return mixture_of(self.classifier._segments(self.view, self.look))


@dataclass(frozen=True, slots=True)
class Explanation:
    """A label, and what each detector said.

    Attributes:
        label: The verdict.
        evidence: Every rule that fired, of any format, by detector.
        scores: Score of each format with evidence for or against, best first.
    """

    label: Label
    evidence: dict[str, tuple[Evidence, ...]]
    scores: tuple[tuple[str, float], ...]

    def to_dict(self) -> dict[str, Any]:
        """As a JSON-able mapping."""
        return {
            "label": self.label.to_dict(),
            "detectors": {
                name: [
                    {"format": e.format, "rule": e.rule, "start": e.start, "end": e.end, "weight": e.weight}
                    for e in found
                ]
                for name, found in self.evidence.items()
            },
            "scores": [[name, round(score, 6)] for name, score in self.scores],
        }


class Classifier:
    """Labels completions by the formats of a shelf.

    Args:
        formats: The shelf; by default all of `echoformat.formats`. Add your own:
            ``Classifier([*all_formats(), MINE])``.
        mixture: Sources of your pretraining mixture, to attribute formats to.
        compat: ``"zhao2025"`` or ``"spurious"``: use that published rule instead of ours.
        engine: Pattern engine: ``"auto"``, ``"native"``, ``"re2"``, ``"numpy"`` or ``"regex"``; the labels
            are the same.
        model: ``"builtin"``, a directory that `echoformat train` wrote, a `Model`, or ``None`` for rules
            alone. A format that the model does not know is judged by its rules.
        detectors: Further techniques, guarded; by default those that installed packages bring where
            `formats` is left out, else none.

    Raises:
        UsageError: Two formats of one name, a rule that does not compile, a mixture with unknown formats.
        ModelError: Weights that are damaged, foreign, or of another taxonomy.

    Example:
        >>> Classifier().classify("ans = 3 * 12\\n").format
        'program_of_thought'
    """

    def __init__(
        self,
        formats: Iterable[Format] | None = None,
        *,
        mixture: Mixture | None = None,
        compat: str | None = None,
        engine: str = "auto",
        model: Model | SourceModel | str | Path | None = "builtin",
        detectors: Sequence[Detector] | None = None,
    ) -> None:
        self.formats = tuple(all_formats() if formats is None else formats)
        _refuse_duplicates(self.formats)
        self.mixture = mixture
        self._compat = None if compat is None else _compat_rule(compat)
        self._panel = Panel(
            self.formats, engine, () if detectors is None and formats is not None else detectors
        )
        self._pattern, self._rules = self._panel.patterns, self._panel.rules
        self._decide = RuleDecision(self.formats, self._rules)
        self._judge: Judge | SourceJudge | None = None
        named: Sequence[Format] = self.formats
        if model is not None and not compat:
            self._judge, named = judge_for(model, self._decide, self.formats)
        versions = versions_of(self.formats, self._compat, self._judge, self._panel.others)
        self._labelling = Labelling(named, mixture, self._compat, versions)
        self._settlements = Settlements(self._panel, self._decide, self._judge)
        self._batch_path: BatchPath | None = None
        if mixture is not None:
            mixture.check(self._labelling.names)

    @classmethod
    def load(cls, folder: str | Path, **options: Any) -> Classifier:
        """The classifier with a model directory that `echoformat train` wrote.

        Labels name the sources it was trained on.

        Raises:
            ModelError: The directory is not one, or its weights are damaged, foreign or outdated.
        """
        return cls(model=Path(folder), **options)

    @property
    def names(self) -> tuple[str, ...]:
        """Every format (or source) that a label of it can name."""
        return self._labelling.names

    @property
    def versions(self) -> Versions:
        """What its labels are made by."""
        return self._labelling.versions

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_batch_path": None}

    def _scan(self, text: str, every: bool = False) -> tuple[Fired, Status]:
        """The rules that fire on a view; with `every`, a parse too wherever there is code."""
        found, _ = self._found(text, every)
        return found.fired, found.status

    def _found(self, text: str, every: bool) -> tuple[Findings, Settled]:
        """`_scan`, and what the rules alone make of it."""
        found = self._pattern.find(text)
        settled = self._settlements[found.fired]
        parse = self._panel.code_gate in found.fired if every else settled.parses
        if parse or self._panel.others:
            more = self._panel.more(text, found, parse)
            if more is not found:
                return more, self._settlements[more.fired]
        return found, settled

    def _look(self, text: str, every: bool = False) -> Look:
        found, settled = self._found(text, every)
        fired, status = found.fired, found.status
        decision, ending = settled.decision, settled.ending
        if decision is None and self._judge is not None:
            decision = self._judge.decide([text], [fired])[0]
            ending = self._panel.ending(decision.format, fired)
        return self._seen(text, fired, status, decision or self._decide(fired), ending)

    def _seen(self, text: str, fired: Fired, status: Status, decision: Decision, ending: bool | None) -> Look:
        loop = find_loop(text)
        if loop is None and not ending:
            # What reached its declared end got out of the loop.
            loop = find_near_loop(text)
        family = self._labelling.family(decision.format)
        return Look(decision, fired, status, is_truncated(text, family, ending), loop)

    def _segments(self, seen: View, look: Look) -> tuple[Segment, ...]:
        """Spans by format, over the completion as it was, up to where it fell into a loop."""
        stop = len(seen.text) if look.loop is None else look.loop.start
        cut = pieces(seen.text[:stop])
        primary = look.decision.format
        if len(cut) < 2 or self._labelling.family(primary) in HYBRID_FAMILIES:
            spans = [Span(0, stop, primary)] if stop else []
        else:
            alone = self._formats_of([seen.text[p.start : p.end] for p in cut])
            found = [Span(p.start, p.end, name) for p, name in zip(cut, alone, strict=True)]
            spans = merge(found, primary, self._decide.below)
        size = max(len(seen.original), 1)
        places = [(seen.position(s.start), seen.position(s.end), s.format) for s in spans]
        return tuple(Segment(a, b, name, (b - a) / size) for a, b, name in places)

    def _formats_of(self, views: Sequence[str]) -> list[str | None]:
        """The format of each of a few views."""
        fired = [self._scan(text)[0] for text in views]
        found = [self._settlements[one].decision for one in fired]
        asked = [i for i, decision in enumerate(found) if decision is None]
        if asked and self._judge is not None:
            told = self._judge.decide([views[i] for i in asked], [fired[i] for i in asked])
            for i, decision in zip(asked, told, strict=True):
                found[i] = decision
        return [None if decision is None else decision.format for decision in found]

    def segments(self, text: str) -> tuple[Segment, ...]:
        r"""The spans of a completion by format, in order.

        A completion of one format is one span. What an own piece of at least 60 characters shows is taken
        as its format, unless the format of the whole contains that look. The part of a completion that
        fell into a loop has no format.

        Raises:
            TypeError: `text` is not a string.

        Example:
            >>> [s.format for s in Classifier().segments("x = 3 * 12\nans = x + 1\n")]
            ['program_of_thought']
        """
        if not isinstance(text, str):
            raise TypeError(f"segments takes a str, not {type(text).__name__}")
        if not text or text.isspace() or self._compat is not None:
            return ()
        seen = view(text)
        look = self._look(seen.text)
        found = self._segments(seen, look)
        if look.loop is None:
            return found
        start, size = seen.position(look.loop.start), len(text)
        return (*found, Segment(start, size, None, (size - start) / size))

    def classify(self, text: str) -> Label:
        """The label of one completion.

        Raises:
            TypeError: `text` is not a string.

        Example:
            >>> Classifier().classify("  ").name
            'empty'
        """
        if not isinstance(text, str):
            raise TypeError(
                f"classify takes a str, not {type(text).__name__}; see classify_batch for mixed rows"
            )
        if self._compat is not None:
            return self._labelling.compat_label(self._compat, text)
        if not text or text.isspace():
            return self._labelling.label(None, None, Reason.EMPTY, 1.0)
        seen = view(text)
        look = self._look(seen.text)
        return self._label(seen, look)

    def _label(self, seen: View, look: Look) -> Label:
        decision, status = look.decision, _status_of(seen, look)
        if look.loop is not None:
            label = self._labelling.degenerate(decision, status)
        else:
            label = self._labelling.label(
                decision.format,
                decision.variant,
                decision.reason,
                decision.confidence,
                truncated=look.truncated,
                candidates=decision.candidates,
                status=status,
            )
        return read_later(label, _Seen(self, seen, look))

    def _evidence(self, seen: View, look: Look) -> tuple[Evidence, ...]:
        """The rules that fired for the candidates, and the loop."""
        names = {name for name, _ in look.decision.candidates}
        found = self._panel.evidence(seen, [i for i in look.fired if self._rules[i].format in names])
        if look.loop is not None:
            start, end = seen.position(look.loop.start), len(seen.original)
            found.append(Evidence("", "loop", "repetition", start, end, 1.0))
        return tuple(found)

    def explain(self, text: str) -> Explanation:
        """The label of one completion, and what each detector said of it.

        Raises:
            TypeError: `text` is not a string.

        Example:
            >>> "answer-last" in [e.rule for e in Classifier().explain("ans = 36\\n").evidence["pattern"]]
            True
        """
        label = self.classify(text)
        if self._compat is not None or label.reason is Reason.EMPTY:
            return Explanation(label, {}, ())
        seen = view(text)
        look = self._look(seen.text, every=True)
        every = self._panel.evidence(seen, look.fired)
        names = sorted({rule.detector for rule in self._rules})
        by_detector = {name: tuple(e for e in every if e.detector == name) for name in names}
        scores = sorted(self._decide.scores(look.fired).items(), key=lambda item: (-item[1], item[0]))
        return Explanation(label, by_detector, tuple(scores))

    def classify_batch(self, texts: Iterable[Any]) -> LabelBatch:
        """The labels of many completions as columns, in their order.

        Rows that are missing (``None``, NaN) or not text are kept, unlabelled, with that as their status.
        The same text gets the same label in any batch; equal texts are looked at once.

        Example:
            >>> Classifier().classify_batch(["ans = 3 * 12\\n", "", None]).label_names()
            ['program_of_thought', 'empty', 'empty']
        """
        if isinstance(texts, str | bytes):
            raise TypeError("classify_batch takes many completions, not one str; see classify")
        from echoformat.batch_path import label_rows

        values = texts.to_pylist() if hasattr(texts, "to_pylist") else list(texts)
        return self._labelling.table(label_rows(values, self._rows))

    def _row(self, text: str) -> Row:
        if not text or text.isspace():
            return BLANK
        seen = view(text)
        look = self._look(seen.text)
        return self._labelling.row(look, _status_of(seen, look))

    def _rows(self, texts: Sequence[str]) -> NDArray[Any]:
        """The rows of distinct texts."""
        import numpy as np

        from echoformat.batch_path import BatchPath, compat_rows
        from echoformat.label_batch import ROW
        from echoformat.rule_columns import RuleColumns

        if self._compat is not None:
            return compat_rows(self._compat, self._labelling, texts)
        if len(texts) <= FEW:
            return np.array([self._row(text) for text in texts], ROW)
        if self._batch_path is None:
            shelf = [format.name for format in self.formats]
            columns = RuleColumns(shelf, self._rules, self._decide)
            self._batch_path = BatchPath(self._panel, columns, self._judge, self._labelling)
        return self._batch_path.rows(texts)


def _compat_rule(name: str) -> CompatRule:
    # Few ask for one, and every process would wait for it.
    from echoformat.compat import compat_rule

    return compat_rule(name)


def _status_of(seen: View, look: Look) -> Status:
    return Status.TRUNCATED_VIEW if seen.shortened and look.status is Status.OK else look.status


def _refuse_duplicates(formats: Sequence[Format]) -> None:
    seen: set[str] = set()
    for format in formats:
        if format.name in seen:
            raise UsageError(f"two formats are called {format.name!r}; give yours another name")
        seen.add(format.name)


@cache
def default_classifier(compat: str | None = None) -> Classifier:
    """The classifier of the whole shelf, made once a process."""
    return Classifier(compat=compat)


def classify(text: str, *, compat: str | None = None) -> Label:
    r"""The label of one completion by the whole shelf.

    Args:
        text: The completion.
        compat: A published rule to use instead, ``"zhao2025"`` or ``"spurious"``.

    Raises:
        TypeError: `text` is not a string.
        UsageError: No such compat rule.

    Example:
        >>> label = classify("def simple_math_problem() -> int:\n    result = 2 + 2\n    return result\n")
        >>> label.format, label.family
        ('tinygsm', 'code')
    """
    return default_classifier(compat).classify(text)


def classify_batch(texts: Iterable[Any], *, compat: str | None = None) -> LabelBatch:
    r"""The labels of many completions by the whole shelf, as columns.

    Example:
        >>> classify_batch(["ans = 3 * 12\n", ""]).counts()
        {'program_of_thought': 1, 'empty': 1}
    """
    return default_classifier(compat).classify_batch(texts)


def explain(text: str) -> Explanation:
    """The label of one completion by the whole shelf, and what each detector said of it."""
    return default_classifier().explain(text)


def segments(text: str) -> tuple[Segment, ...]:
    r"""The spans of a completion by format, by the whole shelf.

    Example:
        >>> [(s.start, s.end, s.share) for s in segments("ans = 3 * 12\n")]
        [(0, 13, 1.0)]
    """
    return default_classifier().segments(text)
