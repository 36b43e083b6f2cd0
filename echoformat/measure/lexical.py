"""Diversity of texts inside one format, at equal numbers of texts; pooled, it would measure the formats."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats
from echoformat.measure.confusion import as_labels
from echoformat.measure.entropy import plugin_entropy


def distinct_n(texts: Sequence[str], n: int = 2) -> float:
    """Distinct n-grams over all n-grams of whitespace tokens, in (0, 1]; NaN where no text has n tokens.

    Falls with length and with the number of texts: compare at equal numbers and equal token budgets only.

    Reference: Li et al. (2016).

    Example:
        >>> distinct_n(["a b c", "a b d"], 2)
        0.75
    """
    if n < 1:
        raise UsageError(f"n={n}: n-grams have one token or more")
    grams = [gram for text in texts for gram in _grams(text.split(), n)]
    return len(set(grams)) / len(grams) if grams else math.nan


def _grams(tokens: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]


def compression_ratio(texts: Sequence[str]) -> float:
    """Bytes of the joined texts over their bytes compressed (zlib 9): larger where they repeat each other.

    Example:
        >>> compression_ratio(["def f(x):"] * 50) > compression_ratio(["def f(x):"])
        True
    """
    data = "\n".join(texts).encode("utf-8", "surrogatepass")
    return len(data) / len(zlib.compress(data, 9)) if data else math.nan


_SPACED = (
    (regex.compile(r"([{-~\[-` -&(-+:-@/])"), r" \1 "),
    (regex.compile(r"([^0-9])([.,])"), r"\1 \2 "),
    (regex.compile(r"([.,])([^0-9])"), r" \1 \2"),
    (regex.compile(r"([0-9])(-)"), r"\1 \2 "),
)


def bleu_tokens(text: str) -> list[str]:
    """Words and punctuation apart, as BLEU counts them (mteval 13a).

    Example:
        >>> bleu_tokens("def f(x): return 1.5")
        ['def', 'f', '(', 'x', ')', ':', 'return', '1.5']
    """
    line = f" {text.replace('-' + chr(10), '').replace(chr(10), ' ')} "
    for pattern, spaced in _SPACED:
        line = pattern.sub(spaced, line)
    return line.split()


def self_bleu(texts: Sequence[str], *, references: int = 50, seed: int = 0) -> float:
    """Mean BLEU-4 of each text against the others, in [0, 100]: high where texts resemble each other.

    Args:
        texts: At least two.
        references: Most texts to compare each with; sampled beyond (the cost grows with their product).
        seed: Of the sample.

    Raises:
        UsageError: Fewer than two texts.

    Reference: Zhu et al. (2018); exponential smoothing of empty orders as in Chen and Cherry (2014).

    Example:
        >>> round(self_bleu(["one two three four five"] * 3), 6)
        100.0
    """
    if len(texts) < 2:
        raise UsageError(f"self-BLEU compares texts with each other; got {len(texts)}")
    tokens = [bleu_tokens(text) for text in texts]
    counts = [[Counter(_grams(words, n)) for n in range(1, 5)] for words in tokens]
    draw = np.random.default_rng(seed)
    scores = []
    for i in range(len(texts)):
        others = [j for j in range(len(texts)) if j != i]
        if len(others) > references:
            others = [others[k] for k in draw.choice(len(others), references, replace=False)]
        scores.append(
            _bleu(counts[i], [counts[j] for j in others], len(tokens[i]), [len(tokens[j]) for j in others])
        )
    return float(np.mean(scores))


Grams = Counter[tuple[str, ...]]


def _bleu(own: list[Grams], others: list[list[Grams]], length: int, lengths: list[int]) -> float:
    if not length:
        return 0.0
    smooth, logs = 1.0, []
    for order in range(4):
        total = sum(own[order].values())
        if not total:
            break
        most = {gram: max(other[order][gram] for other in others) for gram in own[order]}
        hits = sum(min(count, most[gram]) for gram, count in own[order].items())
        if not hits:
            smooth *= 2
        logs.append(math.log(hits / total) if hits else math.log(1 / (smooth * total)))
    closest = min(lengths, key=lambda other: (abs(other - length), other))
    brevity = min(0.0, 1 - closest / length)
    return 100 * math.exp(brevity + sum(logs) / len(logs)) if logs else 0.0


def vendi_score(kernel: ArrayLike) -> float:
    """Effective number of distinct items: exp of the entropy of the eigenvalues of kernel/n, in [1, n].

    Grows with n up to the number of distinct items: compare at equal n.

    Args:
        kernel: [n, n] similarities, symmetric and positive semi-definite with ones on the diagonal.

    Raises:
        UsageError: Not square, not symmetric, or another diagonal.

    Reference: Friedman and Dieng, arXiv 2210.02410.

    Example:
        >>> round(vendi_score([[1, 0.5], [0.5, 1]]), 6)
        1.754765
    """
    k = np.asarray(kernel, dtype=np.float64)
    if k.ndim != 2 or k.shape[0] != k.shape[1] or not len(k):
        raise UsageError(f"a kernel is square, got shape {k.shape}")
    if not np.allclose(k, k.T, atol=1e-8) or not np.allclose(np.diag(k), 1, atol=1e-6):
        raise UsageError("a kernel is symmetric with ones on its diagonal; divide by the diagonal's roots")
    values = np.maximum(np.linalg.eigvalsh(k / len(k)), 0)
    return float(np.exp(plugin_entropy(values / values.sum())))


@dataclass(frozen=True, slots=True, eq=False)
class TextDiversity:
    """Text measures of every format, each on the same number of its completions.

    Attributes:
        texts: Completions of each format that were measured (the same for all).
        distinct_1: [formats]; NaN where a format has fewer completions. So the others.
        distinct_2: [formats].
        compression: [formats].
        self_bleu: [formats].
    """

    texts: int
    distinct_1: Floats
    distinct_2: Floats
    compression: Floats
    self_bleu: Floats


def text_diversity(
    texts: Sequence[str], labels: ArrayLike, formats: int, *, size: int = 50, tokens: int = 60, seed: int = 0
) -> TextDiversity:
    """Text diversity of every format at equal numbers of completions and equal token budgets.

    `size` completions of each format are drawn, each cut to its first `tokens` whitespace tokens; formats
    with fewer get NaN rather than a figure that cannot be compared.

    Args:
        texts: Completions.
        labels: [completions] format indices.
        formats: Number of declared formats.
        size: Completions of each format.
        tokens: Tokens of each completion.
        seed: Of the draw.

    Raises:
        UsageError: Lists of different length, or a size below two.

    Example:
        >>> found = text_diversity(["a b", "a c", "x y z"], [0, 0, 1], 2, size=2)
        >>> found.texts, found.distinct_1.tolist()
        (2, [0.75, nan])
    """
    codes = as_labels(labels, formats)
    if len(codes) != len(texts) or size < 2:
        raise UsageError(
            f"{len(texts)} texts, {len(codes)} labels, size={size}: need one label a text, size >= 2"
        )
    draw = np.random.default_rng(seed)
    rows = []
    for format in range(formats):
        own = np.flatnonzero(codes == format)
        if len(own) < size:
            rows.append((math.nan,) * 4)
            continue
        chosen = [texts[i] for i in np.sort(draw.choice(own, size, replace=False))]
        short = [" ".join(text.split()[:tokens]) for text in chosen]
        bleu = self_bleu(short, seed=seed)
        rows.append((distinct_n(short, 1), distinct_n(short, 2), compression_ratio(short), bleu))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return TextDiversity(size, *columns)
