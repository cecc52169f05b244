"""When a promise is due, in three units, and how long something took in them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.calendar import BusinessCalendar
from handoffs.clock import Unit, due, elapsed

YEAR_END = frozenset({date(2026, 12, 29) + timedelta(days=n) for n in range(6)})
TOKYO = BusinessCalendar("Asia/Tokyo")
CLOSED_AT_YEAR_END = BusinessCalendar("Asia/Tokyo", closed=YEAR_END)
JST = ZoneInfo("Asia/Tokyo")
ZONES = sorted(z for z in available_timezones() if "/" in z and not z.startswith("Etc"))

zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
targets = st.decimals(0, 400, places=8)
hour_units = st.sampled_from([Unit.ELAPSED_HOURS, Unit.WORKDAY_HOURS])


def tokyo(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=JST)


def clock_changes(zone: str) -> list[datetime]:
    """The instants since 2005 at which a zone's offset changes, to the second."""
    info, found = ZoneInfo(zone), []
    start, end, step = datetime(2005, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC), timedelta(days=7)
    while start < end:
        low, high = start, start + step
        if low.astimezone(info).utcoffset() != high.astimezone(info).utcoffset():
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
                same = middle.astimezone(info).utcoffset() == low.astimezone(info).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high)
        start += step
    return found


@pytest.mark.parametrize(
    ("signed", "last_day", "calendar"),
    [
        (date(2026, 5, 1), date(2026, 5, 11), TOKYO),
        (date(2026, 9, 18), date(2026, 9, 28), TOKYO),
        (date(2026, 12, 28), date(2027, 1, 6), CLOSED_AT_YEAR_END),
        (date(2026, 12, 28), date(2026, 12, 31), TOKYO),
        (date(2026, 4, 28), date(2026, 5, 7), TOKYO),
        (date(2026, 11, 20), date(2026, 11, 26), TOKYO),
        # Signed on a holiday: the first business day after it is day 1.
        (date(2026, 5, 3), date(2026, 5, 11), TOKYO),
    ],
)
def test_a_kickoff_is_due_at_the_end_of_the_third_business_day(signed, last_day, calendar):
    expected = datetime(last_day.year, last_day.month, last_day.day, tzinfo=JST) + timedelta(days=1)
    assert due(signed, 3, Unit.BUSINESS_DAYS, calendar) == expected
    assert due(signed, 3, Unit.BUSINESS_DAYS, calendar).tzinfo is UTC


@pytest.mark.parametrize("at", [(0, 0, 0), (9, 30, 0), (23, 59, 59)])
def test_the_hour_of_signing_does_not_matter(at):
    assert due(tokyo(2026, 5, 1, *at), 3, Unit.BUSINESS_DAYS, TOKYO) == tokyo(2026, 5, 12)


def test_zero_business_days_end_with_the_day_itself_even_on_a_holiday():
    assert due(date(2026, 5, 4), 0, Unit.BUSINESS_DAYS, TOKYO) == tokyo(2026, 5, 5)


def test_twenty_four_hours_are_24_hours_over_a_weekend():
    assert due(tokyo(2026, 11, 20, 18), 24, Unit.ELAPSED_HOURS, TOKYO) == tokyo(2026, 11, 21, 18)


def test_workday_hours_stand_still_on_days_off():
    assert due(tokyo(2026, 11, 13, 18), 24, Unit.WORKDAY_HOURS, TOKYO) == tokyo(2026, 11, 16, 18)
    # 23 November is a holiday, so the weekend is three days long.
    assert due(tokyo(2026, 11, 20, 18), 24, Unit.WORKDAY_HOURS, TOKYO) == tokyo(2026, 11, 24, 18)


def test_workday_hours_begun_on_a_holiday_run_from_the_next_business_day():
    assert due(tokyo(2026, 11, 22, 9), 24, Unit.WORKDAY_HOURS, TOKYO) == tokyo(2026, 11, 25)


def test_workday_hours_that_fill_friday_end_on_friday():
    assert due(tokyo(2026, 11, 13), 24, Unit.WORKDAY_HOURS, TOKYO) == tokyo(2026, 11, 14)


def test_workday_hours_begun_in_the_closing_second():
    start = tokyo(2026, 11, 13, 23, 59, 59)
    assert due(start, 24, Unit.WORKDAY_HOURS, TOKYO) == tokyo(2026, 11, 16, 23, 59, 59)


def test_workday_hours_over_the_year_end():
    assert due(tokyo(2026, 12, 28, 18), 24, Unit.WORKDAY_HOURS, CLOSED_AT_YEAR_END) == tokyo(2027, 1, 4, 18)
    taken = elapsed(tokyo(2026, 12, 28, 18), tokyo(2027, 1, 4, 6), Unit.WORKDAY_HOURS, CLOSED_AT_YEAR_END)
    assert taken == 12


@pytest.mark.parametrize("unit", [Unit.ELAPSED_HOURS, Unit.WORKDAY_HOURS])
def test_no_time_allowed_means_now(unit):
    holiday = tokyo(2026, 11, 23, 12)
    assert due(holiday, 0, unit, TOKYO) == holiday


def test_a_bare_date_starts_at_local_midnight():
    assert due(date(2026, 11, 20), 24, Unit.ELAPSED_HOURS, TOKYO) == tokyo(2026, 11, 21)
    assert elapsed(date(2026, 11, 20), date(2026, 11, 21), Unit.ELAPSED_HOURS, TOKYO) == 24


@pytest.mark.parametrize("target", [-1, Decimal("-0.1"), Decimal("NaN"), Decimal("Infinity")])
@pytest.mark.parametrize("unit", list(Unit))
def test_nonsense_targets_are_refused(unit, target):
    with pytest.raises(ValueError, match="zero or more"):
        due(tokyo(2026, 11, 20), target, unit, TOKYO)


def test_business_days_are_whole():
    with pytest.raises(ValueError, match="whole"):
        due(date(2026, 5, 1), Decimal("2.5"), Unit.BUSINESS_DAYS, TOKYO)
    assert due(date(2026, 5, 1), Decimal("3.0"), Unit.BUSINESS_DAYS, TOKYO) == tokyo(2026, 5, 12)


@pytest.mark.parametrize("unit", list(Unit))
def test_moments_without_a_zone_are_refused(unit):
    with pytest.raises(ValueError, match="time zone"):
        due(datetime(2026, 11, 20), 1, unit, TOKYO)
    with pytest.raises(ValueError, match="time zone"):
        elapsed(tokyo(2026, 11, 20), datetime(2026, 11, 21), unit, TOKYO)


@pytest.mark.parametrize(
    ("end", "days"),
    [
        (tokyo(2026, 5, 1, 18), 0),
        (tokyo(2026, 5, 7, 0, 0, 0), 0),
        (tokyo(2026, 5, 7, 0, 0, 1), 1),
        (tokyo(2026, 5, 11, 23, 59, 59), 3),
        (tokyo(2026, 5, 12), 3),
        (tokyo(2026, 5, 12, 0, 0, 0, 1), 4),
        (date(2026, 5, 11), 3),
    ],
)
def test_business_days_taken(end, days):
    assert elapsed(date(2026, 5, 1), end, Unit.BUSINESS_DAYS, TOKYO) == days


def test_time_runs_backward_when_the_end_comes_first():
    friday, monday = tokyo(2026, 11, 13, 18), tokyo(2026, 11, 16, 18)
    assert elapsed(monday, friday, Unit.ELAPSED_HOURS, TOKYO) == -72
    assert elapsed(monday, friday, Unit.WORKDAY_HOURS, TOKYO) == -24
    assert elapsed(monday, friday, Unit.BUSINESS_DAYS, TOKYO) == -1


@pytest.mark.parametrize("unit", list(Unit))
def test_nothing_has_elapsed_at_the_start_even_at_midnight(unit):
    assert elapsed(tokyo(2026, 11, 20), tokyo(2026, 11, 20), unit, TOKYO) == 0


@pytest.mark.parametrize("zone", ZONES)
def test_24_hours_are_86400_seconds_across_every_clock_change(zone):
    calendar = BusinessCalendar(zone, country="")
    for change in clock_changes(zone):
        for before in (timedelta(), timedelta(seconds=1), timedelta(hours=12), timedelta(hours=23)):
            start = (change - before).astimezone(ZoneInfo(zone))
            end = due(start, 24, Unit.ELAPSED_HOURS, calendar)
            assert (end - start.astimezone(UTC)).total_seconds() == 86_400
            assert elapsed(start, end, Unit.ELAPSED_HOURS, calendar) == 24
            worked = due(start, 24, Unit.WORKDAY_HOURS, calendar)
            assert elapsed(start, worked, Unit.WORKDAY_HOURS, calendar) == 24


@given(zone=zones, start=moments, target=targets, unit=hour_units)
@settings(max_examples=500)
def test_hours_elapsed_until_due_are_the_hours_allowed(zone, start, target, unit):
    calendar = BusinessCalendar(zone, country="JP")
    assert elapsed(start, due(start, target, unit, calendar), unit, calendar) == target


@given(zone=zones, start=moments, target=st.integers(0, 30))
@settings(max_examples=300)
def test_business_days_elapsed_until_due_are_the_days_allowed(zone, start, target):
    calendar = BusinessCalendar(zone, country="JP")
    end = due(start, target, Unit.BUSINESS_DAYS, calendar)
    assert elapsed(start, end, Unit.BUSINESS_DAYS, calendar) == target
    assert elapsed(start, end + timedelta(microseconds=1), Unit.BUSINESS_DAYS, calendar) >= target
    assert calendar.start_of_day(calendar.add_business_days(calendar.local_date(start), target)) < end


@given(zone=zones, start=moments, after=st.timedeltas(timedelta(), timedelta(days=40)), n=st.integers(0, 20))
@settings(max_examples=500)
def test_the_days_taken_never_contradict_the_deadline(zone, start, after, n):
    calendar = BusinessCalendar(zone, country="JP")
    act = start + after
    in_time = act <= due(start, n, Unit.BUSINESS_DAYS, calendar)
    taken = elapsed(start, act, Unit.BUSINESS_DAYS, calendar)
    # Days off after the last day allowed add nothing to the days taken; an act on them is late all the same.
    assert taken <= n if in_time else taken >= n


def test_a_kickoff_set_on_the_saturday_after_the_deadline_is_late_although_no_business_day_was_added():
    saturday = tokyo(2026, 11, 14, 10)
    assert elapsed(date(2026, 11, 10), saturday, Unit.BUSINESS_DAYS, TOKYO) == 3
    assert saturday > due(date(2026, 11, 10), 3, Unit.BUSINESS_DAYS, TOKYO)


@given(zone=zones, start=moments, a=targets, b=targets, unit=hour_units)
def test_a_longer_allowance_is_never_due_earlier(zone, start, a, b, unit):
    calendar = BusinessCalendar(zone, country="JP")
    shorter, longer = sorted((a, b))
    assert due(start, shorter, unit, calendar) <= due(start, longer, unit, calendar)


@given(zone=zones, start=moments, span=st.timedeltas(timedelta(), timedelta(days=60)))
def test_the_workday_clock_never_runs_faster_than_the_wall_clock(zone, start, span):
    calendar = BusinessCalendar(zone, country="JP")
    worked = elapsed(start, start + span, Unit.WORKDAY_HOURS, calendar)
    assert 0 <= worked <= elapsed(start, start + span, Unit.ELAPSED_HOURS, calendar)


def test_a_doubled_hour_around_midnight_is_counted_once():
    # St. John's put its clocks back at 00:01 to 23:01 of the day before: 23:01-24:00 was lived twice.
    zone = ZoneInfo("America/St_Johns")
    calendar = BusinessCalendar("America/St_Johns", country="")
    start = datetime(2010, 11, 5, 12, tzinfo=zone)
    second = datetime(2010, 11, 6, 23, 30, fold=1, tzinfo=zone)
    assert elapsed(start, second, Unit.ELAPSED_HOURS, calendar) == Decimal("36.5")
    assert elapsed(start, second, Unit.WORKDAY_HOURS, calendar) == 12
    assert elapsed(start, second, Unit.BUSINESS_DAYS, calendar) == 0
    every_day = BusinessCalendar("America/St_Johns", country="", weekend=frozenset())
    assert elapsed(start, second, Unit.BUSINESS_DAYS, every_day) == 2
    assert due(second, 1, Unit.WORKDAY_HOURS, every_day) == second.astimezone(UTC) + timedelta(hours=1)
