"""What docs/rollouts.md says is so: the table lists the shelf, and the reader written there reads."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest

from echoformat.rollouts import Reader, all_readers, read_rollouts, shelf

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "rollouts.md").read_text()


def reader_code() -> str:
    found = re.search(r"<!-- reader -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def written(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """The reader of the page, imported from a file of its own."""
    folder = tmp_path_factory.mktemp("acme_tools")
    (folder / "acme_reader_of_the_docs.py").write_text(reader_code())
    monkeypatch.syspath_prepend(folder)
    reader = importlib.import_module("acme_reader_of_the_docs").READER
    assert isinstance(reader, Reader)
    return reader


def test_the_table_lists_the_shelf() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert listed == [name for name in listed if name in {reader.name for reader in all_readers()}]
    assert set(listed) == {reader.name for reader in shelf.OWN}


def test_the_reader_written_in_the_docs_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: Reader
) -> None:
    for room in ("shelf", "log"):
        monkeypatch.setattr(f"echoformat.rollouts.{room}.plugins", lambda: ((written,), ()))
    rows = [{"ask": "2+2?", "replies": ["4", "5"], "verdicts": [1, 0]}, {"ask": "broken"}]
    for step in (2, 10):
        (tmp_path / f"acme-{step}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    log = read_rollouts(tmp_path)
    got = [(row.step, row.text, row.correct, row.sample, row.split) for row in log]
    assert got == [(s, t, t == "4", i, "train") for s in (2, 10) for i, t in enumerate("45")]
    assert set(log.readers.values()) == {"acme"}
    assert log.report.bad_row_reasons == {"no replies in this line": 2}


def test_a_written_reader_stays_short() -> None:
    assert reader_code().count("\n") <= 60
