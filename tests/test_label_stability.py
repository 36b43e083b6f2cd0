"""Labels do not move unawares: 620 frozen texts of our own keep the labels they were given."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from echoformat.classifier import Classifier
from echoformat.label import Reason
from echoformat.label_batch import LabelBatch

FROZEN = Path(__file__).parent / "frozen"


@pytest.fixture(scope="module")
def texts() -> list[str]:
    lines = (FROZEN / "texts.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


@pytest.fixture(scope="module")
def batch(texts: list[str]) -> LabelBatch:
    return Classifier().classify_batch(texts)


def test_there_are_enough_texts_and_all_differ(texts: list[str]) -> None:
    assert len(texts) >= 500
    assert len(set(texts)) >= 500


def test_no_label_moved(batch: LabelBatch) -> None:
    frozen = json.loads((FROZEN / "labels.json").read_text(encoding="utf-8"))["labels"]
    moved = Counter((a, b) for a, b in zip(frozen, batch.label_names(), strict=True) if a != b)
    told = "; ".join(f"{n} of {a} are now {b}" for (a, b), n in sorted(moved.items()))
    assert not moved, (
        f"{told}. If that is meant, run `python -m benchmarks.frozen` and put it in CHANGELOG.md"
    )


def test_the_frozen_labels_show_many_formats_and_states() -> None:
    labels = Counter(json.loads((FROZEN / "labels.json").read_text(encoding="utf-8"))["labels"])
    assert len(labels) >= 20
    assert {"tinygsm", "gsm8k", "metamath", "openmath1", "boxed_cot", Reason.DEGENERATE} <= set(labels)


def test_versions_tell_what_made_the_labels(batch: LabelBatch) -> None:
    versions = batch.versions
    assert len(versions.rules) == len(versions.model) == 16
    assert versions.taxonomy
    table = pytest.importorskip("pyarrow") and batch.to_arrow()
    assert table.schema.metadata[b"echoformat.model"].decode() == versions.model


def test_labels_of_two_rulesets_do_not_mix(texts: list[str], batch: LabelBatch) -> None:
    other = Classifier(model=None).classify_batch(texts[:5])
    with pytest.raises(ValueError, match="different classifiers"):
        LabelBatch.concat([batch, other])
