"""Read a few completions yourself, and correct the shares by what you say of them.

Draws the completions worth reading (at least a third from the largest format), shows them one by one without
our label, and takes one key for each. The sheet is resumed where it stopped. The corrected shares come with
their intervals: labels of all, corrected by a person's reading of some (two-phase sampling).
"""

from __future__ import annotations

import argparse
import string
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from echoformat.audit_sheet import AuditSheet, draw_sheet, load_sheet, start_sheet, text_hash
from echoformat.cli.arguments import add_json, add_labelling, add_reading, code_of, open_log, the_classifier
from echoformat.cli.say import say, show, show_json
from echoformat.completion import Completion
from echoformat.engines.local import label_batches
from echoformat.errors import InputError, UsageError
from echoformat.measure.diversity import entropy_nats

try:
    import termios
    import tty
except ImportError:  # Windows has no such terminal: one line an answer there.
    termios = None  # type: ignore[assignment]

QUIT, SKIP = "q", "s"
KEYS = "".join(key for key in string.ascii_lowercase + string.digits if key not in QUIT + SKIP)
MOST_LINES = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `echoformat audit`."""
    add_reading(parser)
    add_labelling(parser)
    parser.add_argument(
        "--sheet", default="audit.jsonl", help="file of the plan and the answers (audit.jsonl)"
    )
    parser.add_argument("--budget", type=int, default=100, help="completions to read (100)")
    parser.add_argument("--seed", type=int, default=0, help="of the draw (0)")
    parser.add_argument(
        "--steps", metavar="FROM:TO", help="audit only these steps; either end may be left out"
    )
    parser.add_argument("--status", action="store_true", help="only show the shares so far")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Go through what is left of the sheet, then print the corrected shares."""
    log = open_log(args)
    rows, names, versions = [], [], {}
    low, high = _limits(args.steps)
    for batch, labels in label_batches(log, the_classifier(args)):
        versions = labels.versions.to_dict()
        for row, name in zip(batch, labels.label_names(), strict=True):
            if row.text is not None and low <= (row.step if row.step is not None else low) <= high:
                rows.append(row)
                names.append(name)
    sheet = _sheet(Path(args.sheet), rows, names, versions, args)
    if not args.status:
        _walk(sheet, rows)
    _result(sheet, args.json)
    return code_of(log)


def _limits(steps: str | None) -> tuple[float, float]:
    if steps is None:
        return float("-inf"), float("inf")
    first, colon, last = steps.partition(":")
    try:
        low = float(first) if first else float("-inf")
        return low, (float(last) if last else float("inf")) if colon else low
    except ValueError as error:
        raise UsageError(f"--steps {steps!r}: write FROM:TO, for example 0:5, 100: or :20") from error


def _sheet(
    path: Path, rows: list[Completion], names: list[str], versions: dict[str, str], args: argparse.Namespace
) -> AuditSheet:
    if not path.exists():
        return start_sheet(
            draw_sheet(names, [row.text for row in rows], versions, args.budget, args.seed), path
        )
    sheet = load_sheet(path)
    if sheet.header.versions != versions:
        raise InputError("this sheet was drawn from labels of another version; start a new one", path=path)
    for number, item in enumerate(sheet.header.items):
        if item.row >= len(rows) or text_hash(rows[item.row].text) != item.text_hash:
            raise InputError(f"item {number} is not in this log; is it the log of this sheet?", path=path)
    return sheet


def _walk(sheet: AuditSheet, rows: list[Completion]) -> None:
    keys = dict(
        zip(KEYS, sorted(sheet.header.predicted, key=lambda n: -sheet.header.predicted[n]), strict=False)
    )
    skipped, ask = 0, _asker()
    for number in (waiting := sheet.waiting):
        say("\n".join(_card(sheet, rows[sheet.header.items[number].row], number, len(waiting), keys)))
        answer = ask("your key: ")
        while answer not in keys and answer not in (QUIT, SKIP, "") and not answer.startswith("/"):
            answer = ask(f"{answer!r} is none of them; your key: ")
        if answer in (QUIT, ""):
            break
        if answer == SKIP:
            skipped += 1
            continue
        sheet.say(number, keys[answer] if answer in keys else answer[1:].strip())
    say(f"{len(sheet.answers)} of {len(sheet.header.items)} read, {skipped} skipped now")


def _card(sheet: AuditSheet, row: Completion, number: int, left: int, keys: dict[str, str]) -> Iterator[str]:
    yield f"--- item {number + 1} of {len(sheet.header.items)}, {left - sheet.waiting.index(number)} to go"
    lines = (row.text or "").split("\n")
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"... {len(lines) - MOST_LINES} more lines"
    yield "---"
    yield "  ".join(f"[{key}] {name}" for key, name in keys.items())
    yield f"[/NAME] another format   [{SKIP}] skip   [{QUIT}] stop here"


def _asker() -> Callable[[str], str]:
    """One key from a terminal, one line from a pipe; the end of input stops the audit."""
    if sys.stdin.isatty() and termios is not None:
        return _key
    return lambda question: sys.stdin.readline().strip() or QUIT


def _key(question: str) -> str:
    say(question)
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        key = sys.stdin.read(1)
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
    if key == "/":
        say("name of the format: ")
        return "/" + sys.stdin.readline().strip()
    return key.strip() or QUIT if key != "\n" else "enter"


def _result(sheet: AuditSheet, as_json: bool) -> None:
    predicted = [sheet.header.predicted.get(name, 0) for name in sheet.names]
    total = sum(predicted)
    found = sheet.shares()
    raw = [n / total for n in predicted]
    if as_json:
        show_json(_facts(sheet, raw))
        return
    table = sheet.table()
    right = int(table.trace())
    show(f"{'':24}{'labels':>8}{'corrected':>11}   95 % interval   read")
    for i, name in enumerate(sheet.names):
        limits = f"{found.low[i]:.1%} to {found.high[i]:.1%}"
        show(f"{name[:23]:24}{raw[i]:>8.1%}{found.share[i]:>11.1%}   {limits:<15} {int(table[i].sum()):>4}")
    entropy = f"{float(entropy_nats(raw)):.3f} by the labels, {found.entropy.point:.3f} corrected"
    show(f"entropy over formats, nats: {entropy} ({found.entropy.low:.3f} to {found.entropy.high:.3f})")
    show(f"the label was right on {right} of the {int(table.sum())} read")
    if not found.trustworthy:
        show(
            "a predicted format was not read at all: its share stands as labelled, its interval is too narrow"
        )


def _facts(sheet: AuditSheet, raw: list[float]) -> dict[str, object]:
    found, table = sheet.shares(), sheet.table()
    return {
        "names": list(sheet.names),
        "labelled_share": raw,
        "share": found.share.tolist(),
        "low": found.low.tolist(),
        "high": found.high.tolist(),
        "entropy_nats": [found.entropy.point, found.entropy.low, found.entropy.high],
        "audited": table.tolist(),
        "read": int(table.sum()),
        "planned": len(sheet.header.items),
        "trustworthy": found.trustworthy,
        "versions": sheet.header.versions,
    }
