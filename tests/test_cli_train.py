"""`echoformat train` and a model of one's own in the other commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from echoformat import Classifier, train_sources
from echoformat.cli import main

FUNCTION = '''def simple_math_problem() -> int:
    """
    A shop has {0} crates of {1} pears. It sells {0} pears. How many are left?
    """
    pears = {0} * {1}
    result = pears - {0}
    return result
'''
PROSE = "There are {0} crates with {1} pears each, so {0} times {1} pears in all. The answer is {1}{0}.\n"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    for name, text in (("functions", FUNCTION), ("stories", PROSE)):
        rows = [{"completion": text.format(i, i % 7 + 2), "problem": f"{name}{i // 2}"} for i in range(60)]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def model(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "own"
    train_sources(sources, folder)
    return folder


def test_train_prints_held_out_confusion(
    sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(sources), "-o", str(tmp_path / "model"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["sources"] == ["functions", "stories"]
    assert report["accuracy"] > 0.95
    assert sum(map(sum, report["confusion"])) == 120
    assert Classifier.load(tmp_path / "model").classify(FUNCTION.format(3, 4)).source in ("functions", None)


def test_labels_of_the_model_name_its_sources(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.jsonl"
    rows = [{"step": i % 2, "completion": (FUNCTION if i % 3 else PROSE).format(i, 5)} for i in range(30)]
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert main(["series", str(log), "--model", str(model), "--json"]) == 0
    names = json.loads(capsys.readouterr().out)["series"][0]["names"]
    assert {"functions", "stories"} <= set(names)


def test_a_published_rule_and_a_model_exclude_each_other(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"step": 0, "completion": "x"}\n')
    assert main(["series", str(log), "--model", str(model), "--compat", "zhao2025"]) == 2
    assert "give one of them" in capsys.readouterr().err


def test_too_few_texts_are_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.jsonl").write_text('{"completion": "x"}\n' * 3)
    assert main(["train", str(tmp_path), "-o", str(tmp_path / "model")]) == 2
    assert "has 3 texts, training needs 50" in capsys.readouterr().err
