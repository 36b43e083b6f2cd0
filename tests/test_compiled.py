"""The compiled part changes no label; it can be missing, switched off or outdated, and says which."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from echoformat import classify_batch, compiled
from echoformat.cli import main
from echoformat.compiled import State, native, state
from echoformat.formats import all_formats

built = pytest.mark.skipif(compiled._built is None, reason="the compiled part is not built here")
LABELS = """
import json, sys
from echoformat import classify, classify_batch
from echoformat.compiled import state
texts = json.load(sys.stdin)
batch = classify_batch(texts)
columns = (batch.label_names(), batch.reasons, batch.confidence, batch.truncated)
rows = [[*map(str, row)] for row in zip(*columns)]
alone = [classify(text).to_dict() for text in texts[::7]]
print(json.dumps([str(state()), rows, alone]))
"""


def labels(texts: list[str], **environment: str) -> tuple[str, list[list[str]], list[dict[str, object]]]:
    """What another process says of some texts, and whether it uses the compiled part."""
    found = subprocess.run(
        [sys.executable, "-c", LABELS],
        input=json.dumps(texts),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    used, rows, alone = json.loads(found.stdout)
    return used, rows, alone


@built
def test_labels_are_the_same_without_it() -> None:
    own = [text for one in all_formats() for text in (*one.examples, *one.counterexamples)]
    texts = [
        *own,
        *(text[: len(text) // 2] for text in own),
        *(text * 40 for text in own[::9]),
        *(f"Naïve “{text}” — 中文 😀\r\n{text}" for text in own[::3]),
        "",
        " \n",
        "\0",
        "\ud800 lone",
        "so " * 5000,
    ]
    used, rows, alone = labels(texts, ECHOFORMAT_NATIVE="1")
    off, plain_rows, plain_alone = labels(texts, ECHOFORMAT_NATIVE="0")
    assert (used, off) == (State.USED, State.OFF)
    assert len({row[0] for row in rows}) > 30, "labels of all kinds"
    assert rows == plain_rows
    assert alone == plain_alone


@pytest.fixture
def switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where nobody switched it off."""
    monkeypatch.delenv(compiled.SWITCH, raising=False)


@built
def test_one_of_other_code_is_not_used(monkeypatch: pytest.MonkeyPatch, switched_on: None) -> None:
    assert native() is compiled._built and state() is State.USED
    monkeypatch.setattr(compiled, "_usable", None)
    assert native() is None
    assert state() is State.OTHER


def test_a_missing_one_is_said_to_be_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], switched_on: None
) -> None:
    monkeypatch.setattr(compiled, "_built", None)
    monkeypatch.setattr(compiled, "_usable", None)
    assert native() is None
    assert classify_batch(["ans = 3 * 12\n"]).label_names() == ["program_of_thought"]
    main(["doctor"])
    assert "compiled part: not built: needs a C compiler" in capsys.readouterr().out.replace("\n", " ")


def test_both_sides_name_one_revision() -> None:
    header = (Path(compiled.__file__).parent / "csrc" / "native.h").read_text()
    assert f"#define EF_REVISION {compiled.REVISION}\n" in header


def test_an_outdated_one_is_told_by_its_revision(switched_on: None) -> None:
    code = (
        "import sys, types; sys.modules['echoformat._native'] = types.SimpleNamespace(REVISION=-1)\n"
        "from echoformat.compiled import native, state; print(native(), state())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == f"None {State.OTHER}"
