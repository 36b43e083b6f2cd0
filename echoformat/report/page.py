"""The report: one self-contained HTML page that needs no network and runs no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from echoformat.engines.local import LabelledRun
from echoformat.findings import findings_across
from echoformat.report.chart import Chart, Frame, draw
from echoformat.report.claims import claims_html
from echoformat.report.comparison import comparison_of
from echoformat.report.escape import html, script_json
from echoformat.report.headline import headline, percent
from echoformat.report.palette import colour_slots
from echoformat.report.part import Part, parts_of
from echoformat.report.pictures import (
    accuracy_chart,
    dominance_chart,
    entropy_chart,
    pooled,
    reward_chart,
    shares_chart,
    thinned,
)
from echoformat.report.plain import plain
from echoformat.report.provenance import making_html, reading_html
from echoformat.report.sample_cards import samples_html
from echoformat.report.tables import known_span, runs_table, sources_table, steps_table
from echoformat.rollouts import ReadReport

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
WIDE, NARROW = Frame(960, 330, 150), Frame(400, 280, 104)
WIDE_LOG, NARROW_LOG = Frame(960, 330, 150, True), Frame(400, 280, 104, True)
SMALL, THUMBNAIL = Frame(340, 210, 104), Frame(340, 170, 104)
MOST_PARTS = 24
# What one page may spend on pictures and texts, shared among its runs.
POINTS, LEAST_POINTS, MOST_POINTS = 4000, 40, 240
CHARACTERS, LEAST_ROOM, MOST_ROOM = 1_000_000, 300, 3000
LOG_FROM, THUMBNAIL_POINTS = 20, 60
POOLED = "At most 16 stretches of steps; by format from 8 completions on."
MOST_SAID = 4


def report_page(done: LabelledRun, reading: ReadReport | None = None) -> str:
    r"""The report on one or more labelled runs as a page.

    Args:
        done: What `echoformat.engines.local.label_run` returned.
        reading: The read report of the log, complete.

    Example:
        >>> from echoformat import Classifier, Completion
        >>> from echoformat.engines.local import label_run
        >>> page = report_page(label_run([Completion("ans = 3 * 12\n", step=0)], Classifier()))
        >>> page.startswith("<!doctype html>"), "program_of_thought leads" in page
        (True, True)
    """
    parts = parts_of(done.series)
    shown = parts[:MOST_PARTS]
    slots = colour_slots(parts)
    sections = "".join(_run(number, part, done, slots, len(shown)) for number, part in enumerate(shown))
    title = _title(parts)
    main = sections + _together(shown) + _closing(done, reading)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{html(POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{html(title)} (echoformat)</title><style>{_style()}</style></head><body>"
        f"{_header(title, parts, len(shown), slots)}<main>{main}</main>"
        f"{_footer(done)}{_data(done, parts)}</body></html>"
    )


@cache
def _style() -> str:
    return files("echoformat.report").joinpath("page.css").read_text(encoding="utf-8")


def _title(parts: Sequence[Part]) -> str:
    if not parts:
        return "There is no completion to label."
    if len(parts) == 1:
        return headline(parts[0]).text
    runs: dict[str, list[str]] = {}
    for part in parts:
        runs.setdefault(headline(part).short, []).append(part.title)
    ordered = sorted(runs.items(), key=lambda one: -len(one[1]))
    said = [f"{short} in {_named(names)}" for short, names in ordered]
    more = len(said) - MOST_SAID
    return "; ".join(said[:MOST_SAID]) + (f"; and {more} other outcomes" if more > 0 else "")


def _named(runs: Sequence[str]) -> str:
    return " and ".join(runs) if len(runs) <= 2 else f"{len(runs)} runs"


def _header(title: str, parts: Sequence[Part], shown: int, slots: Mapping[str, int]) -> str:
    below = _lead(parts[0]) if len(parts) == 1 else _overview(parts, shown, slots) if parts else ""
    return f'<header><p class="kicker">echoformat report</p><h1>{html(title)}</h1>{below}</header>'


def _lead(part: Part) -> str:
    return "".join(f'<p class="lead">{html(line)}</p>' for line in headline(part).details)


def _overview(parts: Sequence[Part], shown: int, slots: Mapping[str, int]) -> str:
    few = f"The first {shown} are shown whole." if shown < len(parts) else ""
    drawn = "".join(
        _thumbnail(number, part, slots) for number, part in enumerate(parts[:shown]) if part.total
    )
    return f'{runs_table(parts, shown)}<p>{few}</p><div class="grid3">{drawn}</div>'


def _thumbnail(number: int, part: Part, slots: Mapping[str, int]) -> str:
    """The shares of one run, small, beside those of the others."""
    chart = shares_chart(pooled(thinned(part, THUMBNAIL_POINTS), slots), slots)
    link = f'<a href="#run-{number}">{html(part.title)}</a>'
    return f"<figure><figcaption>{link}</figcaption>{draw(chart, THUMBNAIL)}</figure>"


def _run(number: int, part: Part, done: LabelledRun, slots: Mapping[str, int], parts: int) -> str:
    said = headline(part)
    details = "".join(f"<p>{html(line)}</p>" for line in said.details)
    own = f'<p class="kicker">{html(part.title)}</p><h2>{html(said.text)}</h2>{details}' if parts > 1 else ""
    body = _body(part, done, slots, parts) if part.total else ""
    return f'<section class="run" id="run-{number}">{own}{body}</section>'


def _body(part: Part, done: LabelledRun, slots: Mapping[str, int], parts: int) -> str:
    room = max(LEAST_ROOM, min(MOST_ROOM, CHARACTERS // max(1, len(done.samples))))
    points = max(LEAST_POINTS, min(MOST_POINTS, POINTS // parts))
    few = thinned(part, points)
    return (
        _tiles(part)
        + _shares(few, pooled(few, slots), slots, len(part.steps))
        + _small(part, few, slots)
        + claims_html(part.findings)
        + _by_source(part, done)
        + f"<details><summary>Table by step</summary>{steps_table(part, slots)}</details>"
        + f"<h3>Sample completions</h3>{_how_chosen()}{samples_html(part, done.samples, slots, room)}"
    )


def _tiles(part: Part) -> str:
    start, end = part.ends
    entropy = [one.series.entropy_nats()[0] for one in (start, end)]
    largest = [one.series.dominant_share()[0] for one in (start, end)]
    unlabelled = part.counts[:, len(part.series.labelled) :].sum() / part.total
    shown = {
        "completions": f"{part.total:,}",
        "steps": f"{len(part.steps):,}",
        "largest share": f"{percent(largest[0])} → {percent(largest[1])}",
        "entropy, nats": f"{entropy[0]:.2f} → {entropy[1]:.2f}",
        "accuracy": known_span(start.accuracy[0], end.accuracy[0]),
        "unlabelled": percent(float(unlabelled)),
    }
    cells = "".join(f"<li><b>{html(v)}</b><span>{html(k)}</span></li>" for k, v in shown.items() if v)
    return f'<ul class="tiles">{cells}</ul>'


def _shares(few: Part, small: Part, slots: Mapping[str, int], steps: int) -> str:
    chart = shares_chart(small, slots)
    thin = f" {len(few.steps)} of {steps} steps are drawn." if len(few.steps) < steps else ""
    caption = f"Bands are 95% intervals that treat completions of one problem as belonging together.{thin}"
    even = _two_sizes(chart, WIDE, NARROW)
    head = "<h3>Share of completions by format</h3>"
    if len(few.steps) < 3 or few.steps[-1] - few.steps[0] < LOG_FROM:
        return f"{head}<figure>{even}<figcaption>{caption}</figcaption></figure>"
    log = _two_sizes(chart, WIDE_LOG, NARROW_LOG)
    name = "axis-" + blake2b(repr((few.run, few.split)).encode(), digest_size=6).hexdigest()
    return f"{head}<figure>{_switch(name, even, log)}<figcaption>{caption}</figcaption></figure>"


def _switch(name: str, even: str, log: str) -> str:
    """Two drawings of which a pair of radio buttons shows one; no script needed."""
    return (
        f'<div class="switch"><input type="radio" class="pick-even" name="{name}" id="{name}-even" checked>'
        f'<label for="{name}-even">even steps</label>'
        f'<input type="radio" class="pick-log" name="{name}" id="{name}-log">'
        f'<label for="{name}-log">log steps</label>'
        f'<div class="even">{even}</div><div class="log">{log}</div></div>'
    )


def _two_sizes(chart: Chart, wide: Frame, narrow: Frame) -> str:
    return f'<div class="wide">{draw(chart, wide)}</div><div class="narrow">{draw(chart, narrow)}</div>'


def _small(part: Part, few: Part, slots: Mapping[str, int]) -> str:
    found = [
        ("Entropy of the shares, nats", entropy_chart(few), "Bias-corrected, 95% intervals."),
        ("Largest share of a format", dominance_chart(few), "The format may change from step to step."),
        ("Accuracy, all and by format", accuracy_chart(part, slots), POOLED),
        ("Mean reward, all and by format", reward_chart(part, slots), POOLED),
    ]
    charts = [(name, chart, note) for name, chart, note in found if chart is not None]
    drawn = "".join(
        f"<figure><h3>{name}</h3>{draw(chart, SMALL)}<figcaption>{note}</figcaption></figure>"
        for name, chart, note in charts
    )
    return f'<div class="grid3">{drawn}</div>'


def _by_source(part: Part, done: LabelledRun) -> str:
    series = done.also.get("source")
    if series is None or done.mixture is None or len(part.steps) < 2:
        return ""
    own = Part(part.run, part.split, series.select(part.run, part.split))
    return f"<h3>Share by source</h3>{sources_table(own, done.mixture)}"


def _how_chosen() -> str:
    return (
        "<p>Chosen by a hash, not by hand: up to two from the first, middle and last third of the steps. "
        "Marked characters are what the rules for the label fired on.</p>"
    )


def _together(parts: Sequence[Part]) -> str:
    """Claims that need several runs."""
    found = comparison_of(parts)
    if found is None:
        return ""
    claims = claims_html(findings_across(found), "Claims held against these runs together")
    return f'<section class="plain">{claims}</section>'


def _closing(done: LabelledRun, reading: ReadReport | None) -> str:
    return (
        f'<section class="plain"><h3>What was read</h3>{reading_html(done, reading)}</section>'
        f'<section class="plain"><h3>What made the labels</h3>{making_html(done)}</section>'
        f'<section class="plain"><h3>How to read this</h3>{_words()}</section>'
    )


def _words() -> str:
    words = {
        "format": "the look of one pretraining source, told by rules and small weights, no language model",
        "unlabelled": "empty, degenerate (repetition), unknown (no rule fires), ambiguous; in all shares",
        "won": "rose beyond drift to the top; it has collapsed the others once it keeps 80% to the end",
        "start and end": "the first and last tenth of the steps, at least three each",
        "entropy": "of one step's shares, in nats; 0 where all completions share one format",
        "interval": "95%, by problem: completions of one problem resemble each other and count for less",
        "accuracy": "fraction correct as the log says; it is not judged again",
    }
    return "<dl>" + "".join(f"<dt>{key}</dt><dd>{said}</dd>" for key, said in words.items()) + "</dl>"


def _footer(done: LabelledRun) -> str:
    made = f"echoformat {html(done.versions.echoformat)}, taxonomy {html(done.versions.taxonomy)}"
    return f"<footer>{made}. This page needs no network and runs no script.</footer>"


def _data(done: LabelledRun, parts: Sequence[Part]) -> str:
    """The headline figures for programs, in a block that no browser runs."""
    runs = [
        {
            "run": part.run,
            "split": part.split,
            "headline": headline(part).text,
            "winner": headline(part).winner,
            "collapse": plain(part.collapse.to_dict()) if part.total else None,
            "figures": dict(part.figures),
        }
        for part in parts
    ]
    block = script_json({"versions": done.versions.to_dict(), "runs": runs})
    return f'<script type="application/json" id="echoformat-data">{block}</script>'
