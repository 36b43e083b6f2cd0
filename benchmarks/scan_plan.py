"""Work out anew how the shelf is scanned, after a change of a pattern: ``python -m benchmarks.scan_plan``."""

from __future__ import annotations

from echoformat.detectors.set_scan import SHIPPED, ship_plans
from echoformat.formats import all_formats
from echoformat.panel import Panel


def main() -> None:
    """Write the plans: for every pattern, and for those that are looked for in the whole of a long text."""
    patterns = Panel(all_formats(), "re2", ()).patterns
    every = patterns.regexes
    ship_plans([every, [every[i] for i in patterns.seen_whole]])
    print(f"{SHIPPED.name}: {SHIPPED.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
