"""The fields of a plan: what was typed in people's notation, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import get_language

from dashboards import kpis, planner
from dashboards.planner import Nodes
from dashboards.targets import entering
from funnel.calendar import add_months, month_start
from funnel.errors import BadValue
from funnel.words import Words

FIELDS: Mapping[str, str] = {
    "revenue": "bookings",
    "deal_size": "deal-size",
    "win_rate": "win-rate-plan",
    "sql_rate": "sql-rate",
    "mql_rate": "mql-rate",
    "visitor_rate": "visitor-lead-rate",
}
"""The goal and its factors, and the KPI whose notation each is typed in."""
FIXED: Mapping[str, str] = {"won": "won", "sql": "sql", "mql": "mql", "lead": "leads"}
"""Counts that may be set instead of being made from the goal."""
MONTHS_AHEAD = 12
AT_ONCE = (1, 3, 6)


class Field(NamedTuple):
    """One field of the form, with what was typed and what is wrong with it."""

    name: str
    words: Words
    text: str
    error: str = ""
    hint: str = ""


class Asked(NamedTuple):
    """A plan as it was asked for: its fields, its values, the month it is for, and its nodes if it can be made."""

    fields: list[Field]
    values: Mapping[str, Decimal]
    fixed: Mapping[str, int]
    month: date
    months: int
    nodes: Nodes | None


def read(
    params: Mapping[str, Any],
    suggested: Mapping[str, Decimal],
    goal: Decimal | None,
    today: date,
    currency: str,
) -> Asked:
    """Read the form; what is left out takes what was reached lately, the goal the target that stands."""
    values: dict[str, Decimal] = {}
    errors: dict[str, str] = {}
    texts: dict[str, str] = {}
    known = {**suggested, **({"revenue": goal} if goal else {})}
    for name, slug in {**FIELDS, **FIXED}.items():
        kpi = kpis.get(slug)
        if name not in params and name in known:
            values[name], texts[name] = known[name], entering.write(kpi, known[name])
            continue
        texts[name] = str(params.get(name, ""))[:40]
        try:
            value = _value(name, texts[name], kpi, currency, is_sent=bool(params))
        except BadValue as error:
            errors[name] = error.say(get_language())
        else:
            values |= {name: value} if value is not None else {}
    nodes = _nodes(values, errors) if not errors and "revenue" in values else None
    fields = [
        Field(name, kpis.get(slug).names, texts[name], errors.get(name, ""))
        for name, slug in {**FIELDS, **FIXED}.items()
    ]
    month, months = _when(params, today)
    return Asked(fields, values, _fixed(values), month, months, nodes)


def _value(name: str, text: str, kpi: kpis.Kpi, currency: str, *, is_sent: bool) -> Decimal | None:
    """What a field says; a goal or factor that was left empty is asked for once the form was sent."""
    value = entering.read(kpi, text, currency)
    if value is None and name in FIELDS and (is_sent or name != "revenue"):
        raise planner.PlanError("plan_not_a_number", field=name)
    return value


def _nodes(values: Mapping[str, Decimal], errors: dict[str, str]) -> Nodes | None:
    try:
        nodes = planner.backwards(
            values["revenue"],
            values["deal_size"],
            values["win_rate"],
            values["sql_rate"],
            values["mql_rate"],
            values["visitor_rate"],
            _fixed(values),
        )
        # More than a target can hold is no plan.
        if max(nodes) >= planner.MOST:
            raise planner.PlanError("plan_too_large", field="revenue")
    except planner.PlanError as error:
        errors[error.field or "revenue"] = error.say(get_language())
        return None
    return nodes


def _fixed(values: Mapping[str, Decimal]) -> dict[str, int]:
    return {name: int(values[name]) for name in FIXED if name in values}


def _when(params: Mapping[str, Any], today: date) -> tuple[date, int]:
    """The month the plan begins with, this one or one of the next twelve, and for how many."""
    choices = month_choices(today)
    given = str(params.get("month", ""))
    month = next((day for day in choices if day.isoformat() == given), choices[1])
    many = str(params.get("months", ""))
    return month, next((n for n in AT_ONCE if str(n) == many), AT_ONCE[0])


def month_choices(today: date) -> list[date]:
    """The months a plan may begin with."""
    return [add_months(month_start(today), n) for n in range(MONTHS_AHEAD + 1)]
