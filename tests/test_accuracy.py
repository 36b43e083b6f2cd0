"""What the shipped card says of itself, and how the shipped labels do on the corpus where it is at hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from echoformat.classifier import Classifier
from echoformat.formats import all_formats
from echoformat.model import builtin_card, builtin_model

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def card() -> dict[str, Any]:
    return builtin_card()


def test_the_card_is_of_these_weights(card: dict[str, Any]) -> None:
    assert tuple(card["formats"]) == builtin_model().weights.names
    assert set(card["formats"]) <= {format.name for format in all_formats()}
    assert sum(count for *_, count in card["data"]) == card["rows"]


def test_the_page_is_of_these_weights() -> None:
    page = (ROOT / "docs" / "model-card.md").read_text(encoding="utf-8")
    assert builtin_model().sha256 in page
    assert "{" + "table}" not in page


def test_confusion_counts_ship_with_the_model(card: dict[str, Any]) -> None:
    for name, row in card["held_out"].items():
        assert sum(card["confusion"][name].values()) == row["rows"]
        assert card["confusion"][name].get(name, 0) == pytest.approx(row["recall"][0] * row["rows"], abs=0.5)


def test_figures_out_of_repository(card: dict[str, Any]) -> None:
    both = card["macro_f1"]["both"]
    assert both["tier_1"] >= 0.98
    assert both["tier_1_lowest"] >= 0.90
    assert both["tier_2"] >= 0.80
    assert card["families"]["macro_f1"] >= 0.985
    assert card["calibration_error"] <= 0.02
    assert card["unknown"]["auroc"] >= 0.95
    assert card["prefixes"]["256"]["tier_1"] >= 0.85


def test_the_model_adds_to_the_rules(card: dict[str, Any]) -> None:
    assert card["macro_f1"]["both"]["tier_2"] > card["macro_f1"]["rules"]["tier_2"]


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[dict[str, Any]]:
    with gzip.open(shared / "corpus" / "train.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.slow
def test_truncation_of_cut_against_whole_completions(rows: list[dict[str, Any]]) -> None:
    cut = [row["text"] for row in rows if row["format"].startswith("mixed_truncated_")]
    whole = [row["text"] for row in rows if row["tier"] in (1, 2) and row["format"] != "degenerate"]
    classifier = Classifier()
    hits = int(classifier.classify_batch(cut).truncated.sum())
    false = int(classifier.classify_batch(whole).truncated.sum())
    assert 2 * hits / (len(cut) + hits + false) >= 0.85


@pytest.mark.slow
def test_loops_are_degenerate(rows: list[dict[str, Any]]) -> None:
    loops = [row["text"] for row in rows if row["format"] == "degenerate"]
    names = np.array(Classifier().classify_batch(loops).label_names())
    assert (names == "degenerate").mean() >= 0.95


@pytest.mark.slow
def test_prose_is_not_called_tinygsm(rows: list[dict[str, Any]]) -> None:
    prose = [r["text"] for r in rows if r["family"] == "natural_language"]
    assert Classifier().classify_batch(prose).counts().get("tinygsm", 0) <= len(prose) / 2000
