"""Labels as parquet: row groups made of codes and numbers as they lie in memory, no Python object a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.engines.shard_columns import SHARD_COLUMNS, Writer, clean, truncated
from echoformat.errors import MissingExtra
from echoformat.label import REASONS, STATUSES, Versions
from echoformat.label_batch import LabelBatch
from echoformat.rollouts.coded import Coded, narrowed
from echoformat.rollouts.row_columns import NO_STEP, UNSAID, RowColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Rows of one row group: what a page costs, however few rows are in it, is shared by more of them.
GROUP_ROWS = 32_768
# What the offsets of an Arrow array of texts can name.
MOST_BYTES = 2**31 - 1
# Confidences hardly ever return.
_IN_DICTIONARIES = [name for name in SHARD_COLUMNS if name != "confidence"]
# Of columns of few different values, whatever packs them makes as little: what costs least.
_PACKED_WELL = ("problem", "format", "variant", "family", "confidence", "reason")
_PACKED = {name: "zstd" if name in _PACKED_WELL else "snappy" for name in SHARD_COLUMNS}
# What a reader may pick row groups by; bounds of any other column are those of nearly all.
_WITH_BOUNDS = ["run", "step"]
_REASONS = tuple(reason.value for reason in REASONS)
_STATUSES = tuple(status.value for status in STATUSES)


@contextmanager
def parquet_writer(path: Path, versions: Versions) -> Iterator[Writer]:
    """What writes rows of labels to a parquet file, as they come.

    Raises:
        MissingExtra: pyarrow is not installed.
    """
    pa = pyarrow()
    import pyarrow.parquet as pq

    schema = pa.schema([(name, _in_file(pa, kind)) for name, kind in arrow_fields(pa, SHARD_COLUMNS)])
    # Words are handed over as codes; without a schema of its own the file says that they are words.
    options = {
        "compression": _PACKED,
        "use_dictionary": _IN_DICTIONARIES,
        "write_statistics": _WITH_BOUNDS,
        "store_schema": False,
    }
    with pq.ParquetWriter(path, schema, **options) as file:
        file.add_key_value_metadata({f"echoformat.{key}": value for key, value in versions.to_dict().items()})
        group = _Group()

        def write(rows: RowColumns, labels: LabelBatch) -> None:
            group.add(rows, labels)
            while len(group) >= GROUP_ROWS:
                file.write_table(_table(pa, *group.taken(GROUP_ROWS), schema))

        yield write
        if len(group):
            file.write_table(_table(pa, *group.taken(GROUP_ROWS), schema))


class _Group:
    """Rows that wait until they are enough for a row group."""

    def __init__(self) -> None:
        self._held: list[tuple[RowColumns, LabelBatch]] = []
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    def add(self, rows: RowColumns, labels: LabelBatch) -> None:
        self._held.append((rows, labels))
        self._rows += len(rows)

    def taken(self, most: int) -> tuple[RowColumns, LabelBatch]:
        """The first rows; the others stay."""
        taken, over = list[tuple[RowColumns, LabelBatch]](), self._rows - most
        taken, self._held = self._held, []
        if over > 0:
            rows, labels = taken.pop()
            end = len(rows) - over
            taken.append((rows.cut(0, end), labels.cut(0, end)))
            self._held = [(rows.cut(end, end + over), labels.cut(end, end + over))]
        self._rows = max(over, 0)
        return RowColumns.joined([rows for rows, _ in taken]), LabelBatch.concat([one for _, one in taken])


def _table(pa: Any, rows: RowColumns, labels: LabelBatch, schema: Any) -> Any:
    """The columns as arrays; words stay codes, and no row becomes a Python object."""
    families = Coded.of([*labels.families, ""])
    columns = {
        **{name: _words(pa, clean(column)) for name, column in _words_of(rows)},
        "step": _steps(pa, rows.steps),
        "sample": _array(pa, rows.samples),
        "format": _named(pa, labels.names, labels.codes),
        "variant": _named(pa, labels.variant_names, labels.variants),
        "family": _named(pa, families.names, np.where(labels.codes < 0, -1, families.codes[labels.codes])),
        "source": _named(pa, labels.source_names, labels.sources),
        "confidence": _array(pa, labels.confidence),
        "reason": _named(pa, _REASONS, labels.reasons),
        "truncated": _flags(pa, truncated(rows, labels)),
        "status": _named(pa, _STATUSES, labels.statuses),
        "reward": _array(pa, rows.rewards, np.isfinite(rows.rewards)),
        "correct": _flags(pa, rows.corrects == 1, rows.corrects != UNSAID),
    }
    return pa.Table.from_arrays([columns[name] for name in SHARD_COLUMNS], schema=schema)


def _words_of(rows: RowColumns) -> tuple[tuple[str, Coded], ...]:
    return ("run", rows.runs), ("split", rows.splits), ("problem", rows.problems)


def _words(pa: Any, words: Coded) -> Any:
    return pa.DictionaryArray.from_arrays(_array(pa, words.codes), _strings(pa, words.names))


def _named(pa: Any, names: Sequence[str], codes: NDArray[Any]) -> Any:
    """Names by codes, none where a code is negative; only those that rows have."""
    named = codes >= 0
    indices = np.zeros(len(codes), dtype=np.int32)
    order, indices[named] = narrowed(codes[named], len(names))
    kept = _strings(pa, [names[code] for code in order])
    return pa.DictionaryArray.from_arrays(_array(pa, indices, named), kept)


def _strings(pa: Any, words: list[str]) -> Any:
    encoded = [word.encode() for word in words]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    if ends[-1] > MOST_BYTES:
        return pa.array(words, type=pa.string())
    offsets, text = pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(b"".join(encoded))
    return pa.StringArray.from_buffers(len(words), offsets, text)


def _steps(pa: Any, steps: NDArray[Any]) -> Any:
    if steps.dtype == object:
        return pa.array([None if step == NO_STEP else step for step in steps.tolist()], type=pa.int64())
    return _array(pa, steps, steps != NO_STEP)


def _array(pa: Any, values: NDArray[Any], known: NDArray[np.bool_] | None = None) -> Any:
    """Numbers as they lie in memory.

    `pyarrow.array` imports pandas where it is installed; ten thousand rows are labelled in that time.
    """
    kind = pa.from_numpy_dtype(values.dtype)
    numbers = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(kind, len(values), [_bits_of_known(pa, known), numbers])


def _flags(pa: Any, values: NDArray[np.bool_], known: NDArray[np.bool_] | None = None) -> Any:
    return pa.Array.from_buffers(pa.bool_(), len(values), [_bits_of_known(pa, known), _bits(pa, values)])


def _bits_of_known(pa: Any, known: NDArray[np.bool_] | None) -> Any:
    return None if known is None or known.all() else _bits(pa, known)


def _bits(pa: Any, flags: NDArray[np.bool_]) -> Any:
    return pa.py_buffer(np.packbits(flags, bitorder="little"))


def _in_file(pa: Any, kind: Any) -> Any:
    return pa.dictionary(pa.int32(), kind) if kind == pa.string() else kind


def arrow_fields(pa: Any, columns: Sequence[str]) -> list[tuple[str, Any]]:
    """Name and Arrow type of each column of a file of labels; text where nothing else is said."""
    kinds = {
        "step": pa.int64(),
        "sample": pa.int32(),
        "confidence": pa.float32(),
        "truncated": pa.bool_(),
        "reward": pa.float64(),
        "correct": pa.bool_(),
    }
    return [(name, kinds.get(name, pa.string())) for name in columns]


def pyarrow() -> Any:
    """The pyarrow module.

    Raises:
        MissingExtra: It is not installed.
    """
    try:
        import pyarrow as module
    except ImportError as error:
        raise MissingExtra("pyarrow", "io", "writing parquet") from error
    return module
