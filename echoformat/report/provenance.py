"""What was read, what was left out, and what made the labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from echoformat.engines.local import LabelledRun
from echoformat.report.escape import html
from echoformat.rollouts import ReadReport

MOST_LINES, MOST_FILES = 60, 100


def reading_html(done: LabelledRun, reading: ReadReport | None) -> str:
    """What was read and what was not."""
    lines = reading.lines() if reading is not None else ["labelled from memory; no file was read"]
    if done.series.missing:
        lines.append(f"{done.series.missing} rows hold no completion; they are in no share")
    if done.series.without_step:
        lines.append(f"{done.series.without_step} rows have no step while others do; they are in no share")
    shown = "".join(f"<li>{html(line.strip())}</li>" for line in lines[:MOST_LINES])
    more = f"<li>and {len(lines) - MOST_LINES} more remarks</li>" if len(lines) > MOST_LINES else ""
    return f'<ul class="said">{shown}{more}</ul>{_files(reading)}'


def _files(reading: ReadReport | None) -> str:
    if reading is None or len(reading.files) < 2:
        return ""
    listed = "".join(f"<li>{html(f.path)}: {f.rows} completions</li>" for f in reading.files[:MOST_FILES])
    left = len(reading.files) - MOST_FILES
    more = f"<li>and {left} more files</li>" if left > 0 else ""
    return f'<details><summary>Files</summary><ul class="said">{listed}{more}</ul></details>'


def making_html(done: LabelledRun) -> str:
    """Versions of what made the labels, the mixture, and what the log says of the runs."""
    versions = done.series.versions or (done.versions,)
    facts: list[tuple[str, Any]] = [
        ("echoformat", _each(versions, "echoformat")),
        ("taxonomy of formats", _each(versions, "taxonomy")),
        ("rules (hash)", _each(versions, "rules")),
        ("trained weights", _each(versions, "model") or "none"),
        ("mixture", _mixture(done)),
        ("steps in an epoch", f"{done.series.steps_per_epoch:.4g}" if done.series.steps_per_epoch else ""),
    ]
    facts += [(run or "run", _told(told)) for run, told in list((done.series.metadata or {}).items())[:50]]
    return "<dl>" + "".join(f"<dt>{html(k)}</dt><dd>{html(v)}</dd>" for k, v in facts if v) + "</dl>"


def _each(versions: Sequence[Any], name: str) -> str:
    return ", ".join(sorted({str(getattr(version, name)) for version in versions} - {""}))


def _mixture(done: LabelledRun) -> str:
    if done.mixture is None:
        return "none declared"
    parts = done.mixture.proportions().items()
    return f"{done.mixture.name} (" + ", ".join(f"{name} {share:.3g}" for name, share in parts) + ")"


def _told(facts: Mapping[str, Any]) -> str:
    short = [f"{key} {value}" for key, value in facts.items() if isinstance(value, str | int | float)]
    return ", ".join(text if len(text) <= 80 else text[:79] + "…" for text in short[:12])
