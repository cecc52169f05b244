"""The KPI tree and its planner: from revenue back to visitors, beside what is, and into targets by one press."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from dashboards import periods, planning, targets
from dashboards.planning import Reached
from dashboards.targets import COMPANY, Wish
from dashboards.views import plan_form, plan_tree
from dashboards.views.pills import target_pages
from dashboards.views.plan_form import Asked
from funnel import moment
from funnel.calendar import add_months, month_end, month_start
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, keeps_own, writes
from funnel.views.acting import REFUSALS, refusal_of

UNPROCESSABLE = 422
SET_WITH = {
    "deal-size": "deal_size",
    "win-rate-plan": "win_rate",
    "sql-rate": "sql_rate",
    "mql-rate": "mql_rate",
}
"""Targets that the plan's own figures become. The rate of visitors is left out: the KPI counts leads of the site
only, the plan all of them."""


@never_cache
@keeps_own
def plan(request: PageRequest) -> HttpResponse:
    """The planner. A POST only calculates; it changes nothing.

    `kpi` opens it at the field of that KPI; one that is no part of the tree has its field in the table of targets.
    """
    slug = request.GET.get("kpi", "")
    if slug and slug not in plan_form.FOCUS:
        return redirect(f"{reverse('targets')}?{urlencode({'kpi': slug[:60]})}")
    return _show(request, request.POST if request.method == "POST" else request.GET)


@never_cache
@writes("set_target")
def start(request: PageRequest) -> HttpResponse:
    """Set the targets of every node for the months chosen, together or not at all."""
    if request.method != "POST":
        return redirect("plan")
    found = planning.reached(request.organization, request.now)
    asked = _asked(request, request.POST, found)
    if asked.nodes is None:
        return _show(request, request.POST, found, status=UNPROCESSABLE)
    wishes = [
        Wish(slug, "month", add_months(asked.month, n), value)
        for n in range(asked.months)
        for slug, value in _values(asked).items()
    ]
    try:
        now = moment.now()
        by = Actor.of(request.user, "html", now=now, zone=request.organization.tz)
        targets.set_all(wishes, by, now=now, note=_("From the plan"))
    except REFUSALS as error:
        refused = refusal_of(error)
        return _show(request, request.POST, found, refusal=refused.say(get_language()), status=refused.status)
    messages.success(request, _("The targets of the plan are set: %(n)d") % {"n": len(wishes)})
    return redirect(f"{reverse('targets')}?at={asked.month.isoformat()}")


def _values(asked: Asked) -> dict[str, Decimal]:
    assert asked.nodes is not None
    counts = {slug: Decimal(getattr(asked.nodes, node)) for node, slug in plan_form.FIXED.items()}
    factors = {slug: asked.values[name] for slug, name in SET_WITH.items()}
    return factors | counts | plan_tree.existing(asked) | {"bookings": asked.to_win}


def _asked(request: PageRequest, params: Any, found: Reached) -> Asked:
    today = request.now.astimezone(request.organization.tz).date()
    goal = targets.latest(COMPANY, ["bookings"], "month", [month_start(today), add_months(today, 1)])
    standing = [t.value for t in goal.values() if t.value is not None]
    return plan_form.read(
        params.dict(),
        found.recent(),
        standing[-1] if standing else None,
        today,
        request.organization.currency,
    )


def _show(
    request: PageRequest, params: Any, found: Reached | None = None, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    found = found or planning.reached(request.organization, request.now)
    asked = _asked(request, params, found)
    begins = request.organization.fiscal_year_start
    today = request.now.astimezone(request.organization.tz).date()
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    errors = [field for field in asked.fields if field.error]
    context = {
        "asked": asked,
        "pages": target_pages("plan"),
        "main": asked.group(plan_form.FIELDS),
        "fixed": asked.group(plan_form.FIXED),
        "existing": asked.group(plan_form.EXISTING),
        "opens": _opens(asked),
        "first_empty": _first_empty(asked),
        "measured": found.measured(),
        "errors": errors,
        "refusal": refusal,
        "months": [
            (day.isoformat(), periods.title(day, month_end(day), begins), day == asked.month)
            for day in plan_form.month_choices(today)
        ],
        "at_once": [(n, n == asked.months) for n in plan_form.AT_ONCE],
        "may_set": targets.may_set(COMPANY, by, today),
        "month_words": periods.title(asked.month, month_end(asked.month), begins),
    }
    if asked.nodes is not None:
        context |= plan_tree.result(request, asked, found, today)
    name = "dashboards/_plan_result.html" if request.htmx else "dashboards/plan.html"
    return render(request, name, context, status=UNPROCESSABLE if errors and status == 200 else status)


def _opens(asked: Asked) -> dict[str, bool]:
    """The parts of the form that are open from the start: where something stands, is wrong or was asked for."""
    groups = {"fixed": plan_form.FIXED, "existing": plan_form.EXISTING}
    return {
        name: any(field.text or field.error or field.is_focused for field in asked.group(group))
        for name, group in groups.items()
    }


def _first_empty(asked: Asked) -> str:
    """The field to begin with: the revenue while there is none, unless another was asked for."""
    is_asked = any(field.is_focused for field in asked.fields)
    return "" if is_asked or asked.fields[0].text else asked.fields[0].name
