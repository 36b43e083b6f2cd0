"""What other tools call the same completions: ``python -m benchmarks.peers``.

File-type guessers name languages, not formats, so they are asked only about formats that they can name, on a
few rows of each; fastText is fitted on the same rows and folds as our model. Each runs where installed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score

from benchmarks.labelled import FOLDS, SCORED_TIERS, Corpus, read_corpus
from echoformat.classifier import Classifier
from echoformat.formats import all_formats

EACH = 30
# Our name for what a tool calls it.
LANGUAGES = ("python", "json", "xml", "cpp", "java", "go", "rust", "javascript", "sql")
MAGIKA = {**{name: name for name in LANGUAGES}, "shell": "bash", "diff": "unified_diff"}
MAGIKA |= {"latex": "latex_document", "markdown": "chat_markdown", "txt": "prose"}
TITLES = ("Python", "JSON", "XML", "C++", "Java", "Go", "Rust", "JavaScript", "SQL")
PYGMENTS = {**dict(zip(TITLES, LANGUAGES, strict=True)), "Bash": "bash", "Diff": "unified_diff"}
PYGMENTS |= {"TeX": "latex_document", "Markdown": "chat_markdown", "Text only": "prose"}


def with_magika(texts: Sequence[str]) -> list[str]:
    """Magika's labels in our names."""
    from magika import Magika

    tool = Magika()
    return [MAGIKA.get(str(tool.identify_bytes(t.encode()).output.label), "other") for t in texts]


def with_pygments(texts: Sequence[str]) -> list[str]:
    """Pygments' guesses in our names, from the first 2,000 characters."""
    from pygments.lexers import guess_lexer

    return [PYGMENTS.get(guess_lexer(text[:2000]).name, "other") for text in texts]


def with_fasttext(corpus: Corpus) -> np.ndarray:
    """FastText fitted without each fold, on that fold."""
    import fasttext

    told = np.empty(len(corpus.texts), dtype=object)
    for fold in range(FOLDS):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train.txt"
            rows = np.flatnonzero(corpus.folds != fold).tolist()
            path.write_text("".join(f"__label__{corpus.names[i]} {_line(corpus.texts[i])}\n" for i in rows))
            model = fasttext.train_supervised(
                str(path), wordNgrams=2, minn=2, maxn=4, lr=0.5, epoch=25, seed=1, thread=1
            )
        for i in np.flatnonzero(corpus.folds == fold).tolist():
            told[i] = model.predict(_line(corpus.texts[i]))[0][0].removeprefix("__label__")
    return told


def _line(text: str) -> str:
    return " ".join(text.split())[:4000]


def _sample(corpus: Corpus, names: Sequence[str]) -> np.ndarray:
    rng = np.random.default_rng(0)
    picks = [rng.permutation(np.flatnonzero(corpus.names == name))[:EACH] for name in sorted(set(names))]
    return np.concatenate(picks)


def _compare(
    corpus: Corpus, title: str, tool: Callable[[Sequence[str]], list[str]], names: Sequence[str]
) -> None:
    rows = _sample(corpus, names)
    texts, truth = [corpus.texts[i] for i in rows.tolist()], corpus.names[rows]
    try:
        theirs = tool(texts)
    except ImportError as error:
        print(f"{title}: not installed ({error.name})")
        return
    ours = Classifier().classify_batch(texts).label_names()
    known = sorted(set(truth.tolist()))
    scores = [
        f1_score(truth, told, labels=known, average="macro", zero_division=0) for told in (theirs, ours)
    ]
    print(
        f"{title}: macro-F1 {scores[0]:.3f}, echoformat {scores[1]:.3f} "
        f"({len(rows)} rows, {len(known)} formats)"
    )


def main() -> None:
    """Compare with every tool that is installed."""
    corpus = read_corpus()
    shelf = {format.name for format in all_formats()}
    corpus = corpus.take(np.isin(corpus.tiers, SCORED_TIERS) & np.isin(corpus.names, sorted(shelf)))
    _compare(corpus, "magika", with_magika, list(MAGIKA.values()))
    _compare(corpus, "pygments", with_pygments, list(PYGMENTS.values()))
    try:
        told = with_fasttext(corpus)
    except ImportError as error:
        print(f"fastText: not installed ({error.name})")
        return
    names = sorted(set(corpus.names.tolist()))
    score = f1_score(corpus.names, told.astype(str), labels=names, average="macro", zero_division=0)
    print(f"fastText, out of repository: macro-F1 {score:.3f} ({len(names)} formats)")


if __name__ == "__main__":
    main()
