"""Format: the look of one pretraining source on the page, as it is declared on the shelf `formats/`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from echoformat.errors import UsageError, did_you_mean

NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_.-")
LONGEST_NAME = 64


class Family(StrEnum):
    """Formats that share a medium."""

    CODE = "code"
    HYBRID = "hybrid"
    NATURAL_LANGUAGE = "natural_language"
    FORMAL_PROOF = "formal_proof"
    STRUCTURED = "structured"
    AGENT = "agent"
    OTHER = "other"


def check_name(name: str, what: str) -> None:
    """Refuse a name that could not stand in a column, a file name or a page.

    Raises:
        UsageError: The name is empty, longer than 64, or has a character outside ``[a-z0-9_.-]``.

    Example:
        >>> check_name("tinygsm", "format")
    """
    if not 0 < len(name) <= LONGEST_NAME or not NAME_CHARACTERS.issuperset(name):
        raise UsageError(f"{what} name {name!r} must match [a-z0-9_.-]{{1,64}}")


def _check_weight(weight: float, what: str) -> None:
    if not -1.0 <= weight <= 1.0:
        raise UsageError(f"{what}: weight {weight} is outside -1..1")


@dataclass(frozen=True, slots=True)
class Pattern:
    r"""One rule over the characters of a completion.

    Attributes:
        name: Unique within its format.
        regex: In the subset that RE2 and the `regex` package share (no look-around, no back-reference).
            Multi-line mode is on: `^` and `$` are line ends, `\A` and `\Z` the ends of the text; `.` is any
            character but a newline; `\s`, `\w`, `\d`, `\b` are ASCII. In a view of more than 2,304 bytes it
            is looked for in the first 1,536 and the last 768; in the whole where its weight is at least 0.8
            and it names a tag, a fence, a box or a row of hashes.
        weight: How much the rule says for its format, -1 to 1: 0.9 means "this alone makes it nine in
            ten". Weights of rules that fire combine as independent evidence. A negative weight speaks
            against, -1 rules out, 0 only names a variant.
        variant: The finer form of the format that this rule points to.
    """

    name: str
    regex: str
    weight: float = 0.7
    variant: str = ""

    def __post_init__(self) -> None:
        check_name(self.name, "rule")
        _check_weight(self.weight, f"rule {self.name!r}")


@dataclass(frozen=True, slots=True)
class Syntax:
    """One rule over the parse tree of the completion's code.

    Attributes:
        name: Unique within its format.
        query: A tree-sitter query; the rule fires where it has a match.
        weight: As for a pattern.
        language: Grammar to parse with.
        clean: Count it only where the code parses without an error, a cut last statement excepted.
        whole: Count it only where the code is the whole completion (no prose or fence around it).
        variant: The finer form of the format that this rule points to.
    """

    name: str
    query: str
    weight: float = 0.7
    language: str = "python"
    clean: bool = False
    whole: bool = False
    variant: str = ""

    def __post_init__(self) -> None:
        check_name(self.name, "rule")
        _check_weight(self.weight, f"rule {self.name!r}")


@dataclass(frozen=True, slots=True)
class Format:
    r"""A format as it is declared: facts and their proof, no logic.

    Attributes:
        name: What labels call it; the file on the shelf has the same name.
        family: The medium it shares with others.
        title: One line for people.
        source: Link to the dataset or paper it comes from.
        patterns: Rules over characters.
        syntax: Rules over the parse tree.
        outranks: Formats whose look this one contains (a TinyGSM function is also Python): where both
            have evidence, this one wins.
        ending: Pattern that a whole completion of this format matches; where it is absent from a
            completion, the label is flagged truncated. Empty: cannot be told.
        examples: Texts it must claim. Your own writing.
        counterexamples: Near misses it must not claim.

    Raises:
        UsageError: A name or weight out of range, two rules of one name, an unknown family.

    Example:
        >>> Format(name="shout", family="other", title="Capitals", source="https://example.org",
        ...        patterns=(Pattern("capitals", r"\A[A-Z !]+\Z", weight=0.9),)).rules
        ('capitals',)
    """

    name: str
    family: str
    title: str
    source: str
    patterns: tuple[Pattern, ...] = ()
    syntax: tuple[Syntax, ...] = ()
    outranks: tuple[str, ...] = ()
    ending: str = ""
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_name(self.name, "format")
        if self.family not in set(Family):
            raise UsageError(
                f"format {self.name!r}: family {self.family!r}: {did_you_mean(self.family, Family)}"
            )
        if len(set(self.rules)) < len(self.rules):
            raise UsageError(f"format {self.name!r} has two rules of one name: {', '.join(self.rules)}")

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of all rules, patterns first."""
        return tuple(p.name for p in self.patterns) + tuple(s.name for s in self.syntax)

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the finer forms that its rules tell apart, sorted."""
        named = {p.variant for p in self.patterns} | {s.variant for s in self.syntax}
        return tuple(sorted(named - {""}))
