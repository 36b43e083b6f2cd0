"""The trained detector: numpy alone says what scikit-learn said, the same in any batch, and sees no topic."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest

from echoformat.classifier import Classifier
from echoformat.detectors.learned import LearnedDetector, LearnedModel, feature_version, log_softmax, quantise
from echoformat.detectors.ngrams import BUCKET_BITS, DENSE_NAMES, ORDERS, buckets_of, dense_of
from echoformat.detectors.skeleton import WORDS, symbols_of, window
from echoformat.errors import ModelError
from echoformat.fitting import all_features, balanced_weights, design_matrix, export, fit_linear, select
from echoformat.formats import all_formats
from echoformat.model import builtin_model
from echoformat.text import view


def _texts(count: int) -> tuple[list[str], np.ndarray]:
    rng = random.Random(1)
    makers = {
        "code": lambda: f"def f(x):\n    y = x + {rng.randint(1, 99)}\n    return y\n" * rng.randint(1, 3),
        "list": lambda: "".join(
            f"{i}. Take {rng.randint(2, 9)} of them.\n" for i in range(rng.randint(2, 6))
        ),
        "tex": lambda: (
            f"We have $x = {rng.randint(1, 9)}$, so \\(y = \\frac{{1}}{{{rng.randint(2, 9)}}}\\).\n"
        ),
    }
    names = [name for name in makers for _ in range(count)]
    return [makers[name]() for name in names], np.array(names)


@pytest.fixture(scope="module")
def fitted() -> tuple[object, LearnedModel, np.ndarray, list[str]]:
    texts, names = _texts(40)
    ngrams, dense = all_features(texts)
    weights = balanced_weights(names, np.arange(len(names)) % 8)
    features = select(ngrams, names, np.arange(len(names)) % 8, weights, kept=300)
    matrix = design_matrix(ngrams, dense, features)
    model = fit_linear(matrix, names, weights, 0.5)
    return model, export(model, features, dense.shape[1]), matrix, texts


def test_parity_with_scikit_learn(fitted: tuple[object, LearnedModel, np.ndarray, list[str]]) -> None:
    model, exported, matrix, texts = fitted
    ours = LearnedDetector(exported).scores(texts)
    theirs = model.decision_function(matrix)  # type: ignore[attr-defined]
    steps = np.abs(matrix).sum(axis=1).max() * exported.scale.max() * 31
    assert np.abs(ours - theirs).max() <= max(0.02, 0.5 * steps)
    assert (ours.argmax(axis=1) == theirs.argmax(axis=1)).all()


def test_parity_is_exact_with_the_weights_that_are_shipped(
    fitted: tuple[object, LearnedModel, np.ndarray, list[str]],
) -> None:
    model, exported, matrix, texts = fitted
    dense = len(DENSE_NAMES)
    coefficients = exported.weights.astype(np.float64) * exported.scale
    coefficients[:dense] *= 31
    model.coef_ = coefficients.T  # type: ignore[attr-defined]
    model.intercept_ = exported.bias.astype(np.float64)  # type: ignore[attr-defined]
    np.testing.assert_allclose(
        LearnedDetector(exported).scores(texts),
        model.decision_function(matrix.astype(np.float64)),  # type: ignore[attr-defined]
        atol=1e-4,
    )


def test_scores_do_not_depend_on_the_batch() -> None:
    texts = [view(t).text for f in all_formats() for t in f.examples if t.strip()]
    detector = builtin_model().detector()
    together = detector.scores(texts)
    np.testing.assert_array_equal(together, np.concatenate([detector.scores([t]) for t in texts]))
    order = np.random.default_rng(0).permutation(len(texts))
    np.testing.assert_array_equal(together[order], detector.scores([texts[i] for i in order]))


def test_sums_stay_exact_in_single_precision() -> None:
    model = builtin_model().weights
    largest = np.abs(model.weights[: len(DENSE_NAMES)].astype(np.int64)).sum(axis=0) * 31
    largest += np.abs(model.weights[len(DENSE_NAMES) :].astype(np.int64)).sum(axis=0)
    assert largest.max() < 2**24


def test_topics_and_numbers_do_not_show() -> None:
    one = "Marta has 12 apples and buys 7 more. So she has 12 + 7 = 19 apples.\n"
    two = "Boris has 88 pencils and sells 31 more. So she has 88 + 31 = 119 pencils.\n"
    first, second = (bytes(symbols_of([window(text)])[0]) for text in (one, two))
    assert first == second


def test_words_that_any_author_uses_show() -> None:
    first, second = (
        bytes(symbols_of([window(text)])[0]) for text in ("So the answer is", "So the garden is")
    )
    assert first != second
    assert len(set(WORDS.values())) > 150


def test_a_neighbour_in_the_batch_does_not_leak() -> None:
    texts = ["ab", "", "x" * 5000, "é\ud7ff", "a b.\n\n c"]
    symbols, begin = symbols_of([window(text) for text in texts])
    for i, text in enumerate(texts):
        alone, _ = symbols_of([window(text)])
        np.testing.assert_array_equal(alone, symbols[begin[i] : begin[i + 1]])
        np.testing.assert_array_equal(
            buckets_of(alone)[:, :-4], buckets_of(symbols)[:, begin[i] : begin[i + 1] - 4]
        )


def test_dense_features_fit_their_range() -> None:
    texts = ["", "a", "\n" * 3000, "1" * 4000, "A" * 99, "é" * 900, "x = 1\n    y\n\n"]
    dense = dense_of([window(text) for text in texts], [len(text) for text in texts])
    assert dense.shape == (len(texts), len(DENSE_NAMES))
    assert dense.max() <= 31


def test_buckets_are_within_the_table() -> None:
    found = buckets_of(np.random.default_rng(0).integers(0, 256, 4000).astype(np.uint8))
    assert found.shape == (len(ORDERS), 4000)
    assert found.min() >= 0
    assert found.max() < 1 << BUCKET_BITS


def test_log_softmax_is_a_distribution() -> None:
    scores = np.random.default_rng(0).normal(size=(5, 7)) * 50
    np.testing.assert_allclose(np.exp(log_softmax(scores)).sum(axis=1), 1.0)
    np.testing.assert_allclose(log_softmax(scores + 3), log_softmax(scores))


def test_quantised_weights_are_near() -> None:
    given = np.random.default_rng(0).normal(size=(50, 4))
    weights, scale = quantise(given)
    assert np.abs(weights * scale - given).max() <= scale.max() / 2 + 1e-9
    assert (quantise(np.zeros((3, 1)))[0] == 0).all()


def test_feature_version_is_part_of_the_weights() -> None:
    arrays = builtin_model().weights.to_arrays()
    assert arrays["feature_version"].tolist() == [feature_version()]
    with pytest.raises(ModelError, match="weights have shape"):
        LearnedModel(("a",), np.zeros(0, np.int32), np.zeros((3, 1), np.int16), np.ones(1), np.ones(1))


def test_ngrams_of_one_group_are_not_kept() -> None:
    texts = ["So it is.\n"] * 30 + ["@@@ So it is.\n"] * 10
    names = np.array(["a"] * 30 + ["b"] * 10)
    ngrams, _ = all_features(texts)
    weights = np.ones(40)
    several = select(ngrams, names, np.array([*range(30), *range(10)]), weights)
    lonely = select(ngrams, names, np.array([*range(30), *[0] * 10]), weights)
    assert len(lonely) < len(several)


def test_classify_never_imports_scikit_learn() -> None:
    program = (
        "import sys\nfrom echoformat import classify\n"
        "print(classify('Well, that could be. People say so, but I am not sure at all.').reason.value)\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('sklearn', 'scipy', 'pandas')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_model_only_speaks_where_rules_do_not_settle() -> None:
    alone, both = Classifier(model=None), Classifier()
    for text in (t for f in all_formats() for t in f.examples):
        label = both.classify(text)
        if label.reason.value == "rules":
            assert label.format == alone.classify(text).format
