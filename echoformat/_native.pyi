"""What `echoformat/csrc` offers; each has a twin in Python, named in its docstring, that says the same."""

from array import array
from collections.abc import Callable, Sequence
from typing import Any, final

from numpy.typing import NDArray

class Model:
    """A linear model over skeleton n-grams: `echoformat.detectors.learned.LearnedDetector`.

    Args:
        classes: Class of each byte, below 64.
        traits: Traits of each byte.
        symbols: The symbol of each byte.
        marks: Bytes that stand before a window, behind it and where it is cut.
        shapes: uint8 [65536], the symbol of a word that is not kept, by its first two bytes.
        word_keys: uint64 [8192].
        word_codes: uint8 [8192].
        factors: uint64 [5], what shifts and mixes the n-grams of each order.
        rows: uint16 [5, 65536], one more than the row of each bucket among the kept n-grams; 0 for none.
        weights: int16 [dense features + kept, formats].
        word_factor: What mixes the key of a word.
        counted: Classes that are dense features; five more follow them.
        kept: Kept n-grams.
        formats: Columns.
        plain: 1 to leave wide registers alone, where there are any; 2 for the widest alone.

    Raises:
        ValueError: A table of another size, one that points outside another, or a factor that mixes in more
            symbols than its order has, of the first two.
    """

    def __new__(
        cls,
        classes: bytes,
        traits: bytes,
        symbols: bytes,
        marks: bytes,
        shapes: NDArray[Any],
        word_keys: NDArray[Any],
        word_codes: NDArray[Any],
        factors: NDArray[Any],
        rows: NDArray[Any],
        weights: NDArray[Any],
        word_factor: int,
        counted: int,
        kept: int,
        formats: int,
        plain: int = 0,
    ) -> Model: ...
    def sums(self, encoded: Sequence[bytes], out: NDArray[Any], /) -> None:
        """Features times weights of views in UTF-8, into float64 [texts, formats].

        Raises:
            TypeError: What is no bytes.
            ValueError: Room for other than one row a text.
        """

class Scan:
    """Many patterns in a few linear scans: `echoformat.detectors.set_scan.SetScan`.

    Args:
        shown: Columns of the result.
        width: These, and those of stand-ins behind them.
        automata: Of each whether its patterns begin at the start of a text, the columns of each pattern, the
            patterns as RE2 takes them, the columns of the stand-ins it waits for, and the bytes that its
            states take at most.

    Raises:
        ValueError: A pattern that is not taken, a column outside the width.
    """

    def __new__(
        cls,
        shown: int,
        width: int,
        automata: Sequence[tuple[bool, Sequence[Sequence[int]], Sequence[str], Sequence[int], int]],
    ) -> Scan: ...
    def mark(self, texts: Sequence[bytes], marks: NDArray[Any], /) -> None:
        """Whether each text matches each pattern, into uint8 [texts, shown], a row's columns side by side.

        Raises:
            TypeError: What is no bytes.
            ValueError: Marks of another size.
        """
    def find(self, text: bytes, /) -> list[int]:
        """The columns of what matches one text, ascending."""
    def states(self) -> list[tuple[int, int]]:
        """Of each automaton the states it keeps, and how often it threw all away."""

class Ledger:
    """What fired rules count, added up: `echoformat.ledger`.

    Args:
        places: int32 array, where each rule counts.
        worth: float64 array, what it counts there.
        size: How many places there are.

    Raises:
        TypeError: Arrays of something else.
        ValueError: Arrays of unlike length, a place outside.
    """

    def __new__(cls, places: array[int], worth: array[float], size: int) -> Ledger: ...
    def add(self, fired: tuple[int, ...], totals: array[float], /) -> list[int]:
        """The total of each place, into float64 [size]; the places above 0, ascending.

        Raises:
            TypeError: No tuple, or room for something else.
            IndexError: A rule that there is not.
            ValueError: Room for more or fewer places.
        """

def takes(pattern: str, /) -> bool:
    """Whether a pattern, in the form that RE2 takes, can be scanned for."""

class Rules:
    """What rules alone say of many completions: `echoformat.rule_columns.RuleColumns`.

    Args:
        own: int32 [rules], the format that each speaks of, -1 for none on the shelf.
        weights: float64 [rules], what each adds to its format's evidence.
        finer: int32 [rules], the variant that each votes for, -1 for none.
        votes: float64 [rules], how much its vote counts.
        by_name: int32 [formats], the place of each among all, sorted by name.
        below: uint8 [formats, formats], whether the first outranks the second.
        variants: How many there are.
        least_score: From which a format stands on its own evidence.
        least_margin: By which the best must lead.
        most_evidence: At which sums are capped.
        reasons: Codes of the reasons that a rule decided, that none did, and that several tie.
        plain: Leave wide registers alone, where there are any.

    Raises:
        ValueError: A column of another kind or size, or one that points outside another.
    """

    def __new__(
        cls,
        own: NDArray[Any],
        weights: NDArray[Any],
        finer: NDArray[Any],
        votes: NDArray[Any],
        by_name: NDArray[Any],
        below: NDArray[Any],
        variants: int,
        least_score: float,
        least_margin: float,
        most_evidence: float,
        reasons: tuple[int, int, int],
        plain: bool = False,
    ) -> Rules: ...
    def decide(
        self,
        fired: NDArray[Any],
        codes: NDArray[Any],
        variants: NDArray[Any],
        reasons: NDArray[Any],
        confidence: NDArray[Any],
        top: NDArray[Any],
        /,
    ) -> None:
        """What rules say of each row of flags, into columns of its length.

        Raises:
            ValueError: Flags that are no table of bytes, columns of another kind or size.
        """
    def evidence(self, fired: NDArray[Any], rows: NDArray[Any], out: NDArray[Any], /) -> None:
        """Capped sums for each format of some rows of flags, into float64 [rows, formats].

        Raises:
            ValueError: As `decide`, or a row that is not there.
        """
    def variants(
        self, fired: NDArray[Any], rows: NDArray[Any], codes: NDArray[Any], out: NDArray[Any], /
    ) -> None:
        """The finer forms of given formats that some rows of flags point to, into int16 [rows].

        Raises:
            ValueError: As `evidence`.
        """

@final
class Signs:
    """What each of many texts shows at its end; the twins are in detectors/, in the files named below."""

    @classmethod
    def of_loops(
        cls,
        *,
        least_length: int,
        least_kept: int,
        tail: int,
        short_probe: int,
        least_returns: int,
        probe: int,
        window: int,
        longest_period: int,
        least_repeats: int,
        least_words: int,
        in_a_row: int,
        most_distinct: float,
        most_marks: float,
        marks: bytes,
    ) -> Signs:
        """Loops: 2 where a text ends in one, 1 where it may, 0 where it does not (repetition.py)."""
    @classmethod
    def of_near_loops(
        cls,
        *,
        window: int,
        least_length: int,
        probe_length: int,
        least_repeats: int,
        most_ratio: float,
        probes: tuple[int, ...],
    ) -> Signs:
        """Near loops: 1 where a text may nearly loop, 0 where it does not (near_loop.py)."""
    @classmethod
    def of_cuts(
        cls,
        *,
        marks: tuple[bytes, ...],
        tags: int,
        finished: tuple[bytes, ...],
        midway: tuple[bytes, ...],
        answered: tuple[bytes, ...],
        longest_tag: int,
        afterword: int,
    ) -> Signs:
        """Cuts: bits as truncation.py names them; `marks`: a fence, so many tags, a closed answer, others."""
    @classmethod
    def together(
        cls, loops: Signs, near_loops: Signs, cuts: Signs, texts: Sequence[bytes], left_out: bytes, /
    ) -> tuple[bytes, bytes, bytes]:
        """What three looks say of each of some texts; near loops 0 where left out or loops are 2."""
    def many(self, texts: Sequence[bytes]) -> bytes:
        """What each of some texts in UTF-8 shows, a byte a text."""
    def one(self, text: bytes) -> int:
        """What a text in UTF-8 shows."""

def alike(texts: list[str], /) -> list[int]:
    """Rows of texts that may stand there twice: `echoformat.batch_path.label_rows`.

    Raises:
        TypeError: What is no list of texts.
    """

def blank(texts: list[str], /) -> list[int]:
    """Rows of texts that hold nothing but white space: `echoformat.batch_path`.

    Raises:
        TypeError: What is no list of texts.
    """

def odd_views(texts: list[str], longest: int, /) -> list[int]:
    """Rows of texts whose view is not the text itself: `echoformat.text.views`.

    Raises:
        TypeError: What is no list of texts.
    """

def ends(texts: list[bytes | str], head: int, tail: int, /) -> tuple[list[bytes | str], list[int]]:
    """The ends of each text, or the text itself, and which were cut: `echoformat.detectors.ends.ends_of`.

    Raises:
        TypeError: What is no list of bytes.
        ValueError: No head or no tail.
    """

def codes(
    texts: list[bytes], longest: int, part: float, needles: tuple[bytes, ...] = ..., asks: int = ..., /
) -> list[int | tuple[bytes, int, int]]:
    """The code in each of some views, whether it is all there is, and whether something unlike Python stands
    before a part of it (-1: ask the twin): `echoformat.detectors.region`.

    Where none of `needles` stands in the code, what it holds is told instead, as `plain_python` does, where
    `asks` lets it: `echoformat.detectors.plain_code.Asks`. -1 is code that nobody asks about, or that is
    unlike Python.

    Raises:
        TypeError: What is no list of bytes, no tuple of bytes.
    """

def plain_python(code: bytes, /) -> int:
    """What stands in plain Python, given in UTF-8, as `echoformat.detectors.plain_code.Holds`; -1 for what is
    not plain.

    Raises:
        TypeError: What is no bytes.
    """

def centred(rows: int, width: int, scores: NDArray[Any], out: NDArray[Any], top: NDArray[Any], /) -> None:
    """Rows of scores less the largest of each, and these: `echoformat.combination.Combiner`.

    Raises:
        ValueError: An array of another kind or size.
    """

def weighed(
    rows: int,
    names: int,
    width: int,
    absent: float,
    model_worth: float,
    source: NDArray[Any],
    shifted: NDArray[Any],
    log_sum: NDArray[Any],
    evidence: NDArray[Any],
    worth: NDArray[Any],
    offset: NDArray[Any],
    out: NDArray[Any],
    /,
) -> None:
    """Logits of rules and model together, less the largest of each row: `echoformat.combination.Combiner`.

    Raises:
        ValueError: An array of another kind or size, or a column from a name that is not there.
    """

def winners(
    rows: int,
    names: int,
    width: int,
    absent: float,
    tens: float,
    source: NDArray[Any],
    shifted: NDArray[Any],
    log_sum: NDArray[Any],
    evidence: NDArray[Any],
    probability: NDArray[Any],
    least: NDArray[Any],
    found: NDArray[Any],
    counts: NDArray[Any],
    /,
) -> None:
    """Of each row, into float64 [4, n] and int64 [3, n]: probability and evidence of the likeliest column,
    most evidence of another, the model's word on it; which it is, how many pass, whether it does.

    Raises:
        ValueError: As `weighed`.
    """

def newlines(text: bytes, begin: int, end: int, /) -> int:
    """How many line ends stand between two places: `echoformat.rollouts.records`.

    Raises:
        TypeError: What is no bytes.
    """

def json_array(pieces: tuple[bytes | memoryview, ...], /) -> bytes:
    """A JSON array of the lines in some pieces, one behind the other: `echoformat.rollouts.records`.

    Raises:
        TypeError: What is no tuple of bytes.
    """

def fields(
    pieces: tuple[bytes | memoryview, ...], lines: int, loads: Callable[[bytes], Any], /
) -> tuple[tuple[str, ...], list[list[Any]]] | None:
    """Names and columns of the records in some lines of JSON: `echoformat.rollouts.records`.

    ``None`` where they are not plain and alike; `loads` reads numbers and nested values that need care.

    Raises:
        TypeError: What is no tuple of bytes.
        ValueError: No piece, no line.
    """

def absent(values: list[Any], /) -> tuple[int, list[int]]:
    """How many values are ``None``, -1 where one is no text, and the rows that begin with a bracket:
    `echoformat.rollouts.flat_blocks`.

    Raises:
        TypeError: What is no list.
    """

def numbered(counts: dict[str, int], keys: list[str], begin: int, end: int, /) -> list[int]:
    """How often each key of a part of a list was counted before it, and counts them:
    `echoformat.rollouts.samples`.

    Raises:
        TypeError: No dict, no list.
        OverflowError: A count that is too large.
    """

def coded(values: list[str], /) -> tuple[list[str], bytes]:
    """The different values as they come, and the place of each row's among them, in int32:
    `echoformat.rollouts.coded`.

    Raises:
        TypeError: What is no list, and what has no hash.
        OverflowError: More different values than can be named.
        ValueError: A list that changes meanwhile.
    """

def numbers(counts: dict[str, int], names: list[str], codes: NDArray[Any], begin: int, end: int, /) -> bytes:
    """How often the name of each code (int32) of some rows was counted before it, in int32, and counts them:
    `echoformat.rollouts.samples`.

    Raises:
        TypeError: No dict, no list, no contiguous buffer.
        ValueError: Rows that are not there, a code that names nothing.
        OverflowError: A count that is too large.
    """

def unlike_python(code: bytes, /) -> int:
    """Just behind the first byte that no Python holds there, -1 for none that is certain: a parse's error.

    Raises:
        TypeError: What is no bytes.
    """
