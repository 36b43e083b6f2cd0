"""Findings: the synthetic runs against their truth, the miniature study against its notes, and thin logs."""

from __future__ import annotations

import gzip
import importlib
import json
import pkgutil
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from golden_values import SCENARIOS, golden, synthetic_run

import echoformat.measure
from echoformat.findings import Finding, Verdict, findings, findings_across
from echoformat.measure.compare import compare, run_metadata
from echoformat.measure.run_counts import RunCounts

TRUTH = golden("g9_synthetic_runs")["scenarios"]
YES, NO, OPEN = Verdict.SUPPORTED, Verdict.CONTRADICTED, Verdict.UNDECIDED


def held(run: RunCounts) -> dict[str, Finding]:
    return {finding.claim: finding for finding in findings(run)}


@pytest.mark.parametrize("name", SCENARIOS)
def test_synthetic_runs(name: str) -> None:
    found, truth = held(synthetic_run(name)), TRUTH[name]
    won = name != "no_advantage"
    assert found["C1"].verdict is (YES if won else NO)
    collapsed = truth["dominant_final"] >= 0.9
    assert found["C1b"].verdict in ((YES,) if collapsed else (NO, OPEN))
    assert found["C2"].verdict is (YES if won else OPEN)
    reversal = truth["winner"] != truth["most_common_base"]
    assert found["C6"].verdict is ((YES if reversal else NO) if won else OPEN)
    assert found["C8"].verdict is (YES if won else OPEN)
    assert found["C3b"].verdict is (YES if won else OPEN)
    assert found["C3c"].verdict is YES
    if won:
        assert found["C2"].estimate.value == pytest.approx(
            truth["crossing_isotonic"]["t50"] / 20,
            abs=2.5 * truth["sample_bands_40_seeds"]["t50"]["sd"] / 20,
        )


def test_negative_control_claims_nothing() -> None:
    found = held(synthetic_run("no_advantage"))
    assert {name for name, finding in found.items() if finding.verdict is YES} <= {"C3c", "C4c"}
    selection = found["C3b"].estimate
    assert selection.low <= 0 <= selection.high


def test_confounding_is_named() -> None:
    found = held(synthetic_run("small_kl0"))["C3c"]
    assert found.estimate.low > 0
    assert any("formats go with difficulty" in caveat for caveat in found.caveats)
    assert "accounting, not causation" in found.caveats


def test_coverage_claims() -> None:
    found = held(synthetic_run("small_kl0"))
    assert found["C4b"].verdict is YES
    assert found["C4c"].verdict is YES
    assert "12 of 120 problems" in found["C4c"].figure
    assert held(synthetic_run("large_kl0"))["C4b"].verdict is not YES


def test_kl_coefficient_and_mixture() -> None:
    run = replace(
        synthetic_run("small_kl0"), kl_coefficient=0.0, pretraining={"code": 0.2, "text_code": 0.3, "nl": 0.5}
    )
    found = held(run)
    assert found["C6b"].verdict is YES
    assert found["C13"].verdict is NO
    assert held(replace(run, pretraining={"code": 0.5, "nl": 0.5}))["C6b"].verdict is OPEN
    assert held(replace(run, pretraining={"code": 0.6, "nl": 0.4}))["C6b"].verdict is NO


def test_log_without_correctness() -> None:
    found = held(replace(synthetic_run("small_kl0"), correct=None, steps_per_epoch=None))
    assert found["C1"].verdict is YES
    for name in ("C2", "C3", "C3b", "C3c", "C4", "C4b", "C4c", "C6", "C8", "C13"):
        assert found[name].verdict is OPEN
        assert found[name].decides


def test_unlabelled_columns_never_win() -> None:
    run = synthetic_run("small_kl0")
    found = held(replace(run, unlabelled=("code",)))
    assert found["C1"].verdict is not YES
    assert all("share of code" not in finding.figure for finding in found.values())


@pytest.mark.parametrize(
    ("problems", "size"),
    [(1, 8), (2, 1), (30, 1)],
    ids=["one problem", "two completions", "one completion each"],
)
def test_thin_logs_stay_undecided_rather_than_fail(problems: int, size: int) -> None:
    rng = np.random.default_rng(problems)
    counts = rng.multinomial(size, [0.5, 0.5], size=(6, problems))
    run = RunCounts(
        np.arange(6), tuple(map(str, range(problems))), ("a", "b"), counts, rng.binomial(counts, 0.5)
    )
    for finding in findings(run):
        assert finding.sentence().startswith(finding.claim)
        assert finding.to_dict()["verdict"] in ("supported", "contradicted", "undecided")
        if finding.verdict is not OPEN and finding.estimate is not None and finding.claim != "C1b":
            assert finding.estimate.bounded or finding.claim in ("C6", "C8", "C8b", "C4b", "C4c")


def test_limiting_runs() -> None:
    one = np.zeros((5, 40, 2), int)
    one[..., 0] = 8
    names = tuple(map(str, range(40)))
    found = held(RunCounts(np.arange(5), names, ("a", "b"), one, one // 2))
    assert found["C1"].verdict is OPEN
    assert found["C1b"].verdict is YES
    same = np.full((5, 40, 2), 4)
    found = held(RunCounts(np.arange(5), names, ("a", "b"), same, same // 2))
    assert found["C1"].verdict is NO
    assert found["C1b"].verdict is NO
    assert findings(RunCounts(np.arange(5), names, ("a", "b"), one, None, unlabelled=("a",))) == ()


def test_same_run_same_findings() -> None:
    run = synthetic_run("small_kl_high")
    assert findings(run) == findings(run)


MARKERS = ("tinygsm", "omi1", "omi2", "other")


def _marker(text: str) -> int:
    """The marker rule of the study's notes."""
    function, block = "def " in text, "<llm-code>" in text
    if block and not function:
        return 1
    if function and not block and "\\boxed" not in text:
        return 0
    return 2 if "\\boxed" in text and not function and not block else 3


def _study_run(path: Path) -> tuple[RunCounts, dict]:  # type: ignore[type-arg]
    with gzip.open(path, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    steps, problems = (sorted({row[key] for row in rows}) for key in ("step", "problem_id"))
    counts, correct = np.zeros((2, len(steps), len(problems), 4), dtype=np.int64)
    place = {name: number for number, name in enumerate(problems)}
    for row in rows:
        at = steps.index(row["step"]), place[row["problem_id"]], _marker(row["completion"])
        counts[at] += 1
        correct[at] += int(row["reward"])
    first = rows[0]
    run = RunCounts(
        np.array(steps),
        tuple(problems),
        MARKERS,
        counts,
        correct,
        steps_per_epoch=30.0,
        pretraining=first["mixture"],
        kl_coefficient=first["kl_coef"],
        unlabelled=("other",),
    )
    return run, {key: first[key] for key in ("kl_coef", "model_params", "algo", "mixture", "seed")}


@pytest.fixture(scope="module")
def study(shared: Path) -> dict[str, tuple[RunCounts, dict]]:  # type: ignore[type-arg]
    paths = [path for path in sorted((shared / "ministudy").glob("*.jsonl.gz")) if "gold" not in path.name]
    if not paths:
        pytest.skip("no runs of the miniature study")
    return {path.name.removesuffix(".jsonl.gz"): _study_run(path) for path in paths}


def test_study_runs_against_its_notes(study: dict) -> None:  # type: ignore[type-arg]
    found = {name: held(run) for name, (run, _) in study.items()}
    amplified = {name for name, claims in found.items() if claims["C1"].verdict is YES}
    assert amplified == set(found) - {"U_s_kl1", "U_xs_ctrl_shuffled", "T_m_kl0", "T_s_kl0"}
    assert found["U_s_kl1"]["C1"].verdict is NO
    for name in amplified:
        assert found[name]["C2"].verdict is YES, name
    for name in ("A_s_kl0", "A_s_kl0_seed1", "U_s_kl0", "U_xs_kl0"):
        assert found[name]["C6"].verdict is YES, name
        assert found[name]["C8"].verdict is YES, name
        assert found[name]["C3b"].verdict is YES, name
    assert found["G_xs_kl0"]["C6"].verdict is NO
    assert found["T_s_kl0_long"]["C8"].verdict is OPEN
    for name in ("U_s_kl1", "U_xs_ctrl_shuffled"):
        assert found[name]["C3b"].verdict is OPEN, name
        assert found[name]["C6"].verdict is OPEN, name


def test_study_comparison(study: dict) -> None:  # type: ignore[type-arg]
    runs = {name: run for name, (run, _) in study.items()}
    compared = compare(runs, {name: run_metadata(facts) for name, (_, facts) in study.items()})
    found = findings_across(compared)
    by_claim: dict[str, list[Finding]] = {}
    for finding in found:
        by_claim.setdefault(finding.claim, []).append(finding)
    assert by_claim["C5"][0].verdict is YES
    assert by_claim["C5b"][0].verdict is YES
    assert {finding.verdict for finding in by_claim["C9"]} == {OPEN}
    assert by_claim["C10"][0].verdict is OPEN
    assert compared.rules["most_accurate"].hits == compared.rules["most_accurate"].runs
    assert by_claim["C6"][0].verdict is not YES


def test_more_of_a_format_in_pretraining() -> None:
    runs = {name: synthetic_run(name) for name in SCENARIOS}
    ranked = sorted(compare(runs).outcomes, key=lambda outcome: outcome.gain.value)
    notes = {
        outcome.name: run_metadata({"mixture": {"code": rank, "nl": 9 - rank}})
        for rank, outcome in enumerate(ranked, start=1)
    }
    claims = [finding for finding in findings_across(compare(runs, notes)) if finding.claim == "C11"]
    assert [finding.verdict for finding in claims] == [YES, NO]
    assert all("after 2 formats" in finding.figure for finding in claims)
    two = {name: notes[name] for name in list(notes)[:2]}
    thin = findings_across(compare({name: runs[name] for name in two}, two))
    assert [finding.verdict for finding in thin if finding.claim == "C11"] == [OPEN]


def test_nothing_to_compare() -> None:
    found = findings_across(compare({"alone": synthetic_run("small_kl0")}))
    assert {finding.verdict for finding in found} == {OPEN}
    assert all(finding.decides for finding in found)


def test_every_claim_and_measure_of_the_page_exists() -> None:
    page = (Path(__file__).parent.parent / "docs" / "measures.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    named = {word for row in rows for word in re.split(r"[ ,()|]+", row.split("|")[1])}
    across = {finding.claim for finding in findings_across(compare({"alone": synthetic_run("small_kl0")}))}
    claims = {finding.claim for finding in findings(synthetic_run("small_kl0"))} | across
    assert claims <= named
    shelf = [
        importlib.import_module(f"echoformat.measure.{module.name}")
        for module in pkgutil.iter_modules(echoformat.measure.__path__)
    ]
    known = {name for module in shelf for name in vars(module)}
    for row in rows:
        for word in re.findall(r"`(\w+)(?:\([^`]*\))?`", row.split("|")[1]):
            assert word in known, f"docs/measures.md names {word}"


@pytest.mark.parametrize("seed", range(60))
def test_any_counts_get_findings(seed: int) -> None:
    """Empty cells, absent problems, partly scored logs, unlabelled columns: verdicts, never a crash."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 9, size=3))
    present = (rng.random(shape) < rng.random()) & (rng.random((*shape[:2], 1)) < rng.random())
    counts = rng.integers(0, 9, size=shape) * present
    counts = counts[counts.any(axis=(1, 2))]
    if not len(counts):
        counts = np.ones((1, *shape[1:]), dtype=int)
    scored = rng.binomial(counts, rng.choice([0.5, 1.0]))
    formats = tuple("abcdefgh"[: shape[2]])
    run = RunCounts(
        np.arange(len(counts)),
        tuple(map(str, range(shape[1]))),
        formats,
        counts,
        rng.binomial(scored, rng.random()),
        steps_per_epoch=2.0,
        pretraining={"a": 0.5, "b": 0.5},
        kl_coefficient=float(rng.choice([0.0, 0.1])),
        unlabelled=tuple(name for name in formats if rng.random() < 0.2),
        scored=scored,
    )
    for finding in findings(run, 20):
        assert finding.sentence()
        assert finding.verdict in (YES, NO, OPEN)
    both = {"x": run, "y": replace(run, kl_coefficient=1.0)}
    for finding in findings_across(compare(both)):
        assert finding.verdict in (NO, OPEN)
