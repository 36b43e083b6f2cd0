"""echoformat: which of its pretraining formats is a model writing in, and when did it switch?"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from echoformat.version import TAXONOMY_VERSION, __version__

if TYPE_CHECKING:
    from echoformat.classifier import Classifier, Explanation, classify, classify_batch, explain, segments
    from echoformat.completion import Completion
    from echoformat.engines.local import LabelledRun, label_run
    from echoformat.format import Family, Format, Pattern, Syntax
    from echoformat.formats import all_formats, get_format
    from echoformat.label import Evidence, Label, Reason
    from echoformat.label_batch import LabelBatch
    from echoformat.live.reward import FormatDiversityReward
    from echoformat.live.tracker import FormatTracker
    from echoformat.mixture import STUDY_MIXTURES, Mixture, Source
    from echoformat.report.page import report_page
    from echoformat.report.plot import plot_shares
    from echoformat.rollouts import read_rollouts
    from echoformat.series import FormatSeries
    from echoformat.source_files import train_sources
    from echoformat.training import SourceClassifier

# Where each public name lives; importing echoformat loads none of these rooms.
_HOMES = {
    "Classifier": "classifier",
    "Completion": "completion",
    "Evidence": "label",
    "Explanation": "classifier",
    "Family": "format",
    "Format": "format",
    "FormatDiversityReward": "live.reward",
    "FormatSeries": "series",
    "FormatTracker": "live.tracker",
    "Label": "label",
    "LabelBatch": "label_batch",
    "LabelledRun": "engines.local",
    "Mixture": "mixture",
    "Pattern": "format",
    "Reason": "label",
    "STUDY_MIXTURES": "mixture",
    "Source": "mixture",
    "SourceClassifier": "training",
    "Syntax": "format",
    "all_formats": "formats",
    "classify": "classifier",
    "classify_batch": "classifier",
    "explain": "classifier",
    "get_format": "formats",
    "label_run": "engines.local",
    "plot_shares": "report.plot",
    "read_rollouts": "rollouts",
    "report_page": "report.page",
    "segments": "classifier",
    "train_sources": "source_files",
}

__all__ = [
    "STUDY_MIXTURES",
    "TAXONOMY_VERSION",
    "Classifier",
    "Completion",
    "Evidence",
    "Explanation",
    "Family",
    "Format",
    "FormatDiversityReward",
    "FormatSeries",
    "FormatTracker",
    "Label",
    "LabelBatch",
    "LabelledRun",
    "Mixture",
    "Pattern",
    "Reason",
    "Source",
    "SourceClassifier",
    "Syntax",
    "__version__",
    "all_formats",
    "classify",
    "classify_batch",
    "explain",
    "get_format",
    "label_run",
    "plot_shares",
    "read_rollouts",
    "report_page",
    "segments",
    "train_sources",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'echoformat' has no attribute {name!r}")
    return getattr(import_module(f"echoformat.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
