"""What should be reached by today, and where the period lands."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.pace import STANDING_WORDS, Days, Standing, elapsed, landing, pace, standing
from funnel.calendar import BusinessCalendar

JAPAN = BusinessCalendar("Asia/Tokyo")
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
DAY = timedelta(days=1)

targets = st.decimals(0, 10**12, places=2)
months = st.dates(date(2024, 1, 1), date(2030, 12, 1)).map(lambda day: day.replace(day=1))


def test_the_mock_ups_month_is_14_of_19_days_and_74_percent():
    days = elapsed(JAPAN, *NOVEMBER, date(2026, 11, 20))
    assert days == Days(14, 19)
    assert days.percent == 73
    assert round(pace(Decimal(340), *days)) == 251
    assert round(landing(Decimal("5120000"), *days), -4) == 6_950_000


@pytest.mark.parametrize(
    ("today", "passed"),
    [
        (date(2026, 10, 31), 0),
        (date(2026, 11, 1), 0),
        (date(2026, 11, 2), 1),
        (date(2026, 11, 3), 1),
        (date(2026, 11, 30), 19),
        (date(2027, 3, 1), 19),
    ],
)
def test_days_that_have_passed(today, passed):
    assert elapsed(JAPAN, *NOVEMBER, today) == Days(passed, 19)


def test_nothing_is_claimed_without_a_day_to_go_by():
    weekend = elapsed(JAPAN, date(2026, 11, 21), date(2026, 11, 23), date(2026, 11, 22))
    assert weekend == Days(0, 0)
    assert weekend.percent is None
    assert pace(Decimal(10), *weekend) is None
    assert landing(Decimal(10), *weekend) is None
    assert landing(Decimal(10), 0, 19) is None
    assert pace(Decimal(10), 0, 19) == 0


@given(target=targets, first=months)
def test_the_paces_of_the_days_add_up_to_the_target(target, first):
    end = (first + 31 * DAY).replace(day=1) - DAY
    steps, before = Decimal(), Decimal()
    for n in range((end - first).days + 1):
        now = pace(target, *elapsed(JAPAN, first, end, first + n * DAY))
        assert now >= before
        steps, before = steps + (now - before), now
    assert before == target
    assert abs(steps - target) < Decimal("0.01")


@given(actual=targets, whole=st.integers(1, 260), data=st.data())
def test_landing_never_lies_below_what_is_there(actual, whole, data):
    passed = data.draw(st.integers(1, whole))
    found = landing(actual, passed, whole)
    assert found >= actual * (1 - Decimal("1e-20"))
    assert landing(actual, whole, whole) == actual


@pytest.mark.parametrize(
    ("actual", "due", "more", "expected"),
    [
        (17, Decimal("25.05"), {}, Standing.BEHIND),
        (131, Decimal("125.3"), {}, Standing.AHEAD),
        (251, Decimal("250.5"), {}, Standing.ON_PACE),
        (7, Decimal("7.37"), {"whole_numbers": True}, Standing.ON_PACE),
        (7, Decimal("7.37"), {}, Standing.BEHIND),
        (Decimal("0.978"), Decimal("0.97"), {}, Standing.ON_PACE),
        (0.13, Decimal("0.2"), {}, Standing.BEHIND),
        (30, Decimal(24), {"less_is_better": True}, Standing.BEHIND),
        (3, Decimal(0), {"less_is_better": True}, Standing.BEHIND),
        (0, Decimal(0), {}, Standing.ON_PACE),
        (None, Decimal(10), {}, None),
        (10, None, {}, None),
    ],
)
def test_how_a_number_stands(actual, due, more, expected):
    assert standing(actual, due, **more) is expected


def test_every_standing_has_words():
    assert set(STANDING_WORDS) == set(Standing)
