"""Runs sorted by their settings: sets that differ in one alone, winners by two, and how rules fared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from echoformat.errors import UsageError, did_you_mean
from echoformat.measure.rivals import FEWEST_COMPLETIONS
from echoformat.measure.run_metadata import RunMetadata
from echoformat.measure.run_outcome import RunOutcome

VARIED = ("kl_coefficient", "parameters", "mixture", "algorithm", "decoding")


@dataclass(frozen=True, slots=True)
class ComparisonSet:
    """Runs that differ in one setting alone (and in their seeds).

    Attributes:
        varied: The setting that differs.
        fixed: The other settings, which agree.
        levels: Values of the varied setting, ascending where they are numbers.
        runs: Names of the runs at each level.
    """

    varied: str
    fixed: Mapping[str, object]
    levels: tuple[object, ...]
    runs: tuple[tuple[str, ...], ...]

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def comparison_sets(metadata: Mapping[str, RunMetadata], varied: str) -> tuple[ComparisonSet, ...]:
    """Group runs that differ in one setting alone, so that nothing else can explain a difference.

    Args:
        metadata: Settings by name of the run; runs without the setting are left out.
        varied: Field of :class:`RunMetadata` to compare over.

    Raises:
        UsageError: A field that cannot be compared over.

    Example:
        >>> runs = {"a": RunMetadata(kl_coefficient=0.0), "b": RunMetadata(kl_coefficient=0.1)}
        >>> comparison_sets(runs, "kl_coefficient")[0].levels
        (0.0, 0.1)
    """
    if varied not in VARIED:
        raise UsageError(f"cannot compare over {varied!r}: {did_you_mean(varied, VARIED)}")
    others = [name for name in VARIED if name != varied]
    groups: dict[tuple[object, ...], dict[object, list[str]]] = {}
    for name, settings in metadata.items():
        level = getattr(settings, varied)
        if level is not None:
            key = tuple(getattr(settings, other) for other in others)
            groups.setdefault(key, {}).setdefault(level, []).append(name)
    sets = []
    for key, levels in groups.items():
        if len(levels) > 1:
            order = sorted(levels, key=lambda level: (isinstance(level, str), level))
            runs = tuple(tuple(sorted(levels[level])) for level in order)
            sets.append(ComparisonSet(varied, dict(zip(others, key, strict=True)), tuple(order), runs))
    return tuple(sorted(sets, key=lambda group: (-len(group.levels), group.runs)))


@dataclass(frozen=True, slots=True)
class WinnerMatrix:
    """Winners by two settings: ``cells[row][column]`` names every run's winner there, or ``none``."""

    rows: tuple[object, ...]
    columns: tuple[object, ...]
    cells: tuple[tuple[tuple[str, ...], ...], ...]

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def winner_matrix(
    outcomes: Sequence[RunOutcome], rows: str = "parameters", columns: str = "mixture"
) -> WinnerMatrix:
    """Who won, by two settings.

    Args:
        outcomes: Summaries of the runs.
        rows: Field of :class:`RunMetadata` that makes the rows.
        columns: Field that makes the columns.

    Raises:
        UsageError: A field that cannot be compared over.

    Example:
        >>> winner_matrix([]).cells
        ()
    """
    for name in (rows, columns):
        if name not in VARIED:
            raise UsageError(f"cannot compare over {name!r}: {did_you_mean(name, VARIED)}")
    pairs = [
        (getattr(o.metadata, rows), getattr(o.metadata, columns), o.winner_name or "none") for o in outcomes
    ]
    sides = [sorted({pair[side] for pair in pairs}, key=_sortable) for side in (0, 1)]
    cells = tuple(
        tuple(tuple(w for r, c, w in pairs if (r, c) == (row, column)) for column in sides[1])
        for row in sides[0]
    )
    return WinnerMatrix(tuple(sides[0]), tuple(sides[1]), cells)


def _sortable(value: object) -> tuple[int, float, str]:
    number = isinstance(value, (int, float))
    return (0 if number else 1, float(value) if isinstance(value, (int, float)) else 0.0, str(value))


def rule_hits(outcomes: Sequence[RunOutcome], rule: str) -> tuple[int, tuple[int, ...]]:
    """Hits of one rule for naming the winner, and the number of formats that could have won, by base model.

    Scored are runs that a format won and in which the rule's own favourite is sure (probability over .95).
    Runs with the same parameters and mixture share a base model and count as one: a hit where most of them
    hit.

    Args:
        outcomes: Summaries of the runs.
        rule: ``most_accurate``, ``most_common`` or ``most_correct_mass``.

    Returns:
        Hits, and formats with ten base completions or more (2 at least) of every base model scored.

    Raises:
        UsageError: Another rule.

    Example:
        >>> rule_hits([], "most_accurate")
        (0, ())
    """
    rules = ("most_accurate", "most_common", "most_correct_mass")
    if rule not in rules:
        raise UsageError(f"no rule {rule!r}: {did_you_mean(rule, rules)}")
    scored: dict[object, list[bool]] = {}
    formats: dict[object, int] = {}
    for outcome in outcomes:
        hit = _rule_hit(outcome, rule)
        if hit is not None:
            base = _base_model(outcome)
            scored.setdefault(base, []).append(hit)
            formats[base] = min(formats.get(base, _contenders(outcome)), _contenders(outcome))
    return sum(2 * sum(marks) > len(marks) for marks in scored.values()), tuple(formats.values())


def _base_model(outcome: RunOutcome) -> object:
    """What runs from one base model have in common; the run's own name where that is unknown."""
    parameters, mixture = outcome.metadata.parameters, outcome.metadata.mixture
    return outcome.name if parameters is None or mixture is None else (parameters, mixture)


def _contenders(outcome: RunOutcome) -> int:
    table = outcome.rivals
    sizes = () if table is None else zip(outcome.formats, table.completions, strict=True)
    return max(2, sum(n >= FEWEST_COMPLETIONS and name in outcome.delta_logit for name, n in sizes))


def _rule_hit(outcome: RunOutcome, rule: str) -> bool | None:
    """Whether the rule named the winner; ``None`` where there is none or the rule is unsure."""
    table, won = outcome.rivals, outcome.winner_name
    favourite = None if table is None else getattr(table, rule)
    if table is None or won is None or favourite is None or getattr(table, f"p_{rule}")[favourite] <= 0.95:
        return None
    return bool(outcome.formats[favourite] == won)
