"""The headline: which format won, when, and how sure, or plainly that none did."""

from __future__ import annotations

from dataclasses import dataclass

from echoformat.report.part import Move, Part

NOTEWORTHY_GAIN = 0.05


@dataclass(frozen=True, slots=True)
class Headline:
    """What happened in one run, in words.

    Attributes:
        text: One sentence.
        details: Further sentences: when, how sure, what else moved.
        winner: The format that took over or leads after gaining; ``None`` where none did.
    """

    text: str
    details: tuple[str, ...] = ()
    winner: str | None = None


def percent(share: float) -> str:
    """A share as people read it; never 0% or 100% for what is only nearly so.

    Example:
        >>> percent(0.287), percent(0.9996), percent(0.0004), percent(0.0), percent(1.0)
        ('29%', '>99%', '<1%', '0%', '100%')
    """
    rounded = round(100 * share)
    if rounded == 0 and share > 0:
        return "<1%"
    if rounded == 100 and share < 1:
        return ">99%"
    return f"{rounded}%"


def span(low: float, high: float) -> str:
    """A 95 % interval of a share.

    Example:
        >>> span(0.941, 0.978)
        '95% interval 94 to 98%'
    """
    return f"95% interval {round(100 * low)} to {round(100 * high)}%"


def headline(part: Part) -> Headline:
    """What happened in one run.

    Example:
        >>> from echoformat.series import FormatSeries
        >>> flat = FormatSeries.from_counts([0, 1], ["p", "p"], ["x", "x"], [40, 40])
        >>> headline(Part("", "", flat)).text
        'No switch: x dominated from the first step on.'
    """
    if not part.total:
        return Headline("There is no completion to label.")
    if part.collapse.dominant is None:
        return Headline(f"No format was recognised in any of {part.total} completions.")
    if len(part.steps) == 1:
        return _one_step(part)
    return _collapsed(part) if part.collapse.collapsed else _open(part)


def _one_step(part: Part) -> Headline:
    verdict = part.collapse
    lead = f"{verdict.dominant} leads with {percent(verdict.share)}"
    text = f"One step only, so nothing can have switched: {lead}."
    return Headline(text, (f"At step {part.steps[0]}: {span(verdict.low, verdict.high)}.",))


def _collapsed(part: Part) -> Headline:
    verdict = part.collapse
    name = verdict.dominant or ""
    if verdict.base_share >= verdict.threshold:
        share = f"It holds {percent(verdict.share)} at the end ({span(verdict.low, verdict.high)})."
        return Headline(f"No switch: {name} dominated from the first step on.", (share,))
    text = f"{name} took over: from {percent(verdict.base_share)} of completions to {percent(verdict.share)}."
    onset = f"It keeps at least {percent(verdict.threshold)} from {_when(part, verdict.onset)} on"
    sure = f"{onset}; share at the end {percent(verdict.share)}, {span(verdict.low, verdict.high)}."
    return Headline(text, (sure, *_timing(part), *_losers(part, name)), name)


def _open(part: Part) -> Headline:
    leader = next(move for move in part.moves if move.name in part.series.labelled)
    lead = f"{percent(leader.end)} at the end, {span(leader.end_low, leader.end_high)}"
    gained = _gainers(part)
    if leader in gained and leader.end > 0.5:
        text = f"{leader.name} leads without having taken over: from {_from_to(leader)} of completions."
        return Headline(
            text, (f"{leader.name}: {lead}.", *_timing(part), *_others(part, leader)), leader.name
        )
    text = f"No format took over; {leader.name} has the largest share with {percent(leader.end)}."
    return Headline(
        text, (f"{leader.name}: {percent(leader.start)} at the start, {lead}.", *_others(part, leader))
    )


def _others(part: Part, leader: Move) -> tuple[str, ...]:
    moved = [move for move in part.moves if move.apart and move.name != leader.name]
    said = [f"{move.name} {_from_to(move)}" for move in moved if abs(move.gain) >= NOTEWORTHY_GAIN]
    if said:
        return ("Also moved, by more than the intervals allow: " + ", ".join(said[:4]) + ".",)
    return ("No share moved by more than its interval and 5 points.",) if not _gainers(part) else ()


def _losers(part: Part, winner: str) -> tuple[str, ...]:
    lost = [move for move in part.moves if move.name != winner and move.start >= NOTEWORTHY_GAIN]
    said = [f"{move.name} {_from_to(move)}" for move in sorted(lost, key=lambda move: -move.start)]
    return ("The others: " + ", ".join(said[:4]) + ".",) if said else ()


def _gainers(part: Part) -> list[Move]:
    return [
        move
        for move in part.moves
        if move.apart and move.gain >= NOTEWORTHY_GAIN and move.name in part.series.labelled
    ]


def _from_to(move: Move) -> str:
    return f"{percent(move.start)} to {percent(move.end)}"


def _when(part: Part, step: int | None) -> str:
    if step is None:
        return "no step"
    pace = part.series.steps_per_epoch
    return f"step {step}" + (f" (epoch {step / pace:.2g})" if pace else "")


def _timing(part: Part) -> tuple[str, ...]:
    """Half-way step with its interval, where the verdict holds one."""
    t50 = getattr(part.collapse, "t50", None)
    if t50 is None:
        return ()
    return (f"Half-way at {t50}.",)
