"""Detectors of other packages: found by entry point, guarded, and never able to stop a run.

A package names a detector under the entry point group ``echoformat.detectors``: an object with `rules`,
`find` and `span` (see `echoformat.detectors.Detector`), or a class or function without arguments that makes
one. Its rules speak for formats of the shelf, as patterns do. Formats come by ``echoformat.formats``.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from echoformat.detectors import NOTHING, Detector, Findings, Rule
from echoformat.entry_points import entry_points
from echoformat.errors import EchoformatWarning, UsageError, did_you_mean
from echoformat.formats import installed_formats

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "echoformat.detectors"
SLOW_SECONDS = 1.0
MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Plugin:
    """One thing that an installed package brings.

    Attributes:
        kind: ``format`` or ``detector``.
        name: What it is called.
        problem: Why it is left out; empty where it is in use.
    """

    kind: str
    name: str
    problem: str = ""


class GuardedDetector:
    """A detector of another package, whose faults are reported once and end with it.

    It is switched off for the rest of the process after three faults, or one call of over a second: Python
    cannot take back a call that has begun, so a slow one is paid for once.

    Args:
        name: What reports call it.
        detector: The detector.

    Raises:
        UsageError: Its rules are not rules.
    """

    def __init__(self, name: str, detector: Detector) -> None:
        self.name, self._inner = name, detector
        self.problem = ""
        self._failures = 0
        self.rules: Sequence[Rule] = tuple(detector.rules)
        if not all(isinstance(rule, Rule) and -1.0 <= rule.weight <= 1.0 for rule in self.rules):
            raise UsageError(f"detector {name!r}: rules must be echoformat.detectors.Rule, weights -1 to 1")

    def find(self, text: str) -> Findings:
        """The rules that fire; nothing once it is switched off."""
        if self.problem:
            return NOTHING
        start = time.monotonic()
        try:
            found = _checked(self._inner.find(text), len(self.rules))
        except (Exception, SystemExit) as error:
            return self._failed(f"{type(error).__name__}: {error}")
        seconds = time.monotonic() - start
        if seconds > SLOW_SECONDS:
            self.switch_off(f"a call took {seconds:.1f} s")
        return found

    def span(self, rule: int, text: str) -> tuple[int, int]:
        """Where a rule fires; the start of the text where it cannot say."""
        try:
            start, end = self._inner.span(rule, text)
        except (Exception, SystemExit) as error:
            self._failed(f"{type(error).__name__}: {error}")
            return 0, 0
        return (start, end) if 0 <= start <= end <= len(text) else (0, 0)

    def _failed(self, what: str) -> Findings:
        self._failures += 1
        if self._failures == 1:
            _say(f"detector {self.name!r} failed and is passed over: {what}")
        if self._failures >= MOST_FAILURES:
            self.switch_off(what)
        return NOTHING

    def switch_off(self, what: str) -> None:
        """Ask it no more."""
        if self.problem:
            return
        self.problem = what
        _say(f"detector {self.name!r} is switched off: {what}")


def _say(what: str) -> None:
    warnings.warn(what, EchoformatWarning, stacklevel=4)


def _checked(found: Any, count: int) -> Findings:
    if not isinstance(found, Findings):
        raise TypeError(f"find must give Findings, not {type(found).__name__}")
    fired = tuple(found.fired)
    if any(type(index) is not int or not 0 <= index < count for index in fired):
        raise ValueError(f"find names rules outside 0..{count - 1}")
    return Findings(tuple(sorted(set(fired))), found.status)


@cache
def installed_detectors() -> tuple[tuple[GuardedDetector, ...], tuple[Plugin, ...]]:
    """Detectors of installed packages, by name, and those that are left out."""
    found, wrong = [], []
    if os.environ.get("ECHOFORMAT_NO_PLUGINS"):
        return (), ()
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            found.append(_loaded(entry))
        except (Exception, SystemExit) as error:
            wrong.append(Plugin("detector", entry.name, f"{type(error).__name__}: {error}"))
    return tuple(found), tuple(wrong)


def _loaded(entry: EntryPoint) -> GuardedDetector:
    thing = entry.load()
    made = thing() if callable(thing) else thing
    if not all(hasattr(made, part) for part in ("rules", "find", "span")):
        raise TypeError("it has no rules, find and span")
    return GuardedDetector(entry.name, made)


def guard(detector: Detector, formats: Collection[str]) -> GuardedDetector:
    """A detector, guarded.

    Raises:
        UsageError: Its rules are not rules, or speak for formats that are not on the shelf.
    """
    guarded = detector
    if not isinstance(guarded, GuardedDetector):
        guarded = GuardedDetector(type(detector).__name__.lower(), detector)
    for rule in guarded.rules:
        if rule.format not in formats:
            hint = did_you_mean(rule.format, formats)
            raise UsageError(
                f"detector {guarded.name!r}: rule {rule.name!r}: no format {rule.format!r}: {hint}"
            )
    return guarded


def usable_detectors(formats: Collection[str]) -> tuple[GuardedDetector, ...]:
    """Installed detectors that fit a shelf; one that does not is switched off and says so."""
    kept = []
    for detector in installed_detectors()[0]:
        try:
            kept.append(guard(detector, formats))
        except UsageError as error:
            detector.switch_off(str(error))
    return tuple(kept)


def plugins() -> tuple[Plugin, ...]:
    """Everything that installed packages bring, in use or left out.

    Example:
        >>> all(plugin.kind in ("format", "detector") for plugin in plugins())
        True
    """
    formats, wrong_formats = installed_formats()
    detectors, wrong = installed_detectors()
    return (
        *(Plugin("format", format.name) for format in formats),
        *(Plugin("format", "", problem) for problem in wrong_formats),
        *(Plugin("detector", detector.name, detector.problem) for detector in detectors),
        *wrong,
    )
