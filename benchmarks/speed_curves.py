"""How cost grows: with length, with the number of formats, in a new process, from files, one at a time.

python -m benchmarks.speed_curves formats 50   # one size of shelf, in a process of its own
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import regex

from benchmarks.bench_texts import Bench, bench_texts, texts_between
from benchmarks.corpus import ROOT, Row
from benchmarks.timing import cpu, peak_mb, rare_find
from echoformat.batch_path import CHUNK
from echoformat.classifier import Classifier
from echoformat.detectors.pattern import PatternDetector
from echoformat.engines.files import label_files
from echoformat.format import Format, Pattern
from echoformat.formats import all_formats
from echoformat.rollouts import read_rollouts
from echoformat.text import view

LENGTHS = (200, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 10_000_000)
SHELVES = (12, 50, 200)
STARTS = {
    "import_ms": "import echoformat",
    "first_classify_ms": "from echoformat import classify; classify('ans = 3 * 12\\n')",
    "first_model_ms": "from echoformat import classify; classify('She had some of them left by then.\\n')",
    "numpy_ms": "import numpy",
}


def first_pass(texts: list[str]) -> list[dict[str, float]]:
    """Texts never seen before, a part at a time: a new process has the automata's states still to make."""
    classifier, said = Classifier(), []
    for start in range(0, len(texts), 4000):
        part = texts[start : start + 4000]
        took, yardstick = cpu(classifier.classify_batch, part), cpu(rare_find, part)
        said.append(
            {"rows": start + len(part), "us_per_text": 1e6 * took / len(part), "times_find": took / yardstick}
        )
    return said


def by_length(rows: list[Row]) -> list[dict[str, Any]]:
    """Cost a kilobyte for texts of one kind and length, from 200 B to 10 MB."""
    pools = {
        "prose": [r.text for r in rows if r.family == "natural_language"],
        "code": [r.text for r in rows if r.family == "code"],
        "mixed": [r.text for r in rows],
    }
    classifier = Classifier()
    return [_of_one_length(classifier, kind, pool, size) for kind, pool in pools.items() for size in LENGTHS]


def _of_one_length(classifier: Classifier, kind: str, pool: list[str], size: int) -> dict[str, Any]:
    texts = _cut(pool, size, max(1, min(400, 2_000_000 // size)))
    classifier.classify_batch(texts)
    took = statistics.median(cpu(classifier.classify_batch, texts) for _ in range(3))
    per_text = 1e6 * took / len(texts)
    return {
        "kind": kind,
        "characters": size,
        "us_per_text": per_text,
        "us_per_kb": 1e3 * per_text / size,
    }


def _cut(pool: list[str], size: int, count: int) -> list[str]:
    """Texts of exactly that length: pieces of the pool one behind the other."""
    whole = "\n\n".join(pool)
    whole = whole * (1 + size * count // len(whole))
    return [whole[i * size : (i + 1) * size] for i in range(count)]


def by_formats() -> list[dict[str, Any]]:
    """What one scan costs with 12, 50 and 200 formats: beyond our own, the same patterns over other words."""
    return [json.loads(_run([__spec__.name, "formats", str(size)])) for size in SHELVES]


def _of_one_shelf(size: int) -> dict[str, Any]:
    texts = [view(text).text.encode() for text in bench_texts().texts[:4000]]
    detector = PatternDetector(_shelf(size))

    def run(_: list[str]) -> None:
        for start in range(0, len(texts), CHUNK):
            detector.matrix(texts[start : start + CHUNK])

    first = cpu(run, [])
    again = statistics.median(cpu(run, []) for _ in range(3))
    return {
        "formats": size,
        "patterns": len(set(detector.regexes)),
        "first_us_per_text": 1e6 * first / len(texts),
        "us_per_text": 1e6 * again / len(texts),
        "peak_mb": peak_mb(),
    }


def _shelf(size: int) -> list[Format]:
    shelf = all_formats()
    return [
        replace(
            shelf[i % len(shelf)],
            name=f"{shelf[i % len(shelf)].name}.{i}",
            patterns=tuple(_other(p, i // len(shelf)) for p in shelf[i % len(shelf)].patterns),
            syntax=(),
        )
        for i in range(size)
    ]


def _other(pattern: Pattern, turn: int) -> Pattern:
    """The same pattern over other words: its letters moved on in the alphabet, its structure as it is."""
    return pattern if turn == 0 else replace(pattern, regex=_KEPT_OR_LETTER.sub(_moved(turn), pattern.regex))


# Escapes, classes, heads of groups and repeats mean something; any other letter is one of a word.
_KEPT_OR_LETTER = regex.compile(
    r"\\(?:x\{\w+\}|x..|[pP]\{\w+\}|.)|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:P?<\w+>|[a-zA-Z-]*)|\{[\d,]+\}|([a-zA-Z])"
)


def _moved(turn: int) -> Callable[[regex.Match[str]], str]:
    def move(found: regex.Match[str]) -> str:
        letter = found[1]
        if letter is None:
            return str(found[0])
        first = ord("a" if letter.islower() else "A")
        return chr(first + (ord(letter) - first + 7 * turn) % 26)

    return move


def files(texts: list[str]) -> dict[str, float]:
    """From a JSONL file to labelled parquet, and what reading it costs; medians of three rounds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        size = _write(path, texts)
        classifier = Classifier()
        classifier.classify_batch(texts)
        rounds = [_file_round(path, Path(folder) / f"out{i}", texts, classifier) for i in range(3)]
        _, parse, read, label = (statistics.median(column) for column in zip(*rounds, strict=True))
    return {
        "file_mb": size / 1e6,
        "orjson_us_per_row": 1e6 * parse / len(texts),
        "read_us_per_row": 1e6 * read / len(texts),
        "label_us_per_row": 1e6 * label / len(texts),
        "label_times_find": statistics.median(one[3] / one[0] for one in rounds),
        "label_over_orjson": statistics.median(one[3] / one[1] for one in rounds),
    }


def _write(path: Path, texts: list[str]) -> int:
    import orjson

    with path.open("wb") as file:
        for i, text in enumerate(texts):
            file.write(orjson.dumps({"step": i // 500, "prompt": f"p{i % 400}", "completion": text}) + b"\n")
    return path.stat().st_size


def _file_round(path: Path, out: Path, texts: list[str], classifier: Classifier) -> tuple[float, ...]:
    """CPU seconds: the rare find, orjson, reading, labelling."""
    import orjson

    return (
        statistics.median(cpu(rare_find, texts) for _ in range(3)),
        cpu(lambda _: [orjson.loads(line) for line in path.open("rb")], []),
        cpu(lambda _: [len(batch) for batch in read_rollouts(path).batches()], []),
        cpu(lambda _: label_files(path, out, classifier=classifier), []),
    )


def latency(bench: Bench) -> dict[str, float]:
    """One text of 1 kB, and a batch of 1,024 of 2 kB: texts not seen before, by a classifier that has run."""
    ones, twos = texts_between(900, 1100, 800), texts_between(1800, 2200, 3 * 1024)
    apart = {*ones, *twos}
    classifier = Classifier()
    classifier.classify_batch([text for text in bench.texts if text not in apart])
    glued = _cut(bench.texts, 1000, 300)
    singles = sorted(_one(classifier, text) for text in ones)
    batches = [cpu(classifier.classify_batch, twos[i * 1024 : (i + 1) * 1024]) for i in range(3)]
    return {
        "classify_1kb_us": 1e6 * statistics.median(singles),
        "classify_1kb_p95_us": 1e6 * singles[int(0.95 * len(singles))],
        "classify_1kb_glued_us": 1e6 * statistics.median(_one(classifier, text) for text in glued),
        "batch_1024_of_2kb_ms": 1e3 * statistics.median(batches),
    }


def _one(classifier: Classifier, text: str) -> float:
    start = time.process_time()
    classifier.classify(text)
    return time.process_time() - start


def start_up() -> dict[str, float]:
    """CPU of a fresh process beyond a bare interpreter's; also with the threads that numpy starts unasked."""
    one, unasked = ({**os.environ, **threads} for threads in ({"OPENBLAS_NUM_THREADS": "1"}, {}))
    unasked.pop("OPENBLAS_NUM_THREADS", None)
    said = _starts(one)
    return {**said, **{f"{name}_unasked": value for name, value in _starts(unasked).items()}}


def _starts(env: dict[str, str]) -> dict[str, float]:
    bare = _process_ms("pass", env)
    return {name: _process_ms(code, env) - bare for name, code in STARTS.items()}


def _process_ms(code: str, env: dict[str, str]) -> float:
    command = [sys.executable, "-c", f"{code}\nimport time; print(time.process_time())"]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True, env=env) for _ in range(7)]
    return 1e3 * statistics.median(float(run.stdout) for run in runs)


def _run(arguments: list[str]) -> str:
    env = {"OPENBLAS_NUM_THREADS": "1", **os.environ}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=env).stdout


if __name__ == "__main__":
    print(json.dumps(_of_one_shelf(int(sys.argv[2]))))
