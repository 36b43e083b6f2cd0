"""Labels on a local Ray of two workers, one of which is killed. Skipped where Ray is not installed."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from echoformat.classifier import Classifier
from echoformat.engines.batch_labeler import BatchLabeler
from echoformat.engines.files import label_files
from echoformat.engines.ray import RayPool, label_dataset
from echoformat.errors import MissingExtra, UsageError
from echoformat.formats import all_formats
from echoformat.label_batch import LabelBatch

TEXTS = [text for f in all_formats() for text in f.examples]


def test_without_ray_the_install_line_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"pip install 'echoformat\[ray\]'"):
        label_dataset(None, BatchLabeler(), workers=1)


ray = pytest.importorskip("ray", reason="Ray is not installed (pip install 'echoformat[ray]')")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """One local Ray for all tests here: starting one takes seconds."""
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parent.parent)])
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        object_store_memory=200 * 1024 * 1024,
        runtime_env={"env_vars": {"PYTHONPATH": paths}},
    )
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def rules() -> Classifier:
    return Classifier(model=None)


class Deadly(Classifier):
    """Dies of one text."""

    def classify_batch(self, texts: Any) -> LabelBatch:
        kept = list(texts)
        if "deadly" in kept:
            os._exit(3)
        return super().classify_batch(kept)


def _batches(count: int = 12) -> list[tuple[int, list[str]]]:
    return [(i, [TEXTS[(i * 7 + j) % len(TEXTS)] for j in range(20)]) for i in range(count)]


def test_a_killed_actor_costs_nothing_but_time(cluster: None, rules: Classifier) -> None:
    with RayPool(rules, 2) as pool:
        before = pool.pids

        def batches() -> Iterator[tuple[int, list[str]]]:
            for number, texts in _batches():
                if number == 4:
                    os.kill(before[0], signal.SIGKILL)
                yield number, texts

        found = list(pool.label(batches()))
        assert before[0] not in pool.pids
    assert [number for number, _ in found] == list(range(12))
    for (_, labels), (_, texts) in zip(found, _batches(), strict=True):
        assert labels.columns() == rules.classify_batch(texts).columns()


@pytest.mark.filterwarnings("ignore::echoformat.errors.EchoformatWarning")
def test_a_row_that_ends_its_actor_is_kept_and_marked(cluster: None) -> None:
    with RayPool(Deadly(model=None), 1) as pool:
        [(_, labels)] = pool.label([(0, [TEXTS[0], "deadly", TEXTS[1]])])
    assert labels.columns()["status"] == ["ok", "crash", "ok"]


def test_shards_are_those_of_one_process(cluster: None, rules: Classifier, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    rows = [{"step": i // 9, "completion": TEXTS[i % len(TEXTS)]} for i in range(300)]
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    options: dict[str, Any] = {"classifier": rules, "shard_rows": 64, "kind": "jsonl"}
    label_files(log, tmp_path / "local", **options)
    label_files(log, tmp_path / "ray", workers=2, engine="ray", **options)
    local, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name).glob("part-*")}
        for name in ("local", "ray")
    )
    assert len(local) == 5
    assert local == other


def test_a_dataset_gets_the_labels_of_one_process(cluster: None) -> None:
    pytest.importorskip("ray.data", reason="Ray Data is not installed")
    texts = [TEXTS[i % len(TEXTS)] for i in range(400)]
    labeler = BatchLabeler(model=None)
    dataset = ray.data.from_items([{"n": i, "completion": text} for i, text in enumerate(texts)])
    rows = label_dataset(dataset, labeler, workers=1, batch_rows=64).take_all()
    rows.sort(key=lambda row: row["n"])
    wanted = labeler(texts)
    assert [row["format"] for row in rows] == [row["format"] for row in wanted]
    assert [row["reason"] for row in rows] == [row["reason"] for row in wanted]
    assert {row["completion"] for row in rows} == set(texts)


def test_workers_must_be_at_least_one(cluster: None, rules: Classifier) -> None:
    with pytest.raises(UsageError, match="workers=0"):
        RayPool(rules, 0)
