"""What the docs list is held to the code; what they show runs."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import echoformat
from echoformat.cli.command import command_summaries
from echoformat.cli.label_file import LABEL_COLUMNS
from echoformat.version import __version__

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
SHELL = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
# The pages whose examples need nothing but echoformat itself and run as they stand, block after block.
RUN = ("README.md", "docs/index.md", "docs/compat.md", "docs/adding-a-format.md", "docs/live.md")
WALL = 300


def _writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_write", ROOT / "docs" / "write.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", RUN)
def test_the_examples_run(page: str, tmp_path: Path) -> None:
    blocks = PYTHON.findall((ROOT / page).read_text(encoding="utf-8"))
    assert blocks
    script = tmp_path / "example.py"
    script.write_text("\n".join(blocks), encoding="utf-8")
    command = [sys.executable, str(script)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=WALL, check=False)
    assert done.returncode == 0, done.stderr


def test_the_readme_shows_what_its_comments_promise(tmp_path: Path) -> None:
    blocks = PYTHON.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    command = [sys.executable, "-c", "\n".join(blocks)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=WALL, check=True)
    assert done.stdout.startswith("tinygsm code 0.9")
    assert "U_s_kl0 openmath1" in done.stdout
    assert done.stdout.rstrip().endswith("shouting")
    assert (tmp_path / "report.html").exists()


def _shape(text: str) -> str:
    """A page without the figures that a better rule may move by a point."""
    return re.sub(r"[ ▁▂▃▄▅▆▇█]+", " ", re.sub(r"[<>]?\d+(\.\d+)?", "#", text))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_lists_in_the_docs_are_what_the_code_says(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert _shape(_writer().written(text)) == _shape(text), "run `make docs-write` and look at what changed"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_commands_shown_in_the_docs_exist(page: Path) -> None:
    """Every `echoformat COMMAND --flag` in a shell block is a command with that flag."""
    writer = _writer()
    for line in "\n".join(SHELL.findall(page.read_text(encoding="utf-8"))).splitlines():
        for said in re.findall(r"(?:^|[ /|])echoformat ((?:[a-z]+)(?: [^#|>]*)?)", line.split("#")[0]):
            name, *rest = said.split()
            assert name in command_summaries(), line
            flags = {flag for action in writer._parser(name)._actions for flag in action.option_strings}
            given = {word.split("=")[0] for word in rest if re.fullmatch(r"--?[a-z][\w-]*", word)}
            assert given <= flags, line


def test_the_two_commands_of_the_readme_are_what_ci_and_make_run() -> None:
    readme, ci = (ROOT / "README.md").read_text(), (ROOT / ".ci" / "run").read_text()
    line = next(line for line in readme.splitlines() if "pytest" in line)
    assert line in ci
    assert line in (ROOT / "CONTRIBUTING.md").read_text()


def test_the_label_columns_are_named_in_the_docs() -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert ", ".join(f"`{name}`" for name in LABEL_COLUMNS) in " ".join(text.split())


def test_the_exit_codes_are_in_the_docs() -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    from echoformat.cli.exit_code import ExitCode

    assert [int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)] == list(ExitCode)


def test_the_figures_of_fail_on_are_in_the_docs() -> None:
    from echoformat.report.part import parts_of

    series = echoformat.FormatSeries.from_counts([0, 1], ["p", "p"], ["x", "x"], [2, 2])
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for name in parts_of(series)[0].figures:
        assert f"`{name.replace('share.x', 'share.NAME')}`" in text


def test_the_tldr_of_contributing_has_nine_lines() -> None:
    head = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## ")[0]
    assert [int(n) for n in re.findall(r"^(\d)\. ", head, re.MULTILINE)] == list(range(1, 10))


def test_versions_agree() -> None:
    assert f"version: {__version__}" in (ROOT / "CITATION.cff").read_text()
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_make_help_lists_the_targets() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = next(line for line in text.splitlines() if line.startswith(".PHONY")).split(":")[1].split()
    assert {"help", "check", "test", "docs", "bench", "test-integrations"} <= set(phony)
    for target in phony:
        assert re.search(rf"^{target}:.*## ", text, re.MULTILINE), f"make {target} has no help"


def test_every_public_name_has_a_docstring() -> None:
    for name in echoformat.__all__:
        thing = getattr(echoformat, name)
        assert name.isupper() or name.startswith("__") or (thing.__doc__ or "").strip(), name
