"""Quiet hours: from wall clock to wall clock, past midnight, and over both nights the clock is changed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoffs.quiet import MINUTE, QuietHours

TOKYO, PARIS, LORD_HOWE = (ZoneInfo(z) for z in ("Asia/Tokyo", "Europe/Paris", "Australia/Lord_Howe"))
NIGHT = QuietHours(time(22), time(8))


def at(text: str, zone: ZoneInfo = TOKYO, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


@pytest.mark.parametrize(
    ("asked", "released"),
    [
        ("2026-05-01T21:59:59", "2026-05-01T21:59:59"),
        ("2026-05-01T22:00", "2026-05-02T08:00"),
        ("2026-05-01T23:59:59.999999", "2026-05-02T08:00"),
        ("2026-05-02T00:00", "2026-05-02T08:00"),
        ("2026-05-02T07:59:59.999999", "2026-05-02T08:00"),
        ("2026-05-02T08:00", "2026-05-02T08:00"),
        ("2026-12-31T23:00", "2027-01-01T08:00"),
    ],
)
def test_a_night_spans_midnight(asked: str, released: str) -> None:
    assert NIGHT.release(at(asked), TOKYO) == at(released)


def test_hours_within_a_day_end_on_that_day() -> None:
    lunch = QuietHours(time(12), time(13))
    assert lunch.release(at("2026-05-01T12:30"), TOKYO) == at("2026-05-01T13:00")
    assert lunch.release(at("2026-05-01T13:00"), TOKYO) == at("2026-05-01T13:00")
    assert lunch.release(at("2026-05-01T00:00"), TOKYO) == at("2026-05-01T00:00")


def test_an_end_at_midnight_is_the_next_midnight() -> None:
    evening = QuietHours(time(20), time(0))
    assert evening.release(at("2026-05-01T23:00"), TOKYO) == at("2026-05-02T00:00")


def test_the_night_the_clock_is_put_forward_is_shorter() -> None:
    # 29 March 2026 in Paris: 02:00 is 03:00.
    released = NIGHT.release(at("2026-03-28T23:00", PARIS), PARIS)
    assert released == at("2026-03-29T08:00", PARIS)
    assert released - at("2026-03-28T23:00", PARIS).astimezone(UTC) == timedelta(hours=8)


def test_an_end_that_is_jumped_over_is_the_moment_of_the_jump() -> None:
    quiet = QuietHours(time(22), time(2, 30))
    assert quiet.release(at("2026-03-28T23:00", PARIS), PARIS) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_an_end_that_comes_twice_is_met_the_first_time() -> None:
    # 25 October 2026 in Paris: 03:00 is 02:00 again.
    quiet = QuietHours(time(22), time(2, 30))
    assert quiet.release(at("2026-10-24T23:00", PARIS), PARIS) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    # Asked when it has become quiet again, it is met the second time.
    again = at("2026-10-25T02:10", PARIS, fold=1)
    assert quiet.release(again, PARIS) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


MINUTES = st.integers(0, 24 * 60 - 1).map(lambda n: time(n // 60, n % 60))
# Around the changes of three zones' clocks, and anywhere in a year; Lord Howe changes by half an hour.
MOMENTS = st.one_of(
    st.integers(0, 48 * 60).map(lambda n: datetime(2026, 3, 28, tzinfo=UTC) + n * MINUTE),
    st.integers(0, 48 * 60).map(lambda n: datetime(2026, 10, 24, tzinfo=UTC) + n * MINUTE),
    st.integers(0, 48 * 60).map(lambda n: datetime(2026, 4, 4, tzinfo=UTC) + n * MINUTE),
    st.integers(0, 48 * 60).map(lambda n: datetime(2026, 10, 3, tzinfo=UTC) + n * MINUTE),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
)


@given(start=MINUTES, end=MINUTES, asked=MOMENTS, zone=st.sampled_from([TOKYO, PARIS, LORD_HOWE]))
def test_it_is_the_first_moment_that_is_not_quiet(
    start: time, end: time, asked: datetime, zone: ZoneInfo
) -> None:
    if start == end:
        return
    quiet = QuietHours(start, end)
    released = quiet.release(asked, zone)
    assert released >= asked
    assert not quiet.covers(released, zone)
    if released == asked:
        return
    # Every whole minute before it, and the last instant before it, are quiet.
    minute = asked
    while minute < released:
        assert quiet.covers(minute, zone)
        minute = minute.replace(second=0, microsecond=0) + MINUTE
    assert quiet.covers(released - timedelta(microseconds=1), zone)
