"""Pure. A row of values as the points of a small line drawing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

WIDTH, HEIGHT, MARGIN = 600, 120, 6
LONGEST_GAP = timedelta(days=7)


class Sparkline(NamedTuple):
    """Lines in a box of `width` × `height`: the points of each unbroken run of days, and the last point."""

    runs: tuple[str, ...]
    last: tuple[float, float]
    top: Decimal
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def is_line(self) -> bool:
        """Whether there is a line to see: a run of two points or more."""
        return any(" " in run for run in self.runs)

    def height_of(self, value: Decimal) -> float:
        """Where a value lies in the box, counted from the top: for a line across the drawing."""
        return round(_y(value, self.top), 1)


def sparkline(
    values: Sequence[tuple[date, Decimal]], first: date, last: date, *, top: Decimal | None = None
) -> Sparkline | None:
    """Draw dated values between two days, from 0 at the foot to `top` (default: the largest); None for none.

    More than a week without a value breaks the line: it is not known, and not zero.
    """
    shown = sorted((day, value) for day, value in values if first <= day <= last)
    if not shown:
        return None
    ceiling = top or max(value for _, value in shown) or Decimal(1)
    days = max((last - first).days, 1)

    def place(day: date, value: Decimal) -> tuple[float, float]:
        x = MARGIN + (day - first).days / days * (WIDTH - 2 * MARGIN)
        return round(x, 1), round(_y(value, ceiling), 1)

    runs: list[list[str]] = []
    before: date | None = None
    for day, value in shown:
        if before is None or day - before > LONGEST_GAP:
            runs.append([])
        x, y = place(day, value)
        runs[-1].append(f"{x},{y}")
        before = day
    return Sparkline(tuple(" ".join(run) for run in runs), place(*shown[-1]), ceiling)


def _y(value: Decimal, ceiling: Decimal) -> float:
    return HEIGHT - MARGIN - float(min(value / ceiling, Decimal(1))) * (HEIGHT - 2 * MARGIN)
