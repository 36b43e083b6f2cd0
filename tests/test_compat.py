"""The published rules, as they are."""

from __future__ import annotations

import pytest

from echoformat import Classifier, classify, classify_batch
from echoformat.compat import needs_execution
from echoformat.errors import UsageError

BLOCK = "Let us compute.\n<llm-code>\n3 * 4\n</llm-code>\n<llm-code-output>\n12\n</llm-code-output>\nSo 12.\n"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("", "text"),
        ("The sum is 12.", "text"),
        (BLOCK, "llm-code"),
        (BLOCK + "This is well defined.", "llm-code"),
        ("<llm-code>\n3 *", "llm-code"),
        ("<llm-code>\ndef area(", "tinygsm-code"),
        ("def simple_math_problem():\n    return 3\n", "tinygsm-code"),
        ("Division by zero is undefined.", "tinygsm-code"),
        ("```python\nprint(3)\n```", "text"),
        ("</llm-code> first, then <llm-code>", "llm-code"),
    ],
)
def test_the_rule_of_the_study(text: str, label: str) -> None:
    got = classify(text, compat="zhao2025")
    assert got.name == label
    assert classify_batch([text], compat="zhao2025").label_names() == [label]
    assert got.versions is not None
    assert got.versions.rules == "compat:zhao2025"


@pytest.mark.parametrize(
    ("text", "label"), [("```Python\nx\n```", "code"), ("PYTHONIC", "code"), ("def f(): pass", "no-code")]
)
def test_the_rule_of_spurious_rewards(text: str, label: str) -> None:
    assert classify(text, compat="spurious").name == label


def test_only_a_closed_block_beside_a_def_needs_execution() -> None:
    assert needs_execution(BLOCK + "undefined")
    assert not needs_execution(BLOCK)
    assert not needs_execution("<llm-code>\ndef area(")


def test_an_unknown_rule_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="did you mean 'zhao2025'"):
        Classifier(compat="zhao25")
