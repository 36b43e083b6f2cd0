"""Weights on disk: an `.npz` of plain arrays, refused where it is damaged, foreign or not what was signed."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A zip may say it holds a thousand times its own size; ours never does.
LARGEST_FILE = 16 * 1024 * 1024
LARGEST_CONTENT = 64 * 1024 * 1024
PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".bin")


def read_arrays(path: Path, sha256: str) -> dict[str, NDArray[Any]]:
    """The arrays of a weights file.

    Args:
        path: The `.npz` file.
        sha256: What its bytes must hash to.

    Raises:
        ModelError: It is a pickle, is missing, hashes to something else, is no zip of plain arrays, or
            would unpack to more than 64 MiB.
    """
    refuse_pickle(path)
    data = _bytes_of(path)
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise ModelError(
            f"{path}: sha256 is {found}, expected {sha256 or '(none given)'}; "
            "the weights were changed or damaged: fetch or train them again"
        )
    return _unpack(path, data)


def refuse_pickle(path: Path) -> None:
    """Say why a pickle is not loaded.

    Raises:
        ModelError: The name ends like one.
    """
    if path.suffix.lower() in PICKLES:
        raise ModelError(
            f"{path}: echoformat never loads pickles, since loading one runs whatever code it holds; "
            "train with `echoformat train`, which writes a directory of plain arrays"
        )


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ModelError(f"{path}: larger than {LARGEST_FILE} bytes, so not weights of echoformat")
        return path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path}: cannot be read ({error.strerror}); is the model directory whole?"
        ) from error


def _unpack(path: Path, data: bytes) -> dict[str, NDArray[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(item.file_size for item in archive.infolist())
        if size > LARGEST_CONTENT:
            raise ModelError(f"{path}: would unpack to {size} bytes, over the limit of {LARGEST_CONTENT}")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (zipfile.BadZipFile, ValueError, OSError, KeyError, EOFError) as error:
        raise ModelError(f"{path}: not an .npz of plain arrays ({error})") from error


def write_arrays(path: Path, arrays: dict[str, NDArray[Any]]) -> str:
    """Write arrays so that equal arrays give equal bytes; returns the sha256 of the file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(arrays):
            content = io.BytesIO()
            np.save(content, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            # A fixed date: the clock must not change the hash.
            entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, content.getvalue(), zipfile.ZIP_DEFLATED, 9)
    path.write_bytes(buffer.getvalue())
    return hashlib.sha256(buffer.getvalue()).hexdigest()
