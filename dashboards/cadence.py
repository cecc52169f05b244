"""Pure. When the next meeting of each kind is: its rhythm, and off holidays to the next business day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dashboards.deck import KIND_WORDS, Kind
from funnel.calendar import ONE_DAY, BusinessCalendar, add_months, month_start

WEEK = timedelta(weeks=1)
FORTNIGHT_OF = date(2026, 1, 5)
"""Improvement sessions are held in this Monday's week and every second one after it."""
QUARTER_MONTHS = 3


class Rhythm(NamedTuple):
    """How often a meeting is held: every business day, or on a weekday (Monday is 0) of every n-th week, or on the
    first business day of every n-th month; and from when, local."""

    at: time
    weekday: int | None = None
    weeks: int = 0
    months: int = 0


RHYTHMS: Mapping[str, Rhythm] = {
    Kind.STANDUP: Rhythm(time(9, 30)),
    Kind.WEEKLY: Rhythm(time(16), weekday=4, weeks=1),
    Kind.IMPROVEMENT: Rhythm(time(14), weekday=2, weeks=2),
    Kind.MONTHLY: Rhythm(time(14), months=1),
    Kind.QUARTERLY: Rhythm(time(15), months=QUARTER_MONTHS),
}
"""Those a new company begins with; what it has agreed since stands in `MeetingTerms`."""


def upcoming(
    rhythm: Rhythm, day: date, calendar: BusinessCalendar, fiscal_start: int, count: int = 1
) -> list[date]:
    """The next `count` days of a rhythm, from `day` on; a day off moves to the next open one."""
    found: list[date] = []
    planned = _first(rhythm, day, fiscal_start)
    while len(found) < count:
        held = _open(planned, calendar)
        if held >= day and held not in found:
            found.append(held)
        planned = _after(rhythm, planned)
    return found


def _first(rhythm: Rhythm, day: date, fiscal_start: int) -> date:
    """A planned day at or before `day`, from which all others follow."""
    if rhythm.months:
        start = month_start(day)
        while (start.month - fiscal_start) % rhythm.months:
            start = add_months(start, -1)
        return start
    if rhythm.weekday is None:
        return day
    monday = day - day.weekday() * ONE_DAY
    if rhythm.weeks > 1 and (monday - FORTNIGHT_OF).days // WEEK.days % rhythm.weeks:
        monday -= WEEK
    # That of the time before may have moved to this one.
    return monday + rhythm.weekday * ONE_DAY - rhythm.weeks * WEEK


def _after(rhythm: Rhythm, planned: date) -> date:
    if rhythm.months:
        return add_months(planned, rhythm.months)
    return planned + (ONE_DAY if rhythm.weekday is None else rhythm.weeks * WEEK)


def _open(day: date, calendar: BusinessCalendar) -> date:
    while not calendar.is_business_day(day):
        day += ONE_DAY
    return day


class Entry(NamedTuple):
    """One meeting of a calendar file: its kind, when it begins and ends, and its page's address."""

    kind: str
    starts: datetime
    ends: datetime
    url: str


def entry(kind: str, starts: datetime, minutes: int, url: str) -> Entry:
    """A meeting of so many minutes."""
    return Entry(kind, starts, starts + timedelta(minutes=minutes), url)


def begins(rhythm: Rhythm, day: date, calendar: BusinessCalendar) -> datetime:
    """When a meeting of this rhythm begins on a day, by the clock of the organisation."""
    return datetime.combine(day, rhythm.at, ZoneInfo(calendar.zone))


def ics(entries: list[Entry], made_at: datetime, language: str | None, host: str) -> str:
    """A calendar file (RFC 5545) of meetings, lines ended by CRLF and folded at 75 octets."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//RevOps//Reviews//EN", "METHOD:PUBLISH"]
    for each in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{each.kind}-{each.starts:%Y%m%d}@{host}",
            f"DTSTAMP:{_utc(made_at)}",
            f"DTSTART:{_utc(each.starts)}",
            f"DTEND:{_utc(each.ends)}",
            f"SUMMARY:{_escaped(KIND_WORDS[each.kind].say(language))}",
            f"URL:{each.url}",
            "END:VEVENT",
        ]
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in [_folded(line)])


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text


def _folded(line: str) -> str:
    """A line of at most 75 octets, continued on lines that begin with a space, never within a character."""
    pieces: list[str] = []
    piece = ""
    for sign in line:
        if len((piece + sign).encode()) > (75 if not pieces else 74):
            pieces.append(piece)
            piece = ""
        piece += sign
    return "\r\n ".join([*pieces, piece])
