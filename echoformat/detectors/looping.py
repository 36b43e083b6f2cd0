"""Ends of many texts: loops, near loops and cuts, looked for in each text while it is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from echoformat.compiled import native
from echoformat.detectors.near_loop import find_near_loops, near_loop_signs, packed_rows
from echoformat.detectors.repetition import find_loops, loop_signs, looping_rows
from echoformat.detectors.truncation import cut_signs

if TYPE_CHECKING:
    from numpy.typing import NDArray


def looping_ends(
    texts: Sequence[str], encoded: Sequence[bytes], ended: NDArray[np.bool_]
) -> tuple[list[int], bytes | None]:
    r"""The rows of texts that end in a loop or a near loop, and the signs of cuts that were seen on the way.

    Args:
        texts: The texts.
        encoded: The same in UTF-8.
        ended: Which of them reached the end that their format declares: these are in no near loop.

    Returns:
        The rows, loops first; what `cut_signs` says of each text, ``None`` where nothing is compiled.

    Example:
        >>> looped = "The answer is 4. " + "I am sure. " * 20
        >>> looping_ends(["2 + 2 = 4.", looped], [b"2 + 2 = 4.", looped.encode()], np.zeros(2, np.bool_))[0]
        [1]
    """
    compiled = native()
    if compiled is not None:
        return _seen_together(compiled, texts, encoded, ended)
    loops = find_loops(texts)
    others = (row for row in np.flatnonzero(~ended).tolist() if row not in loops)
    return [*loops, *find_near_loops(texts, others)], None


def _seen_together(
    compiled: ModuleType, texts: Sequence[str], encoded: Sequence[bytes], ended: NDArray[np.bool_]
) -> tuple[list[int], bytes]:
    looks = loop_signs(compiled), near_loop_signs(compiled), cut_signs(compiled)
    loop, near_loop, cut = compiled.Signs.together(*looks, encoded, ended.tobytes())
    loops = looping_rows(texts, loop)
    known = set(loops)
    near = packed_rows(texts, (row for row in compress(range(len(texts)), near_loop) if row not in known))
    return [*loops, *near], cut
