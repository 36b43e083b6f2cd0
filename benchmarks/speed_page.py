"""The figures of `benchmarks.speed` as Markdown, beside the bars they are held to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.corpus import ROOT
from benchmarks.speed_peers import FALLBACK_LABELS, FAST, FIND, FULL, PLAIN, SKLEARN

PAGE = ROOT / "docs" / "scale.md"
Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bar:
    """Something to reach: what, how much, whether at most or at least, and how the figures say it."""

    what: str
    most: bool
    bar: float
    of: Callable[[Said], float | None]

    def row(self, said: Said) -> str:
        """One row of the table; the verdict is computed."""
        measured, sign = self.of(said), "≤" if self.most else "≥"
        if measured is None:
            return f"| {self.what} | {sign} {self.bar:g} | not measured | |"
        met = measured <= self.bar if self.most else measured >= self.bar
        return f"| {self.what} | {sign} {self.bar:g} | {measured:.3g} | {'yes' if met else 'no'} |"


def _peer(said: Said, name: str, key: str) -> float | None:
    return next((float(peer[key]) for peer in said["peers"] if peer["name"] == name), None)


def _times_find(name: str) -> Callable[[Said], float | None]:
    return lambda said: _peer(said, name, "times_find")


def _faster(name: str, other: str) -> Callable[[Said], float | None]:
    """How many times the bytes a second of another."""

    def ratio(said: Said) -> float | None:
        one, two = _peer(said, name, "mb_per_second"), _peer(said, other, "mb_per_second")
        return None if one is None or two is None else one / two

    return ratio


def _in(part: str, key: str) -> Callable[[Said], float | None]:
    return lambda said: said.get(part, {}).get(key)


def _worst(part: str, *keys: str) -> Callable[[Said], float | None]:
    """The largest of some figures; none where one is missing."""

    def worst(said: Said) -> float | None:
        figures = said.get(part, {})
        return max(figures[key] for key in keys) if set(keys) <= set(figures) else None

    return worst


def _growth_with_length(said: Said) -> float | None:
    cost = {p["characters"]: p["us_per_kb"] for p in said["by_length"] if p["kind"] == "mixed"}
    return max(cost[size] for size in cost if size > 10_000) / cost[10_000] if 10_000 in cost else None


def _growth_with_formats(said: Said) -> float | None:
    cost = {p["formats"]: p["us_per_text"] for p in said["by_formats"]}
    return cost[200] / cost[12] if 12 in cost and 200 in cost else None


BARS = (
    Bar("strings to labels without parses, times find", True, 9, _times_find(PLAIN)),
    Bar("strings to labels with parses, times find", True, 16, _times_find(FULL)),
    Bar("the aim beyond, without parses", True, 5, _times_find(PLAIN)),
    Bar("the aim beyond, with parses", True, 8, _times_find(FULL)),
    Bar("labels with parses, times as fast as fastText", False, 3, _faster(FULL, FAST)),
    Bar("labels with parses, times as fast as scikit-learn", False, 100, _faster(FULL, SKLEARN)),
    Bar("JSONL to labelled parquet, times find", True, 14, _in("files", "label_times_find")),
    Bar("the aim beyond", True, 7, _in("files", "label_times_find")),
    Bar("the same, times orjson's parse of the file", True, 10, _in("files", "label_over_orjson")),
    Bar("`classify` of 1 kB, median, µs", True, 100, _in("latency", "classify_1kb_us")),
    Bar("1,024 completions of 2 kB, ms", True, 50, _in("latency", "batch_1024_of_2kb_ms")),
    Bar(
        "without a set-scan engine and with nothing compiled, MB/s",
        False,
        15,
        lambda said: _peer(said, FALLBACK_LABELS, "mb_per_second"),
    ),
    Bar("`import echoformat`, ms", True, 60, _in("start_up", "import_ms")),
    Bar(
        "import and first `classify`, ms",
        True,
        250,
        _worst("start_up", "first_classify_ms", "first_model_ms"),
    ),
    Bar(
        "the same, with numpy's threads as they are",
        True,
        250,
        _worst("start_up", "first_classify_ms_unasked", "first_model_ms_unasked"),
    ),
    Bar("a kB of a text up to 10 MB, times one of 10 kB", True, 1.25, _growth_with_length),
    Bar("200 formats, times 12 (as the logarithm)", True, round(math.log(200, 12), 2), _growth_with_formats),
)
COLUMNS = {"us_per_text": 1, "mb_per_second": 2, "times_find": 1}
NAMES = {
    "file_mb": "the JSONL file, MB",
    "orjson_us_per_row": "orjson alone on it, µs a row",
    "read_us_per_row": "reading it as completions, µs a row",
    "label_us_per_row": "JSONL to labelled parquet, µs a row",
    "label_times_find": "the same, times find",
    "label_over_orjson": "the same, times orjson alone",
    "classify_1kb_us": "`classify` of a text of 900 to 1,100 characters, µs (median)",
    "classify_1kb_p95_us": "the same, 95th percentile",
    "classify_1kb_glued_us": "`classify` of 1,000 characters cut out of glued texts, µs (median)",
    "batch_1024_of_2kb_ms": "`classify_batch` of 1,024 texts of 1.8 to 2.2 kB, ms",
    "import_ms": "`import echoformat`, ms of CPU",
    "first_classify_ms": "import and first `classify`, of a text that rules settle, ms of CPU",
    "first_model_ms": "the same, of a text that the model is asked about",
    "numpy_ms": "`import numpy` alone, ms of CPU",
    "import_ms_unasked": "without OPENBLAS_NUM_THREADS=1: `import echoformat`",
    "first_classify_ms_unasked": "import and first `classify`, settled by rules",
    "first_model_ms_unasked": "import and first `classify`, the model asked",
    "numpy_ms_unasked": "`import numpy` alone",
}


def table(said: Said) -> str:
    """All figures, the bars first."""
    parts = (_head, _bars, _peers, _first_pass, _by_formats, _by_length, _rest)
    return "\n\n".join("\n".join(part(said)) for part in parts) + "\n"


def _head(said: Said) -> Iterable[str]:
    lengths = ", ".join(f"{name} {value:,.0f}" for name, value in said["lengths"].items() if name != "texts")
    yield (
        f"{said['texts']:,} texts, {said['mb']:.1f} MB, one core of {said['machine']['cpu']}, Python "
        f"{said['machine']['python']}; load {said['load_average']:.1f} while it ran. Characters: {lengths}; "
        f"{said['glued']:,} texts are glued from shorter ones of their format. One rare `str.find` per text: "
        f"{_peer(said, FIND, 'us_per_text'):.2f} µs; {said['holding_needle']:,} texts hold what it looks for."
    )


def _bars(said: Said) -> Iterable[str]:
    yield from ("| against the bars | bar | measured | met |", "|---|--:|--:|---|")
    yield from (bar.row(said) for bar in BARS)


def _peers(said: Said) -> Iterable[str]:
    fast = _peer(said, FAST, "times_find")
    yield "| what | µs a text | MB/s | times find |" + (" times fastText |" if fast else "")
    yield "|---|--:|--:|--:|" + ("--:|" if fast else "")
    for peer in said["peers"]:
        cells = [f"{peer[key]:.{digits}f}" for key, digits in COLUMNS.items()]
        cells += [f"{peer['times_find'] / fast:.2f}"] if fast else []
        yield f"| {peer['name']} | " + " | ".join(cells) + " |"


def _first_pass(said: Said) -> Iterable[str]:
    yield from ("A new process, texts never seen before (states of the automata are made on the way):", "")
    yield from ("| rows | µs a text | times find |", "|--:|--:|--:|")
    for p in said["first_pass"]:
        yield f"| {p['rows']:,} | {p['us_per_text']:.0f} | {p['times_find']:.0f} |"


def _by_formats(said: Said) -> Iterable[str]:
    yield "| formats | different patterns | first pass, µs a text | later, µs a text | peak MB |"
    yield "|--:|--:|--:|--:|--:|"
    for p in said["by_formats"]:
        first, later = f"{p['first_us_per_text']:.0f}", f"{p['us_per_text']:.1f}"
        yield f"| {p['formats']} | {p['patterns']} | {first} | {later} | {p['peak_mb']:.0f} |"


def _by_length(said: Said) -> Iterable[str]:
    kinds = list(dict.fromkeys(p["kind"] for p in said["by_length"]))
    yield "| characters | " + " | ".join(f"{kind}, µs a kB" for kind in kinds) + " |"
    yield "|--:|" + "--:|" * len(kinds)
    for size in dict.fromkeys(p["characters"] for p in said["by_length"]):
        found = {p["kind"]: p["us_per_kb"] for p in said["by_length"] if p["characters"] == size}
        yield f"| {size:,} | " + " | ".join(f"{found[kind]:.1f}" for kind in kinds) + " |"


def _rest(said: Said) -> Iterable[str]:
    yield from ("| also | |", "|---|--:|")
    rest = {**said["files"], **said["latency"], **said["start_up"]}
    yield from (f"| {NAMES[name]} | {value:.1f} |" for name, value in rest.items())


def put_between(marks: tuple[str, str], text: str, page: Path = PAGE) -> None:
    """Replace what stands between two marks of a page."""
    before, rest = page.read_text(encoding="utf-8").split(marks[0])
    page.write_text(before + marks[0] + text + marks[1] + rest.split(marks[1])[1], encoding="utf-8")
