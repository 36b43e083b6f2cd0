"""Rules as the compiled part knows them, `echoformat/csrc/rules.c`, given its twin's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.compiled import native

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from echoformat._native import Rules

# Codes are two bytes wide.
MOST_FORMATS = 2**15 - 1


def compiled_rules(
    own: NDArray[np.intp],
    finer: NDArray[np.intp],
    by_name: NDArray[np.intp],
    below: NDArray[np.float32],
    variants: int,
    **rest: Any,
) -> Rules | None:
    """The rules; ``None`` where there is no compiled part, or no or too many formats.

    Args:
        own: [rules], the format that each speaks of, -1 for none on the shelf.
        finer: [rules], the variant that each votes for, -1 for none.
        by_name: [formats], the place of each among all, sorted by name.
        below: [formats, formats], whether the first outranks the second.
        variants: How many there are.
        rest: What else `Rules` takes.
    """
    built = native()
    if built is None or not 0 < max(len(by_name), variants) <= MOST_FORMATS:
        return None
    rules: Rules = built.Rules(
        own=own.astype(np.int32),
        finer=finer.astype(np.int32),
        by_name=by_name.astype(np.int32),
        below=below.astype(np.uint8),
        variants=variants,
        **rest,
    )
    return rules
