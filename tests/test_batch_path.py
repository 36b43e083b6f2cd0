"""However a text comes by its label, alone, in a batch, by the slow engine, parsed or not: it is the same."""

from __future__ import annotations

import gzip
import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from echoformat import batch_path, rule_columns, rule_memory
from echoformat.classifier import Classifier
from echoformat.compiled import SWITCH
from echoformat.detectors import Findings, Rule
from echoformat.formats import all_formats
from echoformat.label import Label
from echoformat.label_batch import LabelBatch
from echoformat.rule_memory import RuleMemory
from echoformat.text import HALF_VIEW, LONGEST_VIEW, in_bytes, view, views

pytestmark = pytest.mark.filterwarnings("ignore::echoformat.errors.EchoformatWarning")
OWN = [text for f in all_formats() for text in (*f.examples, *f.counterexamples)]
Row = tuple[str, str | None, str, float, bool, str]
LOOPING = "The answer is 4. " + "I am sure. " * 30
ODD_ENDS = [
    "one\r\ntwo\rthree\n",
    "caf\u00e9",
    "half \ud800 a pair",
    "x" * LONGEST_VIEW,
    "ab\r\n" * HALF_VIEW,
    "\u00e9" * (LONGEST_VIEW + 1),
]


@pytest.fixture(scope="module")
def full() -> Classifier:
    return Classifier()


@pytest.fixture(scope="module")
def sample(shared: Path) -> list[str]:
    """Every 45th completion of the corpus."""
    corpus = shared / "corpus" / "train.jsonl.gz"
    if not corpus.is_file():
        pytest.skip(f"no corpus at {corpus}")
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in itertools.islice(lines, 0, None, 45)]


def _of_batch(labels: LabelBatch) -> list[Row]:
    said = labels.columns()
    names = labels.label_names()
    return [
        (
            names[i],
            said["variant"][i],
            said["reason"][i],
            said["confidence"][i],
            said["truncated"][i],
            said["status"][i],
        )
        for i in range(len(labels))
    ]


def _of_label(label: Label) -> Row:
    sure = float(np.float32(label.confidence))
    return (label.name, label.variant, label.reason.value, sure, label.truncated, label.status.value)


def test_alone_as_in_a_batch(full: Classifier, sample: list[str]) -> None:
    texts = [*OWN, *sample[::3]]
    batch = _of_batch(full.classify_batch(texts))
    alone = [_of_label(full.classify(text)) for text in texts]
    assert [(a, b, text) for a, b, text in zip(alone, batch, texts, strict=True) if a != b] == []


@pytest.mark.parametrize("size", [1, 7, 200])
def test_in_batches_of_any_size_and_order(full: Classifier, sample: list[str], size: int) -> None:
    texts = [*OWN[::4], *sample[: 40 if size == 1 else 200]]
    wanted = dict(zip(texts, _of_batch(full.classify_batch(texts)), strict=True))
    for start in range(0, len(texts), size):
        some = texts[start : start + size][::-1]
        assert _of_batch(full.classify_batch(some)) == [wanted[text] for text in some]


def test_by_either_pattern_engine(full: Classifier) -> None:
    slow = Classifier(engine="regex")
    texts = OWN[::3]
    assert _of_batch(slow.classify_batch(texts)) == _of_batch(full.classify_batch(texts))


def _by_everything(classifier: Classifier, text: str) -> Row:
    """The label where every text with code is parsed, whatever its patterns say."""
    seen = view(text)
    return _of_label(classifier._label(seen, classifier._look(seen.text, every=True)))


def test_what_patterns_settle_a_parse_would_not_change(full: Classifier, sample: list[str]) -> None:
    texts = [text for text in [*OWN, *sample] if text.strip()]
    quick = _of_batch(full.classify_batch(texts))
    differ = [
        (one[0], other[0])
        for one, other in zip(quick, (_by_everything(full, text) for text in texts), strict=True)
        if one[:3] != other[:3]
    ]
    assert len(differ) <= len(texts) // 500, differ


def test_equal_texts_are_looked_at_once(full: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    matrix = full._pattern.matrix

    def counted(texts: list[bytes], more: int) -> object:
        seen.append(len(texts))
        return matrix(texts, more)

    monkeypatch.setattr(full._pattern, "matrix", counted)
    labels = full.classify_batch(OWN[:9] * 300)
    assert sum(seen) == 9
    assert _of_batch(labels) == _of_batch(full.classify_batch(OWN[:9])) * 300


@pytest.mark.parametrize(
    "texts", [OWN[:9], ["plain", *ODD_ENDS], ["plain", "caf\u00e9"], ["a\r"], ["\udfff"]]
)
def test_views_of_many_are_the_views_of_each(texts: list[str]) -> None:
    many, alone = views(texts), [view(text) for text in texts]
    assert list(many.texts) == [one.text for one in alone]
    assert in_bytes(many.encoded) == [one.text.encode() for one in alone]
    assert list(many.shortened) == [row for row, one in enumerate(alone) if one.shortened]


def test_odd_texts_among_others(full: Classifier) -> None:
    texts = [*OWN[:5], *(text + own for text, own in zip(ODD_ENDS, OWN[5:], strict=False)), *OWN[5:9]]
    labels = full.classify_batch(texts)
    assert _of_batch(labels) == [_of_label(full.classify(text)) for text in texts]
    assert labels.columns()["status"].count("truncated_view") == 3


MISSING = ("empty", None, "empty", 1.0, False, "missing")
NO_TEXT = ("unknown", None, "unknown", 1.0, False, "not_text")


def test_each_value_in_its_place(full: Classifier) -> None:
    values: list[Any] = [
        None,
        OWN[0],
        7,
        " \n",
        OWN[1],
        OWN[0],
        b"x",
        "",
        float("nan"),
        OWN[1],
        np.str_(OWN[2]),
    ]
    wanted = {2: NO_TEXT, 6: NO_TEXT, 0: MISSING, 8: MISSING}
    alone = [_of_label(full.classify(v)) if isinstance(v, str) else wanted[i] for i, v in enumerate(values)]
    for turn in range(len(values)):
        turned = values[turn:] + values[:turn]
        assert _of_batch(full.classify_batch(turned)) == alone[turn:] + alone[:turn]


def test_a_published_rule_labels_every_text() -> None:
    said = Classifier(compat="spurious").classify_batch(["", "use Python", None, " ", "use Python", 3])
    assert said.label_names() == ["no-code", "code", "empty", "no-code", "code", "unknown"]


class Shouts:
    """A technique of someone else's: two formats' rules, by the case of a text."""

    rules = (Rule("json", "upper", "case", 0.97), Rule("tinygsm", "lower", "case", 0.97))

    def find(self, text: str) -> Findings:
        return Findings(tuple(i for i, is_so in enumerate((text.isupper(), text.islower())) if is_so))

    def span(self, rule: int, text: str) -> tuple[int, int]:
        return (0, len(text))


def test_with_detectors_of_others() -> None:
    classifier = Classifier(detectors=[Shouts()], model=None)
    texts = ["WELL, WELL.", "well, well.", "Well, well.", *OWN[::5], *(text.upper() for text in OWN[::9])]
    labels = classifier.classify_batch(texts)
    assert labels.formats()[:2] == ["json", "tinygsm"]
    assert _of_batch(labels) == [_of_label(classifier.classify(text)) for text in texts]


def test_what_was_seen_before_changes_nothing(full: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = _of_batch(full.classify_batch(OWN))
    # The compiled part works all out anew.
    monkeypatch.setenv(SWITCH, "0")
    forgetful = Classifier()
    monkeypatch.setattr(batch_path, "CHUNK", 16)
    monkeypatch.setattr(rule_columns, "MOST_REMEMBERED", 3)
    monkeypatch.setattr(rule_memory, "MOST_REMEMBERED", 3)
    for _ in range(2):
        assert _of_batch(forgetful.classify_batch(OWN)) == wanted
    assert forgetful._batch_path is not None
    assert isinstance(forgetful._batch_path._standing, RuleMemory)
    assert len(forgetful._batch_path._standing._known.places) <= 3 + 2 * 16
    assert _of_batch(full.classify_batch(OWN[::-1])) == wanted[::-1]


def test_threads_share_one_classifier(full: Classifier, sample: list[str]) -> None:
    wanted = _of_batch(full.classify_batch(sample))
    fresh = Classifier()
    turns = [[*sample[i * 40 :], *sample[: i * 40]] for i in range(6)]
    with ThreadPoolExecutor(6) as pool:
        for i, labels in enumerate(pool.map(fresh.classify_batch, turns)):
            assert _of_batch(labels) == wanted[i * 40 :] + wanted[: i * 40]


@pytest.mark.parametrize("few", [0, 6, 10_000])
def test_one_by_one_or_together(full: Classifier, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    texts = [*OWN[::3], *ODD_ENDS, "", " ", LOOPING, LOOPING[:-30]]
    monkeypatch.setattr("echoformat.classifier.FEW", 0)
    wanted = _of_batch(full.classify_batch(texts))
    monkeypatch.setattr("echoformat.classifier.FEW", few)
    assert _of_batch(full.classify_batch(texts)) == wanted
    assert [_of_batch(full.classify_batch([text]))[0] for text in texts[::5]] == wanted[::5]
