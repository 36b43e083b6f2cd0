"""The command line: data on standard output, messages on standard error, and the documented exit codes."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from echoformat import cli
from echoformat.cli import main
from echoformat.cli.command import command_summaries
from echoformat.cli.fail_on import parse_condition
from echoformat.cli.label_file import LABEL_COLUMNS
from echoformat.cli.progress import progress
from echoformat.demo import demo_files
from echoformat.errors import UsageError

ESCAPES = "\x1b[31m \x1b]52;c;aGVsbG8=\x07 \x9b2J \u202e \r \x08 \x00"
Run = Callable[..., SimpleNamespace]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command here; gives code, out, err."""

    def call(*words: object) -> SimpleNamespace:
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return SimpleNamespace(code=code, out=said.out, err=said.err)

    return call


def _rows(steps: int = 4, each: int = 6, **more: Any) -> list[dict[str, Any]]:
    texts = ("ans = 3 * 12\n", "")
    return [
        {
            "step": step,
            "problem": f"p{i % 3}",
            "completion": texts[(step + i) % 5 == 0],
            "reward": float(i % 2),
            **more,
        }
        for step in range(steps)
        for i in range(each)
    ]


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A small readable log."""
    return _write(tmp_path / "rollouts.jsonl", _rows())


def _process(*words: object, **more: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "echoformat", *map(str, words)]
    return subprocess.run(command, capture_output=True, timeout=120, check=False, **more)


def test_help_lists_every_command_with_its_summary(run: Run) -> None:
    done = run("--help")
    assert done.code == 0
    for name, summary in command_summaries().items():
        assert name in done.out
        assert summary.endswith(".") and summary in " ".join(done.out.split())


@pytest.mark.parametrize("name", command_summaries())
def test_every_command_helps(run: Run, name: str) -> None:
    done = run(name, "--help")
    assert done.code == 0
    assert "usage: echoformat " + name in done.out
    assert "--json" in done.out


def test_no_command_is_a_usage_error_with_the_overview(run: Run) -> None:
    done = run()
    assert done.code == 2
    assert "commands:" in done.out


def test_a_command_that_does_not_exist(run: Run) -> None:
    done = run("reprot")
    assert done.code == 2
    assert "did you mean 'report'?" in done.err
    assert not done.out


def test_version(run: Run) -> None:
    assert run("--version").out.startswith("echoformat ")


def test_an_unknown_flag_is_a_usage_error(run: Run, log: Path) -> None:
    assert run("report", log, "--nonsense").code == 2


def test_report_writes_the_page_and_prints_the_headline(run: Run, log: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = run("report", log, "-o", page)
    assert done.code == 0
    assert "program_of_thought" in done.out
    assert str(page) in done.out
    assert "read 24 completions from 1 file" in done.err
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_report_as_json_is_json_alone(run: Run, log: Path, tmp_path: Path) -> None:
    done = run("report", log, "-o", tmp_path / "page.html", "--json")
    said = json.loads(done.out)
    assert said["read"]["rows"] == 24
    assert said["runs"][0]["figures"]["completions"] == 24
    assert said["versions"]["echoformat"]


def test_several_runs_become_one_page(run: Run, tmp_path: Path) -> None:
    names = [_write(tmp_path / f"{name}.jsonl", _rows(run_id=name)) for name in ("first", "second")]
    done = run("report", *names, "-o", tmp_path / "page.html", "--json")
    assert [one["run"] for one in json.loads(done.out)["runs"]] == ["first", "second"]


def test_the_demo_needs_nothing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("demo")
    assert done.code == 0
    assert "openmath1 won" in done.out
    assert "No format took over" in done.out
    assert "report.html" in done.out
    assert (tmp_path / "report.html").stat().st_size > 50_000
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("dominant_share>0.5", 1),
        ("dominant_share>0.5 and share.empty>0.9", 0),
        ("share.empty>0.9 or completions>=24", 1),
        ("accuracy<0", 0),
        ("onset>100", 0),
    ],
)
def test_fail_on(run: Run, log: Path, tmp_path: Path, condition: str, code: int) -> None:
    done = run("report", log, "-o", tmp_path / "page.html", "--fail-on", condition)
    assert done.code == code
    assert ("meets" in done.err) == bool(code)


@pytest.mark.parametrize("condition", ["dominant_shar>1", "dominant_share>", "1>0", "", "a>1;b>2", "exit()"])
def test_a_condition_that_is_none(run: Run, log: Path, tmp_path: Path, condition: str) -> None:
    done = run("report", log, "-o", tmp_path / "page.html", "--fail-on", condition)
    assert done.code == 2
    assert "--fail-on" in done.err


def test_conditions_know_no_more_than_names_and_numbers() -> None:
    with pytest.raises(UsageError, match="cannot read"):
        parse_condition("().__class__>0")
    assert not parse_condition("a>1").holds({"a": None})


def test_label_rows_are_the_log_in_its_order(run: Run, log: Path, tmp_path: Path) -> None:
    target = tmp_path / "labels.jsonl"
    done = run("label", log, "-o", target)
    head, *rows = map(json.loads, target.read_text(encoding="utf-8").splitlines())
    assert done.code == 0
    assert not done.out
    assert head["columns"] == list(LABEL_COLUMNS)
    assert set(head["echoformat_labels"]) == {"echoformat", "taxonomy", "rules", "model"}
    assert [tuple(row) for row in rows] == [LABEL_COLUMNS] * 24
    source = _rows()
    assert [row["step"] for row in rows] == [row["step"] for row in source]
    assert [row["reward"] for row in rows] == [row["reward"] for row in source]
    expected = ["program_of_thought" if row["completion"] else None for row in source]
    assert [row["format"] for row in rows] == expected


def test_label_as_parquet_and_csv_hold_the_same(run: Run, log: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    for suffix in ("jsonl", "parquet", "csv"):
        assert run("label", log, "-o", tmp_path / f"labels.{suffix}").code == 0
    lines = (tmp_path / "labels.jsonl").read_text(encoding="utf-8").splitlines()[1:]
    table = parquet.read_table(tmp_path / "labels.parquet")
    assert tuple(table.column_names) == LABEL_COLUMNS
    assert table.schema.metadata[b"echoformat.taxonomy"]
    formats = [json.loads(line)["format"] for line in lines]
    assert table.column("format").to_pylist() == formats
    with (tmp_path / "labels.csv").open(newline="", encoding="utf-8") as file:
        assert [row["format"] or None for row in csv.DictReader(file)] == formats


def test_label_with_a_mixture_fills_the_source(run: Run, log: Path, tmp_path: Path) -> None:
    mixture = tmp_path / "ours.toml"
    mixture.write_text('[[source]]\nname = "scripts"\nproportion = 1\nformats = ["program_of_thought"]\n')
    run("label", log, "-o", tmp_path / "labels.jsonl", "--mixture", mixture)
    rows = (tmp_path / "labels.jsonl").read_text(encoding="utf-8").splitlines()[1:]
    assert {json.loads(row)["source"] for row in rows} == {"scripts", None}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[source]\n", "TOML"),
        ("", "'source' is missing"),
        ('[[sources]]\nname = "x"\n', "did you mean 'source'?"),
        ('[[source]]\nname = "x"\nproportion = "much"\nformats = []\n', "wrong kind"),
        ('[[source]]\nname = "x"\nproportion = 0\nformats = ["json"]\n', "not above 0"),
        ('[[source]]\nname = "x"\nproportion = 1\nformats = ["jsno"]\n', "did you mean 'json'?"),
        ('[[source]]\nname = "x"\nproportion = 1\n', "'formats' is missing"),
    ],
)
def test_a_bad_mixture_names_file_and_key(run: Run, log: Path, tmp_path: Path, text: str, said: str) -> None:
    mixture = tmp_path / "ours.toml"
    mixture.write_text(text)
    done = run("report", log, "-o", tmp_path / "page.html", "--mixture", mixture)
    assert done.code == 2
    assert said in done.err
    assert not (tmp_path / "page.html").exists()


def test_a_mixture_that_is_no_file(run: Run, log: Path) -> None:
    done = run("series", log, "--mixture", "tinygms")
    assert done.code == 2
    assert "did you mean 'tinygsm'?" in done.err


def test_compat_rules_can_be_chosen(run: Run, log: Path) -> None:
    done = run("series", log, "--compat", "spurious", "--json")
    assert set(json.loads(done.out)["series"][0]["names"]) <= {"code", "no-code", "empty"}


def test_series_as_json_has_shares_that_sum_to_one(run: Run, log: Path) -> None:
    said = json.loads(run("series", log, "--json").out)["series"][0]
    for step in range(4):
        assert sum(row["share"] for row in said["shares"] if row["step"] == step) == pytest.approx(1)


def test_series_as_csv_guards_formulas(run: Run, tmp_path: Path) -> None:
    log = _write(tmp_path / "log.jsonl", _rows(run="=cmd|' /C calc'!A0"))
    rows = list(csv.DictReader(io.StringIO(run("series", log, "--csv", "--run-column", "run").out)))
    assert rows
    assert {row["run"] for row in rows} == {"'=cmd|' /C calc'!A0"}


@pytest.mark.parametrize("of", ["family", "variant", "source", "format"])
def test_series_of_other_columns(run: Run, of: str) -> None:
    done = run("series", demo_files()[0], "--of", of, "--mixture", "tinygsm+openmath1", "--json")
    assert json.loads(done.out)["of"] == of


def test_steps_per_epoch_reach_the_verdict(run: Run, tmp_path: Path) -> None:
    words = ("report", demo_files()[0], "-o", tmp_path / "page.html", "--steps-per-epoch", "10")
    assert "epoch 1.2" in run(*words).out
    assert run(*words[:-1], "-3").code == 2


def test_findings_hold_the_claims_against_each_run(run: Run) -> None:
    words = ("findings", demo_files()[0], "--mixture", "tinygsm+openmath1+openmath2")
    said = json.loads(run(*words, "--json").out)["runs"]
    verdicts = {one["claim"]: one["verdict"] for one in said[0]["findings"]}
    assert verdicts["C1"] == "supported"
    assert set(verdicts.values()) <= {"supported", "contradicted", "undecided"}
    done = run(*words, "--decided")
    assert "C1 supported" in done.out
    assert "undecided" not in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_compare_puts_runs_side_by_side(run: Run, tmp_path: Path) -> None:
    settings = tmp_path / "runs.toml"
    settings.write_text("[runs.U_s_kl0]\nkl = 0\n[runs.U_s_kl1]\nkl = 1\n")
    done = run("compare", *demo_files(), "--runs", settings)
    assert done.code == 0
    line = {words[0]: text for text in done.out.splitlines() if (words := text.split())}
    assert "openmath1" in line["U_s_kl0"] and "kl_coefficient 0.0" in line["U_s_kl0"]
    assert "none" in line["U_s_kl1"] and "kl_coefficient 1.0" in line["U_s_kl1"]
    said = json.loads(run("compare", *demo_files(), "--json").out)
    assert {one["claim"] for one in said["findings"]} >= {"C5", "C9"}
    assert said["comparison"]["outcomes"][0]["winner_name"] == "openmath1"


def test_compare_needs_two_runs_with_the_names_given(run: Run, tmp_path: Path) -> None:
    assert "needs two runs" in run("compare", demo_files()[0]).err
    settings = tmp_path / "runs.toml"
    settings.write_text("[runs.U_s_kl9]\nkl = 0\n")
    done = run("compare", *demo_files(), "--runs", settings)
    assert done.code == 2
    assert "no run 'U_s_kl9'" in done.err


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes the working folder a project with these settings."""
    monkeypatch.chdir(tmp_path)
    return lambda text: (tmp_path / "pyproject.toml").write_text(text) and None


def _names(done: SimpleNamespace) -> set[str]:
    return set(json.loads(done.out)["series"][0]["names"]) - {"empty"}


def test_flag_wins_over_variable_over_file(
    run: Run, log: Path, project: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    project('[tool.echoformat]\ncompat = "spurious"\n[tool.echoformat.series]\njson = true\n')
    assert _names(run("series", log)) == {"no-code"}
    monkeypatch.setenv("ECHOFORMAT_COMPAT", "zhao2025")
    assert _names(run("series", log)) == {"text"}
    assert _names(run("series", log, "--compat", "spurious")) == {"no-code"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[tool.echoformat]\nmixtur = "x"\n', "did you mean 'mixture'?"),
        ('[tool.echoformat]\ncompat = "zhao"\n', "did you mean 'zhao2025'?"),
        ("[tool.echoformat]\nmixture = [1]\n", "wrong kind"),
        ("[tool.echoformat]\nstrict = 7\n", "Known: false, true"),
        ('[tool.echoformat.series]\nfail-on = "x"\n', "no key 'fail-on'"),
        ("[tool.echoformat\n", "TOML"),
    ],
)
def test_bad_settings_name_file_and_key(
    run: Run, log: Path, project: Callable[[str], None], text: str, said: str
) -> None:
    project(text)
    done = run("series", log)
    assert done.code == 2
    assert said in done.err
    assert "pyproject.toml" in done.err


def test_a_bad_variable_is_named(run: Run, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECHOFORMAT_STEPS_PER_EPOCH", "many")
    assert run("series", log).code == 2
    monkeypatch.setenv("ECHOFORMAT_STEPS_PER_EPOCH", "10")
    monkeypatch.setenv("ECHOFORMAT_COMPAT", "none")
    assert "ECHOFORMAT_COMPAT" in run("series", log).err


def test_settings_of_others_are_let_be(run: Run, log: Path, project: Callable[[str], None]) -> None:
    project('[tool.echoformat.report]\nfail-on = "x"\n[tool.other]\nx = 1\n')
    assert run("series", log).code == 0
    assert run("formats").code == 0


def test_classify_a_text(run: Run) -> None:
    assert run("classify", "ans = 3 * 12\n").out.startswith("program_of_thought")
    assert json.loads(run("classify", "ans = 3 * 12\n", "--json").out)["format"] == "program_of_thought"
    assert run("classify", "x", "--compat", "zhao2025").out.startswith("text: ")


def test_classify_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"ans = 3\xff\n"), isatty=lambda: False)
    )
    assert run("classify", "-").code == 0


def test_explain_shows_rules_with_what_they_fired_on(run: Run) -> None:
    done = run("explain", "x = 3\nans = x\n")
    assert "program_of_thought." in done.out
    assert "scores:" in done.out
    assert json.loads(run("explain", "ans = 3\n", "--json").out)["label"]["format"] == "program_of_thought"


def test_formats_lists_and_shows(run: Run) -> None:
    assert "tinygsm" in run("formats").out
    assert "example 1:" in run("formats", "tinygsm").out
    assert {"name", "family", "patterns"} <= set(json.loads(run("formats", "--json").out)[0])
    assert "did you mean 'tinygsm'?" in run("formats", "tinygms").err


def test_doctor_tells_what_is_installed_and_what_a_log_is(run: Run, log: Path) -> None:
    assert "no problems found" in run("doctor").out
    done = run("doctor", log)
    assert "columns taken" in done.out
    assert json.loads(run("doctor", log, "--json").out)["read"]["rows"] == 24


@pytest.mark.parametrize("name", ["report", "series", "label", "doctor"])
def test_paths_that_cannot_be_read(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "dangling.jsonl").symlink_to(tmp_path / "nowhere.jsonl")
    more = ("-o", tmp_path / "out.jsonl") if name in ("report", "label") else ()
    for path in ("missing.jsonl", "empty", "dangling.jsonl", "*.nothing"):
        done = run(name, tmp_path / path, *more)
        assert done.code == 2, path
        assert done.err.startswith("echoformat: ")
        assert "Traceback" not in done.err
    assert not (tmp_path / "out.jsonl").exists()


def test_an_empty_file_is_no_crash(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    done = run("report", tmp_path / "empty.jsonl", "-o", tmp_path / "page.html")
    assert done.code == 2
    assert "empty" in done.err


def test_a_wrong_column_names_those_there_are(run: Run, log: Path) -> None:
    done = run("series", log, "--completion", "completoin")
    assert done.code == 2
    assert "did you mean 'completion'?" in done.err


def test_lost_rows_are_exit_code_three(run: Run, tmp_path: Path) -> None:
    log = _write(tmp_path / "log.jsonl", _rows())
    lines = log.read_text().splitlines()
    log.write_text("\n".join([lines[0], "{broken", *lines[1:]]) + "\n")
    done = run("report", log, "-o", tmp_path / "page.html")
    assert done.code == 3
    assert "bad: 1 row" in done.err
    assert (tmp_path / "page.html").exists()
    assert run("series", log, "--strict").code == 2


def test_a_half_written_last_line_is_no_fault(run: Run, tmp_path: Path) -> None:
    log = _write(tmp_path / "log.jsonl", _rows())
    log.write_text(log.read_text() + '{"step": 9, "compl')
    done = run("series", log)
    assert done.code == 0
    assert "partial tail" in done.err


def test_a_broken_gzip_keeps_the_rows_before(run: Run, tmp_path: Path) -> None:
    whole = gzip.compress("".join(json.dumps(row) + "\n" for row in _rows(400)).encode(), 1)
    (tmp_path / "log.jsonl.gz").write_bytes(whole[: len(whole) * 9 // 10])
    done = run("series", tmp_path / "log.jsonl.gz", "--json")
    assert done.code == 3
    assert json.loads(done.out)["read"]["rows"] > 100


def test_output_appears_whole_or_not_at_all(run: Run, log: Path, tmp_path: Path) -> None:
    assert run("report", log, "-o", tmp_path / "no" / "page.html").code == 2
    assert run("report", log, "-o", tmp_path).code == 2
    assert run("label", log, "-o", tmp_path / "labels.xlsx").code == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["rollouts.jsonl"]


def test_an_old_output_survives_a_failure(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, page = _write(tmp_path / "log.jsonl", _rows()), tmp_path / "labels.jsonl"
    page.write_text("old")
    monkeypatch.setattr("echoformat.engines.shards.plain_columns", lambda *_: 1 / 0)
    done = run("label", log, "-o", page)
    assert done.code == 4
    assert "please report it" in done.err
    assert page.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["labels.jsonl", "log.jsonl"]


def test_nothing_reaches_the_terminal_unescaped(run: Run, tmp_path: Path) -> None:
    log = _write(tmp_path / "log.jsonl", _rows(run_id=ESCAPES))
    said = [
        run("classify", ESCAPES),
        run("explain", f"x = '{ESCAPES}'\nans = x\n"),
        run("report", log, "-o", tmp_path / "page.html"),
        run("series", log),
        run("doctor", log),
        run("series", tmp_path / f"{ESCAPES[:5]}.jsonl"),
        run("series", log, "--json"),
        run(ESCAPES),
    ]
    for done in said:
        assert not [c for c in done.out + done.err if c != "\n" and (ord(c) < 32 or 0x7F <= ord(c) < 0xA0)]
        assert "\u202e" not in done.out + done.err


def test_colours_follow_the_environment(run: Run, log: Path, tmp_path: Path, monkeypatch: Any) -> None:
    words = ("report", log, "-o", tmp_path / "page.html")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert "\x1b" not in run(*words).out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1m" in run(*words).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run(*words).out


def test_a_defect_is_exit_code_four(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "load_command", lambda name: 1 / 0)
    done = run("doctor")
    assert done.code == 4
    assert "ZeroDivisionError" in done.err


def test_an_interrupt_is_exit_code_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "load_command", interrupted)
    assert run("doctor").code == 130


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_interrupt_of_code_from_a_string_is_exit_code_130_too(tmp_path: Path) -> None:
    (tmp_path / "interrupted.py").write_text(
        "import os, signal, sys\n"
        "from echoformat import cli\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "cli.load_command = lambda name: exec('while True: os.kill(os.getpid(), signal.SIGINT)')\n"
        "sys.exit(cli.main(['doctor']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "interrupted"], cwd=tmp_path, capture_output=True, timeout=60
    )
    assert (done.returncode, b"stopped" in done.stderr) == (130, True)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_signal_stops_a_process_without_a_half_file(tmp_path: Path) -> None:
    pipe = tmp_path / "rollouts.jsonl"
    _write(pipe, _rows(4000, 50, filler="x" * 200))
    command = [sys.executable, "-m", "echoformat", "label", str(pipe), "-o", str(tmp_path / "labels.jsonl")]
    # A suite that runs in the background of a shell inherits SIGINT ignored, and so would the command.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    signal.signal(signal.SIGINT, before)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".labels*.part")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["rollouts.jsonl"]


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    log = _write(tmp_path / "log.jsonl", _rows(3000, 2))
    command = [sys.executable, "-m", "echoformat", "series", str(log), "--csv"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=120) in (0, 141)
    assert b"Traceback" not in said and b"Broken" not in said


def test_a_stream_that_knows_no_unicode_gets_escapes(tmp_path: Path) -> None:
    log = _write(tmp_path / "log.jsonl", _rows(run_id="größe \ud800"))
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for words in (("report", log, "-o", tmp_path / "page.html"), ("series", log, "--csv")):
        done = _process(*words, env=ascii_only)
        assert done.returncode == 0, done.stderr.decode()
        assert b"gr\\xf6\\xdfe" in done.stdout


def test_progress_is_lines_where_no_bar_can_be_drawn(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr("echoformat.cli.progress.SECONDS_BETWEEN_LINES", 0.0)
    with progress("labelling") as tick:
        assert tick is not None
        tick(3)
        tick(4)
    assert capsys.readouterr().err == "labelling: 3 completions\nlabelling: 7 completions\n"


def test_progress_is_silent_off_a_terminal() -> None:
    with progress("labelling") as tick:
        assert tick is None


def test_python_dash_m_in_a_bare_environment(log: Path, tmp_path: Path) -> None:
    bare = {"PATH": os.environ["PATH"], "LANG": "C", "PYTHONWARNINGS": "ignore", "TZ": "Pacific/Chatham"}
    done = _process("report", log, "-o", tmp_path / "page.html", env=bare, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert b"program_of_thought" in done.stdout
