"""What the API answers of readings, as JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import translation

from dashboards.cohorts import Cohorts
from dashboards.counts import FunnelReading, Rate, StageCount
from dashboards.kpis import Kpi, Value
from dashboards.kpis.grouping import Grouped
from dashboards.planner import Growth, Plan
from dashboards.queries import Amounts, WonFacts
from dashboards.scope import Scope
from funnel.api.answers import money

Row = dict[str, Any]


def funnel(reading: FunnelReading, scope: Scope) -> Row:
    """The whole reading of a scope."""
    return {
        "as_of": reading.as_of.isoformat(),
        "from": scope.start.isoformat(),
        "to": scope.end.isoformat(),
        "basis": reading.basis,
        "stages": stages(reading.stages),
        "rates": rates(reading.rates),
        "groups": [
            {
                "key": group.key,
                "label": group.label,
                "stages": stages(group.stages),
                "rates": rates(group.rates),
            }
            for group in reading.groups
        ],
    }


def stages(found: tuple[StageCount, ...]) -> list[Row]:
    """Stages in the order of the funnel."""
    return [{"key": stage.key, "count": stage.count} for stage in found]


def rates(found: tuple[Rate, ...]) -> list[Row]:
    """Steps in the order of the funnel; the last three keys are null on the period basis."""
    return [
        {
            "from": rate.source,
            "to": rate.target,
            "numerator": rate.numerator,
            "denominator": rate.denominator,
            "value": rate.value,
            "low": rate.low,
            "high": rate.high,
            "window_days": rate.window_days,
            "mature": rate.mature,
            "still_open": rate.still_open,
        }
        for rate in found
    ]


def won(facts: WonFacts, amounts: Amounts) -> Row:
    """What else is known of the passes won in the period."""
    return {
        **facts._asdict(),
        "amounts": {currency: money(total, currency) for currency, (total, _) in amounts.items()},
    }


def plan(found: Plan, growth: Growth | None, revenue: object) -> Row:
    """Whole numbers of each node, what rounding up leaves over, and of what the goal is made, as exact digits."""
    return {
        **found._asdict(),
        "expected_won": str(found.expected_won),
        "surplus": str(found.surplus),
        "to_win": f"{growth.new if growth else Decimal(str(revenue)):f}",
        "retained": str(growth.retained) if growth else None,
        "expansion": str(growth.expansion) if growth else None,
    }


def kpi(found: Kpi) -> Row:
    """The declaration, in the caller's language."""
    language = translation.get_language()
    return {
        "slug": found.slug,
        "name": found.names.say(language),
        "question": found.question.say(language),
        "formula": found.formula.say(language),
        "excludes": found.excludes.say(language),
        "unit": found.unit.value,
        "department": found.department.value if found.department else None,
        "direction": found.direction.value,
        "changed_on": found.changed_on.isoformat(),
        "parts": list(found.part_names),
    }


def value(found: Value) -> Row:
    """The value with its parts, bounds and companions; money as exact digits."""
    return {**_plain(found._asdict(), found.currency), "more": _plain(found.more, found.currency)}


def groups(found: Grouped | None) -> Row:
    """The number in each group, and how many groups were left out."""
    if found is None:
        return {"groups": [], "groups_left_out": 0}
    shown = [{"key": group.key, "label": group.label, **value(group.value)} for group in found.groups]
    return {"groups": shown, "groups_left_out": found.left_out}


def cohorts(found: Cohorts, scope: Scope) -> Row:
    """All tables of a scope; shares as shares, money as digits."""
    return {
        "as_of": found.as_of.isoformat(),
        "from": scope.start.isoformat(),
        "to": scope.end.isoformat(),
        "group_by": found.by,
        "steps": [
            {
                "from": step.source,
                "to": step.target,
                "period": rates((step.period,))[0] if step.period else None,
                "cohort": rates((step.cohort,))[0] if step.cohort else None,
            }
            for step in found.steps
        ],
        "months": [{"month": month.key, "steps": rates(month.steps)} for month in found.months],
        "times": [
            {"from": w.source, "to": w.target, "count": w.made, "median_days": w.median, "p90_days": w.p90}
            for w in found.waiting
        ],
        "groups": [
            {
                "key": cohort.key,
                "label": cohort.label,
                "period": rates(period.rates) if period else [],
                "cohort": rates(cohort.rates),
            }
            for cohort, period in found.groups
        ],
        "groups_left_out": found.groups_left_out,
        "costs": [
            {
                "key": cost.key,
                "label": cost.label,
                "spend": str(cost.spend),
                "entries": cost.entries,
                "each": {stage: None if c is None else str(round(c, 2)) for stage, c in cost.each.items()},
            }
            for cost in found.costs
        ],
    }


def _plain(values: Mapping[str, Any], currency: str | None) -> Row:
    return {key: _json(each, key, currency) for key, each in values.items() if key != "more"}


def _json(each: Any, key: str, currency: str | None) -> Any:
    if isinstance(each, Decimal):
        return money(each, currency or "")
    if key == "by_currency":
        return {name: _plain(parts, name) for name, parts in each.items()}
    return each
