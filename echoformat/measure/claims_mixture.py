"""The claim that more of a format in pretraining buys a larger gain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence

from echoformat.measure.compare import Comparison
from echoformat.measure.finding import Finding, Verdict, undecided
from echoformat.measure.response import slope
from echoformat.measure.run_outcome import RunOutcome
from echoformat.measure.trend import Trend, jonckheere

STATEMENT = "More of a format in the pretraining mixture goes with a larger accuracy gain."
SURE, FEWEST_LEVELS = 0.05, 3
Groups = dict[float, list[float]]


def mixture_gains(comparison: Comparison) -> Iterator[Finding]:
    """C11 for every set of runs that differ in the mixture alone, at three shares of a format or more.

    Args:
        comparison: Runs side by side.
    """
    found = False
    for group, levels in comparison.sets:
        if group.varied == "mixture":
            runs = [run for level in levels for run in level]
            found = (yield from _formats(runs)) or found
    if not found:
        yield undecided("C11", STATEMENT, "no such runs", "three mixtures of declared shares, scored runs")


def _formats(runs: Sequence[RunOutcome]) -> Generator[Finding, None, bool]:
    tested = {name: groups for name, groups in _by_share(runs).items() if len(groups) >= FEWEST_LEVELS}
    for name, groups in sorted(tested.items()):
        yield _finding(name, dict(sorted(groups.items())), len(tested))
    return bool(tested)


def _by_share(runs: Sequence[RunOutcome]) -> dict[str, Groups]:
    """Gains of the runs by declared share, for every format of their mixtures."""
    known = [(run.metadata.pretraining, run.gain) for run in runs]
    scored = [(mixture, gain.value) for mixture, gain in known if mixture is not None and gain is not None]
    result: dict[str, Groups] = {name: defaultdict(list) for mixture, _ in scored for name in mixture}
    for mixture, gain in scored:
        for name, groups in result.items():
            groups[round(mixture.get(name, 0.0), 6)].append(gain)
    return result


def _finding(name: str, groups: Groups, tests: int) -> Finding:
    values = list(groups.values())
    rising: Trend = jonckheere(values)
    falling = jonckheere(values[::-1])
    adjusted, against = min(1.0, tests * rising.p_value), min(1.0, tests * falling.p_value)
    shown = " / ".join(
        f"{share:.2f}: {', '.join(f'{x:.2f}' for x in gains)}" for share, gains in groups.items()
    )
    verdict = Verdict.SUPPORTED if adjusted <= SURE else Verdict.UNDECIDED
    return Finding(
        "C11",
        STATEMENT,
        Verdict.CONTRADICTED if against <= SURE else verdict,
        f"gain by share of {name} {shown}; exact trend p = {adjusted:.3g} after {tests} formats (smallest "
        f"possible {min(1.0, tests * rising.minimum_p):.3g}); slope per whole of the mixture",
        slope(
            [share for share, gains in groups.items() for _ in gains],
            [gain for gains in values for gain in gains],
        ),
        "more mixtures and seeds, with the other formats held constant",
        ("mixtures differ in several formats at once",),
    )
