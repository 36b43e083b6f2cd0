"""Refit the built-in model: ``python benchmarks/train_builtin.py``. The same data give the same bytes."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.crossfit import Prepared, crossfit, fit, prepare, strangers  # noqa: E402
from benchmarks.figures import out_of_repository, table  # noqa: E402
from benchmarks.hangs_on import hangs_on  # noqa: E402
from benchmarks.labelled import read_corpus  # noqa: E402
from echoformat.calibrating import calibrate  # noqa: E402
from echoformat.classifier import Classifier  # noqa: E402
from echoformat.detectors.learned import feature_version  # noqa: E402
from echoformat.formats import all_formats  # noqa: E402
from echoformat.model import BUILTIN, SUMS, WEIGHTS, Model  # noqa: E402
from echoformat.ruleset import ruleset_hash  # noqa: E402


def main(folder: Path = BUILTIN) -> None:
    """Fit, calibrate out of repository, and write weights, card and sha256."""
    start = time.time()
    formats = all_formats()
    data = prepare(read_corpus(), formats)
    print(f"{data.scored.sum()} rows, {len(data.names)} formats, {time.time() - start:.0f} s", flush=True)
    seen, rows, models = crossfit(data)
    print(f"out-of-repository scores, {time.time() - start:.0f} s", flush=True)
    rounds = strangers(data, formats, Classifier(formats, model=None)._rules)
    combination = calibrate(seen, [item for item, _ in rounds], data.names)
    figures = out_of_repository(data, seen, rows, rounds, models)
    print(table(figures), flush=True)
    weights, _ = fit(data, np.ones(len(data.corpus.names), dtype=bool))
    model = Model(
        weights,
        combination,
        card={**_card(data), **figures, "hangs_on": hangs_on(weights, data.corpus.texts)},
    )
    digest = model.save(folder)
    if folder == BUILTIN:
        SUMS.write_text(f"{digest}  {BUILTIN.name}/{WEIGHTS}\n", encoding="ascii")
    size = (folder / WEIGHTS).stat().st_size
    print(f"wrote {folder} ({size} bytes, sha256 {digest[:16]}), {time.time() - start:.0f} s")


def _card(data: Prepared) -> dict[str, object]:
    trained = data.weight[: len(data.corpus.rows)] > 0
    used = [row for row, keep in zip(data.corpus.rows, trained, strict=True) if keep]
    by_repo = Counter((row["repo"], row["licence"] or "not stated", row["format"]) for row in used)
    return {
        "formats": list(data.names),
        "rows": len(used),
        "rows_scored": int(data.scored.sum()),
        "rules": ruleset_hash(all_formats()),
        "features": feature_version(),
        "data": [[*key, n] for key, n in sorted(by_repo.items())],
    }


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
