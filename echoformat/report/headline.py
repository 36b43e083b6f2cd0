"""The headline: which format won, when, and how sure, or plainly that none did."""

from __future__ import annotations

from dataclasses import dataclass

from echoformat.measure.transition import Transition, TransitionState
from echoformat.measure.winner import Outcome
from echoformat.report.part import Part

MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Headline:
    """What happened in one run, in words.

    Attributes:
        text: One sentence.
        details: Further sentences: when, how sure, what else moved.
        winner: The format that won, or was dominant all along; ``None`` where none is.
        short: The outcome alone, for a title over several runs.
    """

    text: str
    details: tuple[str, ...] = ()
    winner: str | None = None
    short: str = "no completions"


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
        'No switch: x was dominant from the start.'
    """
    if not part.total:
        return Headline("There is no completion to label.")
    verdict = part.collapse
    if verdict.dominant is None:
        text = f"No format was recognised in any of {part.total} completions."
        return Headline(text, short="no format recognised")
    if len(part.steps) == 1:
        return _one_step(part, verdict.dominant)
    if verdict.outcome == Outcome.ALREADY_DOMINANT:
        text = f"No switch: {verdict.dominant} was dominant from the start."
        details = (_ends(part), _kept(part), *_movers(part))
        return Headline(text, details, verdict.dominant, f"{verdict.dominant} dominant from the start")
    return _won(part, verdict.winner) if verdict.winner is not None else _open(part, verdict.dominant)


def _one_step(part: Part, leader: str) -> Headline:
    verdict = part.collapse
    text = f"One step only, so nothing can have switched: {leader} leads with {percent(verdict.share)}."
    at = f"At step {part.steps[0]}: {span(verdict.low, verdict.high)}."
    return Headline(text, (at,), short="one step only")


def _won(part: Part, winner: str) -> Headline:
    verdict = part.collapse
    rise = f"from {percent(verdict.base_share)} to {percent(verdict.share)} of completions"
    sure = f"Share at the end {percent(verdict.share)}, {span(verdict.low, verdict.high)}."
    details = (*_half_way(verdict.transition), _kept(part), sure, *_movers(part))
    return Headline(f"{winner} won: {rise}.", details, winner, f"{winner} won")


def _open(part: Part, leader: str) -> Headline:
    share, kept = percent(part.collapse.share), part.collapse.onset is not None
    lead = (
        f"{leader} holds {share}, but did not rise beyond drift" if kept else f"{leader} leads with {share}"
    )
    details = (_ends(part), *((_kept(part),) if kept else ()), *_movers(part))
    return Headline(f"No format took over; {lead}.", details, short="no format took over")


def _ends(part: Part) -> str:
    verdict = part.collapse
    end = f"{percent(verdict.share)} at the end, {span(verdict.low, verdict.high)}"
    return f"{verdict.dominant}: {percent(verdict.base_share)} at the start, {end}."


def _half_way(found: Transition | None) -> tuple[str, ...]:
    if found is None or found.t50 is None:
        return ()
    inside = found.t50_interval
    limits = "" if inside is None else f", 95% interval {inside.low:.1f} to {inside.high:.1f}"
    epoch = "" if found.epoch is None else f", epoch {found.epoch:.2f}"
    early = found.state is TransitionState.LEFT_CENSORED
    begun = " It may have begun before the log." if early else ""
    going = "" if found.settled else " The share had not settled when the log ended."
    return (f"Half of the way by step {found.t50:.1f}{limits}{epoch}.{begun}{going}",)


def _kept(part: Part) -> str:
    verdict = part.collapse
    if verdict.onset is None:
        kept = percent(verdict.threshold)
        return f"It has not collapsed the others: no stretch up to the end keeps {kept}."
    pace = part.series.steps_per_epoch
    epoch = f" (epoch {verdict.onset / pace:.2f})" if pace else ""
    kept = f"it keeps {percent(verdict.threshold)} or more to the end, noise of single steps allowed for"
    return f"From step {verdict.onset}{epoch} on {kept}."


def _movers(part: Part) -> tuple[str, ...]:
    """The other formats that moved beyond drift, in words."""
    verdict = part.collapse
    others = [mover for mover in verdict.movers if mover.format != verdict.dominant]
    said = [f"{m.format} {percent(m.base_share)} to {percent(m.share)}" for m in others[:MOST_NAMED]]
    if said:
        return ("Others that moved beyond drift: " + ", ".join(said) + ".",)
    return () if verdict.winner is not None else ("No other share moved beyond drift.",)
