"""Pure. The lines of the board as the words of an SVG path: the flow between two bars, and the course of bookings.

`board.js` draws the same from the same numbers when a frame comes; a browser test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FLOOR = 125
COLUMN, BAR_LEFT, BAR_RIGHT = 100, 28, 72
"""The pipe is 100 wide for each stage and 125 high; a bar stands from 28 to 72 of its column."""

LEFT, RIGHT, BASE, TOP = 40, 376, 94, 12
"""The course of bookings: from the first to the last business day, from nothing to the most there is."""


def band(n: int, left: int, right: int) -> str:
    """The flow from the bar of stage n, `left` high, to the next one, `right` high."""
    start, end = n * COLUMN + BAR_RIGHT, (n + 1) * COLUMN + BAR_LEFT
    middle = (start + end) // 2
    high, low = FLOOR - left, FLOOR - right
    return f"M{start} {high}C{middle} {high} {middle} {low} {end} {low}V{FLOOR}H{start}Z"


def course(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """The lines and dots of bookings: `actual`, `aim`, `ahead` as paths, and where today and the landing lie.

    From the numbers of a board: `course` (pairs of business days passed and the sum by then), `bookings`, `landing`,
    `target:bookings`, `days:passed`, `days:whole`. A line that has no number is blank.
    """
    passed, whole = numbers["days:passed"], numbers["days:whole"] or 1
    landing, target, now = numbers["landing"], numbers["target:bookings"], numbers["bookings"]
    most = max(landing or 0, target or 0, now, 1)

    def x(day: int) -> int:
        return LEFT + (RIGHT - LEFT) * day // whole

    def y(amount: float) -> int:
        return BASE - int((BASE - TOP) * amount / most)

    points: Sequence[tuple[int, float]] = numbers["course"]
    steps = "".join(f"H{x(day)}V{y(total)}" for day, total in points)
    return {
        "actual": f"M{LEFT} {BASE}{steps}H{x(passed)}",
        "aim": f"M{LEFT} {BASE}L{RIGHT} {y(target)}" if target else "",
        "ahead": f"M{x(passed)} {y(now)}L{RIGHT} {y(landing)}" if landing is not None else "",
        "today": f"M{x(passed)} {TOP - 6}V{BASE + 2}",
        "now": (x(passed), y(now)),
        "end": (RIGHT, y(landing or 0)),
        "most": most,
    }


WIDE, HIGH, FIRST_X, LAST_X, LOW_Y, HIGH_Y = 600, 360, 50, 560, 320, 40
"""The course of a rate over some weeks: the box it is drawn in, and where its first, last, lowest and highest lie."""


def weeks(shares: Sequence[float | None], target: float | None) -> dict[str, Any]:
    """The line of a share over some weeks: `line` as a path, `dots` as (x, y, n), `aim` the height of its target.

    `short` is the area between the target and what lies under it. A week without a share breaks the line.
    """
    most = max([share for share in shares if share is not None] + [target or 0, 0.01]) * 1.15
    step = (LAST_X - FIRST_X) / max(1, len(shares) - 1)

    def y(share: float) -> int:
        return LOW_Y - round((LOW_Y - HIGH_Y) * share / most)

    dots = [(round(FIRST_X + n * step), y(share), n) for n, share in enumerate(shares) if share is not None]
    line, before = "", None
    for x, height, n in dots:
        line += f"{'L' if before == n - 1 else 'M'}{x} {height}"
        before = n
    aim = y(target) if target is not None else None
    short = ""
    if aim is not None and dots:
        under = [(x, max(height, aim)) for x, height, _ in dots]
        path = "".join(f"L{x} {height}" for x, height in under)
        short = f"M{under[0][0]} {aim}{path}L{under[-1][0]} {aim}Z"
    return {
        "line": line,
        "dots": dots,
        "aim": aim,
        "short": short,
        "most": most,
        "last": dots[-1] if dots else None,
    }
