"""When meetings are held: rhythms by the calendar of the company, and the file a calendar program reads."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from dashboards.cadence import RHYTHMS, begins, entry, ics, upcoming
from dashboards.deck import Kind
from funnel.calendar import BusinessCalendar

TOKYO = BusinessCalendar(zone="Asia/Tokyo", country="JP")


@pytest.mark.parametrize(
    ("kind", "day", "expected"),
    [
        # 21–23 September 2026 are holidays, 22 September between two of them too.
        (Kind.STANDUP, "2026-09-18", ["2026-09-18", "2026-09-24", "2026-09-25"]),
        (Kind.WEEKLY, "2026-11-16", ["2026-11-20", "2026-11-27", "2026-12-04"]),
        # Friday 1 January 2027 is a holiday: the Monday after it.
        (Kind.WEEKLY, "2026-12-26", ["2027-01-04", "2027-01-08", "2027-01-15"]),
        # On the moved day itself it is still that one.
        (Kind.WEEKLY, "2027-01-04", ["2027-01-04", "2027-01-08", "2027-01-15"]),
        (Kind.IMPROVEMENT, "2026-11-16", ["2026-11-25", "2026-12-09", "2026-12-23"]),
        (Kind.MONTHLY, "2026-11-23", ["2026-12-01", "2027-01-04", "2027-02-01"]),
        (Kind.MONTHLY, "2026-11-01", ["2026-11-02", "2026-12-01", "2027-01-04"]),
        (Kind.QUARTERLY, "2026-11-23", ["2027-01-04", "2027-04-01", "2027-07-01"]),
    ],
)
def test_the_next_days_are_business_days_of_the_rhythm(kind: str, day: str, expected: list[str]) -> None:
    found = upcoming(RHYTHMS[kind], date.fromisoformat(day), TOKYO, 4, 3)
    assert [str(each) for each in found] == expected


def test_the_file_says_when_in_utc_and_folds_its_lines() -> None:
    made = datetime(2026, 11, 20, tzinfo=UTC)
    page = "https://revops.example.jp/review/" + "あ" * 40
    starts = begins(RHYTHMS[Kind.WEEKLY], date(2026, 11, 27), TOKYO)
    text = ics([entry(Kind.WEEKLY, starts, 60, page)], made, "ja", "revops.example.jp")
    lines = text.split("\r\n")
    assert "DTSTART:20261127T070000Z" in lines
    assert "DTEND:20261127T080000Z" in lines
    assert "SUMMARY:週次レビュー" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    assert page in text.replace("\r\n ", "")
    assert text.endswith("END:VCALENDAR\r\n")
