"""Following a run while it is written: totals stay exact through half lines, rotation and restarts."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from echoformat.errors import UsageError
from echoformat.rollouts.following import Following


def line(number: int, step: int = 1) -> bytes:
    return (json.dumps({"step": step, "prompt": "p", "response": f"row {number}"}) + "\n").encode()


def add(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        stream.write(data)


def texts(following: Following, last: bool = False) -> list[str | None]:
    return [row.text for new in following.poll(last) for row in new.completions]


def restarted(following: Following) -> Following:
    """As another process would go on: through JSON."""
    return Following(following.path, state=json.loads(json.dumps(following.state())))


def test_only_whole_new_lines_are_given(tmp_path: Path) -> None:
    log = tmp_path / "1.jsonl"
    add(log, line(0) + line(1)[:20])
    following = Following(tmp_path)
    assert texts(following) == ["row 0"]
    assert following.waiting == {str(log): len(line(0))}
    assert texts(following) == []
    add(log, line(1)[20:] + line(2))
    assert texts(following) == ["row 1", "row 2"]
    assert not following.waiting and not following.report.faulty


def test_last_line_without_newline_counts_when_the_writer_is_done(tmp_path: Path) -> None:
    add(tmp_path / "1.jsonl", line(0) + line(1).rstrip())
    following = Following(tmp_path)
    assert texts(following) == ["row 0"]
    assert texts(following, last=True) == ["row 1"]
    assert texts(following, last=True) == []


def test_new_files_are_found_and_steps_come_from_their_paths(tmp_path: Path) -> None:
    add(tmp_path / "step_1" / "rollouts.jsonl", b'{"response": "a"}\n')
    following = Following(tmp_path)
    assert [row.step for new in following.poll() for row in new.completions] == [1]
    add(tmp_path / "step_2" / "rollouts.jsonl", b'{"response": "b"}\n')
    assert [row.step for new in following.poll() for row in new.completions] == [2]


def test_restart_goes_on_where_it_stopped(tmp_path: Path) -> None:
    log = tmp_path / "1.jsonl"
    add(log, b"".join(line(i) for i in range(5)))
    following = Following(tmp_path)
    assert len(texts(following)) == 5
    add(log, line(5))
    again = restarted(following)
    assert texts(again) == ["row 5"]
    assert texts(restarted(again)) == []


def test_state_within_a_poll_holds_what_was_given(tmp_path: Path) -> None:
    add(tmp_path / "1.jsonl", line(0))
    add(tmp_path / "2.jsonl", line(1))
    following = Following(tmp_path)
    first = next(following.poll())
    assert [row.text for row in first.completions] == ["row 0"]
    assert texts(restarted(following)) == ["row 1"]


def test_rotation_reads_the_rest_of_the_old_file_and_the_new_one(tmp_path: Path) -> None:
    log = tmp_path / "rollouts.jsonl"
    add(log, line(0))
    following = Following(tmp_path)
    assert texts(following) == ["row 0"]
    add(log, line(1))
    log.rename(tmp_path / "rollouts.jsonl.1")
    add(log, line(2))
    assert sorted(map(str, texts(following))) == ["row 1", "row 2"]
    assert any("renamed" in notice for notice in following.notices)
    assert texts(restarted(following)) == []


def test_truncation_starts_from_the_beginning_with_a_notice(tmp_path: Path) -> None:
    log = tmp_path / "1.jsonl"
    add(log, line(0) + line(1))
    following = Following(tmp_path)
    texts(following)
    log.write_bytes(line(7))
    assert texts(following) == ["row 7"]
    assert any("truncated" in notice for notice in following.notices)


def test_a_longer_file_written_over_the_old_one_is_seen(tmp_path: Path) -> None:
    log = tmp_path / "1.jsonl"
    add(log, line(0))
    following = Following(tmp_path)
    texts(following)
    log.write_bytes(line(3) + line(4))
    assert texts(following) == ["row 3", "row 4"]
    assert any("anew" in notice for notice in following.notices)


def test_replaced_file_of_another_inode(tmp_path: Path) -> None:
    log = tmp_path / "1.jsonl"
    add(log, line(0))
    following = Following(tmp_path)
    texts(following)
    add(tmp_path / "new", line(8) + line(9))
    (tmp_path / "new").replace(log)
    assert texts(following) == ["row 8", "row 9"]


def test_parquet_is_read_when_it_is_whole_and_says_when_it_was_replaced(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")

    def write(path: Path, *said: str) -> bytes:
        rows = [{"step": 1, "prompt": "p", "completion": text, "advantage": 0.0} for text in said]
        parquet.write_table(pyarrow.Table.from_pylist(rows), path)
        return path.read_bytes()

    whole = write(tmp_path / "completions_00001.parquet", "a", "b")
    log = tmp_path / "completions_00001.parquet"
    log.write_bytes(whole[:-50])
    following = Following(tmp_path)
    assert texts(following) == []
    log.write_bytes(whole)
    assert texts(following) == ["a", "b"]
    assert not following.report.faulty
    assert texts(restarted(following)) == []
    write(log, "evaluation")
    new = list(following.poll())
    assert [(one.replaced, [row.text for row in one.completions]) for one in new] == [(True, ["evaluation"])]


def test_csv_grows_by_whole_rows(tmp_path: Path) -> None:
    log = tmp_path / "rollouts.csv"
    add(log, b"step,response\n1,one\n1,tw")
    following = Following(tmp_path)
    assert texts(following) == ["one"]
    add(log, b"o\n2,three\n")
    assert texts(following) == ["two", "three"]
    assert texts(restarted(following)) == []


def test_foreign_state_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="version 99"):
        Following(tmp_path, state={"version": 99})


def test_a_directory_that_is_not_there_yet(tmp_path: Path) -> None:
    following = Following(tmp_path / "later")
    assert texts(following) == []
    add(tmp_path / "later" / "1.jsonl", line(0))
    assert texts(following) == ["row 0"]


@pytest.mark.parametrize("seed", range(4))
def test_totals_are_exact_whatever_the_writer_and_the_follower_do(tmp_path: Path, seed: int) -> None:
    """Random writes of half lines, rotations, new files and restarts: every row once, in all."""
    chance = random.Random(seed)
    following, written, given, rotated = Following(tmp_path), 0, [], 0
    pending: dict[Path, bytes] = {}
    for _ in range(200):
        log = tmp_path / f"{chance.randrange(3)}.jsonl"
        action = chance.random()
        if action < 0.5:
            data = pending.pop(log, b"") + line(written)
            written += 1
            cut = chance.randrange(len(data) + 1)
            add(log, data[:cut])
            pending[log] = data[cut:]
        elif action < 0.6 and log.exists() and not pending.get(log):
            given += texts(following)
            log.rename(tmp_path / f"{log.name}.{rotated}")
            rotated += 1
        elif action < 0.7:
            following = restarted(following)
        else:
            given += texts(following)
    for log, data in pending.items():
        add(log, data)
    given += texts(following)
    assert sorted(map(str, given)) == sorted(f"row {i}" for i in range(written))


WRITER = """
import json, sys, time
path, rows = sys.argv[1], int(sys.argv[2])
with open(path, "ab", buffering=0) as stream:
    for i in range(rows):
        data = (json.dumps({"step": i // 10, "prompt": "p", "response": f"row {i}"}) + "\\n").encode()
        stream.write(data[: len(data) // 2]); stream.write(data[len(data) // 2 :])
        time.sleep(0.0005)
"""


def test_another_process_writes_while_followers_come_and_go(tmp_path: Path) -> None:
    log = tmp_path / "run" / "rollouts.jsonl"
    log.parent.mkdir()
    writer = subprocess.Popen([sys.executable, "-c", textwrap.dedent(WRITER), str(log), "600"])
    state: dict[str, Any] | None = None
    given: list[str | None] = []
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        done = writer.poll() is not None
        following = Following(log.parent, state=state)
        given += texts(following)
        state = json.loads(json.dumps(following.state()))
        if done:
            break
    assert writer.wait(10) == 0
    assert given == [f"row {i}" for i in range(600)]
