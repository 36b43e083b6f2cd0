"""How far the part of the study's rule that executes code can move a share, and what the rule mislabels.

    python benchmarks/compat.py            # a Markdown table, as docs/compat.md shows it

Reads the runs and the corpus of the study data ($ECHOFORMAT_SHARED, else ../shared).
"""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from echoformat.compat import compat_rule, needs_execution

ROOT = Path(__file__).resolve().parent.parent


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The records of a compressed JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def line(name: str, texts: list[str]) -> str:
    """One row of the table."""
    label = compat_rule("zhao2025").label
    shares = Counter(map(label, texts))
    turn = sum(map(needs_execution, texts))
    cells = [f"{100 * shares[key] / len(texts):.1f}" for key in ("tinygsm-code", "llm-code", "text")]
    return f"| {name} | {len(texts):,} | {' | '.join(cells)} | {100 * turn / len(texts):.2f} |"


def main() -> None:
    """Print the table."""
    shared = Path(os.environ.get("ECHOFORMAT_SHARED", ROOT.parent / "shared"))
    print("| texts | n | tinygsm-code % | llm-code % | text % | turns on execution, % at most |")
    print("|---|---|---|---|---|---|")
    for path in sorted((shared / "ministudy").glob("*_*_*.jsonl.gz")):
        if path.name.startswith("pretrain"):
            continue
        print(line(f"run {path.name.removesuffix('.jsonl.gz')}", [row["completion"] for row in rows(path)]))
    corpus = list(rows(shared / "corpus" / "train.jsonl.gz"))
    for family in ("natural_language", "hybrid", "code"):
        texts = [
            row["text"]
            for row in corpus
            if row["family"] == family and row["tier"] > 0 and row["format"] != "tinygsm"
        ]
        print(line(f"corpus, {family} that is not TinyGSM", texts))


if __name__ == "__main__":
    main()
