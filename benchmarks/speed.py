"""How fast labels come, beside what else one could run, as ratios to one rare `str.find` per text.

    python -m benchmarks.speed              # everything; prints tables
    python -m benchmarks.speed --quick      # a line each for the few that matter most, within half a minute
    python -m benchmarks.speed --save       # everything, kept in benchmarks/results/speed.json
    python -m benchmarks.speed --write      # writes the tables of docs/scale.md from the kept results

One core, one process, CPU time, medians of interleaved rounds over the mixed bench (`bench_texts`). Slow
peers run on the first few of the same texts. Optional peer: fastText (`pip install fasttext-numpy2`).
"""

from __future__ import annotations

import os

# One core means one: numpy's matrix products would take all of them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import warnings
from dataclasses import asdict
from typing import Any

from benchmarks import speed_curves, speed_page
from benchmarks.bench_texts import COUNT, bench_texts, reached
from benchmarks.corpus import ROOT
from benchmarks.speed_peers import other_peers, our_peers, quick_peers
from benchmarks.timing import RARE, Timed, interleaved, machine, peak_mb
from echoformat.classifier import Classifier

RESULTS = ROOT / "benchmarks" / "results" / "speed.json"
ROUNDS, QUICK_TEXTS, QUICK_ROUNDS = 5, 6000, 3
MARKS = "<!-- speed table -->\n", "<!-- end of speed table -->"


def measure(count: int, rounds: int) -> dict[str, Any]:
    """Every figure of this benchmark."""
    bench = bench_texts()
    texts = bench.texts[:count]
    fresh = speed_curves.first_pass(texts)
    peers = [*other_peers(bench, len(texts)), *our_peers(len(texts))]
    timed = interleaved(peers, texts, rounds)
    return {
        "machine": machine(),
        "load_average": os.getloadavg()[0],
        "versions": Classifier().versions.to_dict(),
        "texts": len(texts),
        "mb": sum(len(text.encode()) for text in texts) / 1e6,
        "lengths": reached(texts),
        "glued": bench.glued,
        "holding_needle": sum(RARE in text for text in texts),
        "peers": [asdict(one) for one in timed],
        "first_pass": fresh,
        "by_length": speed_curves.by_length(bench.rows),
        "by_formats": speed_curves.by_formats(),
        "files": speed_curves.files(texts),
        "latency": speed_curves.latency(bench),
        "start_up": speed_curves.start_up(),
        "peak_mb": peak_mb(),
    }


def quick() -> None:
    """The few figures that tell whether a change pays."""
    bench = bench_texts()
    texts = bench.texts[:QUICK_TEXTS]
    for one in interleaved(quick_peers(bench, len(texts)), texts, QUICK_ROUNDS):
        print(_line(one))


def _line(one: Timed) -> str:
    cost = f"{one.us_per_text:8.2f} us/text {one.mb_per_second:8.1f} MB/s {one.times_find:7.1f} x find"
    return f"{one.name:26s} {cost}"


def main() -> None:
    """Measure, or write the page from what was measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=COUNT)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--quick", action="store_true", help="the few figures that matter most")
    parser.add_argument(
        "--save", action="store_true", help=f"keep the figures in {RESULTS.relative_to(ROOT)}"
    )
    parser.add_argument("--write", action="store_true", help="write docs/scale.md from the kept figures")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    if args.quick:
        quick()
    elif args.write:
        speed_page.put_between(MARKS, speed_page.table(json.loads(RESULTS.read_text(encoding="utf-8"))))
    else:
        said = measure(args.texts, args.rounds)
        if args.save:
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
        print(speed_page.table(said))


if __name__ == "__main__":
    main()
