"""Plain code: which queries ask for what the compiled part reads in plain Python without a parse.

Most code that is clean is plain: one statement a line, expressions of names, numbers and strings. What kinds
of statements stand in it `plain_python` of the compiled part says, in bits, some twenty times faster than a
parse and with the same outcome; a query that is none of these, and code that is not plain, is parsed.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntFlag

from echoformat.format import Syntax


class Holds(IntFlag):
    """What plain code holds; as `csrc/plain.h` has it."""

    DEFINES = 1
    IMPORTS = 2
    FLOWS = 4
    ASSIGNS = 8
    RETURNS = 16
    PRINTS = 32
    ANSWERS = 64


class Asks(IntFlag):
    """What `codes` of the compiled part is asked, and what it adds to `Holds`; as `csrc/region.c` has it."""

    WHOLE = 1
    PART = 2
    PLAIN = 4
    IS_WHOLE = 128


QUERIES = {
    "[(function_definition) (class_definition)] @d": Holds.DEFINES,
    "[(import_statement) (import_from_statement)] @i": Holds.IMPORTS,
    "[(for_statement) (while_statement) (if_statement) (with_statement) (try_statement)] @f": Holds.FLOWS,
    "(expression_statement (assignment right: (_))) @a": Holds.ASSIGNS,
    "(return_statement (_)) @r": Holds.RETURNS,
    '(call function: (identifier) @n (#eq? @n "print"))': Holds.PRINTS,
    '(module (expression_statement (assignment left: (identifier) @name right: (_))) (#eq? @name "ans"))': (
        Holds.ANSWERS
    ),
}


def bits_of(rules: Sequence[Syntax]) -> list[int] | None:
    """What each of some rules asks for; ``None`` where a parse must answer one of them.

    Example:
        >>> bits_of([Syntax("gives-back", "(return_statement (_)) @r", clean=True)])
        [16]
        >>> bits_of([Syntax("any", "(module) @m")])
    """
    if not all(rule.language == "python" and rule.clean and rule.query in QUERIES for rule in rules):
        return None
    return [int(QUERIES[rule.query]) for rule in rules]
