"""Bad models and plugins: refused with a reason, or isolated; never run, never silently used."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import shutil
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import echoformat.plugins
from echoformat.classifier import Classifier
from echoformat.detectors import Findings, Rule
from echoformat.detectors import weights as weights_file
from echoformat.detectors.weights import read_arrays, write_arrays
from echoformat.errors import EchoformatWarning, ModelError, UsageError
from echoformat.model import BUILTIN, builtin_card, builtin_model, listed_sha256
from echoformat.plugins import GuardedDetector, installed_detectors, plugins

PROGRAM = (
    "def simple_math_problem():\n    '''Two pens, three caps.'''\n    result = 2 + 3\n    return result\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "model"
    shutil.copytree(BUILTIN, place)
    return place


def _rewrite(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the arrays and sign them again, so that only their content is wrong."""
    with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
        content = {name: arrays[name] for name in arrays.files}
    change(content)
    _sign(folder, write_arrays(folder / "weights.npz", content))


def _sign(folder: Path, sha256: str) -> None:
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, "sha256": sha256}))


def test_the_copy_works(folder: Path) -> None:
    assert Classifier(model=folder).classify(PROGRAM).to_dict() == Classifier().classify(PROGRAM).to_dict()


def test_the_package_lists_the_hash_of_its_weights() -> None:
    assert builtin_model().sha256 == listed_sha256() == builtin_card()["sha256"]
    assert (BUILTIN / "weights.npz").stat().st_size <= 1_500_000


def test_a_changed_byte(folder: Path) -> None:
    data = bytearray((folder / "weights.npz").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "weights.npz").write_bytes(bytes(data))
    with pytest.raises(ModelError, match=r"sha256 is .* expected"):
        Classifier(model=folder)


def test_the_wrong_sha_in_the_card(folder: Path) -> None:
    _sign(folder, "0" * 64)
    with pytest.raises(ModelError, match="expected 0000"):
        Classifier(model=folder)


def test_no_sha_in_the_card(folder: Path) -> None:
    _sign(folder, "")
    with pytest.raises(ModelError, match="none given"):
        Classifier(model=folder)


def test_objects_are_never_unpickled(folder: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (mark,))

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        content = io.BytesIO()
        np.save(content, np.array([Trap()], dtype=object), allow_pickle=True)
        archive.writestr("names.npy", content.getvalue())
    (folder / "weights.npz").write_bytes(buffer.getvalue())
    sha256 = hashlib.sha256(buffer.getvalue()).hexdigest()
    _sign(folder, sha256)
    with pytest.raises(ModelError, match=r"not an \.npz of plain arrays"):
        Classifier(model=folder)
    assert not mark.exists()


def test_a_zip_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = write_arrays(tmp_path / "w.npz", {"a": np.zeros(3_000_000, dtype=np.int8)})
    assert (tmp_path / "w.npz").stat().st_size < 10_000
    monkeypatch.setattr(weights_file, "LARGEST_CONTENT", 1_000_000)
    with pytest.raises(ModelError, match="would unpack to"):
        read_arrays(tmp_path / "w.npz", sha256)


@pytest.mark.parametrize("name", ["names", "features", "weights", "scale", "trust", "known"])
def test_a_missing_array(folder: Path, name: str) -> None:
    _rewrite(folder, lambda arrays: arrays.pop(name))
    with pytest.raises(ModelError, match=name):
        Classifier(model=folder)


@pytest.mark.parametrize("name", ["scale", "bias", "trust", "worth", "correct", "known", "model_worth"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none(folder: Path, name: str, value: float) -> None:
    _rewrite(folder, lambda arrays: arrays[name].__setitem__(0, value))
    with pytest.raises(ModelError, match=r"NaN|finite"):
        Classifier(model=folder)


@pytest.mark.parametrize("name", ["weights", "scale", "bias", "trust", "least", "known", "features"])
def test_the_wrong_shape(folder: Path, name: str) -> None:
    _rewrite(folder, lambda arrays: arrays.__setitem__(name, arrays[name][:-1]))
    with pytest.raises(ModelError, match=r"shape|number|hold"):
        Classifier(model=folder)


def test_features_outside_the_table(folder: Path) -> None:
    _rewrite(folder, lambda arrays: arrays["features"].__setitem__(-1, 2**30))
    with pytest.raises(ModelError, match="outside the hash table"):
        Classifier(model=folder)


@pytest.mark.parametrize("found", ["0", "2", None])
def test_another_taxonomy(folder: Path, found: str | None) -> None:
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, "taxonomy": found}))
    with pytest.raises(ModelError, match="taxonomy"):
        Classifier(model=folder)


def test_other_features(folder: Path) -> None:
    _rewrite(folder, lambda arrays: arrays.__setitem__("feature_version", np.array(["0" * 16])))
    with pytest.raises(ModelError, match="train them again"):
        Classifier(model=folder)


@pytest.mark.parametrize("content", ["", "[]", "{", "null", '{"card_format": 99}', "[" * 100_000])
def test_a_card_that_is_none(folder: Path, content: str) -> None:
    (folder / "card.json").write_text(content)
    with pytest.raises(ModelError, match="card"):
        Classifier(model=folder)


@pytest.mark.parametrize("suffix", ["pkl", "pickle", "joblib", "pt", "PKL"])
def test_a_pickle_is_refused_unread(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model.{suffix}"
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(ModelError, match="never loads pickles"):
        Classifier(model=path)


@pytest.mark.parametrize("name", ["nowhere", "a file"])
def test_no_model_there(tmp_path: Path, name: str) -> None:
    (tmp_path / "a file").write_text("x")
    with pytest.raises(ModelError, match="not a model directory"):
        Classifier(model=tmp_path / name)


def test_an_object_that_is_no_model() -> None:
    with pytest.raises(UsageError, match="not dict"):
        Classifier(model={"a": 1})  # type: ignore[arg-type]


class Good:
    """Speaks for tinygsm where it reads the word pumpkin."""

    rules = (Rule("tinygsm", "pumpkin", "harvest", 0.99),)

    def find(self, text: str) -> Findings:
        return Findings((0,)) if "pumpkin" in text else Findings(())

    def span(self, rule: int, text: str) -> tuple[int, int]:
        at = text.find("pumpkin")
        return at, at + 7


def _bad(act: Callable[[str], Any]) -> Any:
    return SimpleNamespace(rules=Good.rules, find=act, span=lambda rule, text: (0, 0))


def test_a_detector_of_ones_own() -> None:
    classifier = Classifier(detectors=[Good()], model=None)
    label = classifier.classify("One pumpkin, please, and then another.")
    assert label.format == "tinygsm"
    assert ("harvest", 4, 11) in [(e.detector, e.start, e.end) for e in label.evidence]
    assert classifier.versions.rules != Classifier(model=None).versions.rules


def _exit(text: str) -> Any:
    sys.exit(3)


def _raise(text: str) -> Any:
    raise RuntimeError("no harvest")


FAULTS: dict[str, Callable[[str], Any]] = {
    "raises": _raise,
    "exits": _exit,
    "gives nothing": lambda text: None,
    "gives NaN": lambda text: float("nan"),
    "names no rule": lambda text: Findings((7,)),
    "names a rule by text": lambda text: Findings(("pumpkin",)),  # type: ignore[arg-type]
    "names a rule below none": lambda text: Findings((-1,)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_detector_is_heard_and_passed_over(fault: str) -> None:
    texts = [PROGRAM, "One pumpkin.", "x = 3\nans = x + 1\n", PROGRAM + "\n", "ans = 4"]
    expected = Classifier(model=None).classify_batch(texts).label_names()
    classifier = Classifier(detectors=[_bad(FAULTS[fault])], model=None)
    with pytest.warns(EchoformatWarning, match="detector 'simplenamespace'") as heard:
        assert classifier.classify_batch(texts).label_names() == expected
    assert any("is switched off" in str(one.message) for one in heard)


def test_a_sleeping_detector_sleeps_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(echoformat.plugins, "SLOW_SECONDS", 0.02)
    calls = []

    def sleep(text: str) -> Findings:
        calls.append(text)
        time.sleep(0.05)
        return Findings(())

    classifier = Classifier(detectors=[_bad(sleep)], model=None)
    with pytest.warns(EchoformatWarning, match="a call took"):
        assert classifier.classify_batch(["ans = 1", PROGRAM]).label_names()[1] == "tinygsm"
    classifier.classify("ans = 2")
    assert len(calls) == 1


def test_a_detector_that_prints_changes_nothing() -> None:
    noisy = _bad(lambda text: print("noise") or Findings(()))
    assert Classifier(detectors=[noisy], model=None).classify(PROGRAM).format == "tinygsm"


def test_a_detector_for_a_format_that_is_not_there() -> None:
    stray = SimpleNamespace(rules=(Rule("tinygms", "x", "d", 0.5),), find=None, span=None)
    with pytest.raises(UsageError, match="did you mean 'tinygsm'"):
        Classifier(detectors=[stray], model=None)  # type: ignore[list-item]


@pytest.mark.parametrize("rules", [("pumpkin",), (Rule("tinygsm", "x", "d", 7.0),), None])
def test_rules_that_are_none(rules: Any) -> None:
    with pytest.raises((UsageError, TypeError)):
        GuardedDetector("odd", SimpleNamespace(rules=rules, find=None, span=None))  # type: ignore[arg-type]


def _entry(name: str, load: Callable[[], Any]) -> Any:
    return SimpleNamespace(name=name, value=f"{name}:it", load=load)


def _import_error() -> Any:
    raise ImportError("no module named pumpkin")


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(echoformat.plugins, "entry_points", lambda group: found)
    monkeypatch.delenv("ECHOFORMAT_NO_PLUGINS", raising=False)
    installed_detectors.cache_clear()
    yield found
    installed_detectors.cache_clear()


def test_installed_detectors(entries: list[Any]) -> None:
    stray = SimpleNamespace(rules=(Rule("nothing", "x", "d", 0.5),), find=None, span=None)
    entries += [
        _entry("good", lambda: Good),
        _entry("broken", _import_error),
        _entry("leaves", lambda: sys.exit),
        _entry("thing", lambda: 3),
        _entry("stray", lambda: stray),
    ]
    with pytest.warns(EchoformatWarning, match="'stray' is switched off"):
        classifier = Classifier(model=None)
    assert classifier.classify("One pumpkin.").format == "tinygsm"
    told = {plugin.name: plugin.problem for plugin in plugins() if plugin.kind == "detector"}
    assert told["good"] == ""
    assert "no module named pumpkin" in told["broken"]
    assert "SystemExit" in told["leaves"]
    assert "no rules, find and span" in told["thing"]
    assert "nothing" in told["stray"]


def test_plugins_can_be_left_out(entries: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    entries.append(_entry("good", lambda: Good))
    monkeypatch.setenv("ECHOFORMAT_NO_PLUGINS", "1")
    assert installed_detectors() == ((), ())
