"""The fields of a plan: what was typed in people's notation, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import get_language

from dashboards import kpis, planner, targets
from dashboards.planner import Growth, Nodes
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
FIXED: Mapping[str, str] = {"won": "won", "sql": "sql", "mql": "mql", "lead": "leads", "visitor": "visitors"}
"""Counts that may be set instead of being made from the goal."""
EXISTING: Mapping[str, str] = {
    "base": "mrr",
    "churn": "mrr-churn",
    "expansion": "nrr",
    "logo_churn": "logo-churn",
    "expansion_rate": "expansion-rate",
    "nps": "nps",
}
"""Of the customers that are there: three that change what is to be won, and three goals that are set beside it."""
GOALS: Mapping[str, str] = {name: EXISTING[name] for name in ("logo_churn", "expansion_rate", "nps")}
ALL: Mapping[str, str] = {**FIELDS, **FIXED, **EXISTING}
NAMES: Mapping[str, Words] = {
    "base": Words("Recurring revenue at the start", "月初の経常収益(MRR)"),
    "expansion": Words("Expansion (of revenue)", "増額率(金額)"),
}
"""What a field is called where it is not the KPI's own name."""
FOCUS: Mapping[str, str] = {slug: name for name, slug in ALL.items()} | {"grr": "churn"}
"""The field that plans a KPI."""
MONTHS_AHEAD = 12
AT_ONCE = (1, 3, 6)


class Field(NamedTuple):
    """One field of the form, with what was typed and what is wrong with it."""

    name: str
    words: Words
    text: str
    error: str = ""
    is_focused: bool = False


class Asked(NamedTuple):
    """A plan as it was asked for: its fields, its values, the month it is for, and its nodes if it can be made.

    `growth` is there where the revenue of existing customers was given; `to_win` is what is left to be won.
    """

    fields: list[Field]
    values: Mapping[str, Decimal]
    fixed: Mapping[str, int]
    month: date
    months: int
    nodes: Nodes | None
    growth: Growth | None = None

    @property
    def to_win(self) -> Decimal:
        """The revenue that new business has to bring."""
        return self.growth.new if self.growth is not None else self.values["revenue"]

    def group(self, names: Mapping[str, str]) -> list[Field]:
        """The fields of these names."""
        return [field for field in self.fields if field.name in names]


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
    is_sent = any(name in params for name in ALL)
    for name, slug in ALL.items():
        kpi = kpis.get(slug)
        if name not in params and name in known:
            values[name], texts[name] = known[name], entering.write(kpi, known[name])
            continue
        texts[name] = str(params.get(name, ""))[:40]
        try:
            value = _value(name, texts[name], kpi, currency, is_sent=is_sent)
        except BadValue as error:
            errors[name] = error.say(get_language())
        else:
            values |= {name: value} if value is not None else {}
    found = _found(values, errors) if not errors and "revenue" in values else None
    focus = FOCUS.get(str(params.get("kpi", "")))
    fields = [
        Field(name, NAMES.get(name, kpis.get(slug).names), texts[name], errors.get(name, ""), name == focus)
        for name, slug in ALL.items()
    ]
    growth, nodes = found or (None, None)
    return Asked(fields, values, _fixed(values), *_when(params, today), nodes, growth)


def _value(name: str, text: str, kpi: kpis.Kpi, currency: str, *, is_sent: bool) -> Decimal | None:
    """What a field says; a goal or factor that was left empty is asked for once the form was sent."""
    value = entering.read(kpi, text, currency)
    if value is None and name in FIELDS and (is_sent or name != "revenue"):
        raise planner.PlanError("plan_not_a_number", field=name)
    if name in GOALS:
        return targets.check(kpi, value, currency)
    if value is not None:
        planner.demand(name, value)
    return value


def _found(values: Mapping[str, Decimal], errors: dict[str, str]) -> tuple[Growth | None, Nodes] | None:
    try:
        growth = _growth(values)
        nodes = planner.backwards(
            growth.new if growth is not None else values["revenue"],
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
    return growth, nodes


def _growth(values: Mapping[str, Decimal]) -> Growth | None:
    """What existing customers bring, where it was said what they pay."""
    churn, expansion = values.get("churn"), values.get("expansion", Decimal())
    if not values.get("base"):
        return None
    if churn is None:
        raise planner.PlanError("plan_churn_missing", field="churn")
    return planner.growth(values["revenue"], values["base"], churn, expansion)


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
