"""The pages about formats are held to the shelf, and what they show runs."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import echoformat.formats
from echoformat.classifier import Classifier
from echoformat.errors import EchoformatWarning
from echoformat.format import Format, Pattern
from echoformat.formats import all_formats, installed_formats, shelf_formats

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "adding-a-format.md"
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
MOST_LINES = 45
ENTRY, ARGUMENT = PYTHON.findall(PAGE.read_text(encoding="utf-8"))


def shown() -> Format:
    names: dict[str, Any] = {}
    exec(compile(ENTRY, str(PAGE), "exec"), names)
    format = names["FORMAT"]
    assert isinstance(format, Format)
    return format


def test_the_page_of_formats_is_the_shelf() -> None:
    spec = importlib.util.spec_from_file_location("write_formats", ROOT / "docs" / "write_formats.py")
    assert spec is not None and spec.loader is not None
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    written = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    assert written == writer.page(), "docs/formats.md is out of date: run python docs/write_formats.py"


def test_a_format_is_one_short_file() -> None:
    assert len(ENTRY.splitlines()) <= MOST_LINES
    assert shown().name not in {format.name for format in shelf_formats()}


def test_the_new_format_keeps_the_contract() -> None:
    new = shown()
    classifier = Classifier([*shelf_formats(), new], model=None)
    assert [classifier.classify(text).name for text in new.examples] == [new.name]
    assert new.name not in [classifier.classify(text).name for text in new.counterexamples]
    fired = {e.rule for e in classifier.explain(new.examples[0]).evidence["pattern"] if e.format == new.name}
    assert fired == {pattern.name for pattern in new.patterns if pattern.weight > 0}


def test_the_other_formats_are_labelled_as_before() -> None:
    texts = [text for format in shelf_formats() for text in (*format.examples, *format.counterexamples)]
    before = Classifier(shelf_formats(), model=None).classify_batch(texts).label_names()
    assert Classifier([*shelf_formats(), shown()], model=None).classify_batch(texts).label_names() == before


def test_the_format_as_an_argument_runs() -> None:
    exec(compile(ENTRY + ARGUMENT, str(PAGE), "exec"), {})


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """A module that an installed package might have, and its entry points."""
    module = SimpleNamespace(
        GOOD=shown(),
        TAKEN=Format("tinygsm", "code", "t", "https://x.org", (Pattern("p", "x"),)),
        WRONG="not a format",
    )
    monkeypatch.setitem(sys.modules, "a_package", module)
    entries = [
        EntryPoint(name, f"a_package:{name}", "echoformat.formats")
        for name in ("GOOD", "TAKEN", "WRONG", "MISSING")
    ]
    monkeypatch.setattr(echoformat.formats, "entry_points", lambda group: entries)
    installed_formats.cache_clear()
    all_formats.cache_clear()
    yield module
    installed_formats.cache_clear()
    all_formats.cache_clear()


def test_an_installed_package_brings_its_format(installed: SimpleNamespace) -> None:
    found, wrong = installed_formats()
    assert found == (installed.GOOD,)
    assert [name in " ".join(wrong) for name in ("TAKEN", "WRONG", "MISSING")] == [True] * 3
    with pytest.warns(EchoformatWarning, match="tinygsm"):
        assert installed.GOOD in all_formats()


def test_installed_formats_can_be_left_out(
    installed: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECHOFORMAT_NO_PLUGINS", "1")
    assert installed_formats() == ((), ())
