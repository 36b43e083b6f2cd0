"""SourceClassifier and `train_sources`: your own sources from fifty samples each."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from echoformat.classifier import Classifier
from echoformat.errors import ModelError, UsageError
from echoformat.label import REASONS, Reason
from echoformat.mixture import Mixture, Source
from echoformat.source_files import calibration_error, train_sources
from echoformat.source_model import SourceJudge
from echoformat.training import SourceClassifier, clean_name

NAMES = ["Mara", "Tom", "Ivo", "Nora", "Lena", "Omar"]
THINGS = ["pears", "pens", "caps", "tulips", "stamps", "coins"]


@parametrize_with_checks([SourceClassifier()])
def test_scikit_learn_conventions(estimator: Any, check: Any) -> None:
    # Its tags say that it takes texts, so scikit-learn leaves out the checks that feed numbers.
    check(estimator)


def _made(source: str, seed: int) -> str:
    rng = random.Random(seed * 7919 + sum(map(ord, source)))
    who, what = rng.choice(NAMES), rng.choice(THINGS)
    a, b = rng.randint(2, 40), rng.randint(2, 40)
    if source == "functions":
        return (
            f"def simple_math_problem():\n    '''{who} has {a} {what} and buys {b}.'''\n"
            f"    {what} = {a} + {b}\n    result = {what}\n    return result\n"
        )
    if source == "steps":
        total = a + b
        return (
            f"{who} has {a} {what} and buys {b}: {a}+{b}=<<{a}+{b}={total}>>{total} {what}.\n#### {total}\n"
        )
    if source == "memo":
        opening = rng.choice(["re:", "fwd:", "memo --"])
        return f"{opening} {who} // {what} ({a})\n\n* {a} {what} in stock *\n* {b} on order *\n\n-- {who}\n"
    return f"We add {a} and {b}. " * rng.randint(1, 3) + f"Therefore the total is \\(\\boxed{{{a + b}}}\\).\n"


SOURCES = ("boxed", "functions", "memo", "steps")


@pytest.fixture(scope="module")
def fitted() -> SourceClassifier:
    texts = [_made(source, seed) for source in SOURCES for seed in range(50)]
    return SourceClassifier(folds=3).fit(texts, [source for source in SOURCES for _ in range(50)])


def test_fifty_samples_are_enough(fitted: SourceClassifier) -> None:
    texts = [_made(source, seed) for source in SOURCES for seed in range(1000, 1040)]
    expected = [source for source in SOURCES for _ in range(40)]
    assert fitted.score(texts, expected) >= 0.95
    assert fitted.classes_.tolist() == sorted(SOURCES)


def test_probabilities_are_rows_that_sum_to_one(fitted: SourceClassifier) -> None:
    texts = [_made(source, 5) for source in SOURCES]
    found = fitted.predict_proba(texts)
    assert found.shape == (4, 4)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    np.testing.assert_array_equal(found, np.concatenate([fitted.predict_proba([t]) for t in texts]))
    assert fitted.predict(texts).tolist() == fitted.classes_[found.argmax(axis=1)].tolist()


def test_columns_say_what_decisions_say(fitted: SourceClassifier) -> None:
    strict_model = replace(fitted.to_model(), least=np.full(len(SOURCES), 0.995))
    classifier = Classifier(model=strict_model)
    judge = classifier._judge
    assert isinstance(judge, SourceJudge)
    whole = [_made(source, seed) for source in SOURCES for seed in range(60, 80)]
    halves = [a[: len(a) // 2] + b[len(b) // 2 :] for a, b in zip(whole, whole[20:], strict=False)]
    texts = [*whole, *halves, "42", "x = 1\n", "| a | b |\n"]
    fired = [classifier._panel.patterns.find(text).fired for text in texts]
    told = judge.weigh(texts, judge._base.evidence(fired)[:, : len(classifier.formats)])
    alone = [judge.decide([text], [rules])[0] for text, rules in zip(texts, fired, strict=True)]
    names = fitted.classes_.tolist()
    assert [names[code] if code >= 0 else None for code in told.codes] == [one.format for one in alone]
    assert [REASONS[code] for code in told.reasons] == [one.reason for one in alone]
    assert told.confidence.tolist() == [one.confidence for one in alone]
    assert {one.reason for one in alone} == {Reason.LEARNED, Reason.AMBIGUOUS}


def test_parameters(fitted: SourceClassifier) -> None:
    assert fitted.get_params() == {"inverse_penalty": 0.03, "kept": 2000, "folds": 3}
    assert clone(fitted).get_params() == fitted.get_params()
    assert not hasattr(clone(fitted), "classes_")


@pytest.mark.parametrize("bad", ["one text", [1, 2], [None], [b"x"], []])
def test_input_that_is_not_texts(fitted: SourceClassifier, bad: Any) -> None:
    with pytest.raises(ValueError, match="X"):
        fitted.predict(bad)


def test_one_source_is_refused() -> None:
    with pytest.raises(ValueError, match="two sources"):
        SourceClassifier().fit(["a", "b"], ["x", "x"])
    with pytest.raises(ValueError, match="2 texts"):
        SourceClassifier().fit(["a", "b"], ["x"])


def _write(folder: Path, source: str, rows: int = 50) -> None:
    lines = [json.dumps({"text": _made(source, n), "problem": f"p{n}"}) for n in range(rows)]
    (folder / f"{source}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    for source in SOURCES[:3]:
        _write(folder, source)
    pq = pytest.importorskip("pyarrow.parquet")
    pa = pytest.importorskip("pyarrow")
    (folder / "steps").mkdir()
    table = pa.table({"text": [_made("steps", n) for n in range(50)]})
    pq.write_table(table, folder / "steps" / "part-0.parquet")
    out = tmp_path_factory.mktemp("model")
    report = train_sources(folder, out)
    assert report.sources == SOURCES
    assert report.rows == (50, 50, 50, 50)
    assert report.confusion.sum() == 200
    assert report.accuracy >= 0.95
    assert 0 <= report.calibration_error <= 0.2
    return out


def test_a_model_directory_labels(trained: Path) -> None:
    classifier = Classifier.load(trained)
    assert classifier.names == SOURCES
    batch = classifier.classify_batch([*(_made(source, 2000) for source in SOURCES), "", None])
    assert batch.label_names() == [*SOURCES, "empty", "empty"]
    label = classifier.classify(_made("memo", 2001))
    assert (label.format, label.reason.value) == ("memo", "learned")
    assert classifier.versions.model != Classifier().versions.model != ""


def test_a_mixture_over_trained_sources(trained: Path) -> None:
    mixture = Mixture("ours", (Source("Code", 1, ("functions",)), Source("Notes", 1, ("memo",))))
    classifier = Classifier.load(trained, mixture=mixture)
    assert classifier.classify(_made("functions", 2002)).source == "Code"


def test_training_is_deterministic(trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    for source in SOURCES[:2]:
        _write(folder, source)
    first, second = (train_sources(folder, tmp_path / name).sha256 for name in ("a", "b"))
    assert first == second


def test_other_rules_refuse_the_model(trained: Path) -> None:
    from echoformat.formats import all_formats

    with pytest.raises(ModelError, match="train them again"):
        Classifier(all_formats()[:-1], model=trained)


def test_too_few_rows_and_sources(tmp_path: Path) -> None:
    _write(tmp_path, "steps", 49)
    with pytest.raises(UsageError, match="needs 2"):
        train_sources(tmp_path, tmp_path / "out")
    _write(tmp_path, "memo")
    with pytest.raises(UsageError, match=r"'steps'.*49 texts"):
        train_sources(tmp_path, tmp_path / "out")
    with pytest.raises(UsageError, match="not a folder"):
        train_sources(tmp_path / "nowhere", tmp_path / "out")


def test_two_sources_of_one_name(tmp_path: Path) -> None:
    _write(tmp_path, "memo")
    (tmp_path / "Memo").mkdir()
    with pytest.raises(UsageError, match="both called 'memo'"):
        train_sources(tmp_path, tmp_path / "out")


def test_names_that_labels_can_carry() -> None:
    assert clean_name("../Some <b>Source</b>") == "..-some-b-source-b"
    assert clean_name("") == "source"
    assert len(clean_name("x" * 99)) == 64


def test_calibration_error_of_certainty() -> None:
    assert calibration_error(np.ones(4), np.ones(4, dtype=bool)) == 0.0
    assert calibration_error(np.ones(4), np.zeros(4, dtype=bool)) == 1.0
