"""OneHot: one completion's label as numbers, for loops that score one completion at a time and average."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from echoformat.classifier import Classifier, default_classifier
from echoformat.errors import UsageError, did_you_mean
from echoformat.live.inputs import text_of
from echoformat.live.tally import OTHER, PREFIX, STATES
from echoformat.mixture import Mixture

UNLABELLED = "unlabelled"
FAILED = "failures"
logger = logging.getLogger("echoformat")


class OneHot:
    r"""Labels one completion: 1 under its format, 0 under the others. The mean over completions is the share.

    Keys are fixed when it is made: the formats given, those of the mixture, or the whole shelf; then
    ``other_formats``, ``unlabelled`` and ``failures``. It never raises: a labeller that fails is logged
    once and shows under ``failures``. It can be sent to other processes; the classifier is built in each.

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
        >>> sum(hot("ans = 3 * 12\n").values())
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
        known = [format.name for format in self.classifier.formats]
        declared = None if mixture is None else [f for source in mixture.sources for f in source.formats]
        names = known if formats is None and declared is None else list(formats or declared or [])
        for name in names:
            if name not in known:
                raise UsageError(f"no format {name!r}: {did_you_mean(name, known)}")
        self.names = (*dict.fromkeys(names), OTHER, UNLABELLED, FAILED)
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
        if label is None:
            name = FAILED
        elif label in STATES:
            name = UNLABELLED
        else:
            name = label if label in self.names[:-3] else OTHER
        return {f"{self.prefix}/{key}": float(key == name) for key in self.names}
