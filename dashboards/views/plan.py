"""The KPI tree and its planner: from revenue back to visitors, beside what is, and into targets by one press."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from dashboards import kpis, pace, periods, planner, planning, targets
from dashboards.kpis import Frame
from dashboards.planning import Reached
from dashboards.scope import Scope
from dashboards.targets import COMPANY, Wish, entering
from dashboards.views import plan_form
from dashboards.views.asking import rows_address
from dashboards.views.pills import target_pages
from dashboards.views.plan_form import Asked
from funnel import moment
from funnel.calendar import add_months, month_end, month_start
from funnel.errors import BadValue
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, keeps_own, writes
from funnel.views.acting import REFUSALS, refusal_of
from funnel.words import Words

UNPROCESSABLE = 422
NODES = {"won": "won", "sql": "sql", "mql": "mql", "lead": "leads", "visitor": "visitors"}
RATE_OF = {"sql": "win_rate", "mql": "sql_rate", "lead": "mql_rate", "visitor": "visitor_rate"}
BRANCH = ("logo-churn", "nps", "expansion-rate")
SET_WITH = {"bookings": "revenue", "deal-size": "deal_size", "win-rate-plan": "win_rate", "sql-rate": "sql_rate",
            "mql-rate": "mql_rate"}  # fmt: skip
"""Targets that the plan's own figures become. The rate of visitors is left out: the KPI counts leads of the site
only, the plan all of them."""


class Node(NamedTuple):
    """One box of the tree."""

    kpi: kpis.Kpi
    value: str
    actual: str
    due: str
    link: str
    rate: str = ""
    surplus: str = ""
    as_now: str = ""
    is_fixed: bool = False
    standing: Words | None = None
    tone: str = ""


@never_cache
@keeps_own
def plan(request: PageRequest) -> HttpResponse:
    """The planner. A POST only calculates; it changes nothing."""
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
    counts = {slug: Decimal(getattr(asked.nodes, node)) for node, slug in NODES.items()}
    return {slug: asked.values[name] for slug, name in SET_WITH.items()} | counts


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
        "main": asked.fields[: len(plan_form.FIELDS)],
        "fixed": asked.fields[len(plan_form.FIELDS) :],
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
        context |= _result(request, asked, found, today)
    name = "dashboards/_plan_result.html" if request.htmx else "dashboards/plan.html"
    return render(request, name, context, status=UNPROCESSABLE if errors and status == 200 else status)


def _result(request: PageRequest, asked: Asked, found: Reached, today: date) -> dict[str, Any]:
    organization = request.organization
    at = Frame.of_scope(Scope(month_start(today), month_end(today)), organization, request.now)
    days = pace.elapsed(organization.calendar(), at.scope.start, at.scope.end, today)
    times = planning.lead_times(organization, request.now)
    end = month_end(asked.month)
    wanted = {node: getattr(asked.nodes, node) for node in NODES}
    forward = _forward(asked)
    return {
        "nodes": _nodes(asked, found, at, days, forward),
        "forward": forward,
        "branch": _branch(at),
        "dues": planning.due_dates(end, times, today),
        "times": times,
        "earliest": planning.earliest_win(times, today),
        "end": end,
        "hands": planning.hands(wanted, found, today),
        "steep": _steep(asked, found),
        "days": days,
    }


def _forward(asked: Asked) -> dict[str, Any]:
    """Run the leads forward: what rounding up (or a count of one's own) leaves over, or lacks, in wins and money."""
    assert asked.nodes is not None
    values = asked.values
    won = Fraction(asked.nodes.lead)
    for name in ("mql_rate", "sql_rate", "win_rate"):
        won *= Fraction(values[name])
    surplus = won * Fraction(values["deal_size"]) - Fraction(values["revenue"])
    digits = Decimal(round(won * 10)) / 10
    return {
        "won": f"{digits:,f}",
        "surplus": Decimal(int(surplus)),
        "lacks": surplus < 0,
        "less": abs(int(surplus)),
    }


def _nodes(
    asked: Asked, found: Reached, at: Frame, days: pace.Days, forward: Mapping[str, Any]
) -> list[Node]:
    """Revenue first, then each count of the tree, beside this month's actual number and today's pace of the plan."""
    assert asked.nodes is not None
    goals = {"bookings": asked.values["revenue"]}
    goals |= {slug: Decimal(getattr(asked.nodes, node)) for node, slug in NODES.items()}
    now = _as_now(asked, found)
    made = []
    for slug, goal in goals.items():
        kpi, value = kpis.get(slug), found.current[slug]
        due = pace.pace(goal, *days)
        node = next((n for n, s in NODES.items() if s == slug), "")
        rate = RATE_OF.get(node, "")
        stands = pace.standing(value.value, due, whole_numbers=slug != "bookings") if days.passed else None
        made.append(
            Node(
                kpi,
                _said(slug, goal, at),
                _said(slug, value.value, at),
                _said(slug, due, at),
                rows_address(slug, at.scope),
                rate=entering.write(kpis.get("sql-rate"), asked.values[rate]) if rate else "",
                as_now=_said(slug, now.get(slug), at) if slug in now else "",
                is_fixed=node in asked.fixed,
                standing=pace.STANDING_WORDS[stands] if stands else None,
                tone={"behind": "bad"}.get(stands or "", "fine"),
            )
        )
    return made


def _as_now(asked: Asked, found: Reached) -> dict[str, Decimal]:
    """What the same goal takes if deal size and rates stay as they were lately."""
    if not found.measured():
        return {}
    recent = found.recent()
    try:
        nodes = planner.backwards(
            asked.values["revenue"],
            recent["deal_size"],
            recent["win_rate"],
            recent["sql_rate"],
            recent["mql_rate"],
            recent["visitor_rate"],
        )
    except BadValue:
        return {}
    return {slug: Decimal(getattr(nodes, node)) for node, slug in NODES.items()}


def _steep(asked: Asked, found: Reached) -> list[dict[str, str]]:
    """The rates of the plan above the best month of the last six."""
    rate = kpis.get("sql-rate")
    steep = []
    for name in planning.RATES:
        best = found.best(name)
        if best is not None and asked.values[name] > best:
            words = kpis.get(plan_form.FIELDS[name]).names
            steep.append(
                {
                    "name": words.say(get_language()),
                    "plan": entering.write(rate, asked.values[name]),
                    "best": entering.write(rate, best),
                }
            )
    return steep


def _branch(at: Frame) -> list[Node]:
    """What keeps the revenue that is there: churn, recommendation, expansion, as far as they are measured."""
    goals = targets.current(at, BRANCH)
    made = []
    for slug in BRANCH:
        kpi = kpis.get(slug)
        value = kpi.measure(kpi.select(at), at)
        made.append(
            Node(
                kpi,
                _said(slug, goals.get(slug), at),
                _said(slug, value.value, at),
                "",
                rows_address(slug, at.scope),
            )
        )
    return made


def _said(slug: str, value: Any, at: Frame) -> str:
    if value is None:
        return "–"
    kpi = kpis.get(slug)
    return entering.say(kpi, value, at.currency, get_language())
