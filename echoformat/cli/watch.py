"""Follow a run while it is written: shares and alarms, redrawn as completions arrive.

New files, growing files and half-written lines are handled; a watch that is stopped or killed goes on where
it was, with exact totals. Labels are kept in a store (--store; by default in the user's cache folder).
"""

from __future__ import annotations

import argparse
import hashlib
import math
import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from echoformat.cli.arguments import MOST_REMARKS, add_json, add_labelling, add_reading, the_classifier
from echoformat.cli.exit_code import ExitCode
from echoformat.cli.fail_on import Condition, parse_condition
from echoformat.cli.progress import progress
from echoformat.cli.say import colour_wanted, say, show_json
from echoformat.cli.screen import screen_lines
from echoformat.errors import UsageError
from echoformat.live.label_store import LabelStore
from echoformat.live.watcher import Watcher
from echoformat.report.escape import visible
from echoformat.rollouts import Columns
from echoformat.series import FormatSeries

HOME, CLEAR = "\x1b[H", "\x1b[J"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `echoformat watch`."""
    add_reading(parser)
    add_labelling(parser)
    parser.add_argument("--store", type=Path, metavar="FILE", help="where labels and the place are kept")
    parser.add_argument("--interval", type=_seconds, default=2.0, metavar="SECONDS", help="default: 2")
    parser.add_argument("--once", action="store_true", help="take what is there, show it, and stop")
    parser.add_argument(
        "--fail-on",
        metavar="CONDITION",
        help='exit 1 once a finished step of any run meets it, such as "alarm==1 or entropy_nats<0.1"',
    )
    add_json(parser)


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} must be above 0")
    return value


def run(args: argparse.Namespace) -> int:
    """Poll, label, draw, until told to stop."""
    path = _the_path(args)
    condition = None if args.fail_on is None else parse_condition(args.fail_on)
    classifier = the_classifier(args)
    store = LabelStore(args.store or default_store(path), str(Path(path).resolve()), classifier.versions)
    columns = Columns(
        **{f.name: getattr(args, f.name) for f in fields(Columns) if f.name != "run"}, run=args.run_column
    )
    try:
        watcher = Watcher(path, store, classifier, columns=columns, step_from=args.step_from, run=args.run)
        return _follow(watcher, args, condition)
    finally:
        store.close()


def _the_path(args: argparse.Namespace) -> str:
    if len(args.paths) != 1:
        raise UsageError(f"watch follows one directory or file, {len(args.paths)} were named")
    path = str(args.paths[0])
    if args.once and not Path(path).exists():
        raise UsageError(f"{path} does not exist")
    return path


def default_store(path: str) -> Path:
    """The store of a path in the user's cache folder.

    Raises:
        UsageError: There is no such folder.
    """
    root = os.environ.get("XDG_CACHE_HOME") or _home_cache()
    name = hashlib.blake2b(str(Path(path).resolve()).encode("utf-8", "surrogateescape"), digest_size=8)
    return Path(root) / "echoformat" / "watch" / f"{name.hexdigest()}.sqlite"


def _home_cache() -> str:
    try:
        return str(Path.home() / ".cache")
    except RuntimeError as error:
        raise UsageError("no home folder to keep labels in; name a file with --store") from error


def _follow(watcher: Watcher, args: argparse.Namespace, condition: Condition | None) -> int:
    with progress("labelling") as tick:
        new = watcher.poll(progress=tick)
    first = True
    while True:
        for notice in watcher.following.notices:
            say(notice)
        if new or first:
            _show(watcher, args)
            if condition is not None and _met(watcher, condition, args):
                return ExitCode.FINDING
        first = False
        if args.strict and watcher.following.report.faulty:
            _say_reading(watcher)
            return ExitCode.UNREADABLE
        if args.once:
            return ExitCode.UNREADABLE if watcher.following.report.faulty else ExitCode.OK
        time.sleep(args.interval)
        new = watcher.poll()


def _say_reading(watcher: Watcher) -> None:
    for line in watcher.following.report.lines()[:MOST_REMARKS]:
        say(line)


def _met(watcher: Watcher, condition: Condition, args: argparse.Namespace) -> bool:
    """Whether a run's last finished step meets the condition; with --once, its last step."""
    for run, split, part in watcher.series().each():
        if not args.once and len(part.steps) < 2:
            continue
        figures = watcher.figures(run, split, part, not args.once) | _verdict(part, condition)
        figures["epoch"] = _epoch(figures, args)
        if condition.holds(figures):
            say(f"--fail-on: {_title(run, split)} meets {condition.text} at step {figures['step']:.0f}")
            return True
    return False


def _epoch(figures: Mapping[str, float | None], args: argparse.Namespace) -> float | None:
    step = figures["step"]
    return None if step is None or not args.steps_per_epoch else step / args.steps_per_epoch


def _verdict(part: FormatSeries, condition: Condition) -> dict[str, float | None]:
    """What takes a look at the whole run, only where it is asked for."""
    asked = {comparison.name for clause in condition.clauses for comparison in clause}
    if not asked & {"collapsed", "onset"}:
        return {"collapsed": None, "onset": None}
    verdict = part.collapse()
    return {"collapsed": float(verdict.collapsed), "onset": verdict.onset}


def _title(run: str, split: str) -> str:
    return " · ".join(word for word in (run or "run", split) if word)


def _show(watcher: Watcher, args: argparse.Namespace) -> None:
    series = watcher.series()
    if args.json:
        show_json(_as_dict(watcher, series, args))
    elif sys.stdout.isatty() and not args.once and os.environ.get("TERM") != "dumb":
        _redraw(watcher, series)
    else:
        print("\n".join(_screen(watcher, series, None)), flush=True)


def _redraw(watcher: Watcher, series: FormatSeries) -> None:
    size = shutil.get_terminal_size()
    lines = _screen(watcher, series, size.columns)[: max(1, size.lines - 1)]
    sys.stdout.write(HOME + CLEAR + "\n".join(lines) + "\n")
    sys.stdout.flush()


def _screen(watcher: Watcher, series: FormatSeries, width: int | None) -> list[str]:
    lines = [f"echoformat watch {visible(watcher.following.path)}: {watcher.store.rows} completions"]
    bars = _encodes("▁█")
    for run, split, part in series.each():
        figures, ring = watcher.figures(run, split, part, False), watcher.ring_of(run, split)
        lines += ["", *screen_lines(visible(_title(run, split)), part, figures, ring, bars, colour_wanted())]
    if not len(series.cells):
        lines.append("no completions yet")
        lines += [visible(line) for line in watcher.following.report.lines()[1:MOST_REMARKS]]
    half = len(watcher.following.waiting)
    if half:
        lines += ["", f"{half} file{'s' if half > 1 else ''} with a half-written end, waiting for the rest"]
    return lines if width is None else [_cut(line, width) for line in lines]


def _cut(line: str, width: int) -> str:
    """A line that does not wrap; escape codes of ours are at its ends only."""
    return line if len(line) <= width or "\x1b" in line else line[: width - 1] + ">"


def _encodes(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _as_dict(watcher: Watcher, series: FormatSeries, args: argparse.Namespace) -> Mapping[str, Any]:
    parts = []
    for run, split, part in series.each():
        ring, figures = watcher.ring_of(run, split), watcher.figures(run, split, part, False)
        parts.append(
            {
                "run": run,
                "split": split,
                "figures": figures | {"epoch": _epoch(figures, args)},
                "alarm": None if ring is None else ring.to_dict(),
                "steps": part.table(),
            }
        )
    return {
        "rows": watcher.store.rows,
        "versions": watcher.store.versions.to_dict(),
        "waiting": dict(watcher.following.waiting),
        "read": watcher.following.report.to_dict(),
        "runs": parts,
    }
