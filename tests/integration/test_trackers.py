"""The trackers of metrics: each real library takes one run offline, and what it kept is read back."""

from __future__ import annotations

import importlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest

from echoformat.live.emitters import emit, to_tensorboard
from echoformat.live.tracker import FormatTracker
from echoformat.rollouts import read_rollouts

pytestmark = pytest.mark.integration
SCRIPT, BOXED = "ans = 3 * 12\n", "The answer is \\boxed{36}."
KEY = "echoformat/share/program_of_thought"


def metrics(step: int) -> dict[str, float]:
    tracker = FormatTracker(["program_of_thought"], rank=0)
    return tracker.update(step, [SCRIPT] * (step + 1) + [BOXED])


def test_wandb_offline_gets_our_numbers_in_the_loops_own_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wandb = pytest.importorskip("wandb", reason="wandb is not installed")
    monkeypatch.setenv("WANDB_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("WANDB_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path))
    assert emit(metrics(1)) == ()
    run = wandb.init(mode="offline", dir=str(tmp_path), project="echoformat")
    try:
        for step in range(3):
            assert emit(metrics(step), step) == ("wandb",)
            wandb.log({"loss": float(step)})
        table = wandb.Table(columns=["step", "prompt", "completion", "reward"])
        for text in (SCRIPT, BOXED):
            table.add_data(2, "6 * 6?", text, 1.0)
        wandb.log({"completions": table})
        folder = Path(run.dir)
    finally:
        wandb.finish()
    rows = [row for row in _history(folder.parent) if "loss" in row]
    assert [row["_step"] for row in rows] == [0, 1, 2], "one row a loop's own log, none of ours"
    assert [row[KEY] for row in rows] == pytest.approx([1 / 2, 2 / 3, 3 / 4])
    assert [(row.step, row.text) for row in read_rollouts(folder)] == [(2, SCRIPT), (2, BOXED)]


def _history(folder: Path) -> list[dict[str, Any]]:
    """Rows of an offline run, out of the framed records of its transaction log."""
    from wandb.proto import wandb_internal_pb2

    (file,) = folder.glob("*.wandb")
    rows = []
    for data in _records(file.read_bytes()):
        record = wandb_internal_pb2.Record()
        record.ParseFromString(data)
        items = record.history.item
        rows.append({item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items})
    return rows


def _records(data: bytes) -> list[bytes]:
    """Records in blocks of 32 KiB: checksum, length, whether it is whole, begins, goes on or ends."""
    found, at, parts = [], 7, b""
    while at + 7 <= len(data):
        if (room := 32768 - at % 32768) < 7:
            at += room
            continue
        size, kind = struct.unpack_from("<HB", data, at + 4)
        parts += data[at + 7 : at + 7 + size]
        at += 7 + size
        if kind in (1, 4):
            found.append(parts)
            parts = b""
    return found


def test_trackio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path))
    trackio = pytest.importorskip("trackio", reason="trackio is not installed")
    assert "trackio" not in emit(metrics(1))
    trackio.init(project="echoformat", name="run", embed=False, auto_log_gpu=False)
    assert "trackio" in emit(metrics(1), 1)
    trackio.finish()
    run = trackio.Api().runs("echoformat")[0]
    assert run.name == "run"


@pytest.mark.parametrize("home", ["tensorboardX", "torch.utils.tensorboard"])
def test_tensorboard(home: str, tmp_path: Path) -> None:
    try:
        writer = importlib.import_module(home).SummaryWriter(str(tmp_path))
    except ImportError:
        pytest.skip(f"{home} is not installed")
    assert to_tensorboard(writer, metrics(1), 7)
    writer.close()
    (file,) = tmp_path.glob("events*")
    assert KEY.encode() in file.read_bytes()


def test_mlflow_file_store(tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow", reason="mlflow is not installed")
    mlflow.set_tracking_uri(tmp_path.as_uri())
    assert "mlflow" not in emit(metrics(1), 1)
    with mlflow.start_run(experiment_id=mlflow.create_experiment("formats")) as run:
        for step in (3, 5):
            assert "mlflow" in emit(metrics(step), step)
    kept = mlflow.tracking.MlflowClient().get_metric_history(run.info.run_id, KEY)
    assert [one.step for one in kept] == [3, 5]
    assert [one.value for one in kept] == pytest.approx([4 / 5, 6 / 7])
