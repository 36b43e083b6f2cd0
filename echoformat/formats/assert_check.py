"""Verification by assertion: comments that state what should hold, then `assert`."""

from echoformat.format import Format, Pattern

FORMAT = Format(
    name="assert_check",
    family="code",
    title="Checks of a solution: comment, then assert a == b",
    source="https://arxiv.org/abs/2310.14628",
    patterns=(
        Pattern("comment-then-assert", r"^# ?[^\n]+\nassert [\w(]", weight=0.6),
        Pattern("opens", r"\A\s*(?:#[^\n]*\n\s*)*assert [^\n]", weight=0.5),
        Pattern("compares", r"^assert [^\n,]+ (?:==|<=|>=|<|>|!=) [^\n,]+$", weight=0.3),
        Pattern("calls", r"^assert [a-z_]\w*\(|^[ \t]*def |^[ \t]*class |^[ \t]+assert |^import |^from ", weight=-0.8),
    ),
    outranks=("python",),
    examples=(
        "# The crates on both carts should add up to all crates:\nassert cart_one + cart_two == crates_total\n",
        "# What is left should be the total less what was sold.\nassert left == crates_total - sold\nassert left > 0\n",
    ),
    counterexamples=(
        "def test_total():\n    assert total([1, 2]) == 3\n",
        "I assert that 3 + 4 == 7.",
        "assert count('banana') == 3\nassert count('') == 0\n",
    ),
)  # fmt: skip
