"""Our labels beside the marker rule on the study's miniature runs: shares by step, and every difference.

    python benchmarks/ministudy.py                 # a Markdown table, one line a run
    python benchmarks/ministudy.py --differences   # and each completion on which the two disagree

Reads $ECHOFORMAT_SHARED/ministudy, else ../shared/ministudy.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from echoformat import Classifier, FormatSeries, read_rollouts
from echoformat.report.escape import visible

ROOT = Path(__file__).resolve().parent.parent
# What the runs' own summaries call our formats.
NAMES = {"tinygsm": "tinygsm", "omi1": "openmath1", "omi2": "boxed_cot"}
NEGATIVES = ("kl1", "ctrl_shuffled")


def marker(text: str) -> str:
    """The strict marker rule that the summaries' curves were drawn with: exactly one of three markers."""
    marks = {"tinygsm": "def " in text, "openmath1": "<llm-code>" in text, "boxed_cot": "\\boxed" in text}
    if marks["openmath1"]:
        marks["boxed_cot"] = False
    found = [name for name, there in marks.items() if there]
    return found[0] if len(found) == 1 else "other"


def verdict(text: str, theirs: str, ours: str) -> str:
    """A word on who is right where the marker rule and our label disagree."""
    if ours in ("unknown", "ambiguous", "degenerate"):
        return "both decline" if theirs == "other" else "garbled: the marker stands in text of no one format"
    if ours == "openmath1":
        hybrid = "a hybrid: a function begun, then a block run; we name the block"
        return hybrid if theirs == "other" and "def " in text else "we: a block whose opening tag is damaged"
    if ours == "tinygsm":
        box = "a hybrid: a function with a box in it; we name the function"
        return box if "def " in text else "we: a function whose first line is damaged"
    if "def " in text:
        return "we: LaTeX prose with a stray def"
    if theirs == "boxed_cot":
        return "the marker: one sentence with a box, too short to show whose style it is"
    return "neither: prose without a marker"


def curve_gap(series: FormatSeries, curve: list[dict[str, Any]]) -> tuple[float, int]:
    """Largest difference, in points, between our shares and the curve's, and the step it is at."""
    shares, names = series.shares(), list(series.names)
    gaps = []
    for row, step in zip(curve, series.steps, strict=True):
        assert row["step"] == step
        ours = {
            name: shares[len(gaps), names.index(name)] if name in names else 0.0 for name in NAMES.values()
        }
        gaps.append(max(abs(ours[own] - row["share"].get(theirs, 0.0)) for theirs, own in NAMES.items()))
    return 100 * float(np.max(gaps)), int(series.steps[int(np.argmax(gaps))])


def study(path: Path, classifier: Classifier) -> tuple[str, list[tuple[str, str, str]]]:
    """One line of the table, and the differences as (marker, ours, text)."""
    rows = list(read_rollouts(path))
    labels = classifier.classify_batch([row.text for row in rows])
    series = FormatSeries.from_labels(
        labels, [r.step for r in rows], [r.problem for r in rows], correct=[r.correct for r in rows]
    )
    summary = json.loads(path.with_name(path.name.replace(".jsonl.gz", ".summary.json")).read_text())
    gap, at = curve_gap(series, summary["curve"])
    found = series.collapse()
    pairs = zip([row.text or "" for row in rows], labels.label_names(), strict=True)
    odd = [(marker(text), name, text) for text, name in pairs if marker(text) != name]
    cells = (
        path.name.removesuffix(".jsonl.gz"),
        str(found.dominant),
        f"{100 * found.share:.0f} ({100 * found.low:.0f} to {100 * found.high:.0f})",
        str(found.winner),
        "none" if found.onset is None else str(found.onset),
        f"{gap:.2f} (step {at})",
        f"{len(odd)} of {len(rows):,}",
    )
    return "| " + " | ".join(cells) + " |", odd


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--differences", action="store_true", help="list the completions that differ")
    options = parser.parse_args()
    folder = Path(os.environ.get("ECHOFORMAT_SHARED", ROOT.parent / "shared")) / "ministudy"
    print(
        "| run | dominant at end | its share, % | winner | onset of collapse | largest gap, points | differ |"
    )
    print("|---|---|---|---|---|---|---|")
    classifier, every = Classifier(), []
    for path in sorted(folder.glob("*.jsonl.gz")):
        if path.with_name(path.name.replace(".jsonl.gz", ".summary.json")).exists():
            line, odd = study(path, classifier)
            print(line, flush=True)
            every += odd
    print("\n| marker rule | ours | completions | who is right |\n|---|---|--:|---|")
    for (theirs, ours, why), count in Counter((m, o, verdict(t, m, o)) for m, o, t in every).most_common():
        print(f"| {theirs} | {ours} | {count} | {why} |")
    if options.differences:
        for theirs, ours, text in every:
            print(f"\n--- marker rule {theirs}, ours {ours}: {verdict(text, theirs, ours)}")
            print(visible(text, keep_newlines=True))


if __name__ == "__main__":
    main()
