"""The labelled corpus of completions, read from the study data beside the repository."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Row:
    """One completion whose format is known from where it comes from."""

    text: str
    format: str
    variant: str
    family: str
    tier: int
    repo: str
    problem: str


def shared_folder() -> Path:
    """`$ECHOFORMAT_SHARED`, else `../shared`.

    Raises:
        FileNotFoundError: Neither is there.
    """
    named = os.environ.get("ECHOFORMAT_SHARED")
    folder = Path(named) if named else ROOT.parent / "shared"
    if not folder.is_dir():
        raise FileNotFoundError(f"no study data at {folder}; set ECHOFORMAT_SHARED")
    return folder


def read_corpus(path: Path | None = None) -> Iterator[Row]:
    """Every row of the corpus, or of a file of the same fields."""
    path = path or shared_folder() / "corpus" / "train.jsonl.gz"
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    for line in filter(None, data.split(b"\n")):
        item = json.loads(line)
        yield Row(
            item["text"],
            item["format"],
            item.get("variant") or "",
            item["family"],
            int(item["tier"]),
            item.get("repo") or "",
            str(item.get("problem") or ""),
        )
