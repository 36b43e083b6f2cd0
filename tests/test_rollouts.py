"""The shelf of readers: its contract, and every set of the study's rollouts against its manifest."""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from echoformat.completion import Completion
from echoformat.completion_batch import CompletionBatch
from echoformat.errors import UsageError
from echoformat.rollouts import Columns, Reader, RolloutLog, all_readers, read_rollouts, shelf

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("ECHOFORMAT_SHARED") or ROOT.parent / "shared")


def manifest() -> list[dict[str, Any]]:
    path = SHARED / "rollouts" / "MANIFEST.json"
    return json.loads(path.read_text()) if path.is_file() else []


def sha1(text: str | None) -> str:
    return hashlib.sha1((text or "").encode("utf-8", "surrogatepass")).hexdigest()


def per_step(rows: list[Completion], entry: dict[str, Any]) -> dict[str, int]:
    """Rows by step, or by run where the log has one column a model and no step."""
    wide = not any(key == "None" or key.lstrip("-").isdigit() for key in entry["rows_per_step"])
    return dict(Counter(row.run if wide else str(row.step) for row in rows))


def write_lines(path: Path, rows: list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.skipif(not manifest(), reason=f"no study data: set ECHOFORMAT_SHARED or put it at {SHARED}")
@pytest.mark.parametrize("entry", manifest(), ids=lambda entry: entry["name"])
def test_sets_of_the_manifest(entry: dict[str, Any]) -> None:
    log = read_rollouts(str(SHARED / "rollouts" / entry["glob"]), **arguments_of(entry))
    rows = list(log)
    assert per_step(rows, entry) == entry["rows_per_step"]
    assert sha1(rows[0].text) == entry["first_text_sha1"]
    assert len(rows) == entry["rows"] == log.report.rows
    assert not log.report.faulty
    assert all(row.source for row in rows)


class ByteTokens:
    """The set's tokenizer: four specials, then a byte-level alphabet in the order of its codes."""

    def __init__(self) -> None:
        printing = [*range(33, 127), *range(161, 173), *range(174, 256)]
        spaced = [byte for byte in range(256) if byte not in printing]
        self.bytes = [*printing, *spaced]

    def decode(self, ids: list[int], skip_special_tokens: bool = False) -> str:
        return bytes(self.bytes[i - 4] for i in ids if i >= 4).decode("utf-8", "replace")


def arguments_of(entry: dict[str, Any]) -> dict[str, Any]:
    return {"tokenizer": ByteTokens()} if "open_instruct" in entry["name"] else {}


@pytest.mark.parametrize("reader", all_readers(), ids=lambda reader: reader.name)
def test_shelf_contract(reader: Reader) -> None:
    assert isinstance(reader, Reader)
    assert reader.name.isidentifier() and reader.name == reader.name.lower()
    assert reader.title and len(reader.title) < 100
    assert reader.source.startswith("https://")


def test_names_of_readers_differ() -> None:
    names = [reader.name for reader in all_readers()]
    assert len(set(names)) == len(names)


LOGS = Path(__file__).resolve().parent / "logs"


class Letters:
    """A tokenizer whose ids are letters."""

    def decode(self, ids: list[int]) -> str:
        return "".join(map(chr, ids))


@pytest.mark.parametrize("reader", shelf.OWN, ids=lambda reader: reader.name)
def test_every_reader_takes_its_example(reader: Reader) -> None:
    """`tests/logs/NAME` holds two completions of one problem at step 4, the first of them right."""
    folder = LOGS / reader.name
    assert folder.is_dir(), f"write a small log of two completions, step 4, to {folder}"
    log = read_rollouts(folder, tokenizer=Letters())
    rows = list(log)
    assert set(log.readers.values()) == {reader.name}
    assert [(row.text or "").split()[0] for row in rows] == ["Three", "def"]
    assert {row.prompt for row in rows} == {"Mo has 3 boxes of 6 apples. How many apples?"}
    assert all(row.source and row.problem for row in rows) and not log.report.faulty
    assert log.report.files[0].columns, "say which columns were taken (file.read.columns)"
    if reader.name not in STEPLESS:
        assert {row.step for row in rows} == {4}
    if reader.name not in UNJUDGED:
        assert [row.correct for row in rows] == [True, False]


STEPLESS = {"atropos", "gsm8k_solutions", "nemo_skills"}
UNJUDGED = {"atropos", "opencompass", "simple_evals"}

ODD = (
    None,
    1,
    -1.5,
    float("nan"),
    True,
    "",
    "x",
    [],
    {},
    [[]],
    [{}],
    [None],
    {"a": 1},
    ["a", 1],
    10**30,
    '[{"role"',
)


def shaken(value: Any, chance: random.Random) -> Any:
    """The value with some of what it holds replaced or left out."""
    if chance.random() < 0.03:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {key: shaken(one, chance) for key, one in value.items() if chance.random() > 0.01}
    return [shaken(one, chance) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", sorted(LOGS.rglob("*.json*")), ids=lambda path: str(path.relative_to(LOGS)))
def test_odd_values_in_any_place_end_no_reading(path: Path, tmp_path: Path) -> None:
    text = path.read_text()
    try:
        records = [json.loads(line) for line in text.splitlines()]
    except ValueError:
        records = [json.loads(text)]
    target = tmp_path / path.relative_to(LOGS)
    target.parent.mkdir(parents=True, exist_ok=True)
    for seed in range(40):
        chance = random.Random(seed)
        own = [*records[: seed % 2], *(shaken(record, chance) for record in records)]
        write_lines(target, own)
        try:
            log = read_rollouts(target, tokenizer=Letters())
        except UsageError:
            continue
        rows = list(log)
        json.dumps(log.report.to_dict())
        assert sum(map(len, log.batches())) == len(rows)


def read(path: Path | str | list[Any], **arguments: Any) -> tuple[list[Completion], RolloutLog]:
    log = read_rollouts(path, **arguments)
    return list(log), log


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Path]:
    rows = [
        {"step": s, "prompt": f"{s}+1?", "response": f"it is {s + 1}", "reward": s % 2} for s in (1, 2, 3)
    ]
    yield write_lines(tmp_path / "log" / "rollouts.jsonl", rows)


def test_columns_are_found_and_told(three: Path) -> None:
    rows, log = read(three)
    assert [row.step for row in rows] == [1, 2, 3]
    assert [row.correct for row in rows] == [True, False, True]
    assert log.report.files[0].columns == {
        "response": "completion",
        "prompt": "prompt",
        "step": "step",
        "reward": "reward",
    }


def test_iterating_again_gives_the_same(three: Path) -> None:
    log = read_rollouts(three)
    assert list(log) == list(log)
    assert log.report.rows == 3


def as_batch(log: RolloutLog) -> CompletionBatch:
    return CompletionBatch.of(log)


def joined_batches(log: RolloutLog, size: int) -> CompletionBatch:
    whole = CompletionBatch()
    for batch in log.batches(size):
        for name in CompletionBatch.__slots__:
            getattr(whole, name).extend(getattr(batch, name))
    return whole


@pytest.mark.parametrize("entry", manifest(), ids=lambda entry: entry["name"])
def test_batches_hold_what_rows_hold_in_every_set(entry: dict[str, Any]) -> None:
    path = str(SHARED / "rollouts" / entry["glob"])
    log = read_rollouts(path, **arguments_of(entry))
    expected, metadata, report = as_batch(log), log.metadata, log.report.to_dict()
    for size in (7, 4096):
        assert joined_batches(log, size) == expected
        assert log.metadata == metadata
        assert log.report.to_dict() == report


def test_batches_of_rows_of_all_kinds(tmp_path: Path) -> None:
    """Mixed columns, groups, messages, odd rewards and missing values: the columns are those of the rows."""
    chance = random.Random(5)
    choices: dict[str, list[Any]] = {
        "response": ["a", "[not a list", "", None, [{"role": "assistant", "content": "c"}], ["g", "h"]],
        "step": [1, 2, "3", None],
        "prompt": ["p", "q", None, [{"role": "user", "content": "u"}]],
        "reward": [0, 1, 1.0, None, "0"],
        "problem_id": ["x", 4, None],
        "split": ["train", "val", None],
        "kl_coef": [0.1],
        "finish_reason": ["stop", "length", None],
    }
    names = list(choices)
    rows = []
    for number in range(700):
        own = (
            names if number % 50 else [name for name in names if name == "response" or chance.random() < 0.7]
        )
        rows.append({name: chance.choice(choices[name]) for name in own})
    rows[650]["reward"] = 0.5
    log = read_rollouts(write_lines(tmp_path / "x.jsonl", rows))
    expected, metadata, report = as_batch(log), log.metadata, log.report.to_dict()
    assert len(expected) > 700 and {True, False, None} == set(expected.corrects)
    for size in (1, 64, 100_000):
        assert joined_batches(log, size) == expected
        assert log.metadata == metadata
        assert log.report.to_dict() == report


PLAIN_COLUMNS: dict[str, list[Any]] = {
    "step": [3],
    "prompt": ["2+2?", "3+3?"],
    "problem_id": [7, 8],
    "run": ["a"],
    "split": ["validation"],
    "reward": [0.0, 1.0],
    "accuracy": [1, 0, 1.0, False],
    "finish_reason": ["stop", "length", None],
    "n_tokens": [12],
}
ODD_VALUES: list[tuple[str, Any]] = [
    ("none", None),
    ("step", "4"),
    ("step", None),
    ("prompt", None),
    ("prompt", '[{"role": "user", "content": "u"}]'),
    ("problem_id", None),
    ("problem_id", ""),
    ("run", None),
    ("run", "b"),
    ("reward", 0.5),
    ("reward", 1),
    ("reward", 10**400),
    ("reward", [1.0]),
    ("accuracy", 2),
    ("accuracy", "C"),
    ("accuracy", float("nan")),
    ("finish_reason", ["length"]),
    ("n_tokens", 4.0),
    ("response", "{braced}"),
    ("response", "[1, 2]"),
    ("response", '[{"role": "assistant", "content": "4"}]'),
    ("response", None),
]


@pytest.mark.parametrize(("name", "value"), ODD_VALUES)
@pytest.mark.parametrize("left_out", [(), ("accuracy",), ("problem_id",), ("step", "run", "split")])
def test_batches_of_plain_rows_of_which_one_is_odd(
    tmp_path: Path, name: str, value: Any, left_out: tuple[str, ...]
) -> None:
    """Blocks of plain rows take short cuts; one odd row among them changes no other."""
    columns = {key: values for key, values in PLAIN_COLUMNS.items() if key not in left_out}
    rows = [
        {"response": f"it is {i}", **{key: values[i % len(values)] for key, values in columns.items()}}
        for i in range(120)
    ]
    if name in rows[100]:
        rows[100][name] = value
    log = read_rollouts(write_lines(tmp_path / "x.jsonl", rows))
    expected, metadata, report = as_batch(log), log.metadata, log.report.to_dict()
    for size in (50, 4096):
        assert joined_batches(log, size) == expected
        assert log.metadata == metadata
        assert log.report.to_dict() == report


def test_batches_need_not_say_where_rows_stand(three: Path) -> None:
    log = read_rollouts(three)
    told, untold = next(log.batches()), next(log.batches(sources=False))
    assert told.sources == [f"{three}:{line}" for line in (1, 2, 3)]
    assert untold.sources == ["", "", ""]
    assert replace(untold, sources=told.sources) == told


def test_batches_have_the_size_asked_for(three: Path) -> None:
    log = read_rollouts(three)
    assert [len(batch) for batch in log.batches(2)] == [2, 1]
    with pytest.raises(UsageError, match="at least one row"):
        list(log.batches(0))


def test_column_overrides(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "x.jsonl", [{"a": "wrong", "response": "no", "deep": {"er": "yes"}, "n": "step_7"}]
    )
    rows, _ = read(path, columns=Columns(completion="deep.er", step="n"))
    assert [(row.text, row.step) for row in rows] == [("yes", 7)]


def test_step_from_line_file_and_pattern(tmp_path: Path) -> None:
    for name in ("epoch2.jsonl", "epoch10.jsonl"):
        write_lines(tmp_path / name, [{"response": "a"}, {"response": "b"}])
    assert [row.step for row in read(tmp_path, step_from="line")[0]] == [0, 1, 0, 1]
    assert [row.step for row in read(tmp_path, step_from="file")[0]] == [0, 0, 1, 1]
    assert [row.step for row in read(tmp_path, step_from=r"epoch(\d+)")[0]] == [2, 2, 10, 10]
    with pytest.raises(UsageError, match="exactly one"):
        read_rollouts(tmp_path, step_from="epoch")


def test_files_are_sorted_by_number(tmp_path: Path) -> None:
    for step in (10, 9, 1):
        write_lines(tmp_path / f"step_{step}.jsonl", [{"response": "x"}])
    assert [row.step for row in read(tmp_path)[0]] == [1, 9, 10]


def test_folders_of_runs_name_them(tmp_path: Path) -> None:
    for run in ("kl0", "kl1"):
        write_lines(tmp_path / "runs" / run / "rollouts.jsonl", [{"step": 1, "response": run}])
    rows, log = read([tmp_path / "runs" / "kl0", tmp_path / "runs" / "kl1"])
    assert "2 runs, told apart by their folders: kl0, kl1" in log.report.notes
    assert [(row.run, row.text) for row in rows] == [("kl0", "kl0"), ("kl1", "kl1")]
    assert {row.run for row in read(tmp_path / "runs")[0]} == {"kl0", "kl1"}
    assert {row.run for row in read(tmp_path / "runs", run="mine")[0]} == {"mine"}


def test_samples_are_numbered_within_problem_and_step(tmp_path: Path) -> None:
    rows = [{"step": s, "problem_id": p, "response": "x"} for s in (1, 2) for p in "aab"]
    got = read(write_lines(tmp_path / "x.jsonl", rows))[0]
    assert [row.sample for row in got] == [0, 1, 0, 0, 1, 0]


def test_metadata_is_what_all_rows_of_a_run_share(tmp_path: Path) -> None:
    rows = [{"run_id": "r", "step": s, "response": "x", "kl_coef": 0.1, "note": s} for s in (1, 2)]
    _, log = read(write_lines(tmp_path / "x.jsonl", rows))
    assert log.metadata == {"r": {"kl_coef": 0.1}}
