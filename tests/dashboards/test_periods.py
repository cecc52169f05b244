"""Week, month, quarter and fiscal year."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.periods import NAMES, Span, after, around, named, title

DAYS = st.dates(date(2000, 1, 10), date(2100, 12, 1))
MONTHS = st.integers(1, 12)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("week", date(2026, 11, 16), date(2026, 11, 22)),
        ("month", date(2026, 11, 1), date(2026, 11, 30)),
        ("quarter", date(2026, 10, 1), date(2026, 12, 31)),
        ("year", date(2026, 4, 1), date(2027, 3, 31)),
    ],
)
def test_periods_around_a_day_of_a_year_that_begins_in_april(period: str, start: date, end: date) -> None:
    assert around(period, date(2026, 11, 22), 4) == Span(start, end)


@given(DAYS, MONTHS, st.sampled_from(list(NAMES)))
def test_a_period_holds_its_day_and_knows_its_own_name(day: date, start_month: int, period: str) -> None:
    start, end = around(period, day, start_month)
    assert start <= day <= end
    assert named(start, end, start_month) == period
    following = after(start, end)
    assert following == around(period, following.start, start_month)


def test_other_dates_have_no_name_and_are_written_out() -> None:
    assert named(date(2026, 1, 2), date(2026, 1, 9), 4) == ""
    assert title(date(2026, 1, 2), date(2026, 1, 9), 4).ja == "2026/01/02〜2026/01/09"
    assert after(date(2026, 1, 2), date(2026, 1, 9)) == Span(date(2026, 1, 10), date(2026, 1, 17))


def test_titles_as_people_say_them() -> None:
    assert title(date(2026, 11, 1), date(2026, 11, 30), 4).ja == "2026年11月"
    assert title(date(2027, 1, 1), date(2027, 3, 31), 4) == ("FY2026 Q4", "2026年度 第4四半期")
    assert title(date(2026, 4, 1), date(2027, 3, 31), 4).en == "FY2026"
