"""Work out anew how the shelf is scanned: ``python -m benchmarks.scan_plan``, after any change of a pattern."""

from __future__ import annotations

from echoformat.detectors.set_scan import SHIPPED, ship_plan
from echoformat.formats import all_formats
from echoformat.panel import Panel


def main() -> None:
    """Write the plan."""
    ship_plan(Panel(all_formats(), "re2", ()).patterns.regexes)
    print(f"{SHIPPED.name}: {SHIPPED.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
