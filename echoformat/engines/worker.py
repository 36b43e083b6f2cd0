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
from echoformat.engines.tasks import PartLabeler, PartTask


def serve(connection: Any) -> None:
    """Answer every batch of texts, and every part of a file, with its labels."""
    try:
        classifier: Classifier = connection.recv()
        parts = PartLabeler(classifier)
        connection.send("ready")
    except (EOFError, ConnectionError):
        return
    while True:
        try:
            work = connection.recv()
            answer = _answer(classifier, parts, work)
            connection.send(answer)
        except (EOFError, ConnectionError):
            return


def _answer(classifier: Classifier, parts: PartLabeler, work: Any) -> Any:
    """The labels, or what went wrong, for the other end to raise."""
    try:
        if isinstance(work, PartTask):
            return parts.answer(work)
        return classifier.classify_batch(work)
    except Exception:
        return traceback.format_exc()


def main() -> None:
    """Serve the connection that the command line names."""
    # Ctrl-C goes to the whole group; the parent decides what to finish and then closes the connection.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(Connection(int(sys.argv[1])))


if __name__ == "__main__":
    main()
