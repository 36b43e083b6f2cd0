"""The study's claims held against one run, as a table: the decided ones in sight, the rest folded away."""

from __future__ import annotations

from collections.abc import Sequence

from echoformat.findings import Finding, Verdict
from echoformat.measure.finding import number
from echoformat.report.escape import html
from echoformat.report.tables import table

HEAD = ("claim", "verdict", "what was measured")
CLASSES = {Verdict.SUPPORTED: "good", Verdict.CONTRADICTED: "bad", Verdict.UNDECIDED: "soft"}


def claims_html(found: Sequence[Finding], title: str = "Claims held against this run") -> str:
    """A table of findings; empty where there are none."""
    if not found:
        return ""
    decided = [one for one in found if one.verdict is not Verdict.UNDECIDED]
    open_ones = [one for one in found if one.verdict is Verdict.UNDECIDED]
    note = "<p>Each claim of the study, with no more certainty than the interval of its figure allows.</p>"
    shown = _table(decided) if decided else "<p>None of them is decided here.</p>"
    folded = f"<details><summary>{len(open_ones)} undecided, and what would decide them</summary>"
    rest = f"{folded}{_table(open_ones)}</details>" if open_ones else ""
    return f"<h3>{html(title)}</h3>{note}{shown}{rest}"


def _table(found: Sequence[Finding]) -> str:
    return table("", HEAD, [_row(one) for one in found], words=(0, 1, 2))


def _row(one: Finding) -> list[str]:
    verdict = f'<span class="{CLASSES[one.verdict]}">{html(one.verdict)}</span>'
    notes = [one.decides and f"Would decide: {one.decides}."] if one.verdict is Verdict.UNDECIDED else []
    notes += [f"{caveat[:1].upper()}{caveat[1:]}." for caveat in one.caveats]
    said = " ".join(note for note in notes if note)
    small = f'<br><span class="soft">{html(said)}</span>' if said else ""
    figure = one.figure[:1].upper() + one.figure[1:] + number(one.estimate)
    return [
        f"{html(one.statement)} <span class='soft'>{html(one.claim)}</span>",
        verdict,
        html(figure) + small,
    ]
