"""What the weights of each format hang on, in words: its heaviest n-grams, read back from the corpus."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from echoformat.detectors.learned import LearnedModel
from echoformat.detectors.ngrams import BUCKET_BITS, DENSE_NAMES, ORDERS, buckets_of
from echoformat.detectors.skeleton import WORDS, symbols_of, window

MOST_TEXTS = 3000
SHOWN = 6
MARKS = {1: "START", 2: "END", 3: "CUT", 4: "non-ASCII", 10: "\\n", 32: "space"}
SHAPES = {ord("a"): "word", ord("A"): "Word", ord("X"): "WORD", ord("v"): "x", ord("0"): "0"}


def hangs_on(model: LearnedModel, texts: Sequence[str]) -> dict[str, list[str]]:
    """The heaviest features of each format, readable; n-grams are read back from `texts`."""
    weights = model.weights.astype(np.int64)
    heaviest = {name: np.argsort(-weights[:, c], kind="stable")[:SHOWN] for c, name in enumerate(model.names)}
    dense = len(DENSE_NAMES)
    indices = {i for row in heaviest.values() for i in row.tolist() if i >= dense}
    wanted = {int(model.features[i - dense]) for i in indices}
    spelled = _spell(wanted, texts)
    return {name: [_feature(model, i, spelled) for i in row.tolist()] for name, row in heaviest.items()}


def _feature(model: LearnedModel, index: int, spelled: dict[int, str]) -> str:
    if index < len(DENSE_NAMES):
        return DENSE_NAMES[index]
    return spelled.get(int(model.features[index - len(DENSE_NAMES)]), "(rare)")


def _spell(wanted: set[int], texts: Sequence[str]) -> dict[int, str]:
    found: dict[int, Counter[bytes]] = defaultdict(Counter)
    keys = np.array(sorted(wanted))
    step = max(1, len(texts) // MOST_TEXTS)
    for text in texts[::step]:
        symbols, _ = symbols_of([window(text)])
        held = bytes(symbols)
        for row, buckets in enumerate(buckets_of(symbols)):
            ids = buckets + (row << BUCKET_BITS)
            for at in np.flatnonzero(np.isin(ids, keys)).tolist():
                found[int(ids[at])][held[at : at + ORDERS[row]]] += 1
    return {key: _words(counts.most_common(1)[0][0]) for key, counts in found.items()}


def _words(ngram: bytes) -> str:
    names: dict[int, str] = {}
    for word, code in WORDS.items():
        names.setdefault(code, word)
    spelled = (MARKS.get(c) or SHAPES.get(c) or names.get(c) or chr(c) for c in ngram if c)
    return " ".join(spelled)
