"""LabelBatch: many labels as columns, the shape in which they cross every wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.errors import MissingExtra, UsageError
from echoformat.label import REASONS, STATUSES, Versions

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_CODE = -1
ROW_COLUMNS = ("codes", "variants", "sources", "reasons", "confidence", "truncated", "statuses")
# A label as one entry of an array; its source follows from its code.
ROW = np.dtype(
    [
        ("codes", np.int16),
        ("variants", np.int16),
        ("reasons", np.uint8),
        ("confidence", np.float32),
        ("truncated", np.bool_),
        ("statuses", np.uint8),
    ]
)


@dataclass(frozen=True, slots=True)
class LabelBatch:
    """Labels of `n` completions in their order.

    Attributes:
        names: Formats that codes point to.
        families: Family of each format in `names`.
        variant_names: Variants that variant codes point to.
        source_names: Sources of the declared mixture; empty without one.
        codes: int16 [n], index into `names`, -1 where unlabelled.
        variants: int16 [n], index into `variant_names`, -1 where none.
        sources: int16 [n], index into `source_names`, -1 where none.
        reasons: uint8 [n], index into `echoformat.label.REASONS`.
        confidence: float32 [n], 0 to 1.
        truncated: bool [n].
        statuses: uint8 [n], index into `echoformat.label.STATUSES`.
        versions: What made these labels.
    """

    names: tuple[str, ...]
    families: tuple[str, ...]
    variant_names: tuple[str, ...]
    source_names: tuple[str, ...]
    codes: NDArray[np.int16]
    variants: NDArray[np.int16]
    sources: NDArray[np.int16]
    reasons: NDArray[np.uint8]
    confidence: NDArray[np.float32]
    truncated: NDArray[np.bool_]
    statuses: NDArray[np.uint8]
    versions: Versions

    def __len__(self) -> int:
        return len(self.codes)

    def formats(self) -> list[str | None]:
        """Format of each completion, ``None`` where unlabelled."""
        return _decode(self.names, self.codes)

    def variant_list(self) -> list[str | None]:
        """Variant of each completion, ``None`` where not told apart."""
        return _decode(self.variant_names, self.variants)

    def source_list(self) -> list[str | None]:
        """Source of each completion in the declared mixture, ``None`` where none."""
        return _decode(self.source_names, self.sources)

    def family_list(self) -> list[str | None]:
        """Family of each completion, ``None`` where unlabelled."""
        return _decode(self.families, self.codes)

    def reason_list(self) -> list[str]:
        """Reason of each label."""
        return [REASONS[code].value for code in self.reasons]

    def label_names(self) -> list[str]:
        """The format, or the state (empty, degenerate, unknown, ambiguous) where there is none."""
        states = self.reason_list()
        return [name if name is not None else states[i] for i, name in enumerate(self.formats())]

    def columns(self) -> dict[str, list[Any]]:
        """One list a column, named as in every echoformat output."""
        return {
            "format": self.formats(),
            "variant": self.variant_list(),
            "family": self.family_list(),
            "source": self.source_list(),
            "confidence": [float(value) for value in self.confidence],
            "reason": self.reason_list(),
            "truncated": [bool(flag) for flag in self.truncated],
            "status": [STATUSES[code].value for code in self.statuses],
        }

    def counts(self) -> dict[str, int]:
        """Completions by format, then by state; zero counts left out.

        Sums to `len(self)`.
        """
        per_format = np.bincount(self.codes[self.codes >= 0], minlength=len(self.names))
        per_reason = np.bincount(self.reasons[self.codes < 0], minlength=len(REASONS))
        found = {name: int(n) for name, n in zip(self.names, per_format, strict=True) if n}
        return found | {REASONS[i].value: int(n) for i, n in enumerate(per_reason) if n}

    def to_arrow(self) -> Any:
        """A `pyarrow.Table`, text columns dictionary-encoded, versions in the schema's metadata.

        Raises:
            MissingExtra: pyarrow is not installed.
        """
        try:
            import pyarrow as pa
        except ImportError as error:
            raise MissingExtra("pyarrow", "io", "LabelBatch.to_arrow") from error
        reason_names = tuple(reason.value for reason in REASONS)
        status_names = tuple(status.value for status in STATUSES)
        table = pa.table(
            {
                "format": _arrow_codes(pa, self.names, self.codes),
                "variant": _arrow_codes(pa, self.variant_names, self.variants),
                "family": _arrow_codes(pa, *_merge_names(self.families, self.codes)),
                "source": _arrow_codes(pa, self.source_names, self.sources),
                "confidence": pa.array(self.confidence),
                "reason": _arrow_codes(pa, reason_names, self.reasons),
                "truncated": pa.array(self.truncated),
                "status": _arrow_codes(pa, status_names, self.statuses),
            }
        )
        facts = {f"echoformat.{key}": value for key, value in self.versions.to_dict().items()}
        return table.replace_schema_metadata(facts)

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame` with the columns of `columns()`.

        Raises:
            MissingExtra: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtra("pandas", "dev", "LabelBatch.to_pandas") from error
        return pd.DataFrame(self.columns())

    def to_polars(self) -> Any:
        """A `polars.DataFrame` with the columns of `columns()`.

        Raises:
            MissingExtra: polars is not installed.
        """
        try:
            import polars as pl
        except ImportError as error:
            raise MissingExtra("polars", "dev", "LabelBatch.to_polars") from error
        text = ("format", "variant", "family", "source", "reason", "status")
        return pl.DataFrame(self.columns(), schema_overrides=dict.fromkeys(text, pl.String))

    def take(self, rows: NDArray[np.intp] | Sequence[int]) -> LabelBatch:
        """The labels of some rows, in the order asked for."""
        index = np.asarray(rows)
        return replace(self, **{column: getattr(self, column)[index] for column in ROW_COLUMNS})

    def cut(self, begin: int, end: int) -> LabelBatch:
        """The labels of some rows that follow each other, not copied."""
        return replace(self, **{column: getattr(self, column)[begin:end] for column in ROW_COLUMNS})

    @staticmethod
    def concat(batches: Sequence[LabelBatch]) -> LabelBatch:
        """Batches of one classifier, one behind the other.

        Raises:
            UsageError: No batch, or batches that different classifiers made.
        """
        if not batches:
            raise UsageError("no label batches to concatenate")
        first = batches[0]
        if any((b.names, b.versions) != (first.names, first.versions) for b in batches):
            raise UsageError(
                "these label batches were made by different classifiers; do not mix their labels"
            )
        joined: dict[str, Any] = {
            column: np.concatenate([getattr(b, column) for b in batches]) for column in ROW_COLUMNS
        }
        return replace(first, **joined)


def _decode(names: Sequence[str], codes: NDArray[Any]) -> list[str | None]:
    return [names[code] if code >= 0 else None for code in codes.tolist()]


def _merge_names(names: Sequence[str], codes: NDArray[Any]) -> tuple[tuple[str, ...], NDArray[Any]]:
    distinct = tuple(sorted(set(names)))
    lookup = np.array([distinct.index(name) for name in names] + [NO_CODE], dtype=np.int16)
    return distinct, lookup[codes]


def _arrow_codes(pa: Any, names: Sequence[str], codes: NDArray[Any]) -> Any:
    signed = codes.astype(np.int16)
    indices = pa.array(signed, mask=signed < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(names), type=pa.string()))
