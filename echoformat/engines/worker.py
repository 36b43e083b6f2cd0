"""A labelling process of its own: batches in, labels out, until the other end closes.

Started as ``python -m echoformat.engines.worker FD`` with one end of a socket. It imports nothing of the
program that started it, so that program needs no main guard.
"""

from __future__ import annotations

import signal
import sys
import traceback
from multiprocessing.connection import Connection
from typing import Any

from echoformat.classifier import Classifier
from echoformat.engines.tasks import NotPlain, PartAnswer, PartTask
from echoformat.rollouts.part import read_part


def serve(connection: Any) -> None:
    """Answer every batch of texts, and every part of a file, with its labels."""
    classifier: Classifier = connection.recv()
    connection.send("ready")
    while True:
        try:
            work = connection.recv()
            answer = _answer(classifier, work)
            connection.send(answer)
        except (EOFError, ConnectionError):
            return


def _answer(classifier: Classifier, work: Any) -> Any:
    """The labels, or what went wrong, for the other end to raise."""
    try:
        if isinstance(work, PartTask):
            return _part(classifier, work)
        return classifier.classify_batch(work)
    except Exception:
        return traceback.format_exc()


def _part(classifier: Classifier, task: PartTask) -> PartAnswer:
    found = read_part(task.part)
    if found is None:
        return NotPlain()
    texts, rows = found
    return rows, classifier.classify_batch(texts) if task.labelled else None


def main() -> None:
    """Serve the connection that the command line names."""
    # Ctrl-C goes to the whole group; the parent decides what to finish and then closes the connection.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(Connection(int(sys.argv[1])))


if __name__ == "__main__":
    main()
