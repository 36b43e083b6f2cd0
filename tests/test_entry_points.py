"""Entry points of installed packages are found where they are, and cost nothing where they are not."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from echoformat.entry_points import entry_points, is_possible

OURS = "[echoformat.formats]\nshout = shouting:FORMAT\n"
FOREIGN = "[console_scripts]\nshout = echoformat.shouting:main\n"


def _installed(folder: Path, holder: str, listed: str) -> Path:
    (folder / holder).mkdir(parents=True)
    (folder / holder / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1\n")
    (folder / holder / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1\n")
    (folder / holder / "entry_points.txt").write_text(listed)
    return folder


@pytest.mark.parametrize("holder", ["shouting-1.dist-info", "shouting.egg-info", "Shouting-1.Dist-Info"])
def test_a_package_that_brings_a_format_is_found(
    holder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(_installed(tmp_path, holder, OURS))])
    assert [entry.value for entry in entry_points("echoformat.formats")] == ["shouting:FORMAT"]
    assert entry_points("echoformat.detectors") == ()


def test_an_egg_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    egg = _installed(tmp_path / "shouting-1.egg", "EGG-INFO", OURS)
    monkeypatch.setattr(sys, "path", [*sys.path, str(egg)])
    assert [entry.value for entry in entry_points("echoformat.formats")] == ["shouting:FORMAT"]


def test_entry_points_of_others_are_none_of_ours(tmp_path: Path) -> None:
    path = _installed(tmp_path, "shouting-1.dist-info", FOREIGN)
    assert not is_possible((str(path), str(tmp_path / "nowhere"), ""))


def test_an_archive_is_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "packages.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("shouting-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: shouting\nVersion: 1\n")
        file.writestr("shouting-1.dist-info/entry_points.txt", OURS)
    monkeypatch.setattr(sys, "path", [*sys.path, str(archive)])
    assert [entry.name for entry in entry_points("echoformat.formats")] == ["shout"]


def test_a_finder_that_knows_its_own_distributions_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        @staticmethod
        def find_spec(*_: object) -> None:
            return None

        @staticmethod
        def find_distributions(*_: object) -> tuple[()]:
            return ()

    paths = ("/nowhere/at/all",)
    assert not is_possible(paths)
    is_possible.cache_clear()
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    assert is_possible(paths)
    is_possible.cache_clear()


def test_without_one_the_slow_import_is_left_out() -> None:
    code = r"import sys, echoformat; echoformat.classify('She left.'); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "echoformat.classifier" in loaded
    assert "importlib.metadata" not in loaded
