"""However a text comes by its label, alone, in a batch, by the slow engine, parsed or not: it is the same."""

from __future__ import annotations

import gzip
import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from echoformat.classifier import Classifier
from echoformat.formats import all_formats
from echoformat.label import Label
from echoformat.label_batch import LabelBatch
from echoformat.text import view

pytestmark = pytest.mark.filterwarnings("ignore::echoformat.errors.EchoformatWarning")
OWN = [text for f in all_formats() for text in (*f.examples, *f.counterexamples)]
Row = tuple[str, str | None, str, float, bool, str]


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
    find_many = full._pattern.find_many

    def counted(texts: list[bytes]) -> object:
        seen.append(len(texts))
        return find_many(texts)

    monkeypatch.setattr(full._pattern, "find_many", counted)
    labels = full.classify_batch(OWN[:5] * 300)
    assert sum(seen) == 5
    assert _of_batch(labels) == _of_batch(full.classify_batch(OWN[:5])) * 300
