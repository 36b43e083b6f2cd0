"""SeriesStack: a series that grows batch by batch without being merged whole each time."""

from __future__ import annotations

from echoformat.series import FormatSeries


class SeriesStack:
    """Parts of a series, merged pairwise like binary digits: a cell is merged log(parts) times.

    Example:
        >>> stack = SeriesStack()
        >>> for step in range(5): stack.push(FormatSeries.from_counts([step], ["p"], ["x"], [1]))
        >>> stack.whole().steps.tolist(), len(stack)
        ([0, 1, 2, 3, 4], 5)
    """

    def __init__(self, start: FormatSeries | None = None) -> None:
        self._parts: list[tuple[int, FormatSeries]] = [] if start is None else [(1, start)]

    def __len__(self) -> int:
        return sum(size for size, _ in self._parts)

    @property
    def parts(self) -> list[FormatSeries]:
        """What has been pushed, partly merged."""
        return [part for _, part in self._parts]

    def push(self, part: FormatSeries) -> None:
        """Add a part."""
        size = 1
        while self._parts and self._parts[-1][0] == size:
            part, size = self._parts.pop()[1].merge(part), size * 2
        self._parts.append((size, part))

    def whole(self) -> FormatSeries:
        """All parts as one; `IndexError` where there is none."""
        parts = self.parts
        return parts[0].merge(*parts[1:])
