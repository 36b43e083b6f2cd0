"""Files of labels: what is no number in JSON is null, in either kind of file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from echoformat import classify
from echoformat.cli import main
from echoformat.completion import Completion
from echoformat.completion_batch import CompletionBatch
from echoformat.engines.parquet_labels import arrow_fields
from echoformat.engines.shard_columns import SHARD_COLUMNS
from echoformat.rollouts.row_columns import RowColumns


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_rewards_that_are_no_numbers_become_null(tmp_path: Path, suffix: str) -> None:
    log, out = tmp_path / "log.jsonl", tmp_path / f"labels.{suffix}"
    rewards = ("Infinity", "-Infinity", "0.5")
    log.write_text("".join(f'{{"step": 0, "completion": "ans = 3", "reward": {r}}}\n' for r in rewards))
    assert main(["label", str(log), "-o", str(out)]) == 0
    assert _rewards(out) == [None, None, 0.5]


def _rewards(path: Path) -> list[float | None]:
    if path.suffix == ".parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
        return parquet.read_table(path)["reward"].to_pylist()  # type: ignore[no-any-return]

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    rows = [json.loads(line, parse_constant=refuse) for line in path.read_text().splitlines()[1:]]
    return [row["reward"] for row in rows]


def test_rewards_are_finite_numbers_or_nothing() -> None:
    rewards = [1.5, None, float("nan"), float("inf"), -float("inf")]
    batch = CompletionBatch.of(Completion("x", reward=reward) for reward in rewards)
    assert RowColumns.of(batch).reward_list() == [1.5] + [None] * 4


def test_every_column_of_a_file_of_labels_has_a_type() -> None:
    pa = pytest.importorskip("pyarrow")
    kinds = dict(arrow_fields(pa, SHARD_COLUMNS))
    assert tuple(kinds) == tuple(SHARD_COLUMNS)
    assert (kinds["step"], kinds["reward"], kinds["format"]) == (pa.int64(), pa.float64(), pa.string())


def test_a_label_that_rules_oppose_and_that_is_likely_wrong_is_none() -> None:
    text = (
        "def simple_math_problem() -> int:\n    '''\n"
        "    Ida buys 6 stamps for 4 crowns each. Then she buys a comb for 9 crowns. Ida had \\boxed{9}$."
    )
    label = classify(text)
    assert label.format is None
    assert label.candidates[0][0] == "tinygsm"
