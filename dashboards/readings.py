"""What boards are made of: the counts, what is read from rows, and the targets of a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from dashboards import counts, kpis, outlook, pace, stays, targets
from dashboards.bottleneck import Churn, Stay
from dashboards.counts import FunnelReading, Rate
from dashboards.kpis import Frame, Value, together
from dashboards.kpis.together import Closed, Contacted, Course, Lane
from dashboards.outlook import Goals, Won
from dashboards.scope import Scope
from funnel.calendar import ONE_DAY, BusinessCalendar

Numbers = dict[str, Any]


class Counted(NamedTuple):
    """What a board reads from the counts: as cheap for a year as for a week."""

    reading: FunnelReading
    before: FunnelReading
    before_scope: Scope
    rates: Mapping[str, Rate]


class Rows(NamedTuple):
    """What a board reads from promises, deals and passes of the period themselves; `stays` are of now.

    `whole` is what `young` says of the last whole period: empty where none had enough, null where nobody has asked.
    """

    lanes: tuple[Lane, ...]
    closed: Closed
    response: Value
    wins: Value
    contacted: Contacted
    course: Course
    stays: tuple[Stay, ...]
    whole: Numbers | None = None


def read_counts(ats: Sequence[Frame]) -> list[Counted]:
    """Read the counts of several boards in one snapshot and one statement."""
    earlier = [comparable(at) for at in ats]
    wanted = [
        part
        for at, before in zip(ats, earlier, strict=True)
        for part in (
            replace(at.scope, basis="period", group_by="channel"),
            replace(before, basis="period", group_by=None),
            replace(at.scope, group_by=None),
        )[: 3 if at.scope.basis == "cohort" else 2]
    ]
    found = iter(counts.funnels(wanted))
    counted = []
    for at, before_scope in zip(ats, earlier, strict=True):
        reading, before = next(found), next(found)
        steps = next(found) if at.scope.basis == "cohort" else reading
        counted.append(Counted(reading, before, before_scope, {rate.target: rate for rate in steps.rates}))
    return counted


def read_rows(ats: Sequence[Frame]) -> list[Rows]:
    """Read the rest of several boards in five statements."""
    stood = stays.read(ats[0])
    found = zip(
        together.promised(ats),
        together.endings(ats),
        together.response_times(ats),
        together.wins(ats),
        strict=True,
    )
    return [
        Rows(promised.lanes, ended.closed, response, wins, promised.contacted, ended.course, stood)
        for promised, ended, response, wins in found
    ]


def read_goals(at: Frame, calendar: BusinessCalendar) -> Goals:
    """Read the targets of a period, and its churn where that has one, in a month: of several, the mean of them."""
    found = targets.current(at, outlook.WANTED)
    days = pace.elapsed(calendar, at.scope.start, at.scope.end, at.today)
    return Goals(found, days, _churn(at, found.get(outlook.CHURN)))


def _churn(at: Frame, target: Decimal | None) -> Churn | None:
    scope = at.scope
    if target is None or scope.start.day != 1 or (scope.end + ONE_DAY).day != 1:
        return None
    kpi, logos = kpis.get(outlook.CHURN), kpis.get("logo-churn")
    lost, left = kpi.measure(kpi.select(at), at), logos.measure(logos.select(at), at)
    if lost.value is None or not left.denominator:
        return None
    opening = Decimal(str(lost.more["opening"]))
    rate = Decimal(str(lost.value)) / len(scope.months())
    return Churn(outlook.CHURN, rate, target, opening, left.numerator or 0, left.denominator)


def won(closed: Closed) -> Won:
    """What was won in the organisation's currency."""
    value = closed.bookings
    deals = value.more["by_currency"].get(value.currency, {}).get("deals", 0)
    return Won(Decimal(value.value or 0), deals)


def comparable(at: Frame) -> Scope:
    """Return the period before; of a running period, only as many days as have passed of it."""
    scope = at.scope
    earlier = scope.previous()
    if not scope.start <= at.today < scope.end:
        return earlier
    passed = earlier.start + (at.today - scope.start)
    return replace(earlier, end=min(earlier.end, max(passed, earlier.start)))
