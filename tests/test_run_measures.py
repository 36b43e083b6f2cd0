"""Every measure offered on a series, and the command that prints them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from echoformat import FormatSeries
from echoformat.cli import main
from echoformat.cli.measures import measured
from echoformat.errors import UsageError
from echoformat.measure.confusion import ConfusionMatrix

SCRIPT = "pens = {0} * 12\nans = pens - 7\n"
FUNCTION = "def simple_math_problem():\n    '''How many?'''\n    result = {0} + 2\n    return result\n"


def switching_series(metadata: dict[str, dict[str, float]] | None = None) -> FormatSeries:
    draw = np.random.default_rng(0)
    rows = []
    for step in range(12):
        for problem in range(40):
            new = draw.binomial(8, 0.1 + 0.8 * step / 11)
            rows += [(step, f"p{problem}", "new", new, draw.binomial(new, 0.8))]
            rows += [(step, f"p{problem}", "old", 8 - new, draw.binomial(8 - new, 0.4))]
    steps, problems, names, n, correct = zip(*rows, strict=True)
    return FormatSeries.from_counts(steps, problems, names, n, correct, metadata=metadata)


def test_a_switch_to_the_better_format_is_selection() -> None:
    run = switching_series().measures()
    split = run.decomposition().within
    assert split.selection.low > 0.15
    assert split.improvement.low < 0 < split.improvement.high
    fraction = run.selection_fraction()
    assert fraction is not None
    assert fraction.low > 0.6
    assert run.run.formats[run.rivals().most_accurate or 0] == "new"
    assert run.winner().index == 0
    assert run.share_change().low[0] > 0.6
    assert run.selection_coefficients().value[0] > 0


def test_what_the_log_lacks_is_named() -> None:
    bare = FormatSeries.from_counts([0, 1], ["p", "p"], ["x", "y"], [3, 3]).measures()
    with pytest.raises(UsageError, match="which completions are correct"):
        bare.decomposition()
    with pytest.raises(UsageError, match="KL coefficient"):
        switching_series().measures().kl_optimum()
    with pytest.raises(UsageError, match="base or end"):
        switching_series().measures().reach(4, "middle")


def test_the_kl_coefficient_of_the_log_is_taken() -> None:
    run = switching_series({"": {"kl_coef": 0.1}}).measures()
    assert run.run.kl_coefficient == 0.1
    assert run.excess_amplification().value == pytest.approx(run.excess_amplification(0.1).value)


def test_known_labeller_errors_are_taken_out() -> None:
    run = switching_series().measures()
    shares = run.corrected_shares(ConfusionMatrix.of([[95, 5], [5, 95]]))
    assert shares.share[0] > shares.raw[0] > 0.8


def test_all_measures_are_plain_json() -> None:
    text = json.dumps(measured(switching_series({"": {"kl_coef": 0.1}}).measures()), allow_nan=False)
    assert json.loads(text)["lost_and_gained"]["problems"] == 40


def test_the_command_prints_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.jsonl"
    with path.open("w") as log:
        for i in range(160):
            text = (FUNCTION if (i % 8) < i // 20 else SCRIPT).format(i)
            row = {"step": i // 16, "problem_id": i % 8, "completion": text, "correct": i % 3 == 0}
            log.write(json.dumps(row) + "\n")
    assert main(["measures", str(path)]) == 0
    shown = capsys.readouterr().out
    for heading in (
        "diversity",
        "share by format",
        "gain in accuracy",
        "rivals at the start",
        "problems lost",
    ):
        assert heading in shown
    assert max(map(len, shown.splitlines())) <= 120
    assert main(["measures", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"][0]["rivals"]["completions"]
