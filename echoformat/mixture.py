"""Mixture: the pretraining sources a user knows of, so that formats can be attributed to sources.

A format is how a completion looks; a source is the dataset of *your* mixture that looks so. A label keeps
both, in two columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from echoformat.errors import UsageError, did_you_mean


@dataclass(frozen=True, slots=True)
class Source:
    """One dataset of a pretraining mixture.

    Attributes:
        name: What labels call it.
        proportion: Its part of the mixture, above 0 (any unit; shares are normalised).
        formats: Formats that identify it. No two sources of a mixture may name the same one.
        link: Where it is described.
    """

    name: str
    proportion: float
    formats: tuple[str, ...]
    link: str = ""


@dataclass(frozen=True, slots=True)
class Mixture:
    """The declared sources of one pretraining run.

    Raises:
        UsageError: No source, two of one name, a proportion not above 0, or a format of two sources.

    Example:
        >>> mixture = Mixture("ours", (Source("functions", 3, ("tinygsm",)), Source("proofs", 1, ("lean4",))))
        >>> mixture.proportions(), mixture.source_of("tinygsm"), mixture.source_of("json")
        ({'functions': 0.75, 'proofs': 0.25}, 'functions', None)
    """

    name: str
    sources: tuple[Source, ...]

    def __post_init__(self) -> None:
        if not self.sources:
            raise UsageError(f"mixture {self.name!r} has no sources")
        _refuse_twice([source.name for source in self.sources], f"mixture {self.name!r}: source")
        _refuse_twice(
            [format for source in self.sources for format in source.formats],
            f"mixture {self.name!r}: format",
        )
        for source in self.sources:
            if not source.proportion > 0:
                raise UsageError(f"source {source.name!r}: proportion {source.proportion} is not above 0")

    def proportions(self) -> dict[str, float]:
        """Share of each source in the mixture; sums to 1."""
        total = sum(source.proportion for source in self.sources)
        return {source.name: source.proportion / total for source in self.sources}

    def source_of(self, format: str | None) -> str | None:
        """The source that a format identifies, ``None`` where no declared source shows it."""
        for source in self.sources:
            if format in source.formats:
                return source.name
        return None

    def check(self, known: Sequence[str]) -> None:
        """Refuse formats that the classifier does not know.

        Raises:
            UsageError: A source names one.
        """
        for source in self.sources:
            for format in source.formats:
                if format not in known:
                    raise UsageError(
                        f"source {source.name!r}: no format {format!r}: {did_you_mean(format, known)}"
                    )


def _refuse_twice(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise UsageError(f"{what} {name!r} is declared twice")
        seen.add(name)


TINYGSM = Source("TinyGSM", 1, ("tinygsm",), "https://arxiv.org/abs/2312.09241")
OPENMATHINSTRUCT_1 = Source("OpenMathInstruct-1", 1, ("openmath1",), "https://arxiv.org/abs/2402.10176")
OPENMATHINSTRUCT_2 = Source("OpenMathInstruct-2", 1, ("boxed_cot",), "https://arxiv.org/abs/2410.01560")
METAMATHQA = Source("MetaMathQA", 1, ("metamath",), "https://arxiv.org/abs/2309.12284")

# The instruction part of the study's mixtures (arXiv 2504.07912); each also held FineMath and
# Algebraic-Stack, whose looks (web prose, source code) stay visible as other formats or unlabelled.
STUDY_MIXTURES: dict[str, Mixture] = {
    mixture.name: mixture
    for mixture in (
        Mixture("tinygsm", (TINYGSM,)),
        Mixture("tinygsm+openmath1", (TINYGSM, OPENMATHINSTRUCT_1)),
        Mixture("tinygsm+openmath2", (TINYGSM, OPENMATHINSTRUCT_2)),
        Mixture("tinygsm+openmath1+openmath2", (TINYGSM, OPENMATHINSTRUCT_1, OPENMATHINSTRUCT_2)),
        Mixture("openmath2+metamath", (OPENMATHINSTRUCT_2, METAMATHQA)),
    )
}
