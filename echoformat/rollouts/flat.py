"""FlatPlan: how columns become a Completion; made once for a set of columns, used for each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from echoformat.completion import Completion
from echoformat.errors import UsageError, did_you_mean
from echoformat.rollouts.columns import (
    cut_off,
    is_correctness,
    is_reward,
    looked_up,
    names_reward,
    number,
    truth,
    whole,
)
from echoformat.rollouts.options import Columns
from echoformat.rollouts.report import ReadReport
from echoformat.rollouts.steps import split_of, step_of
from echoformat.rollouts.texts import joined, listed, prompt_text, said, turns_of


@dataclass(frozen=True, slots=True)
class FlatPlan:
    """Column names by role for records of one set of columns.

    Attributes:
        roles: Role to column.
        rewards: Further reward columns.
        correct: Column that says whether the answer was right, if one does.
        rest: Columns kept as extras.
        dotted: Roles whose name reaches into nested records.
    """

    roles: Mapping[str, str]
    rewards: tuple[str, ...] = ()
    correct: str | None = None
    rest: tuple[str, ...] = ()
    dotted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def taken(self) -> dict[str, str]:
        """Column to role, for the report."""
        named = {column: role for role, column in self.roles.items()}
        named |= {column: "reward" for column in self.rewards if column not in named}
        if self.correct is not None:
            named[self.correct] = (
                "correct" if self.correct not in named else f"{named[self.correct]}, correct"
            )
        return named


def plan_for(
    record: Mapping[str, Any],
    given: Columns = Columns(),  # noqa: B008 - frozen
    *,
    known: Mapping[str, str] | None = None,
    all_numbers: bool = False,
) -> FlatPlan:
    """Decide which column of a record is what.

    Args:
        record: The first record of its kind.
        given: Overrides of the caller.
        known: Roles that a framework's reader knows by heart, tried before the general names.
        all_numbers: Whether every numeric column that is nothing else is a reward (frameworks that call
            reward columns after user functions).

    Example:
        >>> plan = plan_for({"input": "2+2?", "output": "4", "score": 1.0, "acc": True, "step": 3})
        >>> plan.taken()
        {'output': 'completion', 'input': 'prompt', 'step': 'step', 'score': 'reward',
        'acc': 'reward, correct'}
    """
    fixed = {role: name for role, name in (known or {}).items() if name in record}
    overrides = given.given()
    fixed.update(overrides)
    used = set(fixed.values())
    roles = dict(fixed)
    for role, names in looked_up(name for name in record if name not in used).items():
        if role not in roles and (name := _best(role, names, record, roles)) is not None:
            roles[role] = name
    correct = overrides.get("correct") or _correct_column(record, roles)
    roles.pop("correct", None)
    free = [name for name in record if name not in roles.values()]
    rewards = tuple(name for name in free if _reward_column(name, record[name], all_numbers))
    rest = tuple(name for name in free if name not in rewards and name != correct)
    dotted = {
        role: tuple(name.split(".")) for role, name in roles.items() if name not in record and "." in name
    }
    return FlatPlan(roles, rewards, correct, rest, dotted)


def checked_columns(given: Columns, seen: Iterable[str], record: Mapping[str, Any], path: str) -> None:
    """Say so where an override names a column that a file does not have.

    Raises:
        UsageError: With the columns seen and the closest name.
    """
    for role, name in given.given().items():
        if name not in record and _reach(record, tuple(name.split("."))) is _ABSENT:
            raise UsageError(
                f"{path} has no column {name!r} (given as {role}); {did_you_mean(name, map(str, seen))}"
            )


_ABSENT = object()


def _reach(record: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        if isinstance(record, list) and key.isdecimal() and int(key) < len(record):
            record = record[int(key)]
        elif isinstance(record, Mapping) and key in record:
            record = record[key]
        else:
            return _ABSENT
    return record


def _best(role: str, names: list[str], record: Mapping[str, Any], taken: Mapping[str, str]) -> str | None:
    """The likeliest free column whose value fits; a completion may be missing, so it need not fit."""
    free = [name for name in names if name not in taken.values()]
    fitting = (name for name in free if fits_role(role, record[name]))
    return next(fitting, free[0] if free and role == "completion" else None)


def fits_role(role: str, value: Any) -> bool:
    """Whether a value may stand in a column of that role."""
    if role == "step":
        return value is None or step_of(value) is not None
    if role == "split":
        return split_of(value) != ""
    if role == "completion":
        return value is None or isinstance(value, str | list | tuple | Mapping | bytes)
    if role == "reward":
        return value is None or isinstance(value, int | float) or number(value) is not None
    if role in ("run", "problem"):
        return isinstance(value, str | int)
    return True


def holds_completions(record: Any, given: Columns = Columns()) -> bool:  # noqa: B008 - frozen
    """Whether a record has a column for completions with something in it that can be one."""
    if not isinstance(record, Mapping):
        return False
    column = plan_for(record, given).roles.get("completion")
    if column is None or _reach(record, (column,)) is not _ABSENT:
        return column is not None and fits_role("completion", record[column])
    return _reach(record, tuple(column.split("."))) is not _ABSENT


def _correct_column(record: Mapping[str, Any], roles: Mapping[str, str]) -> str | None:
    names = [name for name in record if isinstance(name, str) and is_correctness(name)]
    usable = [name for name in names if record[name] is None or number(record[name]) is not None]
    exact = [name for name in usable if name.lower() in ("correct", "is_correct", "acc", "accuracy")]
    return next(iter(exact or usable), None)


def _reward_column(name: str, value: Any, all_numbers: bool) -> bool:
    if is_correctness(name):
        return number(value) is not None
    if all_numbers and (is_reward(name, value) or (value is None and names_reward(name))):
        return True
    return names_reward(name) and (value is None or number(value) is not None)


def completions_of(
    record: Mapping[str, Any], plan: FlatPlan, report: ReadReport, apart: bool
) -> Iterator[Completion]:
    """The completions of one record: one, or several where its completion column is a group."""
    if plan.dotted:
        record = _opened(record, plan)
    text_key = plan.roles.get("completion")
    value = record.get(text_key) if text_key else None
    if type(value) is str or value is None:
        yield completion_of(record, plan, value, report, apart)
    elif is_group(value):
        yield from _group(record, plan, value, report, apart)
    else:
        yield completion_of(record, plan, value, report, apart)


def is_group(value: Any) -> bool:
    """Whether a value is several completions: texts, conversations, or records with a text of their own."""
    if not isinstance(value, list | tuple) or not value:
        return False
    if all(isinstance(one, str) or one is None for one in value):
        return any(isinstance(one, str) for one in value)
    if all(isinstance(one, list | tuple) for one in value):
        return True
    return all(
        isinstance(one, Mapping) and not ("role" in one or "from" in one or "type" in one) for one in value
    )


def completion_of(
    record: Mapping[str, Any], plan: FlatPlan, value: Any, report: ReadReport, apart: bool
) -> Completion:
    """One completion from one flat record."""
    roles = plan.roles
    text: str | None
    reasoning: str | None
    if type(value) is str and value[:1] not in ("[", "{"):
        text, reasoning, shape = value, None, "text"
    else:
        text, reasoning, shape = said(listed(value))
    report.shapes[shape] += 1
    done = Completion(text, extras={name: record[name] for name in plan.rest if name in record})
    if (key := roles.get("step")) is not None:
        done.step = step_of(record.get(key))
    if (key := roles.get("prompt")) is not None:
        done.prompt = prompt_text(listed(record.get(key)))
    elif shape == "messages":
        done.prompt = prompt_text(turns_of(listed(value))[0])
    if (key := roles.get("problem")) is not None and (problem := record.get(key)) is not None:
        done.problem = problem if type(problem) is str else str(problem)
    if (key := roles.get("run")) is not None and (run := record.get(key)) is not None:
        done.run = run if type(run) is str else str(run)
    if (key := roles.get("split")) is not None:
        done.split = split_of(record.get(key))
    _lengths(done, record, roles)
    _rewards(done, record, plan)
    if (key := roles.get("reasoning")) is not None and isinstance(record.get(key), str):
        reasoning = record[key]
    if reasoning:
        done.reasoning = reasoning
        done.text = text if apart else joined(text, reasoning)
    return done


def _lengths(done: Completion, record: Mapping[str, Any], roles: Mapping[str, str]) -> None:
    if (key := roles.get("truncated")) is not None:
        done.truncated = truth(record.get(key))
    elif (key := roles.get("finish")) is not None:
        done.truncated = cut_off(record.get(key))
    if (key := roles.get("tokens")) is not None:
        done.tokens = whole(record.get(key))


def _rewards(done: Completion, record: Mapping[str, Any], plan: FlatPlan) -> None:
    key = plan.roles.get("reward")
    named = {}
    if key is not None and (total := number(record.get(key))) is not None:
        done.reward = named[key] = total
    if plan.rewards:
        named.update(
            {name: value for name in plan.rewards if (value := number(record.get(name))) is not None}
        )
        if key is None and named:
            done.reward = sum(named.values())
    if named:
        done.rewards = named
    if plan.correct is not None:
        done.correct = truth(record.get(plan.correct))


def _opened(record: Mapping[str, Any], plan: FlatPlan) -> dict[str, Any]:
    """The record with the nested columns that overrides name standing beside the others."""
    reached = {plan.roles[role]: _reach(record, keys) for role, keys in plan.dotted.items()}
    return {**record, **{name: value for name, value in reached.items() if value is not _ABSENT}}


def _group(
    record: Mapping[str, Any], plan: FlatPlan, group: list[Any], report: ReadReport, apart: bool
) -> Iterator[Completion]:
    """Each completion of a group with its own entry of every column that is a list of the group's length."""
    key = plan.roles["completion"]
    lists = {
        k: v for k, v in record.items() if isinstance(v, list | tuple) and len(v) == len(group) and k != key
    }
    keep = {plan.roles.get("prompt")}
    for index, member in enumerate(group):
        own = {name: values[index] for name, values in lists.items() if name not in keep}
        yield _member({**record, **own, key: None}, plan, member, report, apart)


def _member(
    record: dict[str, Any], plan: FlatPlan, member: Any, report: ReadReport, apart: bool
) -> Completion:
    if isinstance(member, Mapping):
        inner = plan_for(member)
        if "completion" in inner.roles:
            record.pop(plan.roles["completion"])
            flat = {**record, **member}
            plan = plan_for(flat, known={**plan.roles, **inner.roles})
            member = member[inner.roles["completion"]]
            return completion_of(flat, plan, member, report, apart)
    return completion_of(record, plan, member, report, apart)
