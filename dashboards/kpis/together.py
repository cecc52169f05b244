"""Several numbers of several periods in one statement each: the same values as one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, DecimalField, Q, Sum
from django.db.models.functions import TruncDate

from dashboards.kpis import inside_sales
from dashboards.kpis.field_sales import bookings, time_to_win
from dashboards.kpis.kpi import Frame, Value, share
from dashboards.kpis.rowsets import JUDGED, closed_deals, entered, kept_share
from dashboards.queries import by_worth, won_facts
from funnel.stages import DealState, Stage
from handoffs.lanes import LANES, Boundary, Promise
from handoffs.models import Handoff
from handoffs.querysets import fell_due, overdue_at, promise_state


class Lane(NamedTuple):
    """The promises of one boundary that fell due in the period, and those overdue now whatever the period."""

    boundary: Boundary
    value: Value
    overdue: int


class Contacted(NamedTuple):
    """Of the MQL whose first contact fell due in the period, how many of each became SQL since."""

    in_time: Value
    late: Value


class Promised(NamedTuple):
    """Every boundary's promises of a period, and what became of the MQL contacted in time and late."""

    lanes: tuple[Lane, ...]
    contacted: Contacted


def lanes(ats: Sequence[Frame]) -> list[tuple[Lane, ...]]:
    """Every boundary's compliance in each period, and its overdue promises, for the same channel and owner."""
    return [_lanes(found, i) for found in [_promises(ats)] for i in range(len(ats))]


def promised(ats: Sequence[Frame]) -> list[Promised]:
    """The lanes of each period, and the SQL rate of MQL contacted by the promise beside that of the others."""
    found = _promises(ats, with_leads=True)
    return [Promised(_lanes(found, i), _contacted(found, i)) for i in range(len(ats))]


def _promises(ats: Sequence[Frame], *, with_leads: bool = False) -> list[dict[str, Any]]:
    """One row for each boundary and state: `late` now, and of each period `n0`, `n1` …; asked for, leads beside them.

    `leads0` are the passes of the first contacts that fell due, `sql0` those of them that became SQL.
    """
    hull = _hull(ats)
    late = overdue_at(hull.now)
    rows = Handoff.objects.filter(_due_within(hull) | late, hull.of(channel="lead__channel", owner="owner"))
    asked = {f"n{i}": Count("pk", filter=_due_within(at)) for i, at in enumerate(ats)}
    if with_leads:
        became = Q(lead__sql_at__lte=hull.now)
        for i, at in enumerate(ats):
            due = fell_due(Boundary.MQL, at.start, at.end)
            asked[f"leads{i}"] = Count("lead", distinct=True, filter=due)
            asked[f"sql{i}"] = Count("lead", distinct=True, filter=due & became)
    found: Any = rows.order_by().annotate(standing=promise_state()).values("boundary", "standing")
    return list(found.annotate(late=Count("pk", filter=late), **asked))


def _lanes(found: list[dict[str, Any]], i: int) -> tuple[Lane, ...]:
    overdue: Counter[str] = Counter()
    counted: Counter[tuple[str, str]] = Counter()
    for row in found:
        overdue[row["boundary"]] += row["late"]
        counted[row["boundary"], row["standing"]] += row[f"n{i}"]
    return tuple(Lane(b, kept_share({s.value: counted[b, s] for s in JUDGED}), overdue[b]) for b in LANES)


def _contacted(found: list[dict[str, Any]], i: int) -> Contacted:
    by_state = {row["standing"]: row for row in found if row["boundary"] == Boundary.MQL}

    def rate(*states: Promise) -> Value:
        rows = [by_state[state.value] for state in states if state.value in by_state]
        return share(sum(row[f"sql{i}"] for row in rows), sum(row[f"leads{i}"] for row in rows))

    return Contacted(rate(Promise.KEPT), rate(Promise.KEPT_LATE, Promise.MISSED))


class Closed(NamedTuple):
    """The deals that ended in a period: the amount won, and how many of them were won."""

    bookings: Value
    win_rate: Value


def closed(ats: Sequence[Frame]) -> list[Closed]:
    """Bookings and the win rate of each period, for the same channel and owner."""
    return [ended.closed for ended in endings(ats)]


Course = tuple[tuple[date, Decimal], ...]
"""What was won on each day that had a win, in the organisation's currency."""


class Ended(NamedTuple):
    """How the deals of a period ended, and what was won of them by local day of winning."""

    closed: Closed
    course: Course


def endings(ats: Sequence[Frame]) -> list[Ended]:
    """Bookings, win rate and course of each period, for the same channel and owner: deals summed day by day."""
    hull = _hull(ats)
    found: Any = (
        closed_deals(hull, DealState.WON, DealState.LOST)
        .order_by()
        .annotate(day=TruncDate("closed_at", tzinfo=hull.zone))
        .values_list("currency", "state", "day")
        .annotate(n=Count("pk"), total=Sum("amount", output_field=DecimalField()))
    )
    days = sorted(found, key=lambda row: row[2])
    return [ended([row for row in days if at.scope.start <= row[2] <= at.scope.end], at) for at in ats]


def ended(days: list[tuple[str, str, date, int, Decimal | None]], at: Frame) -> Ended:
    """Sum up the days of one period in their order: currency, state, day, how many deals and their amounts."""
    deals: Counter[str] = Counter()
    amounts: dict[str, Decimal] = {}
    course: list[tuple[date, Decimal]] = []
    for currency, state, day, n, total in days:
        if state == DealState.WON:
            worth = total or Decimal()
            deals[currency] += n
            amounts[currency] = amounts.get(currency, Decimal()) + worth
            if currency == at.currency:
                course.append((day, worth))
    won = [(currency, amounts[currency], n) for currency, n in deals.items()]
    rate = share(sum(deals.values()), sum(n for _, _, _, n, _ in days))
    return Ended(Closed(bookings(by_worth(won), at), rate), tuple(course))


def wins(ats: Sequence[Frame]) -> list[Value]:
    """The days from MQL to won of each period, for the same channel and owner."""
    facts = won_facts(entered(_hull(ats), Stage.WON), ats[0].zone, [(at.start, at.end) for at in ats])
    return [time_to_win(each) for each in facts]


def response_times(ats: Sequence[Frame]) -> list[Value]:
    """The first response time of each period, for the same channel and owner."""
    return inside_sales.response_times(inside_sales.responses(_hull(ats)), ats)


def _hull(ats: Sequence[Frame]) -> Frame:
    """The shortest period that holds them all."""
    return ats[0]._replace(start=min(at.start for at in ats), end=max(at.end for at in ats))


def _due_within(at: Frame) -> Q:
    due = Q()
    for boundary in LANES:
        due |= fell_due(boundary, at.start, at.end)
    return due
