"""classify: from text to label. The one room that sees formats and detectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from echoformat.compat import CompatRule, compat_rule
from echoformat.decision import Decision, RuleDecision
from echoformat.detectors import NOTHING, Findings, Rule
from echoformat.detectors.pattern import PatternDetector
from echoformat.detectors.repetition import Loop, find_loop
from echoformat.detectors.syntax import SyntaxDetector
from echoformat.errors import UsageError
from echoformat.format import Format, Pattern
from echoformat.formats import all_formats
from echoformat.label import REASONS, STATUSES, Evidence, Label, Reason, Status, Versions
from echoformat.mixture import Mixture
from echoformat.ruleset import ruleset_hash
from echoformat.text import View, view
from echoformat.version import TAXONOMY_VERSION, __version__

if TYPE_CHECKING:
    from echoformat.label_batch import LabelBatch

# Where a parse may pay: a line that only code begins with, or a block that announces code.
CODE_GATE = Pattern(
    "gate.code",
    r"^[ \t]{0,8}(?:def |class |import |from [\w.]+ import |for \w+ in |while |print ?\("
    r"|return |[A-Za-z_]\w* ?= ?\S)|^```|<llm-code>",
    weight=0.0,
)
ENDING = "ending."


@dataclass(frozen=True, slots=True)
class Look:
    """Everything seen on one completion before it becomes a label."""

    decision: Decision
    fired: tuple[int, ...]
    status: Status
    truncated: bool
    loop: Loop | None


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
        engine: Pattern engine: ``"auto"``, ``"re2"`` or ``"regex"``; the labels are the same.

    Raises:
        UsageError: Two formats of one name, a rule that does not compile, a mixture with unknown formats.

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
    ) -> None:
        self.formats = tuple(all_formats() if formats is None else formats)
        _refuse_duplicates(self.formats)
        self.mixture = mixture
        self._compat: CompatRule | None = None if compat is None else compat_rule(compat)
        self._pattern = PatternDetector(self.formats, _gates(self.formats), engine)
        self._syntax = SyntaxDetector(self.formats)
        self._rules = (*self._pattern.rules, *self._syntax.rules)
        self._decide = RuleDecision(self.formats, self._rules)
        self._code_gate = _gate_index(self._pattern.rules, CODE_GATE.name)
        self._endings = {
            rule.name.removeprefix(ENDING): i
            for i, rule in enumerate(self._pattern.rules)
            if not rule.format and rule.name.startswith(ENDING)
        }
        self._columns = _Columns(self)
        if mixture is not None:
            mixture.check(self._columns.names)

    @property
    def versions(self) -> Versions:
        """What its labels are made by."""
        return self._columns.versions

    def _look(self, text: str) -> Look:
        found = self._pattern.find(text)
        syntax = self._syntax.find(text) if self._code_gate in found.fired else NOTHING
        offset = len(self._pattern.rules)
        fired = (*found.fired, *(offset + i for i in syntax.fired))
        decision = self._decide(fired)
        ending = self._endings.get(decision.format or "")
        truncated = ending is not None and ending not in fired
        return Look(decision, fired, _worse(found, syntax), truncated, find_loop(text))

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
            return self._columns.compat_label(self._compat, text)
        if not text or text.isspace():
            return self._columns.label(None, None, Reason.EMPTY, 1.0)
        seen = view(text)
        look = self._look(seen.text)
        return self._label(seen, look)

    def _label(self, seen: View, look: Look) -> Label:
        decision, status = look.decision, look.status
        if seen.shortened and status is Status.OK:
            status = Status.TRUNCATED_VIEW
        evidence = tuple(e for e in self._evidence(seen, look.fired) if e.format in dict(decision.candidates))
        if look.loop is not None:
            return self._columns.degenerate(seen, look.loop, decision, evidence, status)
        return self._columns.label(
            decision.format,
            decision.variant,
            decision.reason,
            decision.confidence,
            evidence=evidence,
            truncated=look.truncated,
            candidates=decision.candidates,
            mixture={decision.format: 1.0} if decision.format else {},
            status=status,
        )

    def _evidence(self, seen: View, fired: Sequence[int]) -> list[Evidence]:
        found = [self._one_evidence(seen, index) for index in fired if self._rules[index].format]
        return sorted(found, key=lambda e: (e.start, e.end, e.format, e.rule))

    def _one_evidence(self, seen: View, index: int) -> Evidence:
        offset = len(self._pattern.rules)
        syntax = index >= offset
        detector = self._syntax if syntax else self._pattern
        start, end = detector.span(index - offset if syntax else index, seen.text)
        rule = self._rules[index]
        return Evidence(
            rule.format, rule.name, rule.detector, seen.position(start), seen.position(end), rule.weight
        )

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
        look = self._look(seen.text)
        every = self._evidence(seen, look.fired)
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
        return self._columns.batch(texts)

    def _row(self, text: Any) -> tuple[int, int, int, float, bool, int]:
        """Format, variant, reason, confidence, truncated and status of one row, as codes."""
        if not isinstance(text, str):
            return self._columns.not_text(text)
        if self._compat is not None:
            return self._columns.compat_row(self._compat.label(text))
        if not text or text.isspace():
            return (-1, -1, _EMPTY, 1.0, False, 0)
        seen = view(text)
        look = self._look(seen.text)
        status = Status.TRUNCATED_VIEW if seen.shortened and look.status is Status.OK else look.status
        return self._columns.row(look, status)


_EMPTY = REASONS.index(Reason.EMPTY)
_UNKNOWN = REASONS.index(Reason.UNKNOWN)
_DEGENERATE = REASONS.index(Reason.DEGENERATE)
_COMPAT = REASONS.index(Reason.COMPAT)


class _Columns:
    """The dictionaries of names behind a classifier's codes, and labels made from them."""

    def __init__(self, owner: Classifier) -> None:
        self._owner = owner
        compat = owner._compat
        declared = owner.formats
        self.names = compat.labels if compat else tuple(f.name for f in declared)
        self.families = compat.families if compat else tuple(f.family for f in declared)
        self.variants = tuple(sorted({v for f in declared for v in f.variants}))
        sources = owner.mixture.sources if owner.mixture else ()
        self.sources = tuple(source.name for source in sources)
        self._code = {name: i for i, name in enumerate(self.names)}
        self._variant_code = {name: i for i, name in enumerate(self.variants)}
        self.versions = Versions(
            __version__,
            TAXONOMY_VERSION,
            f"compat:{compat.name}" if compat else ruleset_hash(declared),
        )

    def label(
        self, format: str | None, variant: str | None, reason: Reason, confidence: float, **rest: Any
    ) -> Label:
        mixture = self._owner.mixture
        return Label(
            format,
            variant,
            None if format is None else self.families[self._code[format]],
            None if mixture is None else mixture.source_of(format),
            confidence,
            reason,
            versions=self.versions,
            **rest,
        )

    def compat_label(self, rule: CompatRule, text: str) -> Label:
        return self.label(rule.label(text), None, Reason.COMPAT, 1.0)

    def degenerate(
        self, seen: View, loop: Loop, decision: Decision, evidence: tuple[Evidence, ...], status: Status
    ) -> Label:
        before = seen.position(loop.start) / max(len(seen.original), 1)
        began_as = {decision.format: before} if decision.format and before > 0 else {}
        span = Evidence("", "loop", "repetition", seen.position(loop.start), len(seen.original), 1.0)
        return self.label(
            None,
            None,
            Reason.DEGENERATE,
            1.0,
            evidence=(*evidence, span),
            candidates=decision.candidates,
            mixture=began_as,
            status=status,
        )

    def not_text(self, value: Any) -> tuple[int, int, int, float, bool, int]:
        missing = value is None or type(value).__name__ in ("NAType", "NaTType") or value != value
        status = Status.MISSING if missing else Status.NOT_TEXT
        return (-1, -1, _EMPTY if missing else _UNKNOWN, 1.0, False, STATUSES.index(status))

    def compat_row(self, name: str) -> tuple[int, int, int, float, bool, int]:
        return (self._code[name], -1, _COMPAT, 1.0, False, 0)

    def row(self, look: Look, status: Status) -> tuple[int, int, int, float, bool, int]:
        if look.loop is not None:
            return (-1, -1, _DEGENERATE, 1.0, False, STATUSES.index(status))
        d = look.decision
        return (
            self._code[d.format] if d.format else -1,
            self._variant_code[d.variant] if d.variant else -1,
            REASONS.index(d.reason),
            d.confidence,
            look.truncated,
            STATUSES.index(status),
        )

    def batch(self, texts: Iterable[Any]) -> LabelBatch:
        import numpy as np

        from echoformat.label_batch import LabelBatch

        known: dict[str, tuple[int, int, int, float, bool, int]] = {}
        rows = []
        for text in texts:
            row = known.get(text) if isinstance(text, str) else self.not_text(text)
            if row is None:
                row = known[text] = self._owner._row(text)
            rows.append(row)
        table = list(zip(*rows, strict=True)) or [()] * 6
        codes = np.array(table[0], dtype=np.int16)
        return LabelBatch(
            self.names,
            self.families,
            self.variants,
            self.sources,
            codes,
            np.array(table[1], dtype=np.int16),
            self._source_codes()[codes],
            np.array(table[2], dtype=np.uint8),
            np.array(table[3], dtype=np.float32),
            np.array(table[4], dtype=np.bool_),
            np.array(table[5], dtype=np.uint8),
            self.versions,
        )

    def _source_codes(self) -> Any:
        import numpy as np

        mixture = self._owner.mixture
        found = [None if mixture is None else mixture.source_of(name) for name in self.names]
        codes = [-1 if source is None else self.sources.index(source) for source in found]
        return np.array([*codes, -1], dtype=np.int16)


def _refuse_duplicates(formats: Sequence[Format]) -> None:
    seen: set[str] = set()
    for format in formats:
        if format.name in seen:
            raise UsageError(f"two formats are called {format.name!r}; give yours another name")
        seen.add(format.name)


def _gates(formats: Sequence[Format]) -> tuple[Pattern, ...]:
    endings = (Pattern(ENDING + f.name, f.ending, weight=0.0) for f in formats if f.ending)
    return (CODE_GATE, *endings)


def _gate_index(rules: Sequence[Rule], name: str) -> int:
    return next(i for i, rule in enumerate(rules) if not rule.format and rule.name == name)


def _worse(first: Findings, second: Findings) -> Status:
    return first.status if first.status is not Status.OK else second.status


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
