"""The page, the summary, the figures: right on the run, defined at the edges, inert on hostile text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from echoformat import (
    Classifier,
    Completion,
    FormatSeries,
    LabelledRun,
    get_format,
    label_run,
    plot_shares,
    report_page,
)
from echoformat.demo import demo_files
from echoformat.engines.local import label_batches
from echoformat.engines.samples import SampleKeeper
from echoformat.errors import UsageError
from echoformat.label import Evidence, Versions
from echoformat.mixture import Mixture, Source
from echoformat.report.escape import csv_cell, html, script_json, visible
from echoformat.report.headline import headline
from echoformat.report.part import parts_of
from echoformat.report.sample_cards import marked
from echoformat.report.summary import summary_lines
from echoformat.rollouts import read_rollouts

MOST_BYTES = 5_000_000
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</pre></details><!-- ",
    '" onmouseover="alert(1)',
    "javascript:alert(1) ${x} {{x}} {% x %}",
    "line\u2028para\u2029 order\u202e half\ud800 nul\x00 esc\x1b]52;c;aGk=\x07",
    "<style>*{display:none}</style><base href=//example.org>",
)


class _Page(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text, self.data, self._inside = "", "", ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.data += data
        else:
            self.text += data


def _page(done: LabelledRun) -> _Page:
    text = report_page(done)
    assert len(text.encode()) <= MOST_BYTES
    page = _Page(text)
    json.loads(page.data, parse_constant=lambda word: pytest.fail(f"{word} in the page's JSON"))
    assert not re.search(r'(?:x|y|cx|cy|x1|x2|y1|y2|width|height|points)="[^"]*(?:nan|inf)', text)
    return page


def _run_of(series: FormatSeries) -> LabelledRun:
    return LabelledRun(series, {}, (), Versions("0", "1", "x"))


@pytest.fixture(scope="module")
def demo() -> LabelledRun:
    return label_run(read_rollouts(demo_files()), Classifier())


def test_the_demo_names_the_winner_of_one_run_and_none_of_the_other(demo: LabelledRun) -> None:
    first, second = (headline(part) for part in parts_of(demo.series))
    assert first.winner == "openmath1"
    assert "openmath1 won" in first.text
    assert second.winner is None
    assert "No format took over" in second.text


def test_the_page_says_what_the_headline_says(demo: LabelledRun) -> None:
    page = _page(demo)
    for part in parts_of(demo.series):
        assert headline(part).text in page.text
    runs = json.loads(page.data)["runs"]
    assert [run["winner"] for run in runs] == ["openmath1", None]
    assert runs[0]["figures"]["dominant_share"] == pytest.approx(
        parts_of(demo.series)[0].shares.point[-1].max()
    )


def test_the_claims_stand_on_the_page(demo: LabelledRun) -> None:
    text = _page(demo).text
    for part in parts_of(demo.series):
        assert part.findings
        assert all(one.statement in text and one.claim in text for one in part.findings)
    assert "Claims held against these runs together" in text


def test_the_page_needs_nothing_from_anywhere(demo: LabelledRun) -> None:
    page = _page(demo)
    assert not {"link", "iframe", "img", "object", "embed", "base", "form"} & set(page.tags)
    assert not [a for a in page.attributes if a[1] in ("src", "srcset", "action") or a[1].startswith("on")]
    assert all(value.startswith("#") for tag, name, value in page.attributes if name == "href")
    assert page.tags.count("script") == 1
    assert ("script", "type", "application/json") in page.attributes
    policies = [value for tag, name, value in page.attributes if name == "content" and "default-src" in value]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]


def test_every_picture_has_words_for_those_who_cannot_see_it(demo: LabelledRun) -> None:
    page = _page(demo)
    pictures = page.tags.count("svg")
    assert pictures >= 8
    assert len([a for a in page.attributes if a[:2] == ("svg", "aria-label") and a[2]]) == pictures


def test_the_same_run_gives_the_same_page_in_any_batch_size(demo: LabelledRun) -> None:
    again = label_run(read_rollouts(demo_files()), Classifier(), batch_size=77)
    assert report_page(again) == report_page(demo)


def test_samples_do_not_depend_on_the_order_of_reading() -> None:
    rows = [Completion(f"ans = {i}\n", step=i % 90, problem=f"p{i % 7}", sample=i) for i in range(2000)]
    classifier = Classifier()
    chosen = []
    for order in (rows, rows[::-1]):
        keeper = SampleKeeper()
        for batch, labels in label_batches(order, classifier, 128):
            keeper.add(batch, labels)
        chosen.append(keeper.samples(classifier))
    assert chosen[0] == chosen[1]
    assert {sample.phase for sample in chosen[0]} == {"early", "middle", "late"}


def test_a_format_that_lives_on_odd_steps_keeps_its_samples() -> None:
    rows = [Completion("ans = 1\n" if step % 2 else "", step=step, problem="p") for step in range(400)]
    done = label_run(rows, Classifier())
    assert {sample.name for sample in done.samples} == {"program_of_thought", "empty"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_completion_stays_text(text: str) -> None:
    row = Completion(text, run=text, step=1, split=text, problem=text, source=text, extras={"epoch": text})
    harmless = Completion("x", run="x", step=1, split="x", problem="x", source="x")
    # A shelf that claims neither of them, so that the pages differ in nothing but the text.
    classifier = Classifier([get_format("tinygsm")], model=None)
    page, plain = _page(label_run([row], classifier)), _page(label_run([harmless], classifier))
    assert page.tags == plain.tags
    assert [a[:2] for a in page.attributes] == [a[:2] for a in plain.attributes]
    assert visible(text, keep_newlines=True) in page.text


def test_a_hostile_mixture_name_stays_text() -> None:
    bad = Mixture(HOSTILE[0], (Source(HOSTILE[1], 1, ("tinygsm",)),))
    rows = [Completion("x", step=step) for step in (0, 1)]
    page = _page(label_run(rows, Classifier(mixture=bad)))
    assert page.tags.count("script") == 1
    assert "img" not in page.tags
    assert HOSTILE[0] in page.text


EDGES = {
    "no row": [],
    "only missing texts": [Completion(None, step=0)],
    "one row": [Completion("ans = 3\n", step=3, problem="p", correct=True, reward=1.0)],
    "one row without step": [Completion("ans = 3\n")],
    "one step": [Completion(f"ans = {i}\n", step=0, problem=f"p{i}") for i in range(5)],
    "one format": [Completion("ans = 3\n", step=i, problem="p") for i in range(9)],
    "no format": [Completion("", step=i, problem="p", correct=False) for i in range(9)],
    "far steps": [Completion("ans = 3\n", step=step) for step in (-5, 0, 10**12)],
    "odd rewards": [
        Completion("ans = 3\n", step=i, reward=r) for i, r in enumerate((float("nan"), float("inf")))
    ],
}


@pytest.mark.parametrize("rows", EDGES.values(), ids=EDGES.keys())
def test_edges_have_a_page_and_a_summary(rows: list[Completion]) -> None:
    done = label_run(rows, Classifier())
    page = _page(done)
    assert page.tags.count("section") >= 3
    assert "-0.00" not in page.text
    for part in parts_of(done.series):
        assert all(len(line) <= 80 for line in summary_lines(part))


@pytest.mark.parametrize(
    ("reward", "correct", "drawn"),
    [(0.5, None, True), (-2.0, None, True), (1.0, True, False), (0.25, True, True), (None, True, False)],
)
def test_rewards_are_drawn_where_they_say_more_than_the_accuracy(
    reward: float | None, correct: bool | None, drawn: bool
) -> None:
    rows = [
        Completion("ans = 3\n", step=i // 9, problem=f"p{i % 9}", reward=reward, correct=correct)
        for i in range(90)
    ]
    text = _page(label_run(rows, Classifier())).text
    assert ("Mean reward, all and by format" in text) == drawn
    assert ("Accuracy, all and by format" in text) == (correct is not None)


@pytest.mark.parametrize(
    ("epochs", "pace"),
    [
        ([0.0, 0.033, 0.067, 0.1, 0.133], 30),
        ([0.5, 0.5, 0.5, 0.5, 0.5], None),
        ([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], None),
        (["x", None, True, float("nan"), 1], None),
        ([0.0, 0.0, 0.0, 0.0, 0.0], None),
    ],
)
def test_epochs_are_taken_from_a_column_that_grows_with_the_step(
    epochs: list[object], pace: int | None
) -> None:
    rows = [Completion("ans = 3\n", step=i, extras={"epoch": epoch}) for i, epoch in enumerate(epochs)]
    found = label_run(rows, Classifier()).series.steps_per_epoch
    assert (None if found is None else round(found)) == pace


def test_repetitions_of_a_sample_are_no_epochs() -> None:
    rows = [Completion("x", step=100 * s, extras={"epoch": e}) for s in range(4) for e in (1, 2, 3)]
    assert label_run(rows, Classifier()).series.steps_per_epoch is None


def test_no_row_is_said_plainly() -> None:
    assert "There is no completion to label." in _page(label_run([], Classifier())).text


def test_one_format_has_entropy_zero() -> None:
    part = parts_of(label_run(EDGES["one format"], Classifier()).series)[0]
    assert part.figures["entropy_nats"] == 0.0
    assert str(part.figures["entropy_nats"]) == "0.0"
    assert part.figures["dominant_share"] == 1.0


@pytest.mark.slow
def test_a_hundred_thousand_steps_fit_a_page() -> None:
    steps = np.repeat(np.arange(100_000), 2)
    names = ["tinygsm", "boxed_cot"] * 100_000
    problems = [f"p{i % 16}" for i in range(200_000)]
    counts = np.ones(200_000, dtype=int)
    counts[::2] += np.arange(100_000) // 10_000
    page = _page(_run_of(FormatSeries.from_counts(steps.tolist(), problems, names, counts, counts // 2)))
    assert "100,000" in page.text
    assert "steps are drawn" in page.text


def test_five_hundred_formats_fit_a_page() -> None:
    rng = np.random.default_rng(0)
    names = [f"format-{i:03d}" for i in range(500)] * 40
    steps = np.repeat(np.arange(40), 500).tolist()
    problems = [f"p{i % 8}" for i in range(20_000)]
    page = _page(_run_of(FormatSeries.from_counts(steps, problems, names, rng.integers(1, 5, 20_000))))
    assert "other formats" in page.text


def test_a_hundred_runs_fit_a_page() -> None:
    rows = [
        Completion(f"ans = {run}\n" if step % 2 else "", run=f"run {run}", step=step, problem=f"p{step % 3}")
        for run in range(100)
        for step in range(12)
    ]
    page = _page(label_run(rows, Classifier()))
    assert "The first 24 are shown whole." in page.text
    assert "run 99" in page.text


def test_long_completions_are_cut_and_said_to_be() -> None:
    text = "<" * 30_000
    done = label_run([Completion(text, step=0)], Classifier())
    assert "more characters and a tail that was not kept" in _page(done).text


def test_evidence_is_marked_where_it_stands() -> None:
    done = label_run([Completion("# 3 < 4\nx = 3 * 12\nans = x\n", step=0)], Classifier())
    (sample,) = done.samples
    page = marked(sample, 1000)
    assert "# 3 &lt; 4" in page.replace("</mark>", "")
    assert _Page(page).text == sample.text
    spans = [sample.text[e.start : e.end] for e in sample.evidence if e.format == sample.name]
    assert spans
    assert any(span.strip() in re.sub(r"<[^>]+>", "", page) for span in spans)


def test_evidence_beyond_the_text_shown_does_no_harm() -> None:
    done = label_run([Completion("ans = 3 * 12\n", step=0)], Classifier())
    sample = done.samples[0]
    far = Evidence(sample.name, "rule", "pattern", 2, 10_000, 0.5)
    object.__setattr__(sample, "evidence", (far,))
    assert _Page(marked(sample, 5)).text.startswith("ans =")


def test_visible_leaves_no_control_character() -> None:
    every = "".join(map(chr, [*range(0x110), *range(0x2000, 0x2070), 0xFEFF, 0xD800, 0xDFFF, 0xE0041]))
    shown = visible(every)
    assert not [c for c in shown if ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000]
    assert "\u202e" not in shown
    shown.encode("utf-8")
    assert visible("naïve 数学 \u00e9 \\x1b") == "naïve 数学 \u00e9 \\x1b"


def test_script_json_cannot_leave_its_element() -> None:
    said = script_json({"</script><!--": ["&amp;", "\u2028", "\ud800"]})
    assert not set("<>&\u2028") & set(said)
    assert json.loads(said) == {"</script><!--": ["&amp;", "\u2028", "\ud800"]}
    with pytest.raises(ValueError, match="JSON"):
        script_json([float("nan")])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_cells_are_no_formulas(start: str) -> None:
    assert csv_cell(start + "1") == "'" + start + "1"
    assert csv_cell(-1.5) == -1.5


def test_html_escapes_quotes() -> None:
    assert html("\"'") == "&quot;&#x27;"


def test_the_summary_fits_a_terminal(demo: LabelledRun) -> None:
    for part in parts_of(demo.series):
        lines = summary_lines(part)
        assert max(map(len, lines)) <= 79
        assert headline(part).text in "\n".join(lines)


def test_plot_shares_draws_names_that_look_like_formulas(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    names = ["$x_{", r"\frac", "_hidden", "plain"]
    series = FormatSeries.from_counts([0, 0, 1, 1], ["p", "q", "p", "q"], names, [3, 1, 2, 4])
    for suffix in ("png", "svg"):
        figure = plot_shares(series, title="$broken_{", log=suffix == "svg")
        figure.savefig(tmp_path / f"shares.{suffix}")
        assert (tmp_path / f"shares.{suffix}").stat().st_size > 2000
    said = [text.get_text() for text in figure.axes[0].texts]
    assert sorted(said) == sorted(names)


def test_plot_shares_wants_one_run(demo: LabelledRun) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(UsageError, match="take one with select"):
        plot_shares(demo.series)
    with pytest.raises(UsageError, match="no completion"):
        plot_shares(label_run([], Classifier()).series)
    assert plot_shares(demo.series, run="U_s_kl0").axes
