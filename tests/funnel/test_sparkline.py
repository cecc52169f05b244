"""Lines of small drawings."""

from datetime import date, timedelta
from decimal import Decimal

from funnel.sparkline import HEIGHT, MARGIN, WIDTH, sparkline

FIRST = date(2026, 1, 1)
LAST = FIRST + timedelta(days=30)


def test_nothing_known_draws_nothing() -> None:
    assert sparkline([], FIRST, LAST) is None
    assert sparkline([(FIRST - timedelta(days=1), Decimal(3))], FIRST, LAST) is None


def test_the_largest_value_touches_the_top_and_zero_the_foot() -> None:
    drawn = sparkline(
        [(FIRST, Decimal(0)), (FIRST + timedelta(days=3), Decimal(8)), (LAST, Decimal(8))], FIRST, LAST
    )
    assert drawn is not None
    assert drawn.runs[0].startswith(f"{MARGIN}.0,{HEIGHT - MARGIN}.0")
    assert drawn.last == (WIDTH - MARGIN, MARGIN)
    assert drawn.top == 8


def test_a_gap_of_more_than_a_week_breaks_the_line_and_a_weekend_does_not() -> None:
    days = [0, 3, 5, 20]
    drawn = sparkline([(FIRST + timedelta(days=n), Decimal(1)) for n in days], FIRST, LAST)
    assert drawn is not None
    assert [len(run.split()) for run in drawn.runs] == [3, 1]


def test_only_zeroes_lie_at_the_foot() -> None:
    drawn = sparkline([(FIRST, Decimal(0))], FIRST, FIRST)
    assert drawn is not None
    assert drawn.last[1] == HEIGHT - MARGIN
