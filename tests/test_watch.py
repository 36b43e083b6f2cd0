"""echoformat watch: exact totals through growth, half lines, rotation, kills, restarts; a harmless screen."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from echoformat.classifier import Classifier, default_classifier
from echoformat.cli import main
from echoformat.cli.screen import curve
from echoformat.cli.watch import default_store
from echoformat.engines.local import LabelledRun, label_run
from echoformat.errors import UsageError
from echoformat.live.label_store import LabelStore
from echoformat.live.watcher import Watcher
from echoformat.report.part import parts_of
from echoformat.rollouts import read_rollouts

SCRIPT, BOXED = "ans = 3 * 12\n", "So it is $3 + 4 = 7$, hence the answer is \\boxed{7}."


def row(number: int, step: int, text: str = SCRIPT, **more: Any) -> dict[str, Any]:
    return {"step": step, "prompt": f"p{number % 4}", "response": text, "n": number, "reward": 1.0} | more


def add(path: Path, rows: list[dict[str, Any]], end: str = "\n") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write("".join(json.dumps(one) + "\n" for one in rows)[: None if end else -1])


def run_rows(shares: list[float], seed: int = 0) -> list[dict[str, Any]]:
    """Steps of 32 problems with 4 completions each, of which a share are scripts."""
    dice = random.Random(seed)
    return [
        row(number, step, SCRIPT if dice.random() < share else BOXED, prompt=f"p{number}", reward=0.5)
        for step, share in enumerate(shares)
        for number in range(32)
        for _ in range(4)
    ]


COLLAPSE = [0.2] * 8 + [0.5, 0.8] + [1.0] * 4


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


def store_of(folder: Path, classifier: Classifier | None = None) -> LabelStore:
    made = (classifier or default_classifier()).versions
    return LabelStore(folder.parent / "labels.sqlite", str(folder), made)


def once(folder: Path, **settings: Any) -> Watcher:
    """One poll of a fresh watcher, as after a restart."""
    watcher = Watcher(folder, store_of(folder), default_classifier(), **settings)
    watcher.poll()
    watcher.store.close()
    return watcher


def as_labelled(folder: Path) -> LabelledRun:
    return label_run(read_rollouts(folder), default_classifier())


def as_read(folder: Path) -> Any:
    return as_labelled(folder).series.to_dict()["series"]


def test_totals_equal_a_reading_of_the_whole_log(watched: Path) -> None:
    rows = run_rows(COLLAPSE[:6])
    for start in range(0, len(rows), 100):
        add(watched / "a.jsonl", rows[start : start + 100])
        watcher = once(watched)
        assert watcher.series().counts().sum() == min(start + 100, len(rows))
        assert watcher.series().to_dict()["series"] == as_read(watched)


def test_one_watcher_and_many_restarts_count_the_same(watched: Path) -> None:
    staying = Watcher(
        watched, LabelStore(watched.parent / "b.sqlite", "", default_classifier().versions), Classifier()
    )
    rows = run_rows(COLLAPSE)
    for start in range(0, len(rows), 300):
        add(watched / "a.jsonl", rows[start : start + 300])
        staying.poll()
        restarted = once(watched)
    assert restarted.series().to_dict() == staying.series().to_dict()
    assert restarted.rings == staying.rings and list(staying.rings) == [("", "")]


def test_a_half_line_counts_once_it_is_whole(watched: Path) -> None:
    line = json.dumps(row(0, 1)) + "\n"
    (watched / "a.jsonl").write_text(line + line[:30])
    assert len(once(watched).following.waiting) == 1
    assert once(watched).series().counts().sum() == 1
    with (watched / "a.jsonl").open("a") as stream:
        stream.write(line[30:])
    assert once(watched).series().counts().sum() == 2


def test_rotation_by_renaming_loses_and_doubles_nothing(watched: Path) -> None:
    live = watched / "rollouts.jsonl"
    add(live, [row(i, 1) for i in range(3)])
    once(watched)
    add(live, [row(3, 1)])
    live.rename(watched / "rollouts.jsonl.1")
    add(live, [row(4, 2), row(5, 2)])
    watcher = once(watched)
    assert watcher.series().counts().sum() == 6
    assert any("renamed" in notice or "rotated" in notice for notice in watcher.following.notices)
    assert once(watched).series().counts().sum() == 6


def test_a_file_written_anew_replaces_its_rows(watched: Path) -> None:
    whole = watched / "rollouts.json"
    whole.write_text(json.dumps([row(i, 1) for i in range(4)]))
    assert once(watched).series().counts().sum() == 4
    time.sleep(0.01)
    whole.write_text(json.dumps([row(i, 1, BOXED) for i in range(6)]))
    watcher = once(watched)
    assert watcher.series().names == ("boxed_cot",) and watcher.series().counts().sum() == 6
    assert watcher.store.file.exists()


def test_missing_texts_odd_rewards_and_halved_characters(watched: Path) -> None:
    rows = [
        row(0, 1, prompt="\ud800", run="a\udfff"),
        row(1, 1, reward=float("inf"), run="a\udfff"),
        row(2, 1, response=None, run="a\udfff"),
        row(3, 10**30, run="a\udfff"),
    ]
    add(watched / "a.jsonl", rows)
    first = once(watched).series()
    again = once(watched).series()
    assert first.to_dict() == again.to_dict()
    assert first.missing == 1


def test_rows_without_steps_are_left_out_where_others_have_one(watched: Path) -> None:
    add(watched / "a.jsonl", [{"response": SCRIPT, "prompt": "p"}])
    assert once(watched).series().steps.tolist() == [0]
    add(watched / "a.jsonl", [row(0, 7)])
    assert once(watched).series().steps.tolist() == [7]


def test_the_alarm_rings_once_and_stays(watched: Path) -> None:
    rows = run_rows(COLLAPSE)
    add(watched / "a.jsonl", rows[: 8 * 128])
    assert once(watched).rings == {}
    add(watched / "a.jsonl", rows[8 * 128 :])
    watcher = once(watched)
    ring = watcher.ring_of("", "")
    assert ring is not None and ring.format == "program_of_thought" and 8 <= ring.step <= 12
    add(watched / "a.jsonl", [row(i, 14, BOXED) for i in range(500)])
    assert once(watched).ring_of("", "") == ring


def test_no_alarm_in_a_run_that_does_not_collapse(watched: Path) -> None:
    add(watched / "a.jsonl", run_rows([0.3, 0.4] * 15))
    assert once(watched).rings == {}


WRITER = """
import json, os, sys, time
path, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for number in range(first, last):
    row = {"step": number // 50, "prompt": f"p{number % 4}", "response": "ans = 3 * 12\\n", "n": number}
    data = (json.dumps(row) + "\\n").encode()
    with open(path, "ab", buffering=0) as stream:
        stream.write(data[:20]); time.sleep(0.0005); stream.write(data[20:])
    if number % 97 == 96:
        os.rename(path, f"{path[:-6]}_{number}.jsonl")
"""


def test_writer_and_watcher_killed_again_and_again(watched: Path) -> None:
    """Another process writes, rotates, is killed in the middle of a line and resumed; so is the watch."""
    total, dice, store = 600, random.Random(0), watched.parent / "store.sqlite"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(watched / "r.jsonl"), "0", "400"])
    for _ in range(6):
        watch = subprocess.Popen(
            _command(watched, store), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(0.35 + dice.random() / 2)
        watch.send_signal(signal.SIGKILL)
        watch.wait()
        if writer.poll() is None and _rows(store) > 50:
            writer.kill()
    writer.wait()
    written = _mended(watched)
    subprocess.run(
        [sys.executable, "-c", WRITER, str(watched / "r.jsonl"), str(written), str(total)], check=True
    )
    done = subprocess.run(
        [*_command(watched, store), "--once", "--json"], check=True, capture_output=True, text=True
    )
    assert json.loads(done.stdout)["rows"] == total
    data = sqlite3.connect(store)
    counted = dict(data.execute("SELECT step, COUNT(*) FROM labels GROUP BY step"))
    assert counted == dict.fromkeys(range(total // 50), 50)


def _command(folder: Path, store: Path) -> list[str]:
    program = "import sys; from echoformat.cli import main; sys.exit(main(sys.argv[1:]))"
    return [sys.executable, "-c", program, "watch", str(folder), "--store", str(store), "--interval", "0.05"]


def _rows(store: Path) -> int:
    try:
        return int(sqlite3.connect(store, timeout=0.1).execute("SELECT COUNT(*) FROM labels").fetchone()[0])
    except sqlite3.Error:
        return 0


def _mended(folder: Path) -> int:
    """What a resuming trainer does: cut the half line off, go on behind the last whole one."""
    whole = 0
    for path in folder.glob("*.jsonl"):
        data = path.read_bytes()
        kept = data[: data.rfind(b"\n") + 1]
        whole += kept.count(b"\n")
        if kept != data:
            os.truncate(path, len(kept))
    return whole


# --- the store


def test_a_store_refuses_other_labels_another_path_and_foreign_files(watched: Path) -> None:
    add(watched / "a.jsonl", [row(0, 1)])
    once(watched)
    file = watched.parent / "labels.sqlite"
    with pytest.raises(UsageError, match="holds labels of another versions"):
        store_of(watched, Classifier(compat="zhao2025"))
    with pytest.raises(UsageError, match="holds labels of another path"):
        LabelStore(file, "/elsewhere", default_classifier().versions)
    foreign = watched.parent / "foreign"
    foreign.write_text("words " * 500)
    with pytest.raises(UsageError, match="--store"):
        LabelStore(foreign, "", default_classifier().versions)
    with pytest.raises(UsageError, match="--store"):
        LabelStore(watched / "a.jsonl" / "below", "", default_classifier().versions)


def test_a_store_serves_one_watch_at_a_time(watched: Path) -> None:
    kept = store_of(watched)
    try:
        with pytest.raises(UsageError, match="another process follows this run"):
            store_of(watched)
    finally:
        kept.close()


def test_rows_and_place_are_kept_together_or_not_at_all(watched: Path) -> None:
    add(watched / "a.jsonl", [row(0, 1), row(1, 1)])
    store = store_of(watched)
    (found,) = Watcher(watched, store, default_classifier()).following.poll()
    labels = default_classifier().classify_batch([one.text for one in found.completions])
    with pytest.raises(TypeError):
        store.add(found.path, found.completions, labels, {"place": object()})
    assert store.rows == 0 and store.state is None
    store.close()


# --- the command


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_the_command_shows_shares_and_goes_on(watched: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(watched / "a.jsonl", run_rows([0.0, 1.0]))
    assert main(["watch", str(watched), "--once"]) == 0
    shown = capsys.readouterr().out
    assert "256 completions" in shown and "program_of_thought  100.0 %" in shown
    assert main(["watch", str(watched), "--once", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] == 256
    assert told["runs"][0]["figures"]["share.program_of_thought"] == 1.0
    assert default_store(str(watched)).is_file()
    assert not [path for path in watched.iterdir() if path.name != "a.jsonl"]


def test_fail_on(watched: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(watched / "a.jsonl", run_rows(COLLAPSE))
    assert main(["watch", str(watched), "--once", "--fail-on", "alarm==1"]) == 1
    assert main(["watch", str(watched), "--once", "--fail-on", "entropy_nats>2"]) == 0
    assert main(["watch", str(watched), "--once", "--fail-on", "collapsed==1 and onset>5"]) == 1
    assert main(["watch", str(watched), "--fail-on", "dominant_share>0.95", "--interval", "0.01"]) == 1
    assert "meets dominant_share>0.95 at step 12" in capsys.readouterr().err
    assert main(["watch", str(watched), "--once", "--fail-on", "dominantshare>1"]) == 2
    assert "did you mean 'dominant_share'" in capsys.readouterr().err


def test_a_step_still_being_written_meets_no_condition(watched: Path) -> None:
    """One early completion of a step is no collapse."""
    add(watched / "a.jsonl", [*run_rows([0.5]), row(0, 1)])
    watcher = once(watched)
    part = watcher.series()
    assert watcher.figures("", "", part, finished=True)["dominant_share"] != 1.0
    assert watcher.figures("", "", part, finished=False)["dominant_share"] == 1.0


def test_strict_stops_at_a_row_that_cannot_be_used(watched: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(watched / "a.jsonl", [row(0, 1)])
    with (watched / "a.jsonl").open("a") as stream:
        stream.write('{"step": 1, \n')
    add(watched / "a.jsonl", [row(1, 1)])
    assert main(["watch", str(watched), "--strict", "--interval", "0.01"]) == 3
    assert "a.jsonl:2" in capsys.readouterr().err


def test_what_was_passed_over_is_told_where_nothing_was_found(
    watched: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (watched / "notes.txt").write_text("not a log")
    assert main(["watch", str(watched), "--once", "--steps-per-epoch", "10"]) == 0
    shown = capsys.readouterr().out
    assert "no completions yet" in shown and "notes.txt" in shown


def test_every_figure_of_report_is_one_of_watch(watched: Path) -> None:
    add(watched / "a.jsonl", run_rows(COLLAPSE))
    for name in parts_of(as_labelled(watched).series)[0].figures:
        assert main(["watch", str(watched), "--once", "--fail-on", f"{name}>1e9"]) == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["missing", "--once"], "does not exist"),
        (["a", "b"], "one directory"),
        ([".", "--fail-on", "nonsense"], "cannot read"),
        ([".", "--interval", "0"], "above 0"),
    ],
)
def test_mistakes_are_told(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", *words]) == 2
    assert told in capsys.readouterr().err


def test_nothing_of_a_log_reaches_the_terminal_unescaped(
    watched: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u202e"
    add(
        watched / f"a{evil[:4]}.jsonl", [row(i, 1, evil, run=evil, split=evil, prompt=evil) for i in range(3)]
    )
    assert main(["watch", str(watched), "--once"]) == 0
    shown = capsys.readouterr()
    assert "\\x1b]0;owned\\x07" in shown.out
    assert not {"\x1b", "\x07", "\u202e"} & set(shown.out + shown.err)
    main(["watch", str(watched), "--once", "--json"])
    assert capsys.readouterr().out.isascii()


def _drain(terminal: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(terminal, 65536):
            pass
    os.close(terminal)


@pytest.mark.parametrize("plain", [True, False])
def test_a_terminal_is_redrawn_in_colour_unless_told_otherwise(watched: Path, plain: bool) -> None:
    add(watched / "a.jsonl", run_rows(COLLAPSE))
    mine, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    environment |= {"TERM": "xterm", "XDG_CACHE_HOME": str(watched.parent)} | (
        {"NO_COLOR": "1"} if plain else {}
    )
    store = watched.parent / "t.sqlite"
    # A suite that runs in the background of a shell inherits SIGINT ignored, and so would the watch.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    watch = subprocess.Popen(
        _command(watched, store), stdout=theirs, stderr=subprocess.DEVNULL, stdin=theirs, env=environment
    )
    signal.signal(signal.SIGINT, before)
    os.close(theirs)
    shown = b""
    try:
        while b"ALARM" not in shown:
            shown += os.read(mine, 65536)
        watch.send_signal(signal.SIGINT)
        # A terminal that nobody reads fills up, and the last redraw would wait for it.
        threading.Thread(target=_drain, args=(mine,), daemon=True).start()
        assert watch.wait(timeout=60) == 130
    finally:
        watch.kill()
        watch.wait()
    assert shown.startswith(b"\x1b[H\x1b[J")
    assert (b"\x1b[31;1m" in shown) == (not plain)


def test_a_terminal_without_blocks(watched: Path) -> None:
    add(watched / "a.jsonl", run_rows([0.0, 0.5, 1.0]))
    done = subprocess.run(
        [*_command(watched, watched.parent / "p.sqlite"), "--once"],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout.isascii() and b"#" in done.stdout


def test_curves_stay_narrow() -> None:
    assert len(curve([0.5] * 1000)) == 32 and curve([]) == ""
