"""What became of the promises of a period: how many were kept, by how much the others were late, why, whose, when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Case, Count, DateField, DateTimeField, F, FloatField, Q, QuerySet, When
from django.db.models.functions import Cast, Coalesce, Extract, Greatest, TruncWeek

from dashboards.kpis.kpi import Frame, Value, share
from dashboards.models import BreachReview
from dashboards.queries import Percentile
from funnel.calendar import BusinessCalendar
from funnel.models import Member
from handoffs.lanes import LANES, Boundary, Promise
from handoffs.models import Handoff
from handoffs.querysets import conditions, fell_due, overdue_at

Rows = QuerySet[Any]
WEEKS = 8
ONE_WEEK = timedelta(weeks=1)
HOUR = 3600.0
P90 = 0.9


class LaneResult(NamedTuple):
    """One boundary in a period: its compliance, what was late by how many hours, and how its weeks went.

    `compliance` is kept ÷ all but cancelled, by due date. `overrun` and `overrun_p90` are hours from due to the act of
    what was kept late; `recorded_late` of those were done in time. `overdue` are owed still and past due, now.
    `system` and `human` are the median hours until somebody had what was kept, and from then until he acted.
    `weeks` holds (first day, kept, all) of the last eight.
    """

    boundary: Boundary
    compliance: Value
    kept: int
    kept_late: int
    missed: int
    cancelled: int
    recorded_late: int
    overrun: float | None
    overrun_p90: float | None
    overdue: int
    system: float | None
    human: float | None
    returned_without: int
    returned_after: int
    weeks: tuple[tuple[date, int, int], ...]


def lanes(at: Frame) -> list[LaneResult]:
    """Every boundary, in the order of the ring; five statements."""
    due = {row["boundary"]: row for row in _judged(at)}
    owed = _mine(at).filter(overdue_at(at.now))
    overdue = dict(owed.values_list("boundary").annotate(n=Count("pk")))
    delays = {row["boundary"]: row for row in _delays(at)}
    returned = {(row["boundary"], row["returned_after_contact"]): row["n"] for row in _returned(at)}
    weeks = _weeks(at)
    found = []
    for boundary in LANES:
        row, delay = due.get(boundary, {}), delays.get(boundary, {})
        kept, late, missed = (row.get(name, 0) for name in ("kept", "kept_late", "missed"))
        found.append(
            LaneResult(
                boundary,
                share(kept, kept + late + missed),
                kept,
                late,
                missed,
                row.get("cancelled", 0),
                row.get("recorded_late", 0),
                row.get("overrun"),
                row.get("overrun_p90"),
                overdue.get(boundary, 0),
                delay.get("system"),
                delay.get("human"),
                returned.get((boundary, False), 0),
                returned.get((boundary, True), 0),
                tuple((day, *weeks.get((boundary, day), (0, 0))) for day in _days(at)),
            )
        )
    return found


def _mine(at: Frame) -> Rows:
    return Handoff.objects.filter(at.of(channel="lead__channel", owner="owner")).order_by()


def _fell_due(at: Frame, boundaries: Iterable[str] = tuple(LANES)) -> Rows:
    wanted = Q(pk__in=[])
    for boundary in boundaries:
        wanted |= fell_due(boundary, at.start, min(at.end, at.now))
    return _mine(at).filter(wanted)


def _judged(at: Frame) -> Any:
    states = conditions(at.now)
    done_late = states[Promise.KEPT_LATE] & Q(kept_at__gt=F("due_at"), kept_at__lte=at.now)
    overrun = Cast(Extract(F("kept_at") - F("due_at"), "epoch") / HOUR, FloatField())
    return (
        _fell_due(at)
        .values("boundary")
        .annotate(
            kept=Count("pk", filter=states[Promise.KEPT]),
            kept_late=Count("pk", filter=states[Promise.KEPT_LATE]),
            missed=Count("pk", filter=states[Promise.MISSED]),
            cancelled=Count("pk", filter=states[Promise.CANCELLED]),
            recorded_late=Count("pk", filter=states[Promise.KEPT_LATE] & Q(kept_at__lte=F("due_at"))),
            overrun=Percentile(overrun, 0.5, filter=done_late),
            overrun_p90=Percentile(overrun, P90, filter=done_late),
        )
    )


def _delays(at: Frame) -> Any:
    """Until somebody had it, and from then to the act; what was done before anybody had it was all the first."""
    owned = Case(
        When(owned_at__gt=F("kept_at"), then=F("kept_at")), default=Greatest("owned_at", "opened_at")
    )
    until = Cast(Extract(owned - F("opened_at"), "epoch") / HOUR, FloatField())
    after = Cast(Extract(F("kept_at") - owned, "epoch") / HOUR, FloatField())
    kept = _fell_due(at, [b for b, lane in LANES.items() if lane.unit is not None]).filter(
        kept_at__gte=F("opened_at"), owned_at__isnull=False
    )
    return kept.values("boundary").annotate(system=Percentile(until, 0.5), human=Percentile(after, 0.5))


def _returned(at: Frame) -> Any:
    rows = _mine(at).filter(at.inside("decided_at"), decision="returned")
    return rows.values("boundary", "returned_after_contact").annotate(n=Count("pk"))


def _days(at: Frame) -> list[date]:
    """The Mondays of the eight weeks up to the end of the period, or to today."""
    last = min(at.scope.end, at.today)
    monday = last - timedelta(days=last.weekday())
    return [monday - n * ONE_WEEK for n in range(WEEKS - 1, -1, -1)]


def _weeks(at: Frame) -> dict[tuple[str, date], tuple[int, int]]:
    days = _days(at)
    hours = BusinessCalendar(zone=at.zone.key)
    whole = at._replace(start=hours.start_of_day(days[0]), end=hours.start_of_day(days[-1] + ONE_WEEK))
    states = conditions(at.now)
    judged = states[Promise.KEPT] | states[Promise.KEPT_LATE] | states[Promise.MISSED]
    # A deadline belongs to the day it ends: 24:00 on Sunday to the week that ends then.
    day = Coalesce(F("due_at") - timedelta(microseconds=1), F("opened_at"), output_field=DateTimeField())
    rows = (
        _fell_due(whole)
        .annotate(week=TruncWeek(day, tzinfo=at.zone, output_field=DateField()))
        .values("boundary", "week")
        .annotate(kept=Count("pk", filter=states[Promise.KEPT]), judged=Count("pk", filter=judged))
    )
    return {(row["boundary"], row["week"]): (row["kept"], row["judged"]) for row in rows}


class Share(NamedTuple):
    """How a part of what fell due went: its name (null: nobody, none), kept of all but cancelled."""

    key: Any
    name: str | None
    compliance: Value
    breaches: int


def by_owner(at: Frame, boundary: str) -> list[Share]:
    """By who had it at the miss, or has it, the most misses first; two statements."""
    reviewed = Q(breach_review__evidence__isnull=False)
    owner = Case(When(reviewed, then=F("breach_review__owner")), default=F("owner"))
    rows = _fell_due(at, [boundary]).annotate(key=owner)
    found = _shares(rows.values("key"), at)
    names = dict(Member.objects.filter(pk__in=[row["key"] for row in found]).values_list("pk", "name"))
    return [_share(row, names.get(row["key"])) for row in found]


def by_channel(at: Frame, boundary: str) -> list[Share]:
    """By the channel of the lead, the most misses first; one statement."""
    rows = _fell_due(at, [boundary]).annotate(key=F("lead__channel__slug"), name=F("lead__channel__name"))
    return [_share(row, row["name"]) for row in _shares(rows.values("key", "name"), at)]


def _shares(rows: Rows, at: Frame) -> list[Any]:
    states = conditions(at.now)
    missed = states[Promise.KEPT_LATE] | states[Promise.MISSED]
    counted = rows.annotate(
        kept=Count("pk", filter=states[Promise.KEPT]), missed=Count("pk", filter=missed)
    ).filter(Q(kept__gt=0) | Q(missed__gt=0))
    return sorted(counted, key=lambda row: (-row["missed"], -row["kept"], str(row["key"])))


def _share(row: Mapping[str, Any], name: str | None) -> Share:
    return Share(row["key"], name, share(row["kept"], row["kept"] + row["missed"]), row["missed"])


def breaches(at: Frame, boundary: str = "") -> Rows:
    """The reviews of the misses of a period, also those of one boundary."""
    rows = BreachReview.objects.filter(
        breached_at__gt=at.start,
        breached_at__lte=at.end,
    ).filter(at.of(channel="handoff__lead__channel", owner="owner"))
    return rows.filter(boundary=boundary) if boundary else rows


def pareto(at: Frame, boundary: str = "") -> list[tuple[str, int]]:
    """How many misses had each cause, the most first; "" are those nobody has said why; one statement."""
    found = breaches(at, boundary).order_by().values_list("cause").annotate(n=Count("pk"))
    return sorted(found, key=lambda row: (row[0] == "", -row[1], row[0]))
