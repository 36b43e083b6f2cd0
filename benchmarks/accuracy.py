"""Labels against the corpus: `python benchmarks/accuracy.py [--json OUT] [--repos] [--wrong FORMAT]`.

Rules are written from what defines a format, not fitted, so every row counts as unseen by them; a table by
repository shows whether one author's habits carry a figure. The published rules stand beside ours on the
same rows, each in the labels that it knows.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.corpus import Row, read_corpus  # noqa: E402
from benchmarks.scores import Score, macro_f1, score_all, wilson  # noqa: E402
from echoformat import Classifier, all_formats  # noqa: E402

STUDY = ("tinygsm", "openmath1", "boxed_cot", "metamath", "gsm8k")
CODE_FAMILIES = ("code", "hybrid")


@dataclass(frozen=True, slots=True)
class Predictor:
    """A named way from texts to labels; a label is a format's name or a state's."""

    name: str
    label: Callable[[list[str]], list[str]]


def predictors() -> list[Predictor]:
    """Every way that the table compares. Add yours here."""
    return [Predictor("rules", lambda texts: Classifier(model=None).classify_batch(texts).label_names())]


def published() -> list[tuple[Predictor, Callable[[str, str], str]]]:
    """The published rules, each with the mapping from (format, family) to the labels that it knows."""

    def by_rule(name: str) -> Callable[[list[str]], list[str]]:
        return lambda texts: Classifier(compat=name).classify_batch(texts).label_names()

    return [
        (Predictor("zhao2025", by_rule("zhao2025")), as_zhao),
        (Predictor("spurious", by_rule("spurious")), as_spurious),
    ]


def as_zhao(format: str, family: str) -> str:
    """The study's three labels; what it has no label for is `other`."""
    known = {"tinygsm": "tinygsm-code", "openmath1": "llm-code"}
    return known.get(format, "text" if family == "natural_language" else "other")


def as_spurious(format: str, family: str) -> str:
    """Code or not."""
    return "code" if family in CODE_FAMILIES else "no-code"


def families(rows: Sequence[Row]) -> dict[str, str]:
    """Family of every format, the shelf's own and those of the corpus."""
    return {row.format: row.family for row in rows} | {f.name: str(f.family) for f in all_formats()}


def by_tier(rows: Sequence[Row], given: Sequence[str]) -> dict[str, Any]:
    """Scores by format on the rows of tiers 1 and 2, and their mean by tier."""
    kept = [(row, label) for row, label in zip(rows, given, strict=True) if row.tier in (1, 2)]
    scores = score_all([row.format for row, _ in kept], [label for _, label in kept])
    tier = {row.format: row.tier for row, _ in kept}
    return {
        "formats": scores,
        "tier": tier,
        "macro_f1": {n: macro_f1([s for s in scores if tier[s.name] == n]) for n in (1, 2)},
        "accuracy": sum(row.format == label for row, label in kept) / max(len(kept), 1),
    }


def by_family(rows: Sequence[Row], given: Sequence[str]) -> list[Score]:
    """Scores by family on the rows of tiers 1 and 2; a state of ours is a family of its own."""
    family = families(rows)
    kept = [(row, label) for row, label in zip(rows, given, strict=True) if row.tier in (1, 2)]
    kept = [(row, label) for row, label in kept if row.format != "degenerate"]
    return score_all([row.family for row, _ in kept], [family.get(label, label) for _, label in kept])


def by_repo(rows: Sequence[Row], given: Sequence[str]) -> list[dict[str, Any]]:
    """Recall of each (format, repository) and what it was called instead."""
    found: dict[tuple[int, str, str, str], Counter[str]] = defaultdict(Counter)
    for row, label in zip(rows, given, strict=True):
        found[(row.tier, row.format, row.variant, row.repo)][label] += 1
    return [
        {
            "tier": key[0],
            "format": key[1],
            "variant": key[2],
            "repo": key[3],
            "rows": counts.total(),
            "recall": counts[key[1]] / counts.total(),
            "instead": [item for item in counts.most_common(5) if item[0] != key[1]],
        }
        for key, counts in sorted(found.items())
    ]


def false_tinygsm(rows: Sequence[Row], given: Sequence[str]) -> dict[str, Any]:
    """How often natural-language text and other Python are called tinygsm, all tiers."""
    texts = [label for row, label in zip(rows, given, strict=True) if row.family == "natural_language"]
    kinds = ("python", "pal", "program_of_thought", "fenced_code_answer", "assert_check", "tora")
    code = [label for row, label in zip(rows, given, strict=True) if row.format in kinds]
    return {
        name: {"called": labels.count("tinygsm"), "of": len(labels)}
        for name, labels in (("natural_language", texts), ("other_python", code))
    }


def evaluate(rows: Sequence[Row]) -> dict[str, Any]:
    """Everything, as plain values: by predictor, then beside the published rules."""
    texts = [row.text for row in rows]
    result: dict[str, Any] = {"rows": len(rows), "predictors": {}, "published": {}}
    for predictor in predictors():
        start = time.perf_counter()
        given = predictor.label(texts)
        seconds = time.perf_counter() - start
        scores = by_tier(rows, given)
        result["predictors"][predictor.name] = {
            "seconds": seconds,
            "megabytes_per_second": sum(map(len, texts)) / seconds / 1e6,
            "macro_f1": scores["macro_f1"],
            "accuracy": scores["accuracy"],
            "formats": [s.to_dict() | {"tier": scores["tier"][s.name]} for s in scores["formats"]],
            "families": [s.to_dict() for s in by_family(rows, given)],
            "families_macro_f1": macro_f1(by_family(rows, given)),
            "repositories": by_repo(rows, given),
            "called_tinygsm": false_tinygsm(rows, given),
        }
        result["published"][predictor.name] = beside_published(rows, texts, given)
    return result


def beside_published(rows: Sequence[Row], texts: list[str], ours: Sequence[str]) -> dict[str, Any]:
    """Each published rule and our labels in its terms, on the same rows of tiers 1 and 2."""
    family = families(rows)
    kept = [i for i, row in enumerate(rows) if row.tier in (1, 2)]
    out: dict[str, Any] = {}
    for rule, translate in published():
        theirs = rule.label([texts[i] for i in kept])
        truth = [translate(rows[i].format, rows[i].family) for i in kept]
        mine = [translate(ours[i], family.get(ours[i], "")) for i in kept]
        names = sorted(set(theirs) | (set(truth) - {"other"}))
        out[rule.name] = {
            "theirs": [s.to_dict() for s in score_all(truth, theirs, names)],
            "ours": [s.to_dict() for s in score_all(truth, mine, names)],
        }
    return out


def interval(score: dict[str, Any], of: str) -> str:
    """A proportion with its interval, for a table."""
    low, high = score[f"{of}_interval"]
    return f"{score[of]:.3f} ({low:.3f}-{high:.3f})"


def family_table(result: dict[str, Any], name: str) -> str:
    """Markdown: one line a family."""
    lines = ["| family | rows | precision | recall | F1 |", "|---|--:|---|---|--:|"]
    lines += [
        f"| {s['name']} | {s['support']} | {interval(s, 'precision')} "
        f"| {interval(s, 'recall')} | {s['f1']:.3f} |"
        for s in result["predictors"][name]["families"]
    ]
    return "\n".join(lines)


def format_table(result: dict[str, Any], name: str) -> str:
    """Markdown: one line a format."""
    found = result["predictors"][name]
    lines = ["| format | tier | rows | precision | recall | F1 |", "|---|--:|--:|---|---|--:|"]
    lines += [
        f"| {s['name']} | {s['tier']} | {s['support']} | {interval(s, 'precision')} | "
        f"{interval(s, 'recall')} | {s['f1']:.3f} |"
        for s in sorted(found["formats"], key=lambda s: (s["tier"], s["name"]))
    ]
    return "\n".join(lines)


def repo_table(result: dict[str, Any], name: str) -> str:
    """Markdown: recall by format and repository, with what they were called instead."""
    lines = [
        "| tier | format | variant | repository | rows | recall | instead |",
        "|--:|---|---|---|--:|--:|---|",
    ]
    lines += [
        f"| {r['tier']} | {r['format']} | {r['variant']} | {r['repo']} | {r['rows']} | {r['recall']:.3f} | "
        + ", ".join(f"{label} {n}" for label, n in r["instead"])
        + " |"
        for r in result["predictors"][name]["repositories"]
    ]
    return "\n".join(lines)


def published_table(result: dict[str, Any], name: str) -> str:
    """Markdown: each published rule's labels, theirs and ours."""
    lines = [
        "| rule | label | rows | their F1 | our F1 | their precision | our precision |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for rule, both in result["published"][name].items():
        for theirs, ours in zip(both["theirs"], both["ours"], strict=True):
            lines.append(
                f"| {rule} | {theirs['name']} | {theirs['support']} "
                f"| {theirs['f1']:.3f} | {ours['f1']:.3f} | "
                f"{theirs['precision']:.3f} | {ours['precision']:.3f} |"
            )
    return "\n".join(lines)


def summary(result: dict[str, Any], name: str) -> str:
    """The headline figures of one predictor."""
    found = result["predictors"][name]
    study = {s["name"]: s["f1"] for s in found["formats"] if s["name"] in STUDY}
    called = ", ".join(
        f"{kind} {n['called']}/{n['of']} (at most {wilson(n['called'], n['of'])[1]:.4f})"
        for kind, n in found["called_tinygsm"].items()
    )
    return (
        f"{name}: tier 1 macro-F1 {found['macro_f1'][1]:.4f}, tier 2 {found['macro_f1'][2]:.4f}, "
        f"families {found['families_macro_f1']:.4f}, accuracy {found['accuracy']:.4f}, "
        f"{found['megabytes_per_second']:.1f} MB/s\n"
        + ", ".join(f"{k} {v:.4f}" for k, v in sorted(study.items()))
        + f"\ncalled tinygsm: {called}"
    )


def show_wrong(rows: Sequence[Row], format: str, most: int) -> None:
    """Print some rows of a format that the rules call something else, escaped."""
    given = predictors()[0].label([row.text for row in rows])
    wrong = [(r, g) for r, g in zip(rows, given, strict=True) if (r.format == format) != (g == format)]
    for row, label in wrong[:most]:
        print(f"--- {row.format}/{row.variant} of {row.repo} called {label}\n{row.text[:600]!r}")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--corpus", type=Path, help="another file of the corpus's fields")
    parser.add_argument("--json", type=Path, help="write every figure there")
    parser.add_argument("--repos", action="store_true", help="recall by format and repository")
    parser.add_argument("--wrong", metavar="FORMAT", help="show rows wrongly labelled, of or as FORMAT")
    parser.add_argument("--most", type=int, default=20)
    options = parser.parse_args(arguments)
    rows = list(read_corpus(options.corpus))
    if options.wrong:
        return show_wrong(rows, options.wrong, options.most)
    result = evaluate(rows)
    for name in result["predictors"]:
        print(summary(result, name), format_table(result, name), family_table(result, name), sep="\n\n")
        print("\n" + published_table(result, name))
        if options.repos:
            print("\n" + repo_table(result, name))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
    return None


if __name__ == "__main__":
    main()
