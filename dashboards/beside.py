"""A board set beside the same part of its period a week, a month or a year earlier."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from dashboards import counts
from dashboards.kpis import Frame
from dashboards.outlook import MOST_BAR, VOLUMES, percent_of
from dashboards.scope import Scope
from funnel.calendar import ONE_DAY, BusinessCalendar, add_months, month_end, month_start
from funnel.words import Words

KINDS: Mapping[str, Words] = {
    "week": Words("Last week", "前週"),
    "month": Words("Last month", "前月"),
    "year": Words("Last year", "前年"),
}
"""What a board can be set beside; the figures of that time stand still while those of now go on."""
MONTHS_BACK: Mapping[str, int] = {"month": 1, "year": 12}
WEEK = timedelta(days=7)


class Earlier(NamedTuple):
    """The counts by stage and the rates (shares; null without a denominator) by target stage of that time."""

    kind: str
    scope: Scope
    counts: Mapping[str, int]
    rates: Mapping[str, float | None]


def earlier(kind: str, scope: Scope, today: date, calendar: BusinessCalendar) -> Scope:
    """Return the days of a scope so much earlier; of a running one, only as many business days as have begun.

    Whole months stay whole months; else a day that the month has not is its last one. The cut never leaves out the
    first day, so on days off at the very beginning of a period the earlier one may have begun a day sooner.
    """
    start, end = _back(kind, scope.start), _back(kind, scope.end)
    are_months = scope.start == month_start(scope.start) and scope.end == month_end(scope.end)
    if are_months and kind in MONTHS_BACK:
        end = month_end(end)
    if scope.start <= today < scope.end:
        begun = calendar.business_days_between(scope.start - ONE_DAY, today)
        is_working = calendar.is_business_day(today)
        end = _cut(calendar, start, end, begun, is_working=is_working)
    return replace(scope, start=start, end=end, group_by=None)


def _back(kind: str, day: date) -> date:
    """The same day of the week, or of the month (its last where it has no such day)."""
    if kind not in MONTHS_BACK:
        return day - WEEK
    first = add_months(month_start(day), -MONTHS_BACK[kind])
    return first.replace(day=min(day.day, month_end(first).day))


def _cut(calendar: BusinessCalendar, start: date, end: date, begun: int, *, is_working: bool) -> date:
    """The day of [start, end] on which its `begun`-th business day is; on a day off, the last day before the next."""
    seen, day = int(calendar.is_business_day(start)), start
    while day < end and not (is_working and seen >= begun):
        seen += calendar.is_business_day(day + ONE_DAY)
        if seen > begun:
            break
        day += ONE_DAY
    return day


def read(kind: str, at: Frame, calendar: BusinessCalendar) -> Earlier:
    """Read the counts and rates of that time in one statement; counts are of the period in either basis."""
    scope = earlier(kind, at.scope, at.today, calendar)
    wanted = [replace(scope, basis="period")] + ([scope] if scope.basis == "cohort" else [])
    found = counts.funnels(wanted)
    rates = {rate.target: rate.value for rate in found[-1].rates}
    return Earlier(kind, scope, dict(found[0].stages), rates)


def drawn(found: Earlier, numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of the pipe's bars as shares of that time's counts, instead of the pace: never both."""
    said: dict[str, Any] = {}
    for stage in VOLUMES:
        percent = percent_of(numbers[f"stage:{stage}"], found.counts[stage])
        said |= {f"pct:{stage}": percent, f"bar:{stage}": min(MOST_BAR, percent), f"tone:{stage}": ""}
        said |= {f"missing:{stage}": None, f"gap:{stage}": None}
    return said


def points(now: float | None, then: float | None) -> float | None:
    """How far a share is from an earlier one, in percentage points of one decimal; None where either is unknown."""
    return math.floor((now - then) * 1000 + 0.5) / 10 if now is not None and then is not None else None
