"""CPU time of one thing beside others, as ratios to one rare `str.find` per text."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

RARE = "def simple_math_problem"


@dataclass(frozen=True, slots=True)
class Peer:
    """One thing to time: its name, what it runs, and on how many of the texts."""

    name: str
    run: Callable[[list[str]], object]
    texts: int


@dataclass(frozen=True, slots=True)
class Timed:
    """Microseconds of CPU a text, MB/s, and the ratio to the rare find over as many bytes."""

    name: str
    texts: int
    us_per_text: float
    mb_per_second: float
    times_find: float


def rare_find(texts: list[str]) -> None:
    """The yardstick: one `str.find` of something rare per text."""
    for text in texts:
        text.find(RARE)


def cpu(run: Callable[[list[str]], object], texts: list[str]) -> float:
    """CPU seconds of one call, all threads together."""
    start = time.process_time()
    run(texts)
    return time.process_time() - start


def interleaved(peers: list[Peer], texts: list[str], rounds: int) -> list[Timed]:
    """Each peer in turn, again and again after a round that is not counted.

    The yardstick runs on all texts once before each peer, as cold as the peer itself, and a round's is the
    median of these. Ratios to it are of seconds a byte: a peer that sees fewer texts would else be held
    against a find whose texts stay in the cache.
    """
    sizes = [len(text.encode()) for text in texts]
    rows = [_round(peers, texts, sizes) for _ in range(rounds + 1)][1:]
    return [
        _timed(peer, sizes[: peer.texts], *map(list, zip(*column, strict=True)))
        for peer, column in zip(peers, zip(*rows, strict=True), strict=True)
    ]


def _round(peers: list[Peer], texts: list[str], sizes: list[int]) -> list[tuple[float, float]]:
    """Seconds of each peer, and times the yardstick of this round."""
    yardsticks, seconds = [], []
    for peer in peers:
        yardsticks.append(cpu(rare_find, texts))
        seconds.append(cpu(peer.run, texts[: peer.texts]))
    a_byte = statistics.median(yardsticks) / sum(sizes)
    return [
        (took, took / sum(sizes[: peer.texts]) / a_byte) for peer, took in zip(peers, seconds, strict=True)
    ]


def _timed(peer: Peer, sizes: list[int], seconds: list[float], ratios: list[float]) -> Timed:
    middle = statistics.median(seconds)
    return Timed(
        peer.name,
        len(sizes),
        1e6 * middle / len(sizes),
        sum(sizes) / middle / 1e6,
        statistics.median(ratios),
    )


def machine() -> dict[str, str]:
    """What this ran on."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    return {
        "cpu": model,
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "os": platform.platform(),
    }


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def peak_mb(process: int | str = "self") -> float:
    """The most memory a process has held; 0 where the system does not say.

    Not `ru_maxrss`: on Linux that begins at what the parent held.
    """
    lines = [line.split() for line in _lines(f"/proc/{process}/status") if line.startswith("VmHWM")]
    return int(lines[0][1]) / 1024 if lines else 0.0
