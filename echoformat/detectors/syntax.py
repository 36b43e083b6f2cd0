"""Syntax: tree-sitter queries over the completion's code, tolerant of cuts, bounded in work.

tree-sitter has no time limit of its own, holds the interpreter lock, and is quadratic on repetitions of an
almost-valid token, which is what a collapsing policy writes. So it is asked only where a gate found code,
on a bounded head of it, after a compression test for repetition, and under a budget counted in parser
operations: a budget in work, unlike one in time, gives every machine the same labels.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

from echoformat.detectors import NOTHING, Findings, Rule
from echoformat.detectors.region import CodeRegion, code_region
from echoformat.errors import UsageError, did_you_mean
from echoformat.format import Format, Syntax
from echoformat.label import Status

GRAMMARS = {"json": "tree_sitter_json", "python": "tree_sitter_python"}
LONGEST_PARSE = 4096
MOST_OPERATIONS = 4000
CHUNK = 1024
# Code compresses 2 to 4 times, a pumped token 30 to 100 times.
MOST_REPETITION = 20.0
CLEAN_PART = 0.85


class SyntaxDetector:
    """All syntax rules of some formats in one language.

    Raises:
        UsageError: A query that the grammar does not take.
    """

    def __init__(self, formats: Iterable[Format], language: str = "python") -> None:
        self.language = language
        self._declared = [(f.name, s) for f in formats for s in f.syntax if s.language == language]
        self._rules = tuple(Rule(name, s.name, "syntax", s.weight, s.variant) for name, s in self._declared)
        self._parser: Any = None
        if self._declared:
            self._ready()

    @property
    def rules(self) -> Sequence[Rule]:
        """Every syntax rule, formats in the order given."""
        return self._rules

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_parser": None, "_cursor": None, "_owner": None}

    def _ready(self) -> None:
        import tree_sitter

        grammar = load_grammar(self.language)
        queries = [_check(grammar, name, rule) for name, rule in self._declared]
        self._owner = [i for i, query in enumerate(queries) for _ in range(query.pattern_count)]
        joined = "\n".join(rule.query for _, rule in self._declared)
        self._cursor = tree_sitter.QueryCursor(tree_sitter.Query(grammar, joined), match_limit=2000)
        self._parser = tree_sitter.Parser(grammar)

    def find(self, text: str) -> Findings:
        """The rules that fire on the code of one completion."""
        region = code_region(text)
        if not self._declared or region is None:
            return NOTHING
        source = text[region.start : min(region.end, region.start + LONGEST_PARSE)].encode()
        if _repeats(source):
            return NOTHING
        tree = self._parse(source)
        if tree is None:
            return Findings((), Status.TIMEOUT)
        return Findings(self._match(tree, len(source), region))

    def _match(self, tree: Any, size: int, region: CodeRegion) -> tuple[int, ...]:
        found = {self._owner[k] for k, _ in self._cursor.matches(tree.root_node)}
        is_clean = first_error(tree) >= CLEAN_PART * size
        return tuple(sorted(i for i in found if self._counts(i, is_clean, region.whole)))

    def _counts(self, rule: int, is_clean: bool, whole: bool) -> bool:
        declared = self._declared[rule][1]
        return (is_clean or not declared.clean) and (whole or not declared.whole)

    def _parse(self, source: bytes) -> Any:
        if self._parser is None:
            self._ready()
        operations = 0

        def give(offset: int, _point: Any) -> bytes:
            return source[offset : offset + CHUNK]

        def spent(_offset: int, _has_error: bool) -> bool:
            nonlocal operations
            operations += 1
            return operations > MOST_OPERATIONS

        try:
            return self._parser.parse(give, progress_callback=spent)
        except ValueError:
            return None
        finally:
            # Without it the next parse would go on with this text.
            self._parser.reset()

    def span(self, rule: int, text: str) -> tuple[int, int]:
        """The code region that a rule fired in."""
        region = code_region(text)
        return (0, 0) if region is None else (region.start, region.end)


def load_grammar(language: str) -> Any:
    """The grammar of a language.

    Raises:
        UsageError: No grammar of that name is part of echoformat.
    """
    import tree_sitter

    if language not in GRAMMARS:
        raise UsageError(f"no grammar for {language!r}: {did_you_mean(language, GRAMMARS)}")
    return tree_sitter.Language(import_module(GRAMMARS[language]).language())


def _check(grammar: Any, name: str, rule: Syntax) -> Any:
    import tree_sitter

    try:
        return tree_sitter.Query(grammar, rule.query)
    except tree_sitter.QueryError as error:
        raise UsageError(f"format {name!r}, rule {rule.name!r}: {error} in {rule.query!r}") from error


def _repeats(source: bytes) -> bool:
    return len(source) > 256 and len(source) > MOST_REPETITION * len(zlib.compress(source, 1))


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
