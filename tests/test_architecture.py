"""The floors of docs/architecture.md, held by reading the files: a circle is reported, not died of."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "echoformat"
FACES = {"__init__", "__main__"}
STRANGERS_FLOOR = 2
FORBIDDEN_NAMES = {"utils", "util", "core", "base", "common", "manager", "helpers", "misc"}


def _floors() -> dict[str, int]:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|([^|]+)\|", text, flags=re.MULTILINE)
    return {room: int(floor) for floor, cell in rows for room in re.findall(r"`(\w+)(?:\.py|/)`", cell)}


FLOORS = _floors()
FILES = sorted(p for p in PACKAGE.rglob("*.py") if "__pycache__" not in p.parts)
ROOMS = {p for p in FILES if p.relative_to(PACKAGE).with_suffix("").parts[0] not in FACES}


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_module(path) for path in FILES}


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _imports(tree: ast.AST) -> list[tuple[int, str]]:
    """Line and module of every import of echoformat, wherever it stands."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, a.name) for a in node.names if a.name.split(".")[0] == "echoformat"]
        elif isinstance(node, ast.ImportFrom) and node.level:
            found.append((node.lineno, "." * node.level))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "echoformat":
            found += [(node.lineno, _target(f"{node.module}.{a.name}")) for a in node.names]
    return found


def _target(dotted: str) -> str:
    return dotted if dotted in MODULES else dotted.rpartition(".")[0]


def _run_time_imports(path: Path) -> set[str]:
    """Modules that importing this one loads: what type checkers and functions import is left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    loaded = [node for node in tree.body if not _is_type_checking(node)]
    kept = [node for node in loaded if isinstance(node, ast.Import | ast.ImportFrom)]
    return {module for node in kept for _, module in _imports(node)} - {_module(path)}


def _allowed(room: str, other: str) -> bool:
    if room == other or not {room, other} <= set(FLOORS):
        return True
    if FLOORS[room] == FLOORS[other]:
        return FLOORS[room] != STRANGERS_FLOOR
    return FLOORS[room] > FLOORS[other]


def test_the_table_names_every_room_and_no_other() -> None:
    rooms = {_room(path) for path in ROOMS}
    assert rooms <= set(FLOORS), f"give these rooms a floor in docs/architecture.md: {rooms - set(FLOORS)}"


@pytest.mark.parametrize("path", sorted(ROOMS), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_down(path: Path) -> None:
    wrong = []
    for line, module in _imports(ast.parse(path.read_text(encoding="utf-8"))):
        room = module.removeprefix("echoformat").strip(".").split(".")[0]
        if module.startswith("."):
            wrong.append(f"{path}:{line}: relative import; write the module's full name")
        elif not room:
            wrong.append(f"{path}:{line}: imports through the package's own face; name the module")
        elif not _allowed(_room(path), room):
            floors = f"floor {FLOORS[_room(path)]} imports {room} on floor {FLOORS[room]}"
            wrong.append(f"{path}:{line}: {floors}")
    assert not wrong, "\n".join(wrong)


def test_no_circles() -> None:
    graph = {_module(path): _run_time_imports(path) for path in FILES if path.name != "__main__.py"}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("modules import each other: " + " -> ".join(error.args[1]))


def test_no_room_is_called_after_nothing() -> None:
    names = {part for path in FILES for part in path.relative_to(PACKAGE).with_suffix("").parts}
    assert not names & FORBIDDEN_NAMES, "a file is named after what it defines"


def test_the_standard_regex_module_never_meets_a_completion() -> None:
    """Python's `re` backtracks for seconds on hostile text; readers may use it on paths, tests on docs."""
    rooms = ("detectors", "formats", "classifier", "decision", "text", "compat", "report", "engines", "live")
    users = [
        f"{path}:{line}"
        for path in ROOMS
        if _room(path) in rooms
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.match(r"\s*(import re\b|from re import)", text)
    ]
    assert not users, "use `regex` or re2: " + ", ".join(sorted(users))


# slime writes zip files with a pickle inside; its reader subclasses the unpickler to refuse every global.
RESTRICTED_UNPICKLER = PACKAGE / "rollouts" / "readers" / "slime.py"
RUNS_CODE = {"eval", "exec", "compile", "pickle.load", "pickle.loads", "os.system", "subprocess.run"}
CAN_RUN_CODE = {"pickle", "joblib", "dill", "cloudpickle", "marshal", "shelve"}


def _imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {a.name.split(".")[0] for a in node.names}
    return {(node.module or "").split(".")[0]} if isinstance(node, ast.ImportFrom) else set()


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_read_from_a_rollout_can_run(path: Path) -> None:
    wrong = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in RUNS_CODE:
            wrong.append(f"{path}:{node.lineno}: {ast.unparse(node.func)}()")
        if _imported(node) & CAN_RUN_CODE and path != RESTRICTED_UNPICKLER:
            wrong.append(f"{path}:{node.lineno}: {ast.unparse(node)}")
    assert not wrong, "\n".join(wrong)
