"""What an import and a first label may load, seen in fresh processes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

from echoformat.compiled import native

HEAVY = (
    "numpy",
    "scipy",
    "sklearn",
    "pydantic",
    "pyarrow",
    "pandas",
    "polars",
    "matplotlib",
    "torch",
    "tree_sitter",
)


def _loaded_after(code: str, names: Sequence[str] = HEAVY) -> set[str]:
    """Which of some (heavy) packages are in `sys.modules` after `code` ran in a new interpreter."""
    program = f"{code}\nimport json, sys\nprint(json.dumps([m for m in {names!r} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_probe_sees_a_heavy_import() -> None:
    assert _loaded_after("import numpy") == {"numpy"}


def test_import_echoformat_loads_nothing_heavy() -> None:
    assert _loaded_after("import echoformat") == set()


def test_listing_the_public_names_loads_nothing_heavy() -> None:
    assert _loaded_after("import echoformat; dir(echoformat)") == set()


def test_classify_loads_no_scikit_learn() -> None:
    code = r"import echoformat; assert echoformat.classify('ans = 3 * 12\n').format == 'program_of_thought'"
    assert not _loaded_after(code) & {"sklearn", "scipy", "pandas", "pyarrow", "pydantic", "matplotlib"}


def test_grammars_are_loaded_by_the_first_parse_and_not_before() -> None:
    prose, code = "echoformat.classify('She left.')", r"echoformat.classify('x = 3 * 12\nprint(x)\n')"
    assert "tree_sitter" not in _loaded_after(f"import echoformat; {prose}")
    assert "tree_sitter" in _loaded_after(f"import echoformat; {prose}; {code}")


def test_a_first_label_loads_nothing_that_it_can_do_without() -> None:
    late = ("regex", "importlib.metadata", "email", "echoformat.detectors.one_by_one", "tree_sitter")
    code = "import echoformat; echoformat.classify('She left.')"
    seen = _loaded_after(code, late)
    assert seen <= ({"regex"} if native() is None else set())
    parsed = r"echoformat.classify('x = 3 * 12\nprint(x)\n')"
    assert "importlib.metadata" not in _loaded_after(f"{code}; {parsed}", late)


def test_classify_batch_loads_no_scikit_learn() -> None:
    code = r"import echoformat; assert len(echoformat.classify_batch(['ans = 1\n', None])) == 2"
    assert not _loaded_after(code) & {"sklearn", "pandas", "pyarrow", "matplotlib"}


def test_every_public_name_can_be_had() -> None:
    code = "import echoformat\nfor name in echoformat.__all__: getattr(echoformat, name)"
    assert "torch" not in _loaded_after(code)


def test_asking_for_help_loads_nothing_heavy() -> None:
    code = (
        "import contextlib, io\nfrom echoformat.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n    assert main(['--help']) == 0"
    )
    assert _loaded_after(code) == set()
