"""Time and memory of all measures of one run, and what the paths are worth in simulations.

    python -m benchmarks.measures                       # 10^5, 10^6 and 10^7 completions
    python -m benchmarks.measures --completions 1000000 # one size
    python -m benchmarks.measures --bands               # bias and coverage of selection, by simulation

One run of 200 steps, 5,000 problems and 12 formats, in groups of 8 or more completions a problem; 200
resamples of problems. Each size runs in a process of its own, so that its peak memory is its own. The target
is 10 s and 1 GB at 10^6 on two cores.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from echoformat.findings import findings
from echoformat.measure.alarm import CollapseAlarm
from echoformat.measure.arrays import shares_of
from echoformat.measure.coverage import pass_at_k_path, problems_lost, reach
from echoformat.measure.decompose import adjusted_path, pooled_path, within_problem_path
from echoformat.measure.divergence import delta_logit, jensen_shannon, total_variation
from echoformat.measure.entropy import jackknife_entropy
from echoformat.measure.intervals import cluster_wilson_run, entropy_interval, paired_change
from echoformat.measure.partition import partition_unbiased
from echoformat.measure.run_counts import RunCounts
from echoformat.measure.run_outcome import run_outcome
from echoformat.measure.selection import selection_coefficients
from echoformat.measure.transition import onset, transitions

STEPS, PROBLEMS, FORMATS, GROUP = 200, 5000, 12, 8
SIZES = (100_000, 1_000_000, 10_000_000)


def simulated_run(completions: int, seed: int = 0) -> RunCounts:
    """One format of twelve takes over while all of them improve; problems differ in difficulty."""
    rng = np.random.default_rng(seed)
    counts, correct = np.zeros((2, STEPS, PROBLEMS, FORMATS), dtype=np.int32)
    a_step = completions // STEPS
    touched = min(PROBLEMS, a_step // GROUP)
    drive, ease = rng.normal(size=FORMATS), rng.normal(0, 1.5, PROBLEMS)
    for step in range(STEPS):
        rows = np.arange(step * touched, (step + 1) * touched) % PROBLEMS
        shares = np.exp(drive * (0.5 + 4 * step / STEPS))
        counts[step, rows] = rng.multinomial(a_step // touched, shares / shares.sum(), size=touched)
        right = 1 / (1 + np.exp(-(ease[rows, None] + drive / 3 + step / STEPS)))
        correct[step, rows] = rng.binomial(counts[step, rows], right)
    names = tuple(f"format {number}" for number in range(FORMATS))
    problems = tuple(f"problem {number}" for number in range(PROBLEMS))
    mixture = dict.fromkeys(names, 1 / FORMATS)
    return RunCounts(np.arange(STEPS), problems, names, counts, correct, 100.0, mixture, 0.001)


def alarm_over(run: RunCounts) -> CollapseAlarm:
    """Carry the alarm over every step, as a training loop does."""
    alarm = CollapseAlarm(len(run.formats))
    for step in run.counts:
        alarm.update(step[step.any(axis=1)])
    return alarm


def measures(run: RunCounts) -> dict[str, Callable[[], Any]]:
    """Every measure of one run, as a call."""
    n, c = run.counts, run.correct
    assert c is not None
    base, end = n[:5].sum(axis=0), n[-5:].sum(axis=0)
    shares = shares_of(n.sum(axis=1))
    return {
        "shares, cluster intervals": lambda: cluster_wilson_run(n),
        "entropy, jackknife and interval": lambda: (
            [jackknife_entropy(step[step.any(axis=1)]) for step in n],
            entropy_interval(end),
        ),
        "distances from base": lambda: (
            total_variation(shares, shares[:1]),
            jensen_shannon(shares, shares[:1]),
            delta_logit(base.sum(axis=0), end.sum(axis=0)),
            paired_change(base, end),
        ),
        "selection coefficients": lambda: selection_coefficients(n.sum(axis=1), run.steps),
        "transitions of all formats": lambda: (transitions(n, run.steps), onset(shares, run.steps)),
        "alarm over all steps": lambda: alarm_over(run),
        "within and between problems": lambda: (partition_unbiased(base), partition_unbiased(end)),
        "selection, within problems": lambda: within_problem_path(n, c),
        "selection, adjusted and pooled": lambda: (adjusted_path(n, c), pooled_path(n, c)),
        "winner and rivals": lambda: run_outcome("run", run),
        "pass@k and reach by format": lambda: (
            pass_at_k_path(n, c, GROUP, 5),
            reach(base, c[:5].sum(axis=0), GROUP),
            problems_lost(*(x.sum(axis=1) for x in (base, c[:5].sum(axis=0), end, c[-5:].sum(axis=0)))),
        ),
        "findings (shares resamples)": lambda: findings(run),
    }


def timed(completions: int) -> dict[str, Any]:
    """Seconds of every measure and the peak memory of this process."""
    run = simulated_run(completions)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds, work = {}, time.process_time()
    for name, call in measures(run).items():
        start = time.perf_counter()
        call()
        seconds[name] = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    work = time.process_time() - work
    return {
        "completions": completions,
        "seconds": seconds,
        "work": work,
        "data_mb": before,
        "peak_mb": peak,
    }


def table(results: list[dict[str, Any]]) -> str:
    """Results side by side, as Markdown."""
    head = "| seconds | " + " | ".join(f"{r['completions']:.0e}" for r in results) + " |"
    lines = [head, "|---" * (len(results) + 1) + "|"]
    for name in results[0]["seconds"]:
        lines.append(f"| {name} | " + " | ".join(f"{r['seconds'][name]:.2f}" for r in results) + " |")
    totals = (f"{sum(r['seconds'].values()):.2f}" for r in results)
    lines.append("| **all** | " + " | ".join(totals) + " |")
    lines.append("| **processor time of all** | " + " | ".join(f"{r['work']:.2f}" for r in results) + " |")
    lines.append("| peak memory, MB | " + " | ".join(f"{r['peak_mb']:.0f}" for r in results) + " |")
    lines.append("| of which the run, MB | " + " | ".join(f"{r['data_mb']:.0f}" for r in results) + " |")
    return "\n".join(lines)


def confounded(
    rng: np.random.Generator, confusing: float, size: int, problems: int = 128
) -> tuple[NDArray[Any], NDArray[Any], float]:
    """Two checkpoints in which the choice of format goes with difficulty; and the true selection."""
    ease = rng.normal(0, 1.5, problems)
    first = np.stack([1 / (1 + np.exp(-(level + confusing * ease))) for level in (-1.0, 2.5)])
    shares = np.stack([first, 1 - first], axis=2)
    lift = np.array([[0.3, -0.3], [0.7, 0.1]])
    accuracy = 1 / (1 + np.exp(-(ease[None, :, None] + lift[:, None, :])))
    drawn = rng.binomial(size, first)
    counts = np.stack([drawn, size - drawn], axis=2)
    truth = float(((shares[1] - shares[0]) * accuracy.mean(axis=0)).sum(axis=1).mean())
    return counts, rng.binomial(counts, accuracy), truth


def bands(replicates: int = 300) -> str:
    """Bias, spread and coverage of the three bases of selection under confounding, as Markdown."""
    lines = [
        "| confounding | completions | basis | truth | bias | sd | coverage of the 95 % interval |",
        "|---|---|---|---|---|---|---|",
    ]
    paths = {"within": within_problem_path, "adjusted": adjusted_path, "pooled": pooled_path}
    for confusing in (0.0, 0.8):
        for size in (8, 32):
            rng = np.random.default_rng(20)
            draws = [confounded(rng, confusing, size) for _ in range(replicates)]
            truth = np.mean([t for _, _, t in draws])
            for name, path in paths.items():
                found = [path(n, c, 1).selection for n, c, _ in draws]
                error = np.array([f.value for f in found]) - [t for _, _, t in draws]
                covered = np.mean([f.low <= truth <= f.high for f in found])
                lines.append(
                    f"| {confusing} | {size} | {name} | {truth:.4f} | {error.mean():+.4f} "
                    f"| {error.std():.4f} | {covered:.3f} |"
                )
    return "\n".join(lines)


def training_log(
    rng: np.random.Generator, steps: int, problems: int = 120, batch: int = 16
) -> tuple[NDArray[Any], NDArray[Any], float]:
    """A log of 16 problems x 8 completions a step, in shuffled epochs; and the true selection."""
    ease = rng.normal(0, 1.5, problems)
    time = np.linspace(0, 1, steps)[:, None]
    first = 1 / (1 + np.exp(-(-1.5 + 0.8 * ease + 5 * (1 - np.exp(-6 * time)))))
    shares = np.stack([first, 1 - first], axis=2)
    lift = 0.6 * time[..., None] + np.array([0.4, -0.4])
    accuracy = 1 / (1 + np.exp(-(ease[None, :, None] + lift)))
    truth = (np.diff(shares, axis=0) * (accuracy[1:] + accuracy[:-1]) / 2).sum(axis=(0, 2)).mean()
    epochs = [rng.permutation(problems) for _ in range(steps * batch // problems + 2)]
    order = np.concatenate(epochs)[: steps * batch].reshape(steps, batch)
    counts = np.zeros((steps, problems, 2), dtype=np.int64)
    for step, rows in enumerate(order):
        drawn = rng.binomial(GROUP, first[step, rows])
        counts[step, rows] = np.stack([drawn, GROUP - drawn], axis=1)
    return counts, rng.binomial(counts, accuracy), float(truth)


def training_bands(replicates: int = 100) -> str:
    """Bias and coverage of the bases of selection on training logs, as Markdown."""
    lines = [
        "| steps | basis | truth | bias | sd | coverage of the 95 % interval |",
        "|---|---|---|---|---|---|",
    ]
    for steps in (75, 150, 300):
        rng = np.random.default_rng(21)
        draws = [training_log(rng, steps) for _ in range(replicates)]
        paths = {
            "within, 32 completions a problem": lambda n, c: within_problem_path(n, c, 30),
            "adjusted": adjusted_path,
            "pooled": pooled_path,
        }
        for name, path in paths.items():
            found = [path(n, c).selection for n, c, _ in draws]
            truths = np.array([truth for _, _, truth in draws])
            error = np.array([f.value for f in found]) - truths
            covered = np.mean([f.low <= t <= f.high for f, t in zip(found, truths, strict=True)])
            lines.append(
                f"| {steps} | {name} | {truths.mean():.4f} | {error.mean():+.4f} | {error.std():.4f} "
                f"| {covered:.3f} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--completions", type=int, action="append", help="size of the run; may be repeated")
    parser.add_argument("--bands", action="store_true", help="simulate the paths instead")
    parser.add_argument("--json", action="store_true", help="one size in this process, as JSON")
    chosen = parser.parse_args()
    if chosen.bands:
        print(f"{bands()}\n\n{training_bands()}")
        return
    sizes = chosen.completions or list(SIZES)
    if chosen.json:
        print(json.dumps(timed(sizes[0])))
        return
    results = []
    for size in sizes:
        command = [sys.executable, "-m", "benchmarks.measures", "--json", "--completions", str(size)]
        results.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    print(table(results))


if __name__ == "__main__":
    main()
