"""What is timed: the stages of echoformat, and what else one could run."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import replace

from benchmarks.bench_texts import Bench
from benchmarks.corpus import Row
from benchmarks.timing import Peer, rare_find
from benchmarks.uncompiled import nothing_compiled
from echoformat.batch_path import CHUNK
from echoformat.classifier import Classifier
from echoformat.compat import compat_rule
from echoformat.detectors.dialect import for_regex
from echoformat.detectors.pattern import PatternDetector
from echoformat.formats import all_formats
from echoformat.model import builtin_model
from echoformat.text import view, views

HEAD = 2000
FIND, FAST, SKLEARN = "one rare str.find", "fastText, 16 dimensions", "scikit-learn, char 2-5-grams"
SCAN, RE2_SCAN = "patterns, compiled scan", "patterns, RE2 sets"
FALLBACK, ONE_BY_ONE = "patterns, numpy", "patterns, regex package"
LEARNED, RULES = "learned detector alone", "labels by rules, no parses"
PLAIN, FULL, ONES = "labels, no parses", "labels, everything", "labels, one text at a time"
UNCOMPILED, FALLBACK_LABELS = "labels, nothing compiled", "labels, nothing compiled, no RE2"


def quick_peers(bench: Bench, count: int) -> list[Peer]:
    """The few that tell whether a change pays."""
    kept = (FIND, FAST, SCAN, LEARNED, PLAIN, FULL)
    return [
        peer
        for peer in [*_cheap(count), *_fasttext(bench.rows, count), *our_peers(count)]
        if peer.name in kept
    ]


def our_peers(count: int) -> list[Peer]:
    """The stages of echoformat."""
    plain = [replace(f, syntax=()) for f in all_formats()]
    full = Classifier()
    return [
        Peer(SCAN, _scan("auto"), count),
        Peer(RE2_SCAN, _scan("re2"), count),
        Peer(FALLBACK, _scan("numpy"), count),
        Peer(ONE_BY_ONE, _scan("regex"), 600),
        Peer(LEARNED, _learned(), count),
        Peer(RULES, Classifier(plain, model=None).classify_batch, count),
        Peer(PLAIN, Classifier(plain).classify_batch, count),
        Peer(FULL, full.classify_batch, count),
        Peer(UNCOMPILED, _uncompiled("re2"), count),
        Peer(FALLBACK_LABELS, _uncompiled("numpy"), count),
        Peer(ONES, lambda texts: [full.classify(t) for t in texts], 1000),
    ]


def _uncompiled(engine: str) -> Callable[[list[str]], object]:
    """Labels as where no compiler was at hand."""
    with nothing_compiled():
        classifier = Classifier(engine=engine)
        classifier.classify_batch(["x = 1"] * 9)

    def run(texts: list[str]) -> object:
        with nothing_compiled():
            return classifier.classify_batch(texts)

    return run


def _scan(engine: str) -> Callable[[list[str]], object]:
    detector = PatternDetector(all_formats(), (), engine)

    def run(texts: list[str]) -> None:
        for start in range(0, len(texts), CHUNK):
            detector.matrix(views(texts[start : start + CHUNK]).encoded)

    return run


def _learned() -> Callable[[list[str]], object]:
    detector = builtin_model().detector()
    return lambda texts: detector.scores([view(text).text for text in texts])


def other_peers(bench: Bench, count: int) -> list[Peer]:
    """What else one could run; slow ones on the first few of the texts."""
    study, spurious = compat_rule("zhao2025"), compat_rule("spurious")
    every = [p.regex for f in all_formats() for p in f.patterns]
    some = every[:: max(1, len(every) // 44)][:44]
    return [
        *_cheap(count),
        Peer("the study's substrings", lambda texts: [study.label(t) for t in texts], count),
        Peer("one substring, lower case", lambda texts: [spurious.label(t) for t in texts], count),
        Peer(f"{len(some)} patterns with re, first {HEAD:,} characters", _with_re(some), 600),
        Peer(SKLEARN, _scikit_learn(bench.rows), 600),
        *_fasttext(bench.rows, count),
    ]


def _with_re(patterns: list[str]) -> Callable[[list[str]], object]:
    """Python's `re`, one pattern after the other; some take minutes for one text of 30 kB."""
    compiled = [re.compile(for_regex(pattern)) for pattern in patterns]
    return lambda texts: [one.search(text[:HEAD]) for text in texts for one in compiled]


def _cheap(count: int) -> list[Peer]:
    return [Peer(FIND, rare_find, count)]


def _scikit_learn(rows: list[Row]) -> Callable[[list[str]], object]:
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5)), SGDClassifier(max_iter=5)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit([row.text for row in rows[-1500:]], [row.format for row in rows[-1500:]])
    predict: Callable[[list[str]], object] = model.predict
    return predict


def _fasttext(rows: list[Row], count: int) -> list[Peer]:
    try:
        import fasttext
    except ImportError:
        return []
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for row in rows[-4000:]:
            file.write(f"__label__{row.format} {' '.join(row.text.split())}\n")
        file.flush()
        model = fasttext.train_supervised(file.name, dim=16, wordNgrams=2, epoch=3, thread=1, verbose=0)
    return [Peer(FAST, lambda texts: [model.predict(text.replace("\n", " ")) for text in texts], count)]
