"""Syntax: tree-sitter queries over the completion's code, tolerant of cuts, bounded in work.

tree-sitter has no time limit of its own, holds the interpreter lock, and is quadratic on repetitions of an
almost-valid token, which is what a collapsing policy writes. So it is asked only where a gate found code
and a rule could still fire, on a bounded head of it, under a budget counted in calls of its progress
callback: a budget in work, unlike one in time, gives every machine the same labels.
"""

from __future__ import annotations

import threading
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib import import_module
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from echoformat.compiled import native
from echoformat.detectors import NOTHING, Findings, Rule
from echoformat.detectors.late_regex import LateRegex
from echoformat.detectors.plain_code import Asks, bits_of
from echoformat.detectors.region import code_bounds, unlike_python
from echoformat.errors import EchoformatWarning, UsageError, did_you_mean
from echoformat.format import Format, Syntax
from echoformat.label import Status

GRAMMARS = {"json": "tree_sitter_json", "python": "tree_sitter_python"}
LONGEST_PARSE = 4096
# tree-sitter reports after every hundred operations. Clean code takes one report for 100 bytes at most.
LEAST_REPORTS = 16
BYTES_PER_REPORT = 25
MOST_CURSORS = 64
# What is known of code: that it is unlike Python, or nothing.
UNLIKE, ASK = 1, -1
CLEAN_PART = 0.85
# 0.26.0 crashes on reading a node's place, 0.25 on a progress callback, 0.24 refuses current grammars.
LEAST_TREE_SITTER = (0, 26, 1)
# How the name begins and ends of the folder that says what version is installed.
FACTS = "tree_sitter-", ".dist-info"
_EQUALS = LateRegex(r'\(#eq\?\s+@\w+\s+"([^"\\]+)"\s*\)')
_PREDICATE = LateRegex(r"\(#[^()]*\)")
_CAPTURE = LateRegex(r"@([\w.-]+)")
_OPTIONAL = LateRegex(r"[?*\[|]")


class _Tools(threading.local):
    """A parser and cursors of each thread: in the midst of a parse another thread may have its turn."""

    def __init__(self) -> None:
        self.parser: Any = None
        self.cursors: dict[tuple[int, ...], tuple[Any, list[int]]] = {}


class _Asked(NamedTuple):
    """Rules that can always fire, and those that need some strings, with these."""

    always: tuple[int, ...]
    needing: list[tuple[int, tuple[bytes, ...]]]


class SyntaxDetector:
    """All syntax rules of some formats in one language.

    Args:
        formats: Whose rules.
        language: Grammar to parse with.
        later: Load the grammar and compile the queries on the first parse; for queries known to be good.

    Raises:
        UsageError: A query that the grammar does not take.
    """

    def __init__(self, formats: Iterable[Format], language: str = "python", later: bool = False) -> None:
        self.language = language
        self._declared = [(f.name, s) for f in formats for s in f.syntax if s.language == language]
        self._rules = tuple(Rule(name, s.name, "syntax", s.weight, s.variant) for name, s in self._declared)
        self._tools = _Tools()
        # Of plain code, by what it holds; and of code that no rule can fire on.
        self._told: dict[Any, Findings] = {-1: NOTHING}
        self.disabled = ""
        if self._declared and not later:
            self._ready()
            if self._is_ready():
                # All of them, to hear of one that is wrong.
                self._cursor(tuple(range(len(self._declared))))

    @cached_property
    def _needed(self) -> dict[bool, tuple[_Asked, _Asked]]:
        """By whether the code is all there is: rules that need it clean, and the others."""
        return {
            whole: (self._rules_for(whole, True), self._rules_for(whole, False)) for whole in (True, False)
        }

    @cached_property
    def _plain(self) -> dict[bool, list[tuple[int, int]]]:
        """By whether the code is all there is: rules that plain code answers, and what each asks for.

        Left out where a rule needs a parse.
        """
        found = {}
        for whole, (clean, _) in self._needed.items():
            rules = sorted((*clean.always, *(i for i, _ in clean.needing)))
            bits = bits_of([self._declared[i][1] for i in rules])
            if bits is not None:
                found[whole] = list(zip(rules, bits, strict=True))
        return found

    @cached_property
    def _question(self) -> tuple[tuple[bytes, ...], int]:
        """What the compiled part is asked: strings of which rules need one that do not need clean code, and
        for which code others are there.
        """
        words: set[bytes] = set()
        asks = Asks.PLAIN if len(self._plain) == len(self._needed) else Asks(0)
        for whole, (clean, others) in self._needed.items():
            words.update(needed[0] for _, needed in others.needing)
            words.update([b""] if others.always else [])
            if clean.always or clean.needing:
                asks |= Asks.WHOLE if whole else Asks.PART
        return tuple(sorted(words)), int(asks)

    @property
    def rules(self) -> Sequence[Rule]:
        """Every syntax rule, formats in the order given."""
        return self._rules

    def __getstate__(self) -> dict[str, Any]:
        return {
            key: value for key, value in self.__dict__.items() if key not in ("_tools", "_grammar", "_told")
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _tools=_Tools(), _told={-1: NOTHING})

    def _rules_for(self, whole: bool, clean: bool) -> _Asked:
        """Rules for code that is all there is, or is not; those that need it clean, or the others."""
        own = [i for i, (_, s) in enumerate(self._declared) if s.clean is clean and (whole or not s.whole)]
        needed = [(i, _needed(self._declared[i][1].query)) for i in own]
        return _Asked(tuple(i for i, words in needed if not words), [one for one in needed if one[1]])

    def _ready(self) -> None:
        """Load the grammar; without it no syntax rule fires, which is said once."""
        try:
            grammar = load_grammar(self.language)
            import tree_sitter
        except ImportError as error:
            self._disable(
                f"{error}; install it with: pip install {GRAMMARS[self.language].replace('_', '-')}"
            )
            return
        except _Unusable as error:
            self._disable(str(error))
            return
        self._grammar = grammar
        self._tools.parser = tree_sitter.Parser(grammar)

    def _cursor(self, rules: tuple[int, ...]) -> tuple[Any, list[int]]:
        """A query of some rules, and whose each of its patterns is: few sets of rules are asked about."""
        known = self._tools.cursors.get(rules)
        if known is None:
            if len(self._tools.cursors) >= MOST_CURSORS:
                self._tools.cursors.clear()
            known = self._tools.cursors[rules] = self._joined(rules)
        return known

    def _joined(self, rules: Sequence[int]) -> tuple[Any, list[int]]:
        """The query of some rules, and whose each of its patterns is, by the byte that it starts at."""
        import tree_sitter

        texts = [self._declared[i][1].query + "\n" for i in rules]
        ends = list(accumulate(len(text.encode()) for text in texts))
        try:
            query = tree_sitter.Query(self._grammar, "".join(texts))
        except tree_sitter.QueryError:
            for i in rules:
                _check(self._grammar, *self._declared[i])
            raise
        # A rule fires or not: a node told of costs more than its match, and only predicates need it.
        read = {name for text in texts if "(#" in text for name in _CAPTURE.findall(text)}
        for name in {query.capture_name(k) for k in range(query.capture_count)} - read:
            query.disable_capture(name)
        starts = (query.start_byte_for_pattern(k) for k in range(query.pattern_count))
        owners = [rules[bisect_right(ends, start)] for start in starts]
        return tree_sitter.QueryCursor(query, match_limit=2000), owners

    def _disable(self, reason: str) -> None:
        self.disabled = reason
        warnings.warn(
            f"no {len(self._declared)} syntax rules for {self.language} in these labels: {reason}",
            EchoformatWarning,
            stacklevel=2,
        )

    def find(self, text: str) -> Findings:
        """The rules that fire on the code of one completion."""
        if not self._declared or self.disabled:
            return NOTHING
        bounds = code_bounds(text)
        if bounds is None:
            return NOTHING
        start, end, whole = bounds
        return self._found(text[start : min(end, start + LONGEST_PARSE)].encode(), whole, ASK)

    def find_many(self, encoded: list[bytes]) -> list[Findings]:
        """The rules that fire on the code of each of some completions, given in UTF-8."""
        compiled = native()
        if compiled is None or self.language != "python" or not self._declared or self.disabled:
            return [self.find(data.decode()) for data in encoded]
        codes = compiled.codes(encoded, LONGEST_PARSE, CLEAN_PART, *self._question)
        told = self._told
        return [
            told.get(one) or (self._of_plain(one) if isinstance(one, int) else self._found(*one))
            for one in codes
        ]

    def _of_plain(self, told: int) -> Findings:
        """The rules that fire on plain code, by what it holds; remembered where there is a grammar."""
        if not self._is_ready():
            return NOTHING
        known = self._told.get(told)
        if known is None:
            fired = tuple(i for i, bits in self._plain[bool(told & Asks.IS_WHOLE)] if bits & told)
            known = self._told[told] = Findings(fired) if fired else NOTHING
        return known

    def _found(self, source: bytes, whole: bool, unlike: int) -> Findings:
        """The rules that fire on code; `unlike` says whether it is unlike Python, where that is known."""
        clean, others = self._needed[whole]
        possible = () if unlike == UNLIKE else _possible(source, clean)
        if possible and unlike == ASK and self._is_prose(source):
            possible = ()
        left = _possible(source, others)
        if not (possible or left) or not self._is_ready():
            return NOTHING
        told = -1 if left else self._read(source, whole)
        return self._parsed(source, possible, left) if told < 0 else self._of_plain(told)

    def _read(self, source: bytes, whole: bool) -> int:
        """What plain code holds, told without a parse; -1 where it is not plain."""
        compiled = native()
        if compiled is None or whole not in self._plain:
            return -1
        found: int = compiled.plain_python(source)
        return found | (Asks.IS_WHOLE if whole and found >= 0 else 0)

    def _is_ready(self) -> bool:
        """Whether code can be parsed; loads the grammar where that was put off, as in a new worker."""
        if self._tools.parser is None and not self.disabled:
            self._ready()
        return self._tools.parser is not None

    def _is_prose(self, source: bytes) -> bool:
        """Whether an error is certain, too early for clean code."""
        if self.language != "python":
            return False
        compiled = native()
        least = CLEAN_PART * len(source)
        # A parse says the same, and costs a hundred times as much.
        if compiled is not None and 0 <= compiled.unlike_python(source) < least:
            return True
        code = source.decode()
        at = unlike_python(code)
        return at >= 0 and (at if len(code) == len(source) else len(code[:at].encode())) < least

    def _parsed(self, source: bytes, clean: tuple[int, ...], others: tuple[int, ...]) -> Findings:
        """The rules that fire, of those that can."""
        tree = self._parse(source)
        # Clean code never costs that much: rules that need it are answered, others are not.
        is_clean = tree is not None and first_error(tree) >= CLEAN_PART * len(source)
        answered = tuple(sorted(clean + others)) if is_clean else others
        if not answered:
            return NOTHING
        if tree is None:
            return Findings((), Status.TIMEOUT)
        cursor, owners = self._cursor(answered)
        return Findings(tuple(sorted({owners[k] for k, _ in cursor.matches(tree.root_node)})))

    def _parse(self, source: bytes) -> Any:
        """The tree; ``None`` where the budget of work ran out."""
        left = LEAST_REPORTS + len(source) // BYTES_PER_REPORT

        def give(offset: int, _point: Any) -> bytes:
            return source[offset:]

        def spent(_offset: int, _has_error: bool) -> bool:
            nonlocal left
            left -= 1
            return left < 0

        parser = self._tools.parser
        try:
            return parser.parse(give, progress_callback=spent)
        except ValueError:
            return None
        finally:
            # Without it the next parse would go on with this text.
            parser.reset()

    def span(self, rule: int, text: str) -> tuple[int, int]:
        """The code region that a rule fired in."""
        bounds = code_bounds(text)
        return (0, 0) if bounds is None else bounds[:2]


class _Unusable(Exception):
    """A grammar or a tree-sitter that must not be used."""


def load_grammar(language: str) -> Any:
    """The grammar of a language.

    Raises:
        UsageError: No grammar of that name is part of echoformat.
    """
    if language not in GRAMMARS:
        raise UsageError(f"no grammar for {language!r}: {did_you_mean(language, GRAMMARS)}")
    import tree_sitter

    _check_version(_version())
    try:
        return tree_sitter.Language(import_module(GRAMMARS[language]).language())
    except ValueError as error:
        raise _Unusable(f"{GRAMMARS[language]} does not fit tree-sitter ({error}); upgrade both") from error


def _version() -> str:
    """The installed tree-sitter's: by the name of the folder that says so, where it is the only one.

    What is made to tell it is slow to import, and seldom needed before.
    """
    import tree_sitter

    try:
        beside = [path.name for path in Path(tree_sitter.__file__).parent.parent.iterdir()]
    except OSError:
        beside = []
    found = [name for name in beside if name.startswith(FACTS[0]) and name.endswith(FACTS[1])]
    if len(found) == 1:
        return found[0].removeprefix(FACTS[0]).removesuffix(FACTS[1])
    return str(import_module("importlib.metadata").version("tree-sitter"))


def _check_version(version: str) -> None:
    numbers = tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())
    if numbers < LEAST_TREE_SITTER:
        raise _Unusable(
            f"tree-sitter {version} crashes or refuses current grammars; "
            "run: pip install 'tree-sitter>=0.26.1,<0.27'"
        )


def _possible(code: bytes, asked: _Asked) -> tuple[int, ...]:
    """The rules that can fire at all on code."""
    found = [i for i, (first, *more) in asked.needing if first in code and not (more and _lacks(code, more))]
    return tuple(sorted((*asked.always, *found))) if found else asked.always


def _lacks(code: bytes, needed: Sequence[bytes]) -> bool:
    return not all(literal in code for literal in needed)


def _needed(query: str) -> tuple[bytes, ...]:
    """Strings that a node must equal wherever a query matches; none where a part is optional."""
    is_certain = not _OPTIONAL.search(_PREDICATE.sub("", query))
    return tuple(found.encode() for found in _EQUALS.findall(query)) if is_certain else ()


def _check(grammar: Any, name: str, rule: Syntax) -> None:
    import tree_sitter

    try:
        tree_sitter.Query(grammar, rule.query)
    except tree_sitter.QueryError as error:
        raise UsageError(f"format {name!r}, rule {rule.name!r}: {error} in {rule.query!r}") from error


def first_error(tree: Any) -> int:
    """Byte offset of the first error in a tree, or its end where there is none."""
    cursor = tree.walk()
    if not cursor.node.has_error:
        return int(cursor.node.end_byte)
    while True:
        node = cursor.node
        if node.is_error or node.is_missing:
            return int(node.start_byte)
        if not (node.has_error and cursor.goto_first_child()):
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return int(tree.root_node.end_byte)
