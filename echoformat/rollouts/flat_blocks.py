"""Flat rows as blocks of columns: for ``RolloutLog.batches``, where rows are plain: no object a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import isfinite
from typing import Any

from echoformat.compiled import native
from echoformat.rollouts.columns import cut_off, number, truth, whole
from echoformat.rollouts.container import Container
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.flat import FlatPlan, plan_for
from echoformat.rollouts.records import Fields, Records
from echoformat.rollouts.report import ReadReport
from echoformat.rollouts.steps import split_of, step_of
from echoformat.rollouts.texts import listed, prompt_text

ROWS = 512
Alike = Records | Fields


@dataclass(slots=True)
class Block:
    """Consecutive rows of a flat file with the same columns.

    Attributes:
        plan: What their columns are.
        lines: Where they stand in the file.
        column: A column's values by name, ``None`` where a row has none.
        records: The rows one by one, for those that are not plain.
    """

    plan: FlatPlan
    lines: Sequence[int]
    column: Callable[[str], list[Any]]
    records: Callable[[], Sequence[Mapping[str, Any]]]

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(slots=True)
class Columns:
    """The columns of a plain block, as far as its file has them."""

    texts: list[str | None]
    steps: list[int | None] | None = None
    runs: list[str] | None = None
    splits: list[str] | None = None
    problems: list[str] | None = None
    prompts: list[str | None] | None = None
    rewards: list[float | None] | None = None
    corrects: list[bool | None] | None = None
    truncateds: list[bool | None] | None = None
    tokens: list[int | None] | None = None


def blocks_of(file: LogFile, known: Mapping[str, str] | None = None) -> Iterator[Block]:
    """The file's rows in blocks of equal columns."""
    blocks = _arrow_blocks if file.container in (Container.PARQUET, Container.ARROW) else _row_blocks
    for block in blocks(file, known or {}):
        for column, role in block.plan.taken().items():
            file.read.columns.setdefault(column, role)
        yield block


def _row_blocks(file: LogFile, known: Mapping[str, str]) -> Iterator[Block]:
    plans: dict[tuple[str, ...], FlatPlan] = file.plans
    held: list[Alike] = []
    lines: Sequence[int] = ()
    keys: tuple[str, ...] = ()
    for at, rows in _alike(file):
        if held and (rows.names != keys or len(lines) >= ROWS):
            yield _block(plans[keys], lines, held)
            held, lines = [], ()
        keys = rows.names
        if keys not in plans:
            plans[keys] = plan_for(rows.rows()[0], file.options.columns, known=known)
            tell_of_change(file, len(plans))
        held.append(rows)
        lines = joined(lines, at)
    if held:
        yield _block(plans[keys], lines, held)


def joined(lines: Sequence[int], more: Sequence[int]) -> Sequence[int]:
    """Lines and those behind them; a range as long as none is left out."""
    if not lines:
        return more
    if isinstance(lines, range) and isinstance(more, range) and lines.stop == more.start:
        return range(lines.start, more.stop)
    if isinstance(lines, list):
        lines.extend(more)
        return lines
    return [*lines, *more]


def _alike(file: LogFile) -> Iterator[tuple[Sequence[int], Alike]]:
    """The records of a file, as many at a time as have the same columns, and their lines."""
    for lines, found in file.chunks():
        if isinstance(found, Fields):
            yield lines, found
        elif set(map(type, found)) == {dict} and len(kinds := set(map(tuple, found))) == 1:
            yield lines, Records(kinds.pop(), found)
        else:
            yield from _one_by_one(file, lines, found)


def _one_by_one(
    file: LogFile, lines: Sequence[int], values: list[Any]
) -> Iterator[tuple[Sequence[int], Alike]]:
    for line, value in zip(lines, values):
        if isinstance(value, dict):
            yield range(line, line + 1), Records(tuple(value), [value])
        else:
            file.bad_row(f"a row is {kind_of(value)}, not an object", line)


def _block(plan: FlatPlan, lines: Sequence[int], held: list[Alike]) -> Block:
    def column(name: str) -> list[Any]:
        if name not in held[0].names:
            return [None] * len(lines)
        return list(chain.from_iterable(rows.column(name) for rows in held))

    return Block(plan, lines, column, lambda: list(chain.from_iterable(rows.rows() for rows in held)))


def _arrow_blocks(file: LogFile, known: Mapping[str, str]) -> Iterator[Block]:
    number, plan = 0, None
    for batch in file.batches():
        if batch.num_rows == 0:
            continue
        if plan is None:
            plan = plan_for(batch.slice(0, 1).to_pylist()[0], file.options.columns, known=known)
        lines = range(number + 1, number + 1 + batch.num_rows)
        number += batch.num_rows
        names = set(batch.schema.names)

        def column(name: str, batch: Any = batch, names: set[str] = names) -> list[Any]:
            return list(batch.column(name).to_pylist()) if name in names else [None] * batch.num_rows

        yield Block(plan, lines, column, batch.to_pylist)


def kind_of(value: Any) -> str:
    """How a message calls a row that is not an object."""
    return "null" if value is None else f"a {type(value).__name__}"


def tell_of_change(file: LogFile, plans: int) -> None:
    """Say once that a file's columns change."""
    if plans == 2:
        file.report.note(f"{file.path}: the columns change within the file; each row is read by its own")


def plain_columns(block: Block, report: ReadReport) -> Columns | None:
    """The columns of a block whose completions are plain texts; ``None`` where rows are not plain."""
    plan, roles = block.plan, block.plan.roles
    key = roles.get("completion")
    if plan.dotted or key is None or "reasoning" in roles:
        return None
    texts = block.column(key)
    missing = absent(texts)
    if missing is None:
        return None
    report.shapes["text"] += len(texts) - missing
    if missing:
        report.shapes["missing"] += missing
    done = Columns(texts)
    for role, attribute, read in _READ:
        if role in roles:
            setattr(done, attribute, read(block.column(roles[role])))
    if "truncated" not in roles and "finish" in roles:
        done.truncateds = _cut_offs_of(block.column(roles["finish"]))
    if done.rewards is None and plan.rewards:
        done.rewards = _totals([_numbers_of(block.column(name)) for name in plan.rewards])
    if plan.correct is not None:
        done.corrects = _truths_of(block.column(plan.correct))
    return done


def _totals(columns: list[list[float | None]]) -> list[float | None]:
    rows = (([value for value in row if value is not None]) for row in zip(*columns))
    return [sum(row) if row else None for row in rows]


def absent(values: list[Any]) -> int | None:
    """How many of some values are ``None``, where all others are texts and none is a list of messages.

    Example:
        >>> absent(["4", None]), absent(["4", 7]), absent(['[{"role": "user"}]']), absent(["[1]"])
        (1, None, None, 0)
    """
    compiled = native()
    count, rows = _absent(values) if compiled is None else compiled.absent(values)
    plain = count >= 0 and all(listed(values[row]) is values[row] for row in rows)
    return count if plain else None


def _absent(values: list[Any]) -> tuple[int, list[int]]:
    """How many values are ``None``, -1 where one is no text; rows that begin with a bracket."""
    kinds = set(map(type, values))
    if not kinds <= _PLAIN:
        return -1, []
    texts = values if kinds == {str} else [value for value in values if value is not None]
    # Most texts begin with neither bracket, and one look at all first characters says so.
    odd = {text[:1] for text in texts} & {"[", "{"}
    rows = [row for row, value in enumerate(values) if value and value[0] in odd] if odd else []
    return len(values) - len(texts), rows


def _texts_of(values: list[Any]) -> list[str]:
    kinds = set(map(type, values))
    if kinds == {str}:
        return values
    if kinds == {int}:
        return list(map(str, values))
    return ["" if value is None else str(value) for value in values]


def _steps_of(values: list[Any]) -> list[int | None]:
    return values if set(map(type, values)) == {int} else list(map(step_of, values))


def _prompts_of(values: list[Any]) -> list[str | None]:
    plain = absent(values) is not None
    return values if plain else [prompt_text(listed(value)) for value in values]


def _numbers_of(values: list[Any]) -> list[float | None]:
    if set(map(type, values)) == {float} and all(map(isfinite, values)):
        return values
    return list(map(number, values))


def _truths_of(values: list[Any]) -> list[bool | None]:
    kinds = set(map(type, values))
    if kinds == {bool}:
        return values
    if kinds <= _NUMBERS:
        return list(map(_TRUTHS.get, values))
    return list(map(truth, values))


def _wholes_of(values: list[Any]) -> list[int | None]:
    return values if set(map(type, values)) == {int} else list(map(whole, values))


def _splits_of(values: list[Any]) -> list[str]:
    return _each_once(split_of, values)


def _cut_offs_of(values: list[Any]) -> list[bool | None]:
    return _each_once(cut_off, values)


def _each_once(read: Callable[[Any], Any], values: list[Any]) -> list[Any]:
    """Values read, those that are said again and again only once."""
    if not set(map(type, values)) <= _PLAIN:
        return list(map(read, values))
    return list(map({value: read(value) for value in set(values)}.__getitem__, values))


_PLAIN = {str, type(None)}
_NUMBERS = {int, float, bool}
_TRUTHS = {1: True, 0: False}
_READ: tuple[tuple[str, str, Callable[[list[Any]], list[Any]]], ...] = (
    ("step", "steps", _steps_of),
    ("run", "runs", _texts_of),
    ("split", "splits", _splits_of),
    ("problem", "problems", _texts_of),
    ("prompt", "prompts", _prompts_of),
    ("reward", "rewards", _numbers_of),
    ("truncated", "truncateds", _truths_of),
    ("tokens", "tokens", _wholes_of),
)


def filled(column: list[Any] | None, rows: int, value: Any) -> list[Any]:
    """A column, or one value for every row where there is none."""
    return [value] * rows if column is None else column
