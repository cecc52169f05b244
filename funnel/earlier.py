"""Pure. When something happened that is logged late, in the words people use: just now, this morning, yesterday."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Ago(StrEnum):
    """How long ago, roughly."""

    JUST_NOW = "just_now"
    MORNING = "morning"
    YESTERDAY = "yesterday"


class Span(NamedTuple):
    """From when to when the words mean, and the moment that stands for them."""

    start: datetime
    at: datetime
    end: datetime


NOON, TEN, THREE, MIDNIGHT = time(12), time(10), time(15), time(0)
HALF_AN_HOUR, AN_HOUR, A_DAY = timedelta(minutes=30), timedelta(hours=1), timedelta(days=1)


def moments(now: datetime, zone: ZoneInfo, since: datetime | None = None) -> dict[Ago, datetime]:
    """The moments on offer, the nearest first: half an hour ago, 10:00 today, 15:00 yesterday, in `zone`.

    What lies wholly before `since`, when there was nothing to do yet, or is not over yet is not offered; a span that
    `since` lies in begins there.
    """
    today = now.astimezone(zone).date()

    def at(day: datetime | None, hour: time) -> datetime:
        return datetime.combine((day or now.astimezone(zone)).date(), hour, zone)

    before = now.astimezone(zone) - A_DAY
    spans = {
        Ago.JUST_NOW: Span(now - AN_HOUR, now - HALF_AN_HOUR, now),
        Ago.MORNING: Span(at(None, MIDNIGHT), at(None, TEN), at(None, NOON)),
        Ago.YESTERDAY: Span(at(before, MIDNIGHT), at(before, THREE), datetime.combine(today, MIDNIGHT, zone)),
    }
    start = since or spans[Ago.YESTERDAY].start
    return {
        ago: max(span.at, start)
        for ago, span in spans.items()
        if span.end <= now and start < span.end and not (ago is Ago.MORNING and now - span.end < HALF_AN_HOUR)
    }
