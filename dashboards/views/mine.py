"""One member's own figures of this month: the catalogue's values, narrowed to what is his."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboards import kpis, periods
from dashboards.kpis import Frame, Unit
from dashboards.scope import Scope
from dashboards.views.board import rows_address
from funnel.calendar import ONE_DAY
from funnel.stages import Department
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads

OF_DEPARTMENT: dict[str, tuple[str, ...]] = {
    Department.MARKETING: ("advocacy-compliance",),
    Department.INSIDE_SALES: ("sql", "mql-compliance"),
    Department.FIELD_SALES: ("bookings", "win-rate"),
    Department.CUSTOMER_SUCCESS: ("won-compliance",),
}
"""What a member of each department answers for himself: rows that carry their owner."""

MOST = 4


class Figure(NamedTuple):
    """One number of one member, with the rows behind it."""

    kpi: Any
    value: Any
    shape: str
    link: str
    percent: int | None


@require_GET
@never_cache
@reads
def mine(request: PageRequest) -> HttpResponse:
    """A fragment for the queue: this month's figures of whoever asks."""
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    today = request.now.astimezone(request.organization.tz).date()
    start, end = periods.around("month", today, request.organization.fiscal_year_start)
    scope = Scope(start, end, owner=request.user.pk)
    at = Frame.of_scope(scope, request.organization, request.now)
    slugs = [slug for d in Department if d in by.departments for slug in OF_DEPARTMENT[d]][:MOST]
    calendar = request.organization.calendar()
    passed = calendar.business_days_between(start - ONE_DAY, today)
    whole = calendar.business_days_between(start - ONE_DAY, end)
    context = {
        "figures": [_figure(kpis.get(slug), at) for slug in slugs],
        "pace": passed * 100 // whole if whole else 100,
    }
    return render(request, "dashboards/_mine.html", context)


SHAPES = {Unit.COUNT: "count", Unit.RATE: "share", Unit.MONEY: "money"}


def _figure(kpi: kpis.Kpi, at: Frame) -> Figure:
    value = kpi.measure(kpi.select(at), at)
    percent = round(float(value.value) * 100) if kpi.unit is Unit.RATE and value.value is not None else None
    return Figure(kpi, value, SHAPES[kpi.unit], rows_address(kpi.slug, at.scope), percent)
