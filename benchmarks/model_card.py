"""Write ``docs/model-card.md`` from the card of the built-in model: ``python -m benchmarks.model_card``."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.figures import table
from echoformat.model import builtin_card

PAGE = Path(__file__).resolve().parent.parent / "docs" / "model-card.md"
TEMPLATE = Path(__file__).resolve().parent / "model_card_template.md"
WORST = 6


def page() -> str:
    """The page as Markdown."""
    card = builtin_card()
    parts = {
        "{sha256}": card["sha256"],
        "{rules}": card["rules"],
        "{rows}": f"{card['rows']:,}",
        "{scored}": f"{card['rows_scored']:,}",
        "{formats}": str(len(card["formats"])),
        "{table}": table(card),
        "{data}": _data(card),
        "{hangs_on}": _hangs_on(card),
        "{failures}": _failures(card),
        "{unknown}": _unknown(card),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for mark, content in parts.items():
        text = text.replace(mark, content)
    return text


def _data(card: dict[str, Any]) -> str:
    rows: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for repo, licence, name, count in card["data"]:
        rows[(repo, licence)][name] = count
    lines = ["| repository | licence | rows | formats |", "|---|---|--:|---|"]
    for (repo, licence), formats in sorted(rows.items()):
        named = ", ".join(f"{name} {n}" for name, n in sorted(formats.items()))
        lines.append(f"| {repo} | {licence} | {sum(formats.values())} | {named} |")
    return "\n".join(lines)


def _hangs_on(card: dict[str, Any]) -> str:
    lines = ["| format | heaviest features |", "|---|---|"]
    for name, features in sorted(card["hangs_on"].items()):
        shown = ", ".join("`" + feature.replace("|", "\\|").replace("`", "'") + "`" for feature in features)
        lines.append(f"| {name} | {shown} |")
    return "\n".join(lines)


def _failures(card: dict[str, Any]) -> str:
    wrong = [
        (count, name, label)
        for name, labels in card["confusion"].items()
        for label, count in labels.items()
        if label != name
    ]
    return "\n".join(
        f"* {count} of {card['held_out'][name]['rows']} {name} came out as {label}"
        for count, name, label in sorted(wrong, reverse=True)[: 3 * WORST]
    )


def _unknown(card: dict[str, Any]) -> str:
    worst = sorted(card["unknown"]["by_format"].items(), key=lambda item: item[1])[:WORST]
    return ", ".join(f"{name} {value:.2f}" for name, value in worst)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")
