"""One object for every pipeline: the same kind of batch back, the same bytes when pickled."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from echoformat.classifier import Classifier
from echoformat.engines.batch_labeler import LABELS, BatchLabeler
from echoformat.errors import UsageError
from echoformat.format import Format, Pattern, Syntax
from echoformat.formats import all_formats, get_format
from echoformat.mixture import Mixture, Source

ROOT = Path(__file__).resolve().parent.parent
TEXTS: list[Any] = [*(f.examples[0] for f in all_formats()), None, "", "So the answer is 4.\n"]
MINE = Format(
    "shout",
    "other",
    "Capitals",
    "https://example.org",
    (Pattern("capitals", r"\A[A-Z !]+\Z", weight=0.9, variant="loud"),),
    (Syntax("module", "(module) @m", weight=0.1),),
    outranks=("python",),
    examples=("HELLO!",),
)


@pytest.fixture(scope="module")
def labeler() -> BatchLabeler:
    return BatchLabeler("text", model=None)


@pytest.fixture(scope="module")
def wanted(labeler: BatchLabeler) -> dict[str, list[Any]]:
    return labeler.classifier.classify_batch(TEXTS).columns()


def _same(columns: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> None:
    for name in LABELS:
        if name == "confidence":
            assert columns[name] == pytest.approx(wanted[name], abs=1e-6)
        else:
            assert columns[name] == wanted[name], name


def test_a_mapping_of_lists(labeler: BatchLabeler, wanted: dict[str, list[Any]]) -> None:
    batch = {"n": list(range(len(TEXTS))), "text": list(TEXTS)}
    labelled = labeler(batch)
    assert list(labelled) == ["n", "text", *LABELS]
    assert list(batch) == ["n", "text"], "the batch itself is left as it was"
    _same(labelled, wanted)


def test_a_mapping_of_arrays(labeler: BatchLabeler, wanted: dict[str, list[Any]]) -> None:
    labelled = labeler({"text": np.array(TEXTS, dtype=object)})
    assert all(isinstance(values, np.ndarray) for values in labelled.values())
    assert labelled["confidence"].dtype == np.float32
    assert labelled["truncated"].dtype == np.bool_
    _same({name: values.tolist() for name, values in labelled.items()}, wanted)


def test_a_list_of_texts(labeler: BatchLabeler, wanted: dict[str, list[Any]]) -> None:
    rows = labeler(TEXTS)
    assert isinstance(rows, list)
    _same({name: [row[name] for row in rows] for name in LABELS}, wanted)


@pytest.mark.parametrize("kind", ["string", "large_string", "dictionary"])
def test_an_arrow_table_and_its_batches(
    labeler: BatchLabeler, wanted: dict[str, list[Any]], kind: str
) -> None:
    pa = pytest.importorskip("pyarrow")
    types = {
        "string": pa.string(),
        "large_string": pa.large_string(),
        "dictionary": pa.dictionary(pa.int32(), pa.string()),
    }
    table = pa.table({"n": range(len(TEXTS)), "text": pa.array(TEXTS, pa.string()).cast(types[kind])})
    labelled = labeler(table)
    assert isinstance(labelled, pa.Table)
    assert labelled.schema.names == ["n", "text", *LABELS]
    _same(labelled.to_pydict(), wanted)
    batch = labeler(table.to_batches()[0])
    assert isinstance(batch, pa.RecordBatch)
    assert batch.to_pydict() == labelled.to_pydict()
    assert batch.schema == labelled.schema


def test_a_pandas_frame(labeler: BatchLabeler, wanted: dict[str, list[Any]]) -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"text": TEXTS}, index=range(100, 100 + len(TEXTS)), dtype=object)
    labelled = labeler(frame)
    assert isinstance(labelled, pd.DataFrame)
    assert list(labelled.index) == list(frame.index)
    columns = {name: [None if value != value else value for value in labelled[name]] for name in LABELS}
    _same(columns, wanted)


def test_a_polars_frame(labeler: BatchLabeler, wanted: dict[str, list[Any]]) -> None:
    pl = pytest.importorskip("polars")
    labelled = labeler(pl.DataFrame({"text": pl.Series(TEXTS, dtype=pl.String)}))
    assert isinstance(labelled, pl.DataFrame)
    assert labelled.schema["confidence"] == pl.Float32
    _same(labelled.to_dict(as_series=False), wanted)


def test_an_empty_batch_of_each_kind(labeler: BatchLabeler) -> None:
    assert labeler([]) == []
    assert labeler({"text": []})["format"] == []
    assert labeler({"text": np.array([], dtype=object)})["format"].tolist() == []
    pa = pytest.importorskip("pyarrow")
    empty = labeler(pa.table({"text": pa.array([], pa.string())}))
    assert empty.schema == labeler(pa.table({"text": pa.array(["x"], pa.string())})).schema


def test_a_prefix_keeps_the_batchs_own_columns() -> None:
    labeler = BatchLabeler(prefix="label_", model=None)
    labelled = labeler({"completion": ["ans = 3\n"], "source": ["web"]})
    assert labelled["source"] == ["web"]
    assert labelled["label_format"] == ["program_of_thought"]


@pytest.mark.parametrize(
    ("batch", "said"),
    [
        ({"txet": ["x"]}, "no column 'text' in the batch: did you mean 'txet'"),
        ({"text": ["x"], "format": ["y"]}, "already has column"),
        ("x", "a batch of type str"),
        (3, "a batch of type int"),
    ],
)
def test_a_batch_that_does_not_fit_says_what_would(labeler: BatchLabeler, batch: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        labeler(batch)


def test_an_unknown_compat_rule_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="zhao2025"):
        BatchLabeler(compat="zhao2024")


def _own() -> BatchLabeler:
    mixture = Mixture("ours", (Source("shouting", 1.0, ("shout",)), Source("gsm", 2.0, ("gsm8k",))))
    return BatchLabeler("text", formats=[MINE, get_format("gsm8k")], mixture=mixture, model=None)


def test_own_formats_and_mixture_survive_the_way_to_a_worker() -> None:
    again = pickle.loads(pickle.dumps(_own()))
    assert again.classifier.formats == (MINE, get_format("gsm8k"))
    [row] = again(["HELLO!"])
    assert (row["format"], row["variant"], row["source"]) == ("shout", "loud", "shouting")
    mixture = Mixture("ours", (Source("shouting", 1.0, ("shout",)), Source("gsm", 2.0, ("gsm8k",))))
    direct = Classifier([MINE, get_format("gsm8k")], mixture=mixture, model=None)
    assert direct.versions == again.classifier.versions


IN_ANOTHER = """
import hashlib, pickle, sys
from tests.test_batch_labeler import BatchLabeler, _own
made = [BatchLabeler(), _own()]
print([hashlib.sha256(pickle.dumps(one)).hexdigest() for one in made], [one.fingerprint() for one in made])
"""


def test_pickled_it_is_the_same_in_every_process() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", IN_ANOTHER],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_use_does_not_change_its_bytes(labeler: BatchLabeler) -> None:
    fresh = BatchLabeler("text", model=None)
    before = pickle.dumps(fresh)
    fresh(["x"])
    assert pickle.dumps(fresh) == before == pickle.dumps(labeler) == pickle.dumps(pickle.loads(before))
    assert fresh.fingerprint() == labeler.fingerprint() != _own().fingerprint()
