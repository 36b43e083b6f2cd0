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


def serve(connection: Any) -> None:
    """Answer every batch of texts with its labels."""
    classifier: Classifier = connection.recv()
    connection.send("ready")
    while True:
        try:
            texts = connection.recv()
        except (EOFError, ConnectionError):
            return
        connection.send(_labels(classifier, texts))


def _labels(classifier: Classifier, texts: Any) -> Any:
    """The labels, or what went wrong, for the other end to raise."""
    try:
        return classifier.classify_batch(texts)
    except Exception:
        return traceback.format_exc()


def main() -> None:
    """Serve the connection that the command line names."""
    # Ctrl-C goes to the whole group; the parent decides what to finish and then closes the connection.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(Connection(int(sys.argv[1])))


if __name__ == "__main__":
    main()
