"""The alarm: golden evidence, its false alarms and its delay, and going on from a saved state."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from study_runs import WINNERS, real, synthetic

from echoformat.errors import UsageError
from echoformat.measure.alarm import CollapseAlarm, e_process, multinomial_e_value

GOLDEN = json.loads((Path(__file__).parent / "golden" / "g4_transition.json").read_text())


def test_e_process_golden() -> None:
    case = GOLDEN["e_process"]
    path = e_process(case["x_prompt_shares"], case["theta0"], case["lambda_grid"])
    assert path == pytest.approx(case["E_path"], abs=1e-9)
    assert int(np.argmax(path >= 20)) == case["alarm_index_at_alpha_0.05"]
    top, bottom = map(int, case["E_exact_last"].split("/"))
    assert path[-1] == pytest.approx(top / bottom, rel=1e-12)
    restarted = e_process(case["x_prompt_shares"], case["theta0"], case["lambda_grid"], restart=True)
    assert restarted == pytest.approx(case["e_cusum_path"], abs=1e-9)


def test_restart_forgets_a_quiet_start() -> None:
    shares = [0.0] * 50 + [0.9] * 20
    assert e_process(shares, 0.3)[-1] < 1
    assert e_process(shares, 0.3, restart=True)[-1] > 1000


def test_multinomial_e_value_golden() -> None:
    case = GOLDEN["multinomial_e_value"]
    assert multinomial_e_value(case["counts"], case["p0"], case["alpha"]) == pytest.approx(
        case["log_e"], abs=1e-9
    )
    assert multinomial_e_value([1, 1], [1.0, 0.0]) == np.inf


def clustered(draw: np.random.Generator, share: float, problems: int, formats: int = 4) -> np.ndarray:
    """8 completions a problem, intraclass correlation 0.4, the first format at `share`."""
    shares = np.array([share] + [(1 - share) / (formats - 1)] * (formats - 1))
    own = draw.dirichlet(shares * 1.5, size=problems)
    return draw.multinomial(8, own / own.sum(axis=1, keepdims=True))


def alarm_step(draw: np.random.Generator, path: np.ndarray) -> float:
    alarm = CollapseAlarm(4, base=clustered(draw, 0.25, 256))
    for share in path:
        if alarm.update(clustered(draw, float(share), 64)):
            break
    return float("inf") if alarm.fired_at is None else float(alarm.fired_at)


def test_false_alarms_and_delay() -> None:
    steps = np.arange(200)
    rise = 0.25 + 0.72 / (1 + np.exp(-2 * np.log(9) / 20 * (steps - 60)))
    draw = np.random.default_rng(31)
    quiet = [alarm_step(draw, np.full(200, 0.25)) for _ in range(60)]
    rung = [alarm_step(draw, rise) for _ in range(40)]
    assert np.isfinite(quiet).mean() <= 0.02
    tenth = GOLDEN["alarm_shootout"]["h1_10pct_step"]
    assert tenth - 5 <= np.median(rung) <= 58
    assert min(rung) >= 40


def test_synthetic_runs() -> None:
    for name, rings in (("small_kl0", True), ("large_kl0", True), ("no_advantage", False)):
        counts = synthetic(name)
        alarm = CollapseAlarm(3, base=counts[0])
        for step, rows in enumerate(counts[1:], start=1):
            alarm.update(rows, step)
        assert alarm.fired is rings, name


@pytest.mark.parametrize("run", WINNERS)
def test_real_runs(run: str, shared: Path) -> None:
    alarm = CollapseAlarm(4)
    for step, rows in enumerate(real(shared, run)):
        alarm.update(rows, step)
    assert alarm.format_index == WINNERS[run]
    assert alarm.kind == (None if WINNERS[run] is None else "rise")


def test_cap_rings_where_the_base_was_collapsed_already() -> None:
    alarm = CollapseAlarm(2, base=[[8, 0]] * 100)
    assert alarm.limits is not None and alarm.limits[0] == 1.0
    for _ in range(20):
        alarm.update([[8, 0]] * 16)
    assert (alarm.kind, alarm.format_index) == ("cap", 0)


def test_saved_state_goes_on_bit_for_bit() -> None:
    draw = np.random.default_rng(2)
    rows = [clustered(draw, 0.25 + 0.004 * step, 16) for step in range(120)]
    whole = CollapseAlarm(4, warmup=64)
    resumed = CollapseAlarm(4, warmup=64)
    for step, counts in enumerate(rows):
        whole.update(counts, step)
        resumed.update(counts, step)
        resumed = CollapseAlarm.from_state_dict(json.loads(json.dumps(resumed.state_dict())))
    assert whole.fired and whole.state_dict() == resumed.state_dict()


def test_learns_its_base_before_it_can_ring() -> None:
    alarm = CollapseAlarm(2, warmup=64)
    assert alarm.limits is None
    for _ in range(4):
        alarm.update([[2, 6]] * 16)
    assert alarm.limits is not None and not alarm.fired


def test_order_of_problems_and_empty_rows_do_not_matter() -> None:
    draw = np.random.default_rng(6)
    one, other = CollapseAlarm(4, warmup=32), CollapseAlarm(4, warmup=32)
    for _ in range(30):
        counts = clustered(draw, 0.4, 16)
        one.update(counts)
        other.update(np.pad(counts[::-1], ((2, 1), (0, 0))))
    assert one.evidence["rise"] == pytest.approx(other.evidence["rise"], abs=1e-9)


def test_a_step_without_completions_is_quiet() -> None:
    alarm = CollapseAlarm(2, base=[[2, 6]] * 64)
    assert not alarm.update(np.zeros((5, 2)))
    assert alarm.steps == 1


def test_mistakes_are_named() -> None:
    with pytest.raises(UsageError, match="margin=2"):
        CollapseAlarm(3, margin=2)
    with pytest.raises(UsageError, match="watches 3 formats, got 2"):
        CollapseAlarm(3).update([[1, 2]])
    with pytest.raises(UsageError, match="two problems"):
        CollapseAlarm(2, base=[[1, 2]])
    with pytest.raises(UsageError, match="not a state"):
        CollapseAlarm(2).load_state_dict({"version": 7})
    state = CollapseAlarm(2).state_dict() | {"log": {"rise": [[0.0]], "cap": [[0.0]]}}
    with pytest.raises(UsageError, match="damaged"):
        CollapseAlarm(2).load_state_dict(state)
    with pytest.raises(UsageError, match=r"\[0, 1\]"):
        e_process([1.5], 0.5)
    with pytest.raises(UsageError, match="stakes"):
        e_process([0.5], 0.5, [3.0])
