"""How fast labels come, beside what else one could run, as ratios to one rare `str.find` per text.

    python -m benchmarks.speed              # everything; prints a table
    python -m benchmarks.speed --save       # and keeps it in benchmarks/results/speed.json
    python -m benchmarks.speed --write      # writes the table of docs/scale.md from the kept results

One core, one process, CPU time, medians of interleaved rounds. The texts are the corpus of `../shared`,
shuffled with a fixed seed. Slow peers run on the first few of the same texts. Optional peers: fastText
(`pip install fasttext-numpy2`).
"""

from __future__ import annotations

import os

# One core means one: numpy's matrix products would take all of them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import platform
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.corpus import ROOT, Row, read_corpus
from echoformat.classifier import Classifier
from echoformat.compat import compat_rule
from echoformat.detectors.dialect import for_regex
from echoformat.detectors.pattern import PatternDetector
from echoformat.engines.files import label_files
from echoformat.format import Format, Pattern
from echoformat.formats import all_formats
from echoformat.model import builtin_model
from echoformat.rollouts import read_rollouts
from echoformat.text import view

RESULTS = ROOT / "benchmarks" / "results" / "speed.json"
PAGE = ROOT / "docs" / "scale.md"
RARE = "def simple_math_problem"
ROUNDS, CHUNK, SEED = 5, 512, 20250407
MARKS = "<!-- speed table -->\n", "<!-- end of speed table -->"


@dataclass(frozen=True, slots=True)
class Peer:
    """One thing to time: its name, what it runs, and on how many of the texts."""

    name: str
    run: Callable[[list[str]], object]
    texts: int


@dataclass(frozen=True, slots=True)
class Timed:
    """Microseconds of CPU a text, MB/s, and the ratio to the rare find over the same texts."""

    name: str
    texts: int
    us_per_text: float
    mb_per_second: float
    times_find: float


def bench_texts() -> list[Row]:
    """The rows of the corpus in an order fixed by a seed."""
    rows = list(read_corpus())
    random.Random(SEED).shuffle(rows)
    return rows[:20_000]


def rare_find(texts: list[str]) -> None:
    """The yardstick: one `str.find` of something rare per text."""
    for text in texts:
        text.find(RARE)


def cpu(run: Callable[[list[str]], object], texts: list[str]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    run(texts)
    return time.process_time() - start


def interleaved(peers: list[Peer], texts: list[str], rounds: int = ROUNDS) -> list[Timed]:
    """Each peer in turn, again and again; the yardstick runs beside each on the same texts."""
    seconds: dict[str, list[float]] = {peer.name: [] for peer in peers}
    ratios: dict[str, list[float]] = {peer.name: [] for peer in peers}
    for _ in range(rounds):
        for peer in peers:
            some = texts[: peer.texts]
            yardstick = statistics.median(cpu(rare_find, some) for _ in range(3))
            took = cpu(peer.run, some)
            seconds[peer.name].append(took)
            ratios[peer.name].append(took / max(yardstick, 1e-9))
    return [_timed(peer, texts, seconds[peer.name], ratios[peer.name]) for peer in peers]


def _timed(peer: Peer, texts: list[str], seconds: list[float], ratios: list[float]) -> Timed:
    some = texts[: peer.texts]
    size, middle = sum(len(t.encode()) for t in some), statistics.median(seconds)
    return Timed(
        peer.name, len(some), 1e6 * middle / len(some), size / middle / 1e6, statistics.median(ratios)
    )


def our_peers(count: int) -> list[Peer]:
    """The stages of echoformat."""
    plain = Classifier([replace(f, syntax=()) for f in all_formats()])
    rules = Classifier([replace(f, syntax=()) for f in all_formats()], model=None)
    full = Classifier()
    scan = PatternDetector(all_formats(), (), "re2")
    fallback = PatternDetector(all_formats(), (), "regex")
    learned = builtin_model().detector()
    return [
        Peer("patterns, set scan", lambda texts: _in_chunks(scan.find_many, _encoded(texts)), count),
        Peer("patterns, fallback", lambda texts: _in_chunks(fallback.find_many, _encoded(texts)), 600),
        Peer("learned detector alone", lambda texts: learned.scores([view(t).text for t in texts]), 4000),
        Peer("labels by rules, no parses", rules.classify_batch, count),
        Peer("labels, no parses", plain.classify_batch, count),
        Peer("labels, everything", full.classify_batch, count),
        Peer("labels, one text at a time", lambda texts: [full.classify(t) for t in texts], 400),
    ]


def _encoded(texts: list[str]) -> list[bytes]:
    return [view(text).text.encode() for text in texts]


def _in_chunks(run: Callable[[list[bytes]], object], texts: list[bytes]) -> None:
    for start in range(0, len(texts), CHUNK):
        run(texts[start : start + CHUNK])


def other_peers(rows: list[Row], count: int) -> list[Peer]:
    """What else one could run."""
    study, spurious = compat_rule("zhao2025"), compat_rule("spurious")
    patterns = [re.compile(for_regex(p.regex)) for f in all_formats() for p in f.patterns]
    peers = [
        Peer("one rare str.find", rare_find, count),
        Peer("the study's substrings", lambda texts: [study.label(t) for t in texts], count),
        Peer("one substring, lower case", lambda texts: [spurious.label(t) for t in texts], count),
        Peer(f"{len(patterns)} patterns with re", lambda ts: [p.search(t) for t in ts for p in patterns], 40),
        Peer("scikit-learn, char 2-5-grams", _scikit_learn(rows), 300),
    ]
    fast = _fasttext(rows)
    return peers if fast is None else [*peers, Peer("fastText, 16 dimensions", fast, 4000)]


def _scikit_learn(rows: list[Row]) -> Callable[[list[str]], object]:
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5)), SGDClassifier(max_iter=5)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit([row.text for row in rows[-1500:]], [row.format for row in rows[-1500:]])
    predict: Callable[[list[str]], object] = model.predict
    return predict


def _fasttext(rows: list[Row]) -> Callable[[list[str]], object] | None:
    try:
        import fasttext
    except ImportError:
        return None
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for row in rows[-4000:]:
            file.write(f"__label__{row.format} {' '.join(row.text.split())}\n")
        file.flush()
        model = fasttext.train_supervised(file.name, dim=16, wordNgrams=2, epoch=3, thread=1, verbose=0)
    return lambda texts: [model.predict(text.replace("\n", " ")) for text in texts]


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
    classifier, said = Classifier(), []
    pools = {
        "prose": [r.text for r in rows if r.family == "natural_language"],
        "code": [r.text for r in rows if r.family == "code"],
        "mixed": [r.text for r in rows],
    }
    for kind, pool in pools.items():
        for size in (200, 1000, 3000, 10_000, 30_000, 300_000, 10_000_000):
            texts = _of_length(pool, size, max(1, min(400, 2_000_000 // size)))
            took = statistics.median(cpu(classifier.classify_batch, texts) for _ in range(3))
            per_text = 1e6 * took / len(texts)
            said.append(
                {
                    "kind": kind,
                    "characters": size,
                    "us_per_text": per_text,
                    "us_per_kb": 1e3 * per_text / size,
                }
            )
    return said


def _of_length(pool: list[str], size: int, count: int) -> list[str]:
    """Texts of exactly that length: pieces of the pool one behind the other."""
    whole = "\n\n".join(pool)
    whole = whole * (1 + size * count // len(whole))
    return [whole[i * size : (i + 1) * size] for i in range(count)]


def by_formats(texts: list[str]) -> list[dict[str, Any]]:
    """What one scan costs with 12, 50 and 200 formats, every pattern different from every other."""
    encoded, said = _encoded(texts[:4000]), []
    for size in (12, 50, 200):
        detector = PatternDetector(_shelf(size), (), "re2")
        run = lambda _texts, one=detector: _in_chunks(one.find_many, encoded)  # noqa: E731
        first = cpu(run, [])
        again = statistics.median(cpu(run, []) for _ in range(3))
        said.append(
            {
                "formats": size,
                "patterns": len(detector.rules),
                "first_us_per_text": 1e6 * first / len(encoded),
                "us_per_text": 1e6 * again / len(encoded),
                "peak_mb": _peak_mb(),
            }
        )
    return said


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
    return pattern if turn == 0 else replace(pattern, regex=f"(?:{pattern.regex})|zq{turn}xj")


def files(rows: list[Row]) -> dict[str, float]:
    """From a JSONL file to labelled parquet, and what reading it costs."""
    import orjson

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        with path.open("wb") as file:
            for i, row in enumerate(rows):
                file.write(
                    orjson.dumps({"step": i // 500, "prompt": f"p{i % 400}", "completion": row.text}) + b"\n"
                )
        texts = [row.text for row in rows]
        classifier = Classifier()
        classifier.classify_batch(texts)
        yardstick = statistics.median(cpu(rare_find, texts) for _ in range(5))
        parse = cpu(lambda _: [orjson.loads(line) for line in path.open("rb")], [])
        read = cpu(lambda _: [len(batch) for batch in read_rollouts(path).batches()], [])
        label = cpu(lambda _: label_files(path, Path(folder) / "out", classifier=classifier), [])
        walls = {n: _wall(path, Path(folder) / f"w{n}", classifier, n) for n in (1, 2)}
    return {
        "orjson_us_per_row": 1e6 * parse / len(rows),
        "read_us_per_row": 1e6 * read / len(rows),
        "label_us_per_row": 1e6 * label / len(rows),
        "label_times_find": label / yardstick,
        "label_over_orjson": label / parse,
        "workers_2_over_1_wall": walls[1] / walls[2],
    }


def _wall(path: Path, out: Path, classifier: Classifier, workers: int) -> float:
    start = time.perf_counter()
    label_files([path], out, classifier=classifier, workers=workers, engine="processes")
    return time.perf_counter() - start


def latency(texts: list[str]) -> dict[str, float]:
    """One text of 1 kB, and a batch of 1,024 of 2 kB, in wall time after the first."""
    classifier = Classifier()
    ones = _of_length(texts, 1000, 300)
    classifier.classify_batch(ones)
    times = []
    for text in ones:
        start = time.perf_counter()
        classifier.classify(text)
        times.append(time.perf_counter() - start)
    twos = _of_length(texts, 2000, 1024)
    batch = statistics.median(cpu(classifier.classify_batch, twos) for _ in range(3))
    return {"classify_1kb_us": 1e6 * statistics.median(times), "batch_1024_of_2kb_ms": 1e3 * batch}


STARTS = {
    "import_ms": "import echoformat",
    "first_classify_ms": "from echoformat import classify; classify('ans = 3 * 12\\n')",
}


def start_up() -> dict[str, float]:
    """CPU of a fresh process, beyond that of a bare interpreter."""
    bare = _process_ms("pass")
    return {name: _process_ms(code) - bare for name, code in STARTS.items()}


def _process_ms(code: str) -> float:
    command = [sys.executable, "-c", f"{code}\nimport time; print(time.process_time())"]
    runs = [
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(5)
    ]
    return 1e3 * statistics.median(runs)


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
    return Path(path).read_text().splitlines() if Path(path).is_file() else []


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(count: int, rounds: int) -> dict[str, Any]:
    """Every figure of this benchmark."""
    rows = bench_texts()[:count]
    texts = [row.text for row in rows]
    fresh = first_pass(texts)
    peers = [*other_peers(rows, len(texts)), *our_peers(len(texts))]
    timed = interleaved(peers, texts, rounds)
    return {
        "machine": machine(),
        "load_average": os.getloadavg()[0],
        "versions": Classifier().versions.to_dict(),
        "texts": len(texts),
        "mb": sum(len(t.encode()) for t in texts) / 1e6,
        "peers": [asdict(one) for one in timed],
        "first_pass": fresh,
        "by_length": by_length(rows),
        "by_formats": by_formats(texts),
        "files": files(rows),
        "latency": latency(texts),
        "start_up": start_up(),
        "peak_mb": _peak_mb(),
    }


def table(said: dict[str, Any]) -> str:
    """The figures as Markdown."""
    find = next(p for p in said["peers"] if p["name"] == "one rare str.find")
    fast = next((p for p in said["peers"] if p["name"].startswith("fastText")), None)
    lines = [
        f"{said['texts']:,} texts, {said['mb']:.1f} MB, one core of {said['machine']['cpu']}, Python "
        f"{said['machine']['python']}; load {said['load_average']:.1f} from other work while it ran. "
        f"One rare `str.find` per text: {find['us_per_text']:.2f} µs.",
        "",
        "| what | µs a text | MB/s | times find |" + (" times fastText |" if fast else ""),
        "|---|--:|--:|--:|" + ("--:|" if fast else ""),
    ]
    for peer in said["peers"]:
        cells = [f"{peer[key]:.{digits}f}" for key, digits in COLUMNS.items()]
        cells += [f"{peer['times_find'] / fast['times_find']:.2f}"] if fast else []
        lines.append(f"| {peer['name']} | " + " | ".join(cells) + " |")
    lines += ["", "A new process, texts never seen before (states of the automata are made on the way):", ""]
    lines += ["| rows | µs a text | times find |", "|--:|--:|--:|"]
    lines += [
        f"| {p['rows']:,} | {p['us_per_text']:.0f} | {p['times_find']:.0f} |" for p in said["first_pass"]
    ]
    lines += [
        "",
        "| formats | patterns | first pass, µs a text | later, µs a text | peak MB |",
        "|--:|--:|--:|--:|--:|",
    ]
    for p in said["by_formats"]:
        first, later = f"{p['first_us_per_text']:.0f}", f"{p['us_per_text']:.0f}"
        lines.append(f"| {p['formats']} | {p['patterns']} | {first} | {later} | {p['peak_mb']:.0f} |")
    kinds = list(dict.fromkeys(p["kind"] for p in said["by_length"]))
    lines += [
        "",
        "| characters | " + " | ".join(f"{kind}, µs a kB" for kind in kinds) + " |",
        "|--:|" + "--:|" * len(kinds),
    ]
    for size in dict.fromkeys(p["characters"] for p in said["by_length"]):
        found = {p["kind"]: p["us_per_kb"] for p in said["by_length"] if p["characters"] == size}
        lines.append(f"| {size:,} | " + " | ".join(f"{found[kind]:.1f}" for kind in kinds) + " |")
    rest = {**said["files"], **said["latency"], **said["start_up"]}
    lines += ["", "| also | |", "|---|--:|"]
    lines += [f"| {NAMES[name]} | {value:.1f} |" for name, value in rest.items()]
    return "\n".join(lines) + "\n"


COLUMNS = {"us_per_text": 1, "mb_per_second": 2, "times_find": 1}
NAMES = {
    "orjson_us_per_row": "orjson alone on the JSONL file, µs a row",
    "read_us_per_row": "reading it as completions, µs a row",
    "label_us_per_row": "JSONL to labelled parquet, µs a row",
    "label_times_find": "the same, times find",
    "label_over_orjson": "the same, times orjson alone",
    "workers_2_over_1_wall": "two worker processes over one, wall time",
    "classify_1kb_us": "`classify` of 1 kB, µs (median, wall)",
    "batch_1024_of_2kb_ms": "`classify_batch` of 1,024 texts of 2 kB, ms",
    "import_ms": "`import echoformat`, ms of CPU",
    "first_classify_ms": "import and first `classify`, ms of CPU",
}


def write_page(said: dict[str, Any]) -> None:
    """Put the table between its marks in docs/scale.md."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(MARKS[0])
    PAGE.write_text(before + MARKS[0] + table(said) + MARKS[1] + rest.split(MARKS[1])[1], encoding="utf-8")


def main() -> None:
    """Measure, or write the page from what was measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--save", action="store_true", help=f"keep the figures in {RESULTS.relative_to(ROOT)}"
    )
    parser.add_argument("--write", action="store_true", help="write docs/scale.md from the kept figures")
    args = parser.parse_args()
    if args.write:
        write_page(json.loads(RESULTS.read_text(encoding="utf-8")))
        return
    warnings.simplefilter("ignore")
    said = measure(args.texts, args.rounds)
    if args.save:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    print(table(said))


if __name__ == "__main__":
    main()
