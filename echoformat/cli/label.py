"""Label a log: one row a completion, in the log's order, to a file."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from echoformat.classifier import Classifier
from echoformat.cli.arguments import (
    add_json,
    add_labelling,
    add_reading,
    code_of,
    open_log,
    say_reading,
    the_classifier,
)
from echoformat.cli.label_file import LABEL_COLUMNS, label_writer
from echoformat.cli.output import whole_file
from echoformat.cli.progress import progress
from echoformat.cli.say import say, show_json
from echoformat.engines.files import BATCH_ROWS, ENGINES, SHARD_ROWS, head_start, label_log
from echoformat.engines.own_pool import OwnPool
from echoformat.engines.pace import Pace
from echoformat.engines.parted import PartedLog
from echoformat.engines.shards import KINDS, join_shards
from echoformat.engines.workers import HeadStart
from echoformat.errors import UsageError
from echoformat.rollouts import Columns, RolloutLog


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `echoformat label`."""
    add_reading(parser)
    add_labelling(parser)
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help=".parquet, .jsonl or .csv, or a folder for shards; columns " + ", ".join(LABEL_COLUMNS),
    )
    group = parser.add_argument_group("large logs", "labels in shards that a later call can go on with")
    group.add_argument("--workers", type=int, metavar="N", help="label in N processes")
    group.add_argument(
        "--engine", choices=ENGINES[1:], help="where they run; ray uses a cluster where there is one"
    )
    group.add_argument(
        "--resume", action="store_true", help="go on where an earlier, interrupted call left off"
    )
    group.add_argument("--shard-rows", type=int, metavar="N", default=SHARD_ROWS, help="rows of a shard")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Write the labels."""
    with head_start(1 if args.workers is None else args.workers, args.engine or "auto") as ahead:
        log, classifier = open_log(args), the_classifier(args)
        in_shards = not args.output.suffix or args.workers or args.engine or args.resume
        if in_shards:
            rows = _in_shards(args, log, classifier, ahead)
        else:
            rows = _in_one_pass(args, log, classifier)
    if args.json:
        show_json({"labels": str(args.output), "rows": rows, "read": log.report.to_dict()})
    say_reading(log)
    say(f"wrote {rows} labels to {args.output}")
    return code_of(log)


def _in_one_pass(args: argparse.Namespace, log: RolloutLog, classifier: Classifier) -> int:
    rows = 0
    kind = args.output.suffix
    with (
        whole_file(args.output) as part,
        progress("labelling") as tick,
        label_writer(part, kind, classifier.versions) as write,
    ):
        for some, labels in PartedLog(log, OwnPool(classifier), BATCH_ROWS, 0).segments():
            write(some, labels)
            rows += len(some)
            if tick is not None:
                tick(len(some))
    return rows


def _in_shards(args: argparse.Namespace, log: RolloutLog, classifier: Classifier, ahead: HeadStart) -> int:
    """Shards in a folder; for a file, in one beside it, joined and removed at the end."""
    kind = args.output.suffix.removeprefix(".") or "parquet"
    if kind not in KINDS:
        raise UsageError(f"-o: shards are written as .parquet or .jsonl, not {args.output.suffix}")
    folder = args.output if not args.output.suffix else args.output.with_name(args.output.name + ".parts")
    with progress("labelling") as tick:
        done = label_log(
            log,
            folder,
            _read_as(args),
            classifier=classifier,
            workers=1 if args.workers is None else args.workers,
            engine=args.engine or "auto",
            shard_rows=args.shard_rows,
            kind=kind,
            resume=args.resume,
            progress=None if tick is None else _Ticks(tick),
            ahead=ahead,
        )
    if folder != args.output:
        with whole_file(args.output) as part:
            join_shards(folder, done.shards, kind, part)
        shutil.rmtree(folder)
    return done.rows


def _read_as(args: argparse.Namespace) -> dict[str, Any]:
    columns = {field.name: getattr(args, field.name) for field in fields(Columns) if field.name != "run"}
    return {"columns": {**columns, "run": args.run_column}, "step_from": args.step_from, "run": args.run}


class _Ticks:
    """Tells a progress bar how many rows came since it was last told."""

    def __init__(self, tick: Callable[[int], None]) -> None:
        self._tick, self._told = tick, 0

    def __call__(self, pace: Pace) -> None:
        self._tick(pace.rows - self._told)
        self._told = pace.rows
