"""The texts that speed is measured on, and the bars that the figures are held to."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from statistics import fmean

import pytest

from benchmarks import timing
from benchmarks.bench_texts import COUNT, QUANTILES, bench_texts, reached, texts_between, wanted_lengths
from benchmarks.scale_rows import made_texts, write_log
from benchmarks.speed_curves import _other as moved
from benchmarks.speed_page import BARS, Bar
from benchmarks.timing import Peer
from echoformat.detectors.set_scan import takes
from echoformat.format import Pattern
from echoformat.formats import all_formats


def test_the_lengths_wanted_are_those_of_the_mixed_set() -> None:
    lengths = wanted_lengths(COUNT)
    assert lengths == sorted(lengths)
    for part, size in QUANTILES.items():
        assert lengths[min(int(part * COUNT), COUNT - 1)] == pytest.approx(size, rel=0.02, abs=2)
    assert fmean(lengths) == pytest.approx(1366, rel=0.02)


def test_the_bench_has_these_lengths_and_no_text_twice(shared: Path) -> None:
    bench = bench_texts()
    said = reached(bench.texts)
    assert said["texts"] == COUNT == len(set(bench.texts))
    assert said["mean"] == pytest.approx(1366, rel=0.02)
    assert said["p50"] == pytest.approx(676, rel=0.02)
    assert said["p99"] == pytest.approx(13_125, rel=0.03)
    assert 0 < bench.glued < COUNT / 8
    assert bench.texts == bench_texts().texts


def test_texts_of_one_length_are_the_corpus_own_first(shared: Path) -> None:
    texts = texts_between(1800, 2200, 1024)
    assert len(set(texts)) == 1024
    assert all(1800 <= len(text) <= 2200 for text in texts)


def test_a_bar_is_met_or_not_by_the_figure_alone() -> None:
    most, least = (Bar("a", True, 9, lambda said: said["a"]), Bar("a", False, 9, lambda said: said["a"]))
    assert [most.row({"a": a}).split(" | ")[-1] for a in (8.99, 9, 9.01)] == ["yes |", "yes |", "no |"]
    assert [least.row({"a": a}).split(" | ")[-1] for a in (8.99, 9, 9.01)] == ["no |", "yes |", "yes |"]
    assert "not measured" in most.row({"a": None})


def test_every_bar_finds_its_figure_or_says_that_there_is_none() -> None:
    nothing = {"peers": [], "by_length": [], "by_formats": [], "files": {}, "latency": {}, "start_up": {}}
    assert all("not measured" in bar.row(nothing) for bar in BARS)


def test_a_peer_on_fewer_texts_is_held_against_the_yardstick_by_the_byte(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[int] = []

    def slow(texts: list[str]) -> None:
        calls.append(len(texts))

    def clock(run: object, texts: list[str]) -> float:
        slow(texts) if run is slow else None
        return (30.0 if run is slow else 2.0) * sum(map(len, texts))

    monkeypatch.setattr(timing, "cpu", clock)
    texts = ["x" * (i % 7 + 1) for i in range(100)]
    (found,) = timing.interleaved([Peer("slow", slow, 40)], texts, 3)
    assert calls == [40] * 4
    assert (found.texts, found.times_find) == (40, 15.0)
    assert found.us_per_text == pytest.approx(30e6 * sum(map(len, texts[:40])) / 40)


def test_made_rows_are_the_same_each_time_and_differ_from_each_other(tmp_path: Path) -> None:
    texts = list(islice(made_texts(), 5000))
    assert texts == list(islice(made_texts(), 5000))
    assert len(set(texts)) == sum(map(bool, texts)) + 1
    write_log(tmp_path / "log.jsonl", 300, "made")
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 300
    assert [path.name for path in tmp_path.iterdir()] == ["log.jsonl"]


def test_patterns_over_other_words_keep_their_structure() -> None:
    words = Pattern("a", r"(?i:^\s*Answer\b)[a-z]{2,3}(?P<n>x)\Z")
    assert moved(words, 0) is words
    assert moved(words, 1).regex == r"(?i:^\s*Huzdly\b)[a-z]{2,3}(?P<n>e)\Z"
    assert all(takes(moved(p, turn).regex) for f in all_formats() for p in f.patterns for turn in (1, 2, 3))
