"""Cuts of many texts, in columns: as `echoformat.detectors.truncation` tells them of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from echoformat.compiled import native
from echoformat.detectors.truncation import (
    CUT,
    DONE,
    MAY_BE_CUT,
    MIDWAY,
    PROSE,
    SENTENCE_FAMILIES,
    cut_signs,
    is_open,
    truncated,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


def cut_rows(
    texts: Sequence[str],
    encoded: Sequence[bytes],
    families: Sequence[str | None],
    codes: NDArray[np.integer],
    declared: NDArray[np.bool_],
    ended: NDArray[np.bool_],
    signs: bytes | None = None,
) -> NDArray[np.bool_]:
    r"""Which of many views look cut off, or run on; each as `is_truncated` says.

    Args:
        texts: The views.
        encoded: The same in UTF-8.
        families: Family of each code; the last is that of code -1.
        codes: Code of the format of each.
        declared: Whether its format declares an ending.
        ended: Whether that is there.
        signs: What `cut_signs` says of them, where that is known.

    Example:
        >>> texts = ["There are 12.", "He then sells the"]
        >>> codes, none = np.array([0, -1]), np.zeros(2, np.bool_)
        >>> cut_rows(texts, [text.encode() for text in texts], ("other", None), codes, none, none).tolist()
        [False, True]
    """
    compiled = native()
    if compiled is None:
        endings = [bool(there) if has_one else None for has_one, there in zip(declared, ended, strict=True)]
        return np.array(truncated(texts, [families[code] for code in codes], endings, encoded), np.bool_)
    shown = np.frombuffer(cut_signs(compiled).many(encoded) if signs is None else signs, np.uint8)
    cut: NDArray[np.bool_] = _lack_ends(shown, families, codes, declared, ended) | ((shown & CUT) != 0)
    for row in np.flatnonzero(~cut & ((shown & MAY_BE_CUT) != 0)).tolist():
        cut[row] = is_open(texts[row])
    return cut


def _lack_ends(
    signs: NDArray[np.uint8],
    families: Sequence[str | None],
    codes: NDArray[np.integer],
    declared: NDArray[np.bool_],
    ended: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Which lack the declared ending, or where none is declared that of a sentence."""
    is_prose = np.array([family in PROSE for family in families])[codes]
    has_sentences = np.array([family in SENTENCE_FAMILIES for family in families])[codes]
    stops = is_prose & ((signs & MIDWAY) != 0)
    lacks = ~ended & (~has_sentences | ((signs & DONE) == 0))
    return np.asarray(np.where(declared, lacks, stops), np.bool_)
