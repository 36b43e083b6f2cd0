"""OneHot: one completion's label as numbers, for loops that score one completion at a time and average."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cache
from typing import Any

from echoformat.classifier import Classifier, default_classifier
from echoformat.errors import UsageError, did_you_mean
from echoformat.format import Family
from echoformat.live.inputs import text_of
from echoformat.live.tally import OTHER, PREFIX, STATES
from echoformat.mixture import Mixture

UNLABELLED = "unlabelled"
FAILED = "failures"
logger = logging.getLogger("echoformat")


class OneHot:
    r"""Labels one completion: 1 under what it is, 0 under the rest. The mean over completions is the share.

    Keys are fixed when it is made: the formats given or those of the mixture, with ``other_formats``; without
    either, the families (``family/code``, ...), since loops that average every key pay for each. Then
    ``unlabelled`` and ``failures``. It never raises: a labeller that fails is logged once and shows under
    ``failures``. It can be sent to other processes; the classifier is built in each.

    Args:
        formats: Formats with a key of their own.
        mixture: Your pretraining mixture; its formats have keys.
        classifier: What labels; the whole shelf by default.
        prefix: What keys begin with.

    Raises:
        UsageError: An unknown format.

    Example:
        >>> hot = OneHot(["tinygsm", "program_of_thought"])
        >>> hot("ans = 3 * 12\n")["echoformat/program_of_thought"], hot("")["echoformat/unlabelled"]
        (1.0, 1.0)
        >>> OneHot()("ans = 3 * 12\n")["echoformat/family/code"]
        1.0
    """

    def __init__(
        self,
        formats: Iterable[str] | None = None,
        *,
        mixture: Mixture | None = None,
        classifier: Classifier | None = None,
        prefix: str = PREFIX,
    ) -> None:
        self.mixture, self.prefix, self._classifier = mixture, prefix, classifier
        declared = _declared(formats, mixture)
        known = {format.name: str(format.family) for format in self.classifier.formats}
        for name in declared or ():
            if name not in known:
                raise UsageError(f"no format {name!r}: {did_you_mean(name, known)}")
        if declared is None:
            self._key_of = {name: f"family/{family}" for name, family in known.items()}
            every = [f"family/{family}" for family in Family]
        else:
            self._key_of = {name: name for name in declared}
            every = [*declared, OTHER]
        self._key_of |= dict.fromkeys(STATES, UNLABELLED)
        self._other = OTHER if declared is not None else f"family/{Family.OTHER}"
        self.names = (*every, UNLABELLED, FAILED)
        self._told = False

    @property
    def classifier(self) -> Classifier:
        """What labels; the default one is shared by all of a process."""
        return self._classifier if self._classifier is not None else default_classifier()

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key of every answer."""
        return tuple(f"{self.prefix}/{name}" for name in self.names)

    def label(self, completion: Any) -> str | None:
        """The format or the state; ``None`` where labelling failed."""
        try:
            return self.classifier.classify_batch([text_of(completion)]).label_names()[0]
        except Exception as error:
            if not self._told:
                self._told = True
                logger.warning("echoformat could not label; scoring goes on. %s", repr(error)[:500])
            return None

    def __call__(self, completion: Any) -> dict[str, float]:
        """One number a key; they sum to 1."""
        return self.encode(self.label(completion))

    def encode(self, label: str | None) -> dict[str, float]:
        """The numbers of a label that is known already."""
        name = FAILED if label is None else self._key_of.get(label, self._other)
        return {f"{self.prefix}/{key}": float(key == name) for key in self.names}


def _declared(formats: Iterable[str] | None, mixture: Mixture | None) -> list[str] | None:
    if formats is not None:
        return list(dict.fromkeys(formats))
    return None if mixture is None else [f for source in mixture.sources for f in source.formats]


@cache
def one_hot(formats: tuple[str, ...] | None = None) -> OneHot:
    """The one of this process for these formats."""
    return OneHot(formats)
