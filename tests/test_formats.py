"""The contract of the shelf `echoformat/formats/`: every entry proves itself."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import re2
import regex

import echoformat.formats
from echoformat.classifier import Classifier, Explanation
from echoformat.detectors.dialect import for_re2, for_regex
from echoformat.format import Format, Pattern
from echoformat.formats import shelf_formats
from echoformat.ruleset import ruleset_hash

SHELF = Path(echoformat.formats.__file__).parent
FILES = sorted(path.stem for path in SHELF.glob("*.py") if path.stem != "__init__")
FORMATS = shelf_formats()
PATTERNS = [(f, p) for f in FORMATS for p in f.patterns]
ENDINGS = [(f, Pattern("ending", f.ending)) for f in FORMATS if f.ending]
EXAMPLES = [(f, text) for f in FORMATS for text in f.examples]
NEAR_MISSES = [(f, text) for f in FORMATS for text in f.counterexamples]


@cache
def shelf() -> Classifier:
    return Classifier(FORMATS, model=None)


@cache
def said(text: str) -> Explanation:
    return shelf().explain(text)


@cache
def compiled(declared: str) -> tuple[object, regex.Pattern[str]]:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(for_re2(declared), options=options), regex.compile(for_regex(declared))


def by_name(item: object) -> str:
    return item.name if isinstance(item, Format | Pattern) else ""


def numbered(pairs: list[tuple[Format, str]]) -> list[str]:
    return [f"{f.name}-{[t for g, t in pairs if g is f].index(text)}" for f, text in pairs]


def test_every_file_is_called_by_its_format() -> None:
    assert [f.name for f in FORMATS] == FILES


@pytest.mark.parametrize("format", FORMATS, ids=by_name)
def test_entry_is_complete(format: Format) -> None:
    assert format.source.startswith("https://"), (
        f"{format.name}: source must link to where the format comes from"
    )
    assert format.title and len(format.title) < 90, f"{format.name}: title is one line for people"
    assert format.examples, f"{format.name}: write at least one example of your own, a text it must claim"
    assert format.counterexamples, (
        f"{format.name}: write at least one counterexample, a text that nearly fits and must not be claimed"
    )
    assert format.patterns or format.syntax, f"{format.name}: has no rule"


@pytest.mark.parametrize(("format", "text"), EXAMPLES, ids=numbered(EXAMPLES))
def test_example_is_labelled_with_its_format_and_no_other(format: Format, text: str) -> None:
    found = said(text)
    assert found.label.name == format.name, (
        f"{format.name} does not claim its own example {text[:80]!r}: got {found.label.name}, "
        f"scores {found.scores[:4]}. Strengthen its rules, or let it outrank the other format."
    )


@pytest.mark.parametrize(("format", "text"), NEAR_MISSES, ids=numbered(NEAR_MISSES))
def test_near_miss_is_not_claimed(format: Format, text: str) -> None:
    found = said(text)
    fired = [e.rule for said_by in found.evidence.values() for e in said_by if e.format == format.name]
    assert found.label.name != format.name, (
        f"{format.name} claims the near miss {text[:80]!r} by its rules {fired}. "
        "Narrow them, or add a rule of negative weight."
    )


@pytest.mark.parametrize("format", FORMATS, ids=by_name)
def test_every_rule_fires_on_an_example(format: Format) -> None:
    fired = {
        e.rule
        for text in format.examples
        for said_by in said(text).evidence.values()
        for e in said_by
        if e.format == format.name
    }
    against = {p.name for p in format.patterns if p.weight < 0} | {
        s.name for s in format.syntax if s.weight < 0
    }
    wanted = set(format.rules) - against
    assert wanted <= fired, (
        f"{format.name}: no example shows the rules {sorted(wanted - fired)}; "
        "a rule that nothing shows may be broken and hide behind its neighbours"
    )


@pytest.mark.parametrize(("format", "pattern"), PATTERNS + ENDINGS, ids=by_name)
def test_pattern_compiles_in_both_engines(format: Format, pattern: Pattern) -> None:
    # RE2 takes only what it can match in time linear in the text: compiling is the proof.
    re2_form, regex_form = compiled(pattern.regex)
    assert re2_form is not None and regex_form is not None


@pytest.mark.parametrize(("format", "pattern"), PATTERNS + ENDINGS, ids=by_name)
def test_engines_agree_on_every_text_of_the_shelf(format: Format, pattern: Pattern) -> None:
    re2_form, regex_form = compiled(pattern.regex)
    differ = [
        text
        for _, text in EXAMPLES + NEAR_MISSES
        if bool(re2_form.search(text)) != bool(regex_form.search(text))  # type: ignore[attr-defined]
    ]
    assert not differ, f"{format.name}, rule {pattern.name}: the engines differ on {differ[0][:80]!r}"


def test_labels_are_the_same_with_either_engine() -> None:
    texts = [text for _, text in EXAMPLES + NEAR_MISSES]
    fallback = Classifier(FORMATS, engine="regex", model=None)
    assert fallback.classify_batch(texts).columns() == shelf().classify_batch(texts).columns()


@pytest.mark.parametrize("format", FORMATS, ids=by_name)
def test_outranked_formats_exist(format: Format) -> None:
    unknown = set(format.outranks) - {f.name for f in FORMATS}
    assert not unknown, f"{format.name} outranks {sorted(unknown)}, which the shelf does not have"
    assert format.name not in format.outranks


def test_no_two_formats_outrank_each_other() -> None:
    below = {f.name: set(f.outranks) for f in FORMATS}
    for _ in FORMATS:
        below = {name: names.union(*(below[n] for n in names)) for name, names in below.items()}
    assert [name for name, names in below.items() if name in names] == []


@pytest.mark.parametrize(("format", "text"), EXAMPLES, ids=numbered(EXAMPLES))
def test_label_survives_white_space_and_line_ends(format: Format, text: str) -> None:
    same = (f"\n\n{text}", f"{text.rstrip()}\n\n\n", text.rstrip(), text.replace("\n", "\r\n"))
    wrong = [form for form in same if shelf().classify(form).name != format.name]
    assert not wrong, f"{format.name}: {wrong[0][:80]!r} is called {shelf().classify(wrong[0]).name}"


def test_examples_belong_to_one_format() -> None:
    texts = [text for _, text in EXAMPLES]
    assert len(texts) == len(set(texts))


def test_order_of_the_shelf_does_not_matter() -> None:
    backwards = Classifier(FORMATS[::-1], model=None)
    texts = [text for _, text in EXAMPLES + NEAR_MISSES]
    assert backwards.classify_batch(texts).label_names() == shelf().classify_batch(texts).label_names()
    assert ruleset_hash(FORMATS) == ruleset_hash(FORMATS[::-1])
