"""The tree of a plan as it is shown: every node beside what is, what the goal takes at today's rates, and by when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.utils.translation import get_language

from dashboards import kpis, pace, planner, planning, targets
from dashboards.kpis import Frame
from dashboards.planning import Reached
from dashboards.scope import Scope
from dashboards.targets import entering
from dashboards.views import plan_form
from dashboards.views.asking import rows_address
from dashboards.views.plan_form import Asked
from funnel.calendar import month_end, month_start
from funnel.errors import BadValue
from funnel.views.access import PageRequest
from funnel.words import Words

NODES: Mapping[str, str] = dict(plan_form.FIXED)
RATE_OF = {"sql": "win_rate", "mql": "sql_rate", "lead": "mql_rate", "visitor": "visitor_rate"}
BRANCH = ("mrr", "mrr-churn", "nrr", "logo-churn", "expansion-rate", "nps")


class Node(NamedTuple):
    """One box of the tree."""

    kpi: kpis.Kpi
    value: str
    actual: str
    due: str
    link: str
    rate: str = ""
    as_now: str = ""
    brings: str = ""
    is_fixed: bool = False
    standing: Words | None = None
    tone: str = ""


def result(request: PageRequest, asked: Asked, found: Reached, today: date) -> dict[str, Any]:
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
        "branch": _branch(asked, at),
        "growth": asked.growth,
        "goal_said": _said("bookings", asked.values["revenue"], at),
        "growth_said": [_said("bookings", part, at) for part in asked.growth or ()],
        "dues": planning.due_dates(end, times, today),
        "times": times,
        "earliest": planning.earliest_win(times, today),
        "end": end,
        "hands": planning.hands(wanted, found, today),
        "steep": _steep(asked, found),
        "days": days,
    }


def _forward(asked: Asked) -> dict[str, Any]:
    """Run the plan forward: what rounding up (or a count of one's own) leaves over, or lacks, in wins and money.

    It begins with the visitors if somebody set them, else with the leads; `brings` says what a set count makes of
    every node after it.
    """
    assert asked.nodes is not None
    start = "visitor" if "visitor" in asked.fixed else "lead"
    counts = planner.forwards(asked.nodes, asked.values, start=start)
    surplus = counts["won"] * Fraction(asked.values["deal_size"]) - Fraction(asked.to_win)
    return {
        "won": _tenths(counts["won"]),
        "surplus": Decimal(int(surplus)),
        "lacks": surplus < 0,
        "less": abs(int(surplus)),
        "brings": {name: _tenths(count) for name, count in counts.items()} if start in asked.fixed else {},
    }


def _tenths(count: Fraction) -> str:
    return f"{Decimal(round(count * 10)) / 10:,f}"


def _nodes(
    asked: Asked, found: Reached, at: Frame, days: pace.Days, forward: Mapping[str, Any]
) -> list[Node]:
    """What is to be won first, then each count of the tree, beside this month's actual number and the plan's pace."""
    assert asked.nodes is not None
    goals = {"bookings": asked.to_win}
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
                brings=forward["brings"].get(node, ""),
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
            asked.to_win,
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


def _branch(asked: Asked, at: Frame) -> list[Node]:
    """What keeps the revenue that is there: the goal of the plan (else the target), beside what is measured now."""
    goals = {**targets.current(at, BRANCH), **existing(asked)}
    made = []
    for slug in BRANCH:
        kpi = kpis.get(slug)
        value = kpi.measure(kpi.select(at), at)
        planned = plan_form.FOCUS[slug] in asked.values and slug != "mrr"
        made.append(
            Node(
                kpi,
                _said(slug, goals.get(slug), at),
                _said(slug, value.value, at),
                "",
                rows_address(slug, at.scope),
                is_fixed=planned,
            )
        )
    return made


def existing(asked: Asked) -> dict[str, Decimal]:
    """The targets that the part of the plan about existing customers becomes.

    NRR stands for the expansion: what is left after churn, with what grew out of it.
    """
    values = asked.values
    found = {slug: values[name] for name, slug in plan_form.GOALS.items() if name in values}
    if "churn" in values:
        found["mrr-churn"] = values["churn"]
        if "expansion" in values:
            found["nrr"] = 1 - values["churn"] + values["expansion"]
    return found


def _said(slug: str, value: Any, at: Frame) -> str:
    if value is None:
        return "–"
    kpi = kpis.get(slug)
    return entering.say(kpi, value, at.currency, get_language())
