"""What is installed and what works; with PATH, what a log would be taken for."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from typing import Any

from echoformat.classifier import Classifier, classify
from echoformat.cli.arguments import add_json, add_reading, code_of, open_log
from echoformat.cli.exit_code import ExitCode
from echoformat.cli.say import show, show_json
from echoformat.compiled import state as compiled_state
from echoformat.formats import all_formats
from echoformat.plugins import plugins
from echoformat.rollouts import all_readers
from echoformat.version import TAXONOMY_VERSION, __version__

NEEDED = (
    "numpy",
    "scipy",
    "scikit-learn",
    "regex",
    "google-re2",
    "tree-sitter",
    "tree-sitter-python",
    "tree-sitter-json",
    "pydantic",
)
OPTIONAL = {
    "pyarrow": "parquet files: pip install 'echoformat[io]'",
    "orjson": "faster JSON: pip install 'echoformat[io]'",
    "fsspec": "remote files: pip install 'echoformat[io]'",
    "zstandard": "zstd files: pip install 'echoformat[io]'",
    "tqdm": "progress bars: pip install 'echoformat[io]'",
    "matplotlib": "plot_shares: pip install 'echoformat[viz]'",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `echoformat doctor`."""
    add_reading(parser, paths="*")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the state of this installation, and of a log."""
    state, wrong = installation(), problems()
    log = open_log(args) if args.paths else None
    if log is not None:
        for _ in log:
            pass
    if args.json:
        read = None if log is None else log.report.to_dict()
        show_json({**state, "problems": wrong, "read": read})
    else:
        show("\n".join([*_state_lines(state), *(f"PROBLEM: {one}" for one in wrong)]))
        show("\n".join(log.report.lines() if log is not None else ["no problems found"] if not wrong else []))
    if wrong:
        return ExitCode.FINDING
    return ExitCode.OK if log is None else code_of(log)


def installation() -> dict[str, Any]:
    """Versions of everything that has a say in a label."""
    return {
        "echoformat": __version__,
        "taxonomy": TAXONOMY_VERSION,
        "rules": Classifier().versions.rules,
        "model": Classifier().versions.model,
        "plugins": [f"{one.kind} {one.name}{one.problem and ': ' + one.problem}" for one in plugins()],
        "formats": len(all_formats()),
        "readers": [reader.name for reader in all_readers()],
        "python": platform.python_version(),
        "platform": platform.platform(),
        "compiled": str(compiled_state()),
        "packages": {name: _version(name) for name in (*NEEDED, *OPTIONAL)},
        "environment": sorted(name for name in os.environ if name.startswith("ECHOFORMAT_")),
    }


def problems() -> list[str]:
    """What does not work, each with what to do about it."""
    found = [f"{name} is not installed: pip install {name}" for name in NEEDED if _version(name) is None]
    if classify("ans = 3 * 12\n").format != "program_of_thought":
        found.append("a known text gets the wrong label; reinstall echoformat")
    return found


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "without metadata" if find_spec(name.replace("-", "_")) else None


def _state_lines(state: dict[str, Any]) -> Iterator[str]:
    made = f"taxonomy {state['taxonomy']}, rules {state['rules']}, model {state['model']}"
    yield f"echoformat {state['echoformat']}, {made}"
    yield f"{state['formats']} formats; readers: {', '.join(state['readers'])}"
    yield f"Python {state['python']} on {state['platform']}; compiled part: {state['compiled']}"
    for name, version in state["packages"].items():
        yield f"  {name:<20} {version or 'not installed (' + OPTIONAL.get(name, 'needed') + ')'}"
    if state["plugins"]:
        yield "from other packages: " + "; ".join(state["plugins"])
    if state["environment"]:
        yield "environment: " + ", ".join(state["environment"])
