"""Patterns by chance: pieces of the dialect put together, written so that a failure is small."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st


@st.composite
def made_patterns(
    draw: st.DrawFn, atoms: Sequence[str], edges: Sequence[str], repeats: Sequence[str], depth: int = 2
) -> str:
    """One to four atoms, repeated or not, edges and groups; alternatives of these."""
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.integers(0, 5))
        if kind == 0:
            parts.append(draw(st.sampled_from(edges)))
            continue
        inner = made_patterns(atoms, edges, repeats, depth - 1)
        one = draw(st.sampled_from(atoms)) if kind < 5 or not depth else f"(?:{draw(inner)})"
        parts.append(one + draw(st.sampled_from(repeats)))
    found = "".join(parts)
    if depth and draw(st.booleans()):
        return f"{found}|{draw(made_patterns(atoms, edges, repeats, depth - 1))}"
    return found
