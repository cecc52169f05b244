"""The month beside a member's queue: the catalogue's values for his departments, and the customers to worry about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboards import improving, kpis, periods, weekly
from dashboards.kpis import Frame, Unit
from dashboards.scope import Scope
from dashboards.views.improvements import saying
from funnel.calendar import ONE_DAY
from funnel.models import Customer
from funnel.stages import CustomerPhase, Department
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads
from funnel.views.customers.listing import with_health

OF_DEPARTMENT: dict[str, tuple[str, ...]] = {
    Department.MARKETING: ("leads", "mql", "cpl"),
    Department.INSIDE_SALES: ("handovers", "meetings", "mql-compliance"),
    Department.FIELD_SALES: ("bookings", "standing-deals"),
    Department.CUSTOMER_SUCCESS: ("contract-renewal-rate",),
}
"""What each department looks at every day."""
SHARED = frozenset({Department.MARKETING})
"""Departments whose numbers nobody has for himself: their members see the company's."""
LOWEST = 5
MOST_TO_DO = 5
LATE_IN_WEEK = 3
"""From Thursday on a department that has not said its sentence of the week is reminded."""


class Figure(NamedTuple):
    """One number with the scope of its card; `is_own` when it is this member's alone."""

    kpi: Any
    value: Any
    shape: str
    scope: Scope
    percent: int | None
    is_own: bool


@require_GET
@never_cache
@reads
def mine(request: PageRequest) -> HttpResponse:
    """A fragment for the queue: this month's figures of whoever asks; a department's lead sees his department's."""
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    today = request.now.astimezone(request.organization.tz).date()
    start, end = periods.around("month", today, request.organization.fiscal_year_start)
    whole = Frame.of_scope(Scope(start, end), request.organization, request.now)
    own = whole._replace(scope=replace(whole.scope, owner=request.user.pk))
    figures = [
        _figure(kpis.get(slug), whole if department in SHARED or department in by.led else own)
        for department in Department
        if department in by.departments
        for slug in OF_DEPARTMENT[department]
    ]
    calendar = request.organization.calendar()
    passed = calendar.business_days_between(start - ONE_DAY, today)
    days = calendar.business_days_between(start - ONE_DAY, end)
    context = {
        # Without spend there is no cost of a lead to speak of.
        "figures": [one for one in figures if one.kpi.slug != "cpl" or one.value.value is not None],
        "pace": passed * 100 // days if days else 100,
        "worried": _worried(request, by),
        "improvements": [
            {"pk": each.pk, "text": each.text, **saying.standing(each, today)}
            for each in improving.mine(request.user)[:MOST_TO_DO]
        ],
        "unsaid": weekly.unsaid(by, today) if today.weekday() >= LATE_IN_WEEK else [],
    }
    return render(request, "dashboards/_mine.html", context)


SHAPES = {Unit.COUNT: "count", Unit.RATE: "share", Unit.MONEY: "money"}


def _figure(kpi: kpis.Kpi, at: Frame) -> Figure:
    value = kpi.measure(kpi.select(at), at)
    percent = round(float(value.value) * 100) if kpi.unit is Unit.RATE and value.value is not None else None
    return Figure(kpi, value, SHAPES[kpi.unit], at.scope, percent, at.scope.owner is not None)


def _worried(request: PageRequest, by: Actor) -> list[Any]:
    """The five customers of the lowest health; of a member's own, of a lead's whole department."""
    if Department.CUSTOMER_SUCCESS not in by.departments:
        return []
    rows: Any = with_health(Customer.objects.standing().exclude(phase=CustomerPhase.CHURNED))
    rows = rows.filter(score__isnull=False)
    if Department.CUSTOMER_SUCCESS not in by.led:
        rows = rows.filter(owner=request.user)
    return list(rows.select_related("account").order_by("score", "pk")[:LOWEST])
