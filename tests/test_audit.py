"""The audit: drawn once, resumed, never shown our label, and shares corrected by what was said."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from echoformat.audit_sheet import draw_sheet, load_sheet, start_sheet
from echoformat.cli import main
from echoformat.errors import InputError, UsageError

SCRIPT = "pens = {0} * 12\nans = pens - 7\n"
FUNCTION = """def simple_math_problem():
    '''How many is {0} plus two?'''
    result = {0} + 2
    return result
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    rows = [(i % 3, (FUNCTION if i % 4 else SCRIPT).format(i)) for i in range(40)]
    path = tmp_path / "run.jsonl"
    path.write_text(
        "".join(
            json.dumps({"step": s, "prompt": f"p{i}", "completion": t}) + "\n"
            for i, (s, t) in enumerate(rows)
        )
    )
    return path


def audit(monkeypatch: pytest.MonkeyPatch, keys: str, *words: object) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(key + "\n" for key in keys.split())))
    return main(["audit", *map(str, words)])


def test_the_sheet_is_resumed_and_holds_no_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], log: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.jsonl"
    assert audit(monkeypatch, "a b q", log, "--sheet", sheet, "--budget", 10) == 0
    assert "simple_math_problem" not in sheet.read_text()
    assert len(load_sheet(sheet).answers) == 2
    assert audit(monkeypatch, "s a x/ /tora " + "a " * 20, log, "--sheet", sheet, "--budget", 10) == 0
    resumed = load_sheet(sheet)
    assert len(resumed.answers) == 9
    assert "tora" in resumed.answers.values()
    assert "8 to go" in capsys.readouterr().err


def test_the_answers_correct_the_shares(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], log: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.jsonl"
    audit(monkeypatch, "a " * 40, log, "--sheet", sheet, "--budget", 40)
    capsys.readouterr()
    assert audit(monkeypatch, "", log, "--sheet", sheet, "--status", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["read"] == 40
    share = dict(zip(found["names"], found["share"], strict=True))
    labelled = dict(zip(found["names"], found["labelled_share"], strict=True))
    assert labelled == {"program_of_thought": 0.25, "tinygsm": 0.75}
    assert share == {"program_of_thought": pytest.approx(0.0), "tinygsm": pytest.approx(1.0)}


def test_only_the_steps_asked_for_are_audited(
    monkeypatch: pytest.MonkeyPatch, log: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.jsonl"
    audit(monkeypatch, "q", log, "--sheet", sheet, "--steps", "1:1")
    assert sum(load_sheet(sheet).header.predicted.values()) == 13


def test_another_log_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], log: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.jsonl"
    audit(monkeypatch, "q", log, "--sheet", sheet)
    log.write_text("".join(reversed(log.read_text().splitlines(keepends=True))))
    assert audit(monkeypatch, "a", log, "--sheet", sheet) == 2
    assert "is it the log of this sheet?" in capsys.readouterr().err


def test_a_half_written_answer_is_left_out_and_a_damaged_sheet_named(tmp_path: Path) -> None:
    sheet = start_sheet(draw_sheet(["x"] * 5, list("abcde"), {}, 3), tmp_path / "sheet.jsonl")
    sheet.say(0, "x")
    path = tmp_path / "sheet.jsonl"
    path.write_text(path.read_text() + '{"item": 1, "sa')
    assert load_sheet(path).answers == {0: "x"}
    path.write_text("{}\n")
    with pytest.raises(InputError, match="not a line of an audit sheet"):
        load_sheet(path)


def test_an_existing_sheet_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "sheet.jsonl"
    start_sheet(draw_sheet(["x"] * 5, list("abcde"), {}, 3), path)
    with pytest.raises(UsageError, match="resumed"):
        start_sheet(draw_sheet(["x"] * 5, list("abcde"), {}, 3), path)


def test_the_table_counts_predicted_against_said() -> None:
    sheet = draw_sheet(["x"] * 6 + ["y"] * 2, list("abcdefgh"), {}, 8)
    for item in range(8):
        sheet.say(item, "y")
    np.testing.assert_array_equal(sheet.table(), [[0, 6], [0, 2]])
    assert sheet.shares().share.tolist() == [0.0, 1.0]
