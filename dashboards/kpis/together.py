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


def lanes(ats: Sequence[Frame]) -> list[tuple[Lane, ...]]:
    """Every boundary's compliance in each period, and its overdue promises, for the same channel and owner."""
    hull = _hull(ats)
    late = overdue_at(hull.now)
    rows = Handoff.objects.filter(_due_within(hull) | late, hull.of(channel="lead__channel", owner="owner"))
    found: Any = (
        rows.order_by()
        .annotate(standing=promise_state())
        .values("boundary", "standing")
        .annotate(
            late=Count("pk", filter=late),
            **{f"n{i}": Count("pk", filter=_due_within(at)) for i, at in enumerate(ats)},
        )
    )
    overdue: Counter[str] = Counter()
    counted: list[Counter[tuple[str, str]]] = [Counter() for _ in ats]
    for row in found:
        overdue[row["boundary"]] += row["late"]
        for i, counter in enumerate(counted):
            counter[row["boundary"], row["standing"]] += row[f"n{i}"]
    return [
        tuple(Lane(b, kept_share({s.value: counter[b, s] for s in JUDGED}), overdue[b]) for b in LANES)
        for counter in counted
    ]


class Closed(NamedTuple):
    """The deals that ended in a period: the amount won, and how many of them were won."""

    bookings: Value
    win_rate: Value


def closed(ats: Sequence[Frame]) -> list[Closed]:
    """Bookings and the win rate of each period, for the same channel and owner."""
    inside = _filters(ats, "closed_at")
    found = list(
        closed_deals(_hull(ats), DealState.WON, DealState.LOST)
        .order_by()
        .values("currency", "state")
        .annotate(
            **{f"n{i}": Count("pk", filter=q) for i, q in enumerate(inside)},
            **{
                f"total{i}": Sum("amount", filter=q, output_field=DecimalField())
                for i, q in enumerate(inside)
            },
        )
    )
    return [
        _closed([(r["currency"], r["state"], r[f"n{i}"], r[f"total{i}"]) for r in found], at)
        for i, at in enumerate(ats)
    ]


def _closed(rows: list[tuple[str, str, int, Decimal]], at: Frame) -> Closed:
    won = [(currency, total, n) for currency, state, n, total in rows if n and state == DealState.WON]
    return Closed(
        bookings(by_worth(won), at), share(sum(n for _, _, n in won), sum(n for _, _, n, _ in rows))
    )


def wins(ats: Sequence[Frame]) -> list[Value]:
    """The days from MQL to won of each period, for the same channel and owner."""
    facts = won_facts(entered(_hull(ats), Stage.WON), ats[0].zone, [(at.start, at.end) for at in ats])
    return [time_to_win(each) for each in facts]


def response_times(ats: Sequence[Frame]) -> list[Value]:
    """The first response time of each period, for the same channel and owner."""
    return inside_sales.response_times(inside_sales.responses(_hull(ats)), ats)


class Contacted(NamedTuple):
    """Of the MQL whose first contact fell due in the period, how many of each became SQL since."""

    in_time: Value
    late: Value


def contacted(ats: Sequence[Frame]) -> list[Contacted]:
    """The SQL rate of MQL contacted by the promise beside that of the others, in each period."""
    hull = _hull(ats)
    rows = Handoff.objects.filter(
        fell_due(Boundary.MQL, hull.start, hull.end), hull.of(channel="lead__channel", owner="owner")
    )
    inside = [fell_due(Boundary.MQL, at.start, at.end) for at in ats]
    became = Q(lead__sql_at__isnull=False)
    found: Any = (
        rows.order_by()
        .annotate(standing=promise_state())
        .values("standing")
        .annotate(
            **{f"n{i}": Count("lead", distinct=True, filter=q) for i, q in enumerate(inside)},
            **{f"k{i}": Count("lead", distinct=True, filter=q & became) for i, q in enumerate(inside)},
        )
    )
    by_state = {row["standing"]: row for row in found}

    def rate(i: int, *states: Promise) -> Value:
        rows = [by_state[state.value] for state in states if state.value in by_state]
        return share(sum(row[f"k{i}"] for row in rows), sum(row[f"n{i}"] for row in rows))

    late = (Promise.KEPT_LATE, Promise.MISSED)
    return [Contacted(rate(i, Promise.KEPT), rate(i, *late)) for i in range(len(ats))]


Course = tuple[tuple[date, Decimal], ...]
"""What was won on each day that had a win, in the organisation's currency."""


def courses(ats: Sequence[Frame]) -> list[Course]:
    """The won amounts of each period by local day of winning, for the same channel and owner."""
    hull = _hull(ats)
    rows = closed_deals(hull, DealState.WON).filter(currency=hull.currency).order_by()
    found = (
        rows.annotate(day=TruncDate("closed_at", tzinfo=hull.zone))
        .values_list("day")
        .annotate(total=Sum("amount", output_field=DecimalField()))
    )
    days = sorted(found)
    return [tuple((day, total) for day, total in days if at.scope.start <= day <= at.scope.end) for at in ats]


def _hull(ats: Sequence[Frame]) -> Frame:
    """The shortest period that holds them all."""
    return ats[0]._replace(start=min(at.start for at in ats), end=max(at.end for at in ats))


def _filters(ats: Sequence[Frame], column: str) -> list[Q]:
    """Which rows of the hull lie in each period; of a single one, all."""
    return [at.inside(column) for at in ats] if len(ats) > 1 else [Q()]


def _due_within(at: Frame) -> Q:
    due = Q()
    for boundary in LANES:
        due |= fell_due(boundary, at.start, at.end)
    return due
