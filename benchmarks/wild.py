"""Labels of source files that lie about on a machine: authors and repositories that no one trained on.

    python -m benchmarks.wild /usr /opt ~/src          # a Markdown table: rules alone beside rules and model

The file's ending stands for its format; a file is cut to the length of a completion. Read it as a check on
generalisation, not as an accuracy: endings lie now and then, and files are not completions.
"""

from __future__ import annotations

import argparse
import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from echoformat import Classifier

FORMATS = {
    "c": "other: C", "cc": "cpp", "cpp": "cpp", "css": "css", "go": "go", "hpp": "cpp", "html": "html",
    "ipynb": "ipynb", "java": "java", "js": "javascript", "json": "json", "lean": "lean4",
    "md": "other: Markdown", "pl": "other: Perl", "py": "python", "rs": "rust", "rst": "other: RST",
    "sh": "bash", "sql": "sql", "tex": "latex_document", "thy": "isabelle", "toml": "other: TOML",
    "ts": "typescript", "txt": "other: text", "v": "coq", "xml": "xml", "yaml": "yaml", "yml": "yaml",
}  # fmt: skip
LENGTHS = (1_200, 3_000, 20_000)
LARGEST, SMALLEST = 60_000, 60
DEPTH = 7


def files(roots: list[str]) -> Iterator[Path]:
    """Files of a size and an ending that will do, links not followed."""
    for root in roots:
        for folder, _, names in os.walk(root):
            for name in names:
                path = Path(folder, name)
                if path.suffix[1:] in FORMATS and not path.is_symlink():
                    yield path


def sample(roots: list[str], most: int, seed: int) -> Iterator[tuple[str, str]]:
    """(format, text) of up to `most` files of each format, spread over folders."""
    draw = random.Random(seed)
    by_format: dict[str, dict[tuple[str, ...], list[Path]]] = defaultdict(lambda: defaultdict(list))
    for path in files(roots):
        by_format[FORMATS[path.suffix[1:]]][path.parts[:DEPTH]].append(path)
    for format in sorted(by_format):
        folders = sorted(by_format[format])
        draw.shuffle(folders)
        picked = (draw.choice(sorted(by_format[format][folder])) for folder in folders * 3)
        texts = (text for path in picked if (text := read(path)) is not None)
        for _, text in zip(range(most), texts, strict=False):
            yield format, text[: draw.choice(LENGTHS)]


def read(path: Path) -> str | None:
    """The text of a file, ``None`` where it is none or of no fit size."""
    try:
        text = path.read_text(encoding="utf-8") if path.stat().st_size <= LARGEST else ""
    except (OSError, UnicodeDecodeError):
        return None
    return text if len(text) >= SMALLEST else None


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("roots", nargs="+", metavar="FOLDER")
    parser.add_argument("--most", type=int, default=90, help="files of each format (90)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rows = list(sample(options.roots, options.most, options.seed))
    tables = {}
    for name, classifier in (("rules", Classifier(model=None)), ("rules and model", Classifier())):
        labels = classifier.classify_batch([text for _, text in rows]).label_names()
        tables[name] = defaultdict(Counter)
        for (format, _), label in zip(rows, labels, strict=True):
            tables[name][format][label] += 1
    print("| files | n | " + " | ".join(f"{name}: right | most often else" for name in tables) + " |")
    print("|---|--:|" + "--:|---|" * len(tables))
    for format in sorted({format for format, _ in rows}):
        cells = []
        for found in (table[format] for table in tables.values()):
            others = [f"{name} {n}" for name, n in found.most_common(5) if name != format]
            cells += [f"{found[format]}", ", ".join(others[:3])]
        print(f"| {format} | {sum(tables['rules'][format].values())} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
