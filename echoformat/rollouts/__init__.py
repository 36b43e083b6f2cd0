"""Readers of saved rollouts: one file a framework, chosen by looking, never by asking."""

from echoformat.rollouts.container import Container
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.following import Followed, Following
from echoformat.rollouts.log import RolloutLog, read_rollouts
from echoformat.rollouts.options import Columns, ReadOptions
from echoformat.rollouts.reader import Reader
from echoformat.rollouts.report import BadRow, FileRead, ReadReport
from echoformat.rollouts.shelf import all_readers

__all__ = [
    "BadRow",
    "Columns",
    "Container",
    "FileRead",
    "Followed",
    "Following",
    "LogFile",
    "ReadOptions",
    "ReadReport",
    "Reader",
    "RolloutLog",
    "all_readers",
    "read_rollouts",
]
