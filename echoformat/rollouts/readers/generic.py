"""Flat or grouped rows under names of anyone's choosing: JSON lines, JSON, CSV, parquet, Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.flat import FlatPlan, completions_of, holds_completions, plan_for
from echoformat.rollouts.flat_blocks import Block, blocks_of, kind_of, tell_of_change


class Generic:
    """One row a completion, or one row a prompt with a list of them; columns found by name."""

    name = "generic"
    title = "JSON lines, JSON, CSV, parquet, Arrow with columns found by name"
    source = "https://jsonlines.org/"

    def sniff(self, file: LogFile) -> bool:
        """A first record with a column for completions."""
        return holds_completions(file.first, file.options.columns)

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Rows by a plan that is made anew where the columns change."""
        yield from flat_rows(file)

    def blocks(self, file: LogFile) -> Iterator[Block]:
        """The same rows as blocks of columns."""
        yield from blocks_of(file)


def flat_rows(
    file: LogFile,
    rows: Iterator[tuple[int, Any]] | None = None,
    known: Mapping[str, str] | None = None,
    all_numbers: bool = False,
) -> Iterator[Completion]:
    """The rows of a flat file; ``known`` are the roles that a framework's reader knows by heart."""
    plans: dict[tuple[str, ...], FlatPlan] = {}
    apart, report = file.options.apart, file.report
    for line, record in rows if rows is not None else file.rows():
        if not isinstance(record, dict):
            file.bad_row(f"a row is {kind_of(record)}, not an object", line)
            continue
        keys = tuple(record)
        plan = plans.get(keys)
        if plan is None:
            plan = plans[keys] = plan_for(record, file.options.columns, known=known, all_numbers=all_numbers)
            _tell(file, plan, len(plans))
        for completion in completions_of(record, plan, report, apart):
            completion.source = f"{file.path}:{line}"
            yield completion


def _tell(file: LogFile, plan: FlatPlan, plans: int) -> None:
    for column, role in plan.taken().items():
        file.read.columns.setdefault(column, role)
    tell_of_change(file, plans)


READER = Generic()
