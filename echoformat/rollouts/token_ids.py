"""Text out of token ids, for logs that hold nothing else: the caller's tokenizer, or a ``tokenizer.json``.

Decoding needs a small part of a tokenizer (the pieces by id and how they spell bytes), so a
``tokenizer.json`` is read here and no tokenizer library is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from echoformat.errors import UsageError

WHY_PASSED = "holds token ids only; give the tokenizer (tokenizer=..., --tokenizer FOLDER)"

Decode = Callable[[Sequence[int]], str | None]


def decoder_of(tokenizer: Any) -> Decode:
    """A function from ids to text, without special tokens; ``None`` for ids that the tokenizer does not know.

    Args:
        tokenizer: An object with ``decode(ids)``, or a folder with ``tokenizer.json``, or that file.

    Raises:
        UsageError: It is none of these.
    """
    if isinstance(tokenizer, str | PathLike):
        return _of_file(Path(tokenizer))
    decode = getattr(tokenizer, "decode", None)
    if decode is None:
        raise UsageError(
            f"tokenizer={tokenizer!r} has no decode(); give a tokenizer or a folder with tokenizer.json"
        )
    options = {"skip_special_tokens": True}
    try:
        decode([], **options)
    except TypeError:
        options = {}

    def text_of(ids: Sequence[int]) -> str | None:
        try:
            return str(decode(_numbers(ids), **options))
        except (LookupError, OverflowError, ValueError):
            return None

    return text_of


def _numbers(ids: Sequence[Any]) -> list[int]:
    """The ids among what a log has in their place."""
    return [index for index in ids if type(index) is int and index >= 0]


def _of_file(path: Path) -> Decode:
    path = path / "tokenizer.json" if path.is_dir() else path
    try:
        spec = json.loads(path.read_text("utf-8"))
        vocabulary = spec["model"]["vocab"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"tokenizer={str(path)!r} cannot be read as a tokenizer.json: {error}") from error
    pairs = (
        vocabulary.items() if isinstance(vocabulary, dict) else ((p[0], i) for i, p in enumerate(vocabulary))
    )
    pieces = {index: piece for piece, index in pairs}
    added = {token["id"]: token for token in spec.get("added_tokens", [])}
    byte_level = "ByteLevel" in json.dumps(spec.get("decoder")) + json.dumps(spec.get("pre_tokenizer"))
    return lambda ids: _decoded(ids, pieces, added, byte_level)


def _decoded(
    ids: Sequence[int], pieces: dict[int, str], added: dict[int, dict[str, Any]], byte_level: bool
) -> str:
    spelt = bytearray()
    for index in _numbers(ids):
        if index in added:
            spelt += b"" if added[index].get("special") else str(added[index]["content"]).encode()
        else:
            spelt += _bytes(pieces.get(index, "\ufffd"), byte_level)
    text = spelt.decode("utf-8", "replace")
    return text if byte_level else text.removeprefix(" ")


def _bytes(piece: str, byte_level: bool) -> bytes:
    if byte_level:
        return b"".join(bytes([_BYTES[c]]) if c in _BYTES else c.encode() for c in piece)
    if len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">"):
        return bytes([int(piece[3:5], 16)])
    return piece.replace("\u2581", " ").encode("utf-8", "surrogatepass")


def _byte_letters() -> dict[str, int]:
    """The letters of byte-level tokenizers: bytes that print as themselves, the others from U+0100 on."""
    printing = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {chr(byte): byte for byte in printing}
    others = [byte for byte in range(256) if byte not in printing]
    return letters | {chr(256 + i): byte for i, byte in enumerate(others)}


_BYTES = _byte_letters()
