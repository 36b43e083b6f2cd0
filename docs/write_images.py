"""Draws the picture of the README: `python docs/write_images.py`."""

from __future__ import annotations

from pathlib import Path

from echoformat import Classifier, label_run, plot_shares, read_rollouts
from echoformat.demo import demo_files

TARGET = Path(__file__).resolve().parent / "images" / "shares.svg"

if __name__ == "__main__":
    import matplotlib

    # Without these, every drawing of the same numbers is another file.
    matplotlib.rcParams.update({"svg.hashsalt": "echoformat", "svg.fonttype": "none"})
    done = label_run(read_rollouts(demo_files()[0]), Classifier())
    TARGET.parent.mkdir(exist_ok=True)
    plot_shares(done.series, title="U_s_kl0: share of completions by format").savefig(
        TARGET, metadata={"Date": None}, facecolor="white"
    )
