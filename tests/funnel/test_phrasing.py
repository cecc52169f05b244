"""Moments, spans and money in words."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from funnel import phrasing

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 20, 1, 32, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "ja", "en"),
    [
        (NOW, "11/20(金) 10:32", "Fri 20 Nov 10:32"),
        (datetime(2026, 11, 20, 15, 0, tzinfo=UTC), "11/21(土) 00:00", "Sat 21 Nov 00:00"),
        (datetime(2027, 1, 3, 0, 5, tzinfo=UTC), "2027/1/3(日) 09:05", "Sun 3 Jan 2027 09:05"),
    ],
)
def test_a_moment_is_said_in_the_organisations_zone(at, ja, en):
    assert phrasing.when(at, now=NOW, zone=TOKYO, language="ja") == ja
    assert phrasing.when(at, now=NOW, zone=TOKYO, language="en") == en


def test_a_deadline_at_midnight_belongs_to_the_day_it_ends():
    midnight = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
    assert phrasing.until(midnight, now=NOW, zone=TOKYO, language="ja") == "11/25(水) 24:00"
    assert phrasing.ends_today(datetime(2026, 11, 20, 15, 0, tzinfo=UTC), now=NOW, zone=TOKYO)
    assert not phrasing.ends_today(datetime(2026, 11, 20, 15, 1, tzinfo=UTC), now=NOW, zone=TOKYO)


@pytest.mark.parametrize(
    ("length", "ja", "en"),
    [
        (timedelta(hours=3, minutes=10, seconds=59), "3時間10分", "3 h 10 min"),
        (timedelta(minutes=42), "42分", "42 min"),
        (timedelta(seconds=59), "0分", "0 min"),
        (timedelta(hours=26), "26時間", "26 h"),
        (timedelta(hours=48), "2日", "2 d"),
        (timedelta(days=3, hours=4, minutes=9), "3日4時間", "3 d 4 h"),
    ],
)
def test_a_length_is_said_in_whole_units(length, ja, en):
    assert phrasing.span(length, "ja") == ja
    assert phrasing.span(length, "en") == en


@pytest.mark.parametrize(
    ("opened", "due", "tone", "words", "percent"),
    [
        (-27, -3, "bad", "3時間 超過", 100),
        (-23, 1, "warn", "残り 1時間", 95),
        (-18, 6, "warn", "残り 6時間", 75),
        (-17, 7, "", "残り 7時間", 70),
        (-1, 23, "", "11/21(土) 09:32", 4),
    ],
)
def test_a_deadline_says_how_it_stands(opened, due, tone, words, percent):
    found = phrasing.deadline(
        NOW + timedelta(hours=opened), NOW + timedelta(hours=due), now=NOW, zone=TOKYO, language="ja"
    )
    assert found == (tone, words, percent)


def test_exactly_at_the_deadline_nothing_is_overdue():
    assert phrasing.deadline(NOW - timedelta(days=1), NOW, now=NOW, zone=TOKYO, language="en").tone == "warn"


@pytest.mark.parametrize(
    ("amount", "currency", "ja", "en"),
    [
        ("1200000", "JPY", "1,200,000円", "¥1,200,000"),
        ("0", "JPY", "0円", "¥0"),
        ("1200.5", "USD", "$1,200.50", "$1,200.50"),
        ("99", "BRL", "99 BRL", "99 BRL"),
    ],
)
def test_money_is_said_in_full(amount, currency, ja, en):
    assert phrasing.money(Decimal(amount), currency, "ja") == ja
    assert phrasing.money(Decimal(amount), currency, "en") == en


@pytest.mark.parametrize(
    ("amount", "ja", "en"),
    [
        ("6950000", "695万円", "¥6.95M"),
        ("120000000", "1.2億円", "¥120M"),
        ("120000", "12万円", "¥120K"),
        ("9000", "9,000円", "¥9K"),
        ("500", "500円", "¥500"),
    ],
)
def test_yen_on_a_board_are_short(amount, ja, en):
    assert phrasing.yen_short(Decimal(amount), "ja") == ja
    assert phrasing.yen_short(Decimal(amount), "en") == en
