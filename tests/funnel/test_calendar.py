"""Business days, local dates and fiscal periods."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.calendar import (
    BusinessCalendar,
    add_months,
    fiscal_quarter,
    fiscal_year,
    fiscal_year_start,
    month_end,
    month_start,
    months_between,
    public_holidays,
)

TOKYO = BusinessCalendar("Asia/Tokyo")
NO_HOLIDAYS = BusinessCalendar("Asia/Tokyo", country="")
# The Cabinet Office's list for 2026 and 2027, substitutes and the citizens' holiday included.
OFFICIAL = {
    2026: "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 "
    "11-03 11-23",
    2027: "01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23 10-11 11-03 "
    "11-23",
}
days = st.dates(date(1975, 1, 1), date(2099, 12, 31))
zones = st.sampled_from(sorted(z for z in available_timezones() if "/" in z and not z.startswith("Etc")))


@pytest.mark.parametrize("year", OFFICIAL)
def test_japans_holidays_agree_with_the_official_list(year):
    expected = {date.fromisoformat(f"{year}-{day}") for day in OFFICIAL[year].split()}
    assert public_holidays("JP", year) == expected


def test_an_unknown_country_is_refused_and_no_country_has_no_holidays():
    assert public_holidays("", 2026) == frozenset()
    with pytest.raises(ValueError, match="XX"):
        public_holidays("XX", 2026)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
        (date(2026, 11, 22), False),
        (date(2026, 11, 23), False),
        (date(2026, 5, 6), False),
        (date(2026, 12, 31), True),
    ],
)
def test_weekends_and_public_holidays_are_off(day, works):
    assert TOKYO.is_business_day(day) is works


def test_the_companys_own_days_win_over_the_public_ones():
    own = BusinessCalendar(
        "Asia/Tokyo",
        closed=frozenset({date(2026, 12, 29), date(2026, 12, 30)}),
        opened=frozenset({date(2026, 12, 30), date(2026, 11, 23), date(2026, 11, 21)}),
    )
    assert not own.is_business_day(date(2026, 12, 29))
    assert own.is_business_day(date(2026, 12, 30))
    assert own.is_business_day(date(2026, 11, 23))
    assert own.is_business_day(date(2026, 11, 21))


def test_another_weekend_may_be_chosen():
    gulf = BusinessCalendar("Asia/Riyadh", country="", weekend=frozenset({4, 5}))
    assert gulf.is_business_day(date(2026, 11, 22))
    assert not gulf.is_business_day(date(2026, 11, 20))


def test_a_week_without_a_working_day_or_an_unknown_zone_is_refused():
    with pytest.raises(ValueError, match="working day"):
        BusinessCalendar("Asia/Tokyo", weekend=frozenset(range(7)))
    with pytest.raises(ZoneInfoNotFoundError):
        BusinessCalendar("Asia/Atlantis")


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (date(2026, 5, 1), 3, date(2026, 5, 11)),
        (date(2026, 9, 18), 3, date(2026, 9, 28)),
        (date(2026, 12, 28), 3, date(2026, 12, 31)),
        (date(2026, 4, 28), 3, date(2026, 5, 7)),
        (date(2026, 11, 20), 3, date(2026, 11, 26)),
        (date(2026, 5, 4), 1, date(2026, 5, 7)),
        (date(2026, 5, 4), 0, date(2026, 5, 4)),
    ],
)
def test_business_days_are_counted_after_the_day(start, count, expected):
    assert TOKYO.add_business_days(start, count) == expected


def test_business_days_are_not_counted_backward():
    with pytest.raises(ValueError, match="forward"):
        TOKYO.add_business_days(date(2026, 5, 1), -1)


def test_the_first_nineteen_business_days_of_november_2026():
    assert TOKYO.business_days_between(date(2026, 10, 31), date(2026, 11, 20)) == 14
    assert TOKYO.business_days_between(date(2026, 10, 31), date(2026, 11, 30)) == 19


@given(day=days, count=st.integers(0, 60))
def test_adding_days_and_counting_them_are_inverse(day, count):
    landed = TOKYO.add_business_days(day, count)
    assert TOKYO.business_days_between(day, landed) == count
    assert TOKYO.business_days_between(landed, day) == -count
    assert count == 0 or TOKYO.is_business_day(landed)


@given(first=days, a=st.integers(0, 400), b=st.integers(0, 400))
def test_business_days_add_up_over_neighbouring_spans(first, a, b):
    middle, last = first + timedelta(days=a), first + timedelta(days=a + b)
    whole = NO_HOLIDAYS.business_days_between(first, last)
    assert whole == NO_HOLIDAYS.business_days_between(first, middle) + NO_HOLIDAYS.business_days_between(
        middle, last
    )


def test_the_local_date_is_the_organisations():
    assert TOKYO.local_date(datetime(2026, 11, 21, 15, 0, tzinfo=UTC)) == date(2026, 11, 22)
    assert TOKYO.local_date(datetime(2026, 11, 21, 14, 59, 59, tzinfo=UTC)) == date(2026, 11, 21)
    with pytest.raises(ValueError, match="time zone"):
        TOKYO.local_date(datetime(2026, 11, 21))


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("Asia/Tokyo", date(2026, 5, 11), datetime(2026, 5, 10, 15, tzinfo=UTC)),
        # Clocks go from 00:00 to 01:00: the day starts at 01:00.
        ("Asia/Beirut", date(2026, 3, 29), datetime(2026, 3, 28, 22, tzinfo=UTC)),
        # Clocks go back from 01:00 to 00:00: the day starts at the first midnight.
        ("America/Havana", date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC)),
        # Clocks go from 23:30 to 00:30: the day starts in the middle of the change.
        ("America/Toronto", date(1919, 3, 31), datetime(1919, 3, 31, 4, 30, tzinfo=UTC)),
        # The 30th never happened: it is empty, and begins where the 31st begins.
        ("Pacific/Apia", date(2011, 12, 30), datetime(2011, 12, 30, 10, tzinfo=UTC)),
        ("Pacific/Apia", date(2011, 12, 31), datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_a_day_starts_when_the_calendar_first_shows_it(zone, day, start):
    assert BusinessCalendar(zone).start_of_day(day) == start


@given(zone=zones, day=days)
@settings(max_examples=400)
def test_a_day_is_whole_in_every_zone(zone, day):
    calendar = BusinessCalendar(zone, country="")
    start, end = calendar.start_of_day(day), calendar.end_of_day(day)
    assert start.utcoffset() == timedelta()
    assert end == calendar.start_of_day(day + timedelta(days=1))
    assert start <= end
    assert calendar.local_date(start) >= day
    assert (start - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() < day


def test_months():
    assert month_start(date(2026, 11, 22)) == date(2026, 11, 1)
    assert month_end(date(2028, 2, 3)) == date(2028, 2, 29)
    assert month_end(date.max) == date.max
    assert add_months(date(2026, 11, 22), 2) == date(2027, 1, 1)
    assert add_months(date(2026, 1, 31), -1) == date(2025, 12, 1)
    assert list(months_between(date(2026, 11, 30), date(2027, 1, 1))) == [
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
    ]
    assert list(months_between(date(2026, 11, 30), date(2026, 10, 1))) == []
    assert list(months_between(date(9999, 11, 30), date.max)) == [date(9999, 11, 1), date(9999, 12, 1)]


@pytest.mark.parametrize(
    ("day", "start_month", "year", "quarter"),
    [
        (date(2027, 3, 31), 4, 2026, 4),
        (date(2027, 4, 1), 4, 2027, 1),
        (date(2026, 11, 22), 4, 2026, 3),
        (date(2026, 11, 22), 1, 2026, 4),
        (date(2026, 1, 1), 10, 2025, 2),
    ],
)
def test_fiscal_years_are_named_by_the_year_they_start_in(day, start_month, year, quarter):
    assert fiscal_year(day, start_month) == year
    assert fiscal_quarter(day, start_month) == quarter
    assert fiscal_year_start(day, start_month) == date(year, start_month, 1)
