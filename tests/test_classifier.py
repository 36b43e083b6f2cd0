"""The classifier: one label a text whatever the batch, the process, the engine or the order."""

from __future__ import annotations

import copy
import json
import pickle
import random
import subprocess
import sys

import numpy as np
import pytest

from echoformat import __version__
from echoformat.classifier import Classifier, classify, classify_batch, explain
from echoformat.errors import UsageError
from echoformat.format import Format, Pattern, Syntax
from echoformat.formats import all_formats
from echoformat.label import Reason
from echoformat.label_batch import LabelBatch
from echoformat.mixture import Mixture, Source

PROGRAM = (
    "def simple_math_problem():\n    '''Two pens, three caps.'''\n    result = 2 + 3\n    return result\n"
)
MINE = Format(
    "shout",
    "other",
    "Capitals only",
    "https://example.org",
    patterns=(Pattern("capitals", r"\A[A-Z !,]+\Z", weight=0.95),),
    examples=("WHAT A DAY, WHAT A DAY!",),
)
ODD = ["\r\n", "\v", "\f", "\u212a", "\ud800", "\ufffd", "\u2028", "\x85", "é", "\0", "\t"]


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier()


@pytest.fixture(scope="module")
def texts() -> list[str]:
    shelf = [text for f in all_formats() for text in (*f.examples, *f.counterexamples)]
    rng = random.Random(5)
    return shelf + [_scramble(rng, shelf) for _ in range(300)] + ["", "   ", "ok"]


def _scramble(rng: random.Random, shelf: list[str]) -> str:
    """Lines of a few texts shuffled, cut, and sown with characters on which engines differ."""
    lines = [line for text in rng.sample(shelf, min(3, len(shelf))) for line in text.split("\n")]
    kept = rng.sample(lines, rng.randint(1, min(len(lines), 12)))
    text = rng.choice(["\n", "\r\n", "\n\n"]).join(kept)
    for _ in range(rng.randint(0, 3)):
        at = rng.randint(0, len(text))
        text = text[:at] + rng.choice(ODD) + text[at:]
    return text[: rng.randint(1, len(text))] if text else "x"


def _rows(batch: LabelBatch) -> list[tuple[object, ...]]:
    return list(zip(*batch.columns().values(), strict=True))


def test_batch_equals_single(classifier: Classifier, texts: list[str]) -> None:
    batch = classifier.classify_batch(texts)
    for text, row in zip(texts, _rows(batch), strict=True):
        label = classifier.classify(text)
        single = (
            label.format,
            label.variant,
            label.family,
            label.source,
            float(np.float32(label.confidence)),
            label.reason.value,
            label.truncated,
            label.status.value,
        )
        assert row == single, repr(text)


@pytest.mark.parametrize("size", [1, 7, 64, 500])
def test_batch_size_changes_nothing(classifier: Classifier, texts: list[str], size: int) -> None:
    whole = classifier.classify_batch(texts)
    parts = [classifier.classify_batch(texts[i : i + size]) for i in range(0, len(texts), size)]
    assert _rows(LabelBatch.concat(parts)) == _rows(whole)


def test_order_changes_nothing(classifier: Classifier, texts: list[str]) -> None:
    order = list(range(len(texts)))
    random.Random(2).shuffle(order)
    shuffled = _rows(classifier.classify_batch([texts[i] for i in order]))
    whole = _rows(classifier.classify_batch(texts))
    assert shuffled == [whole[i] for i in order]


def test_another_process_agrees(classifier: Classifier, texts: list[str]) -> None:
    program = (
        "import json, sys\nfrom echoformat import classify_batch\n"
        "print(json.dumps(classify_batch(json.load(sys.stdin)).columns()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "77", "PATH": ""},
    )
    other = json.loads(done.stdout)
    for name, column in classifier.classify_batch(texts).columns().items():
        assert [(i, v) for i, v in enumerate(column) if v != other[name][i]] == [], name


@pytest.mark.parametrize("engine", ["re2", "numpy"])
def test_engines_agree(texts: list[str], engine: str) -> None:
    if engine == "re2":
        pytest.importorskip("re2", reason="google-re2 is not installed")
    one, slow = Classifier(engine=engine), Classifier(engine="regex")
    for text in texts:
        assert one.classify(text).to_dict() == slow.classify(text).to_dict(), repr(text)


def test_pickle_and_copy(classifier: Classifier, texts: list[str]) -> None:
    expected = _rows(classifier.classify_batch(texts))
    classifier.classify(PROGRAM)
    for other in (pickle.loads(pickle.dumps(classifier)), copy.deepcopy(classifier)):
        assert _rows(other.classify_batch(texts)) == expected
    assert len(pickle.dumps(classifier)) < 4_000_000


def test_any_iterable(classifier: Classifier) -> None:
    assert classifier.classify_batch(iter([PROGRAM])).label_names() == ["tinygsm"]
    assert classifier.classify_batch(np.array([PROGRAM], dtype=object)).label_names() == ["tinygsm"]
    assert len(classifier.classify_batch([])) == 0


def test_columns_of_a_table(classifier: Classifier) -> None:
    pa = pytest.importorskip("pyarrow")
    pd = pytest.importorskip("pandas")
    rows = [PROGRAM, None]
    for column in (pa.chunked_array([rows]), pa.array(rows), pd.Series(rows, dtype=object)):
        batch = classifier.classify_batch(column)
        assert batch.label_names() == ["tinygsm", "empty"]
        assert batch.columns()["status"] == ["ok", "missing"]


def test_a_text_alone_is_refused(classifier: Classifier) -> None:
    with pytest.raises(TypeError, match="one str"):
        classifier.classify_batch(PROGRAM)


def test_versions_ride_along(classifier: Classifier) -> None:
    label = classifier.classify(PROGRAM)
    assert label.versions == classifier.versions == classifier.classify_batch([PROGRAM]).versions
    assert classifier.versions.echoformat == __version__
    assert len(classifier.versions.rules) == 16


def test_rules_change_the_ruleset_hash(classifier: Classifier) -> None:
    assert Classifier([*all_formats(), MINE]).versions.rules != classifier.versions.rules
    assert Classifier(tuple(reversed(all_formats()))).versions == classifier.versions


def test_model_changes_the_model_hash() -> None:
    assert Classifier(model=None).versions.model == ""


def test_a_format_of_ones_own(classifier: Classifier) -> None:
    mine = Classifier([*all_formats(), MINE])
    assert mine.classify(MINE.examples[0]).format == "shout"
    assert mine.classify(PROGRAM).format == "tinygsm"
    assert classifier.classify(MINE.examples[0]).format != "shout"


def test_two_formats_of_one_name() -> None:
    with pytest.raises(UsageError, match="shout"):
        Classifier([MINE, MINE])


@pytest.mark.parametrize("engine", ["re", "RE2", ""])
def test_unknown_engine(engine: str) -> None:
    with pytest.raises(UsageError, match="choose auto, native, re2, numpy or regex"):
        Classifier(engine=engine)


def test_pattern_that_does_not_compile() -> None:
    bad = Format("bad", "other", "t", "https://x.org", (Pattern("open", r"(a"),))
    with pytest.raises(UsageError, match="format 'bad', rule 'open'"):
        Classifier([bad], model=None)


def test_query_that_does_not_compile() -> None:
    bad = Format("bad", "code", "t", "https://x.org", syntax=(Syntax("open", "(no_such_node) @x"),))
    with pytest.raises(UsageError, match="format 'bad', rule 'open'"):
        Classifier([bad], model=None)


def test_mixture_attributes_sources() -> None:
    mixture = Mixture(
        "ours", (Source("functions", 2, ("tinygsm",)), Source("bare", 1, ("program_of_thought",)))
    )
    mixed = Classifier(mixture=mixture)
    label = mixed.classify(PROGRAM)
    assert (label.format, label.source) == ("tinygsm", "functions")
    assert mixed.classify_batch([PROGRAM, "", "ok"]).source_list()[:2] == ["functions", None]


def test_mixture_with_an_unknown_format() -> None:
    with pytest.raises(UsageError, match="tinygms"):
        Classifier(mixture=Mixture("ours", (Source("a", 1, ("tinygms",)),)))


def test_compat_replaces_our_rules() -> None:
    assert classify("The set is undefined.", compat="zhao2025").format == "tinygsm-code"
    assert classify_batch(["The set is undefined."], compat="zhao2025").reason_list() == ["compat"]


def test_explanation_shows_each_detector() -> None:
    told = explain(PROGRAM)
    assert told.label.format == "tinygsm"
    assert {item.rule for item in told.evidence["pattern"]} >= {"function-name"}
    assert json.loads(json.dumps(told.to_dict()))["label"]["format"] == "tinygsm"


def test_evidence_stands_where_it_says(classifier: Classifier) -> None:
    text = "Sure.\r\n\r\n" + PROGRAM.replace("\n", "\r\n")
    item = next(e for e in classifier.classify(text).evidence if e.rule == "function-name")
    assert text[item.start : item.end].lstrip().startswith("def simple_math_problem")


def test_confidence_is_a_probability(classifier: Classifier, texts: list[str]) -> None:
    batch = classifier.classify_batch(texts)
    assert np.isfinite(batch.confidence).all()
    assert ((batch.confidence >= 0) & (batch.confidence <= 1)).all()


def test_unlabelled_rows_have_no_format(classifier: Classifier, texts: list[str]) -> None:
    for text in texts:
        label = classifier.classify(text)
        states = (Reason.EMPTY, Reason.DEGENERATE, Reason.UNKNOWN, Reason.AMBIGUOUS)
        assert (label.format is None) == (label.reason in states)
        assert (label.family is None) == (label.format is None)
