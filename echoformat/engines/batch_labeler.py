"""BatchLabeler: labels as one more step of someone else's pipeline, in whatever table the pipeline uses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from echoformat.classifier import Classifier
from echoformat.compat import compat_rule
from echoformat.errors import UsageError, did_you_mean
from echoformat.format import Format, Pattern, Syntax
from echoformat.label_batch import LabelBatch
from echoformat.mixture import Mixture, Source

LABELS = ("format", "variant", "family", "source", "confidence", "reason", "truncated", "status")


class BatchLabeler:
    r"""Adds label columns to a batch; made to be sent to workers.

    It holds what a classifier is made of, never the classifier: that is built on first use in each process.
    Pickled twice, in one process or two, it gives the same bytes, so that caches keyed by it work.

    Args:
        column: Where a table's completions stand.
        prefix: Put before the names of the added columns.
        formats: Your own shelf; by default the built-in one.
        mixture: Sources to attribute formats to.
        compat: A published rule to use instead.
        engine: Pattern engine, as for `Classifier`.
        model: ``"builtin"``, a directory, or ``None`` for rules alone.

    Raises:
        UsageError: No such compat rule.

    Example:
        >>> labeler = BatchLabeler()
        >>> labeler({"completion": ["ans = 3 * 12\n", None]})["format"]
        ['program_of_thought', None]
        >>> [row["reason"] for row in labeler(["", None])]
        ['empty', 'empty']
    """

    def __init__(
        self,
        column: str = "completion",
        *,
        prefix: str = "",
        formats: Iterable[Format] | None = None,
        mixture: Mixture | None = None,
        compat: str | None = None,
        engine: str = "auto",
        model: str | None = "builtin",
    ) -> None:
        if compat is not None:
            compat_rule(compat)
        self.column, self.prefix = column, prefix
        self._recipe = json.dumps(
            {
                "formats": None if formats is None else [asdict(f) for f in formats],
                "mixture": None if mixture is None else asdict(mixture),
                "compat": compat,
                "engine": engine,
                "model": None if model is None else str(model),
            },
            sort_keys=True,
        )
        self._classifier: Classifier | None = None

    def __getstate__(self) -> tuple[str, str, str]:
        return self.column, self.prefix, self._recipe

    def __setstate__(self, state: tuple[str, str, str]) -> None:
        self.column, self.prefix, self._recipe = state
        self._classifier = None

    @property
    def classifier(self) -> Classifier:
        """The classifier behind it, built on first use."""
        if self._classifier is None:
            self._classifier = _made(json.loads(self._recipe))
        return self._classifier

    def fingerprint(self) -> str:
        """16 hex digits of everything that can change its output: what it was given, and the versions."""
        said = json.dumps([self.column, self.prefix, self._recipe, self.classifier.versions.to_dict()])
        return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()

    def __call__(self, batch: Any) -> Any:
        """The batch with label columns added.

        Args:
            batch: `pyarrow.Table` or `RecordBatch`, pandas or polars `DataFrame`, a mapping of columns
                (lists or numpy arrays), or a list of texts.

        Returns:
            The same kind; for a list of texts, a list with one mapping a row.

        Raises:
            UsageError: No such column, a column that is already there, another kind of batch.
        """
        kind = _kind(batch)
        columns = [] if kind == "list" else _column_names(batch, kind)
        if kind != "list":
            self._check(columns)
        labels = self.classifier.classify_batch(_texts(batch, self.column, kind))
        return _ADD[kind](batch, {self.prefix + name: values for name, values in _columns(labels).items()})

    def _check(self, columns: Sequence[str]) -> None:
        if self.column not in columns:
            raise UsageError(f"no column {self.column!r} in the batch: {did_you_mean(self.column, columns)}")
        taken = sorted(name for name in columns if name in {self.prefix + label for label in LABELS})
        if taken:
            raise UsageError(
                f"the batch already has column(s) {', '.join(taken)}; choose BatchLabeler(prefix='label_')"
            )


def _made(recipe: dict[str, Any]) -> Classifier:
    formats, mixture = recipe["formats"], recipe["mixture"]
    return Classifier(
        None if formats is None else [_format(facts) for facts in formats],
        mixture=None if mixture is None else _mixture(mixture),
        compat=recipe["compat"],
        engine=recipe["engine"],
        model=recipe["model"],
    )


def _format(facts: dict[str, Any]) -> Format:
    parts = {
        "patterns": tuple(Pattern(**rule) for rule in facts["patterns"]),
        "syntax": tuple(Syntax(**rule) for rule in facts["syntax"]),
    }
    lists = {name: tuple(value) for name, value in facts.items() if isinstance(value, list)}
    return Format(**{**facts, **lists, **parts})


def _mixture(facts: dict[str, Any]) -> Mixture:
    sources = tuple(Source(**{**source, "formats": tuple(source["formats"])}) for source in facts["sources"])
    return Mixture(**{**facts, "sources": sources})


def _columns(labels: LabelBatch) -> dict[str, list[Any]]:
    columns = labels.columns()
    return {name: columns[name] for name in LABELS}


def _kind(batch: Any) -> str:
    """Which library a batch is of, told without importing any of them."""
    home = type(batch).__module__.partition(".")[0]
    if isinstance(batch, list):
        return "list"
    if isinstance(batch, dict):
        return "mapping"
    if home == "pyarrow" and hasattr(batch, "schema"):
        return "record_batch" if type(batch).__name__ == "RecordBatch" else "table"
    if home in ("pandas", "polars") and type(batch).__name__ == "DataFrame":
        return home
    raise UsageError(
        f"a batch of type {type(batch).__name__}: give a pyarrow Table or RecordBatch, a pandas or polars "
        "DataFrame, a mapping of columns, or a list of texts"
    )


def _column_names(batch: Any, kind: str) -> list[str]:
    if kind == "mapping":
        return list(batch)
    return list(batch.schema.names if kind in ("table", "record_batch") else batch.columns)


def _texts(batch: Any, column: str, kind: str) -> list[Any]:
    if kind == "list":
        return list(batch)
    values = batch[column]
    return list(values.to_pylist() if kind in ("table", "record_batch") else values)


def _to_table(batch: Any, labels: dict[str, list[Any]]) -> Any:
    for name, values in labels.items():
        batch = batch.append_column(name, _arrow(name, values))
    return batch


def _to_record_batch(batch: Any, labels: dict[str, list[Any]]) -> Any:
    import pyarrow as pa

    arrays = [*batch.columns, *(_arrow(name, values) for name, values in labels.items())]
    return pa.RecordBatch.from_arrays(arrays, names=[*batch.schema.names, *labels])


def _arrow(name: str, values: list[Any]) -> Any:
    import pyarrow as pa

    kinds = {"confidence": pa.float32(), "truncated": pa.bool_()}
    kind = next((kinds[label] for label in kinds if name.endswith(label)), pa.string())
    return pa.array(values, type=kind)


def _to_mapping(batch: dict[str, Any], labels: dict[str, list[Any]]) -> dict[str, Any]:
    is_array = any(isinstance(values, np.ndarray) for values in batch.values())
    return {**batch, **({name: _array(v) for name, v in labels.items()} if is_array else labels)}


def _array(values: list[Any]) -> Any:
    if values and isinstance(values[0], float):
        return np.array(values, dtype=np.float32)
    return np.array(values, dtype=np.bool_ if values and isinstance(values[0], bool) else object)


def _to_pandas(batch: Any, labels: dict[str, list[Any]]) -> Any:
    return batch.assign(**labels)


def _to_polars(batch: Any, labels: dict[str, list[Any]]) -> Any:
    import polars as pl

    kinds = {"confidence": pl.Float32, "truncated": pl.Boolean}
    return batch.with_columns(
        pl.Series(name, values, dtype=next((kinds[k] for k in kinds if name.endswith(k)), pl.String))
        for name, values in labels.items()
    )


def _to_list(_: list[Any], labels: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(labels, row, strict=True)) for row in zip(*labels.values(), strict=True)]


_ADD: dict[str, Any] = {
    "table": _to_table,
    "record_batch": _to_record_batch,
    "mapping": _to_mapping,
    "pandas": _to_pandas,
    "polars": _to_polars,
    "list": _to_list,
}
