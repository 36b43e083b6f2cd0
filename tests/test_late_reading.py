"""What a label says at length is worked out when someone reads it, and is the same whenever that is."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import threading

import pytest

from echoformat.classifier import Classifier
from echoformat.detectors.pattern import PatternDetector
from echoformat.formats import all_formats
from echoformat.label import LATER, Evidence, Label, Reason, Status, Versions, read_later

EXAMPLES = [format.examples[0] for format in all_formats() if format.examples]
MIXED = (
    "Ada packs 4 boxes with 12 pears each, so she packs 4*12=<<4*12=48>>48 pears.\n#### 48\n\n"
    "def simple_math_problem():\n    '''Bea eats 3 of 12 pears. How many are left?'''\n"
    "    left = 12 - 3\n    result = left\n    return result\n"
)
TEXTS = [*EXAMPLES, MIXED, "a\r\n" + MIXED.replace("\n", "\r\n"), "So there are 4 left. " * 60, "Well."]


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier()


class Counting:
    """Says what it is asked, and counts how often."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def evidence(self) -> tuple[Evidence, ...]:
        self.asked.append("evidence")
        return (Evidence("json", "brace", "pattern", 0, 1, 0.5),)

    def mixture(self) -> dict[str, float]:
        self.asked.append("mixture")
        return {"json": 1.0}


def _label() -> tuple[Label, Counting]:
    unread = Counting()
    return read_later(Label("json", None, "structured", None, 0.9, Reason.RULES), unread), unread


def _is_unread(label: Label) -> bool:
    return getattr(label, "_unread", None) is not None


@pytest.mark.parametrize("text", TEXTS)
def test_late_is_as_early(classifier: Classifier, text: str) -> None:
    early, late = classifier.classify(text), classifier.classify(text)
    said = (early.evidence, early.mixture)
    for other in TEXTS[::9]:
        classifier.classify(other)
    assert (late.evidence, late.mixture) == said
    assert early == late and repr(early) == repr(late) and early.to_dict() == late.to_dict()


def test_no_rule_is_searched_for_until_someone_reads(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[int] = []
    span = PatternDetector.span

    def counted(self: PatternDetector, rule: int, text: str) -> tuple[int, int]:
        searched.append(rule)
        return span(self, rule, text)

    monkeypatch.setattr(PatternDetector, "span", counted)
    label = classifier.classify(MIXED)
    assert label.format and label.candidates and not label.truncated and label.status is Status.OK
    assert searched == [] and _is_unread(label)
    found = label.evidence
    assert len(searched) == len(found) > 0
    assert label.evidence is found and len(searched) == len(found)


def test_pieces_are_labelled_only_for_the_mixture(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    found = classifier._found

    def counted(text: str, every: bool = False) -> object:
        looks.append(text)
        return found(text, every)

    monkeypatch.setattr(classifier, "_found", counted)
    label = classifier.classify(MIXED)
    assert len(label.evidence) > 0 and looks == [MIXED]
    assert len(label.mixture) == 2 and "".join(looks[1:]) == MIXED and len(looks) > 2


def test_each_is_worked_out_once() -> None:
    label, unread = _label()
    assert unread.asked == []
    assert label.mixture is label.mixture and unread.asked == ["mixture"] and _is_unread(label)
    assert label.evidence is label.evidence and unread.asked == ["mixture", "evidence"]
    assert not _is_unread(label), "the completion is held no longer than needed"


@pytest.mark.parametrize(
    "use",
    [repr, pickle.dumps, copy.copy, copy.deepcopy, Label.to_dict, dataclasses.asdict, dataclasses.replace],
)
def test_whatever_needs_all_of_it_reads_it(use: object) -> None:
    label, unread = _label()
    use(label)  # type: ignore[operator]
    assert set(unread.asked) == set(LATER) and not _is_unread(label)


def test_comparing_reads() -> None:
    whole = Label(
        "json",
        None,
        "structured",
        None,
        0.9,
        Reason.RULES,
        evidence=Counting().evidence(),
        mixture=Counting().mixture(),
    )
    assert _label()[0] == whole and whole == _label()[0]
    assert _label()[0] != dataclasses.replace(whole, mixture={})


def test_it_crosses_processes_whole(classifier: Classifier) -> None:
    label = classifier.classify(MIXED)
    data = pickle.dumps(label)
    assert MIXED.encode() not in data and pickle.loads(data) == label
    other = copy.copy(classifier.classify(MIXED))
    assert other == label and not _is_unread(other)


def test_a_label_stays_as_it_is() -> None:
    label, _ = _label()
    for name in (*LATER, "format"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(label, name, None)
        with pytest.raises(dataclasses.FrozenInstanceError):
            delattr(label, name)
    with pytest.raises(AttributeError, match="no attribute 'evidences'"):
        getattr(label, "evidence" + "s")
    with pytest.raises(TypeError, match="unhashable"):
        hash(label)


def test_a_users_own_label_has_nothing_unread() -> None:
    label = Label(None, None, None, None, 1.0, Reason.EMPTY, versions=Versions("1", "1", "x"))
    assert (label.evidence, label.mixture) == ((), {}) and not _is_unread(label)
    assert [f.name for f in dataclasses.fields(Label)][-6:] == [
        "evidence",
        "truncated",
        "candidates",
        "mixture",
        "status",
        "versions",
    ]
    assert Label.__match_args__[0] == "format"


def test_many_threads_read_one_label(classifier: Classifier) -> None:
    wanted = classifier.classify(MIXED).to_dict()
    for _ in range(20):
        label = classifier.classify(MIXED)
        gate = threading.Barrier(6)
        found: list[object] = []

        def read(one: Label = label, gate: threading.Barrier = gate, found: list[object] = found) -> None:
            gate.wait()
            found.append(one.to_dict())

        threads = [threading.Thread(target=read) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [wanted] * 6


def test_a_failure_to_work_it_out_is_heard_each_time() -> None:
    class Broken(Counting):
        def evidence(self) -> tuple[Evidence, ...]:
            raise RuntimeError("the detector broke")

    label = read_later(Label("json", None, "structured", None, 0.9, Reason.RULES), Broken())
    for _ in range(2):
        with pytest.raises(RuntimeError, match="broke"):
            label.evidence  # noqa: B018
    assert label.mixture == {"json": 1.0}
