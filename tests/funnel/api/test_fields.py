"""Shapes of single values."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from funnel.api.fields import Amount, Day, Id, Measure, Moment, Text, Unusable, Whole


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("2026-05-01T09:00:00+09:00", datetime(2026, 5, 1, 0, 0, tzinfo=UTC)),
        ("2026-05-01t00:00:00z", datetime(2026, 5, 1, 0, 0, tzinfo=UTC)),
        ("2026-05-01T00:00:00.123456Z", datetime(2026, 5, 1, 0, 0, 0, 123456, tzinfo=UTC)),
    ],
)
def test_a_moment_carries_its_zone(given: str, read: datetime):
    assert Moment().to_internal_value(given) == read


@pytest.mark.django_db
def test_a_moment_without_a_zone_is_the_organisations():
    assert Moment().to_internal_value("2026-05-01T09:00:00") == datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("2026-05-01", "bad_moment"),
        ("2026-02-30T09:00:00Z", "bad_moment"),
        ("2026-05-01T24:30:00Z", "bad_moment"),
        ("9999-12-31T23:59:59-12:00", "out_of_range"),
        ("0001-01-01T00:00:00+14:00", "out_of_range"),
        ("令和8年5月1日", "bad_moment"),
        ("", "bad_moment"),
        (1777593600, "bad_moment"),
        ("2026-05-01T09:00:00Z\x00", "bad_characters"),
    ],
)
def test_what_is_no_moment_says_why(given: object, code: str):
    with pytest.raises(Unusable, match=code):
        Moment().to_internal_value(given)


@pytest.mark.parametrize(
    "given", ["2026-02-30", "20260501", "2026-5-1x", "1899-01-01", "", 5, "2026-05-01T00:00:00Z"]
)
def test_what_is_no_day_is_refused(given: object):
    with pytest.raises(Unusable):
        Day().to_internal_value(given)


def test_a_day_is_a_day():
    assert Day().to_internal_value(" 2026-05-01 ") == date(2026, 5, 1)


@pytest.mark.parametrize("given", [0, "0", Decimal("12.3400"), "12.34", 10**13])
def test_a_measure_is_exact(given: object):
    assert Measure().to_internal_value(given) == Decimal(str(given))


@pytest.mark.parametrize(
    "given", ["1e3", "", " ", "-0.1", "--1", "1.2.3", "٣", True, None, [], Decimal("NaN")]
)
def test_what_is_no_measure_is_refused(given: object):
    with pytest.raises(Unusable):
        Measure().to_internal_value(given)


def test_an_amount_is_never_rounded():
    assert Amount().to_internal_value(Decimal("0.10")) == Decimal("0.10")
    with pytest.raises(Unusable, match="amount_fraction"):
        Amount().to_internal_value("0.105")


@pytest.mark.parametrize("given", [True, "5", 1.0, None, Decimal(5)])
def test_a_whole_number_is_a_whole_number(given: object):
    with pytest.raises(Unusable, match="not_a_number"):
        Whole().to_internal_value(given)


@pytest.mark.parametrize("given", [0, -1, 2**63])
def test_an_id_is_positive_and_fits(given: int):
    with pytest.raises(Unusable, match="out_of_range"):
        Id().to_internal_value(given)


def test_text_is_trimmed_and_measured_after_trimming():
    assert Text(max_length=3).run_validation("  abc  ") == "abc"
    with pytest.raises(Unusable, match="too_long"):
        Text(max_length=3).run_validation("abcd")
