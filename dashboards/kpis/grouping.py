"""A number by channel, campaign, segment, owner or month: each group is the same number in a narrower scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import Count

from dashboards.counts.reading import NONE
from dashboards.kpis.kpi import Frame, Kpi, Value
from dashboards.scope import UNOWNED, GroupBy, Scope
from funnel.calendar import BusinessCalendar, month_end
from funnel.models import (
    Activity,
    Campaign,
    Channel,
    Contract,
    Customer,
    Deal,
    Lead,
    Member,
    SpendEntry,
    SurveyResponse,
    TrafficReading,
)
from handoffs.models import CustomerSheet, Handoff

MOST = 36
"""Groups that are read: the largest, or the latest months."""

LEAD_OF: dict[type, str] = {
    Lead: "",
    Deal: "lead__",
    Handoff: "lead__",
    Activity: "lead__",
    CustomerSheet: "deal__lead__",
    Contract: "customer__origin_lead__",
    Customer: "origin_lead__",
    SurveyResponse: "customer__origin_lead__",
    TrafficReading: "",
    SpendEntry: "",
}
"""How a row's pass is reached, which has the channel, campaign and segment."""
OF_NO_PASS = (TrafficReading, SpendEntry)


class Group(NamedTuple):
    """One group: its key as a scope names it, what people call it, and the number in it."""

    key: str
    label: str
    scope: Scope
    value: Value


class Grouped(NamedTuple):
    """The groups, and how many more there are than were read."""

    groups: tuple[Group, ...]
    left_out: int


def grouped(kpi: Kpi, at: Frame, by: GroupBy) -> Grouped:
    """Read the number in each group, at most MOST of them; what nobody owns is a group of its own."""
    narrower = list(_months(at.scope)) if by == "month" else list(_names(kpi, at, by))
    shown = narrower[-MOST:] if by == "month" else narrower[:MOST]
    groups = tuple(Group(key, label, scope, _value(kpi, at, scope)) for key, label, scope in shown)
    return Grouped(groups, len(narrower) - len(shown))


def _value(kpi: Kpi, at: Frame, scope: Scope) -> Value:
    days = BusinessCalendar(zone=at.zone.key)
    inside = at._replace(
        scope=scope,
        start=days.start_of_day(scope.start),
        end=days.start_of_day(scope.end + timedelta(days=1)),
    )
    return kpi.measure(kpi.select(inside), inside)


def _months(scope: Scope) -> Iterator[tuple[str, str, Scope]]:
    for first in scope.months():
        inside = replace(scope, start=max(first, scope.start), end=min(month_end(first), scope.end))
        yield f"{first:%Y-%m}", f"{first:%Y-%m}", inside


def _names(kpi: Kpi, at: Frame, by: GroupBy) -> Iterator[tuple[str, str, Scope]]:
    found = _keys(kpi, at, by)
    known = _labels(by, [key for key in found if key is not None])
    for key, _ in found.most_common():
        if by == "owner":
            owner = UNOWNED if key is None else key
            yield NONE if key is None else str(key), known.get(key, NONE), replace(at.scope, owner=owner)
        else:
            name = key or NONE
            narrowed: dict[str, Any] = {by: name}
            yield name, known.get(key, name), replace(at.scope, **narrowed)


def _keys(kpi: Kpi, at: Frame, by: GroupBy) -> Counter[Any]:
    """How many rows of all parts each key has."""
    found: Counter[Any] = Counter()
    for rows in kpi.select(at).values():
        lookup = _lookup(kpi, rows.model, by)
        if lookup is None:
            # Visits and spend are nobody's.
            if kpi.owner is not None and rows.model in OF_NO_PASS and by == "owner":
                found[None] += rows.count()
            continue
        counted: Any = rows.order_by().values_list(lookup).annotate(n=Count("pk"))
        for key, n in counted:
            found[key or None] += n
    return found


def _lookup(kpi: Kpi, model: type, by: GroupBy) -> str | None:
    if by == "owner":
        return None if kpi.owner is None or model in OF_NO_PASS else kpi.owner
    if by == "segment":
        return None if model in OF_NO_PASS else f"{LEAD_OF[model]}segment"
    return f"{LEAD_OF[model]}{by}__slug"


def _labels(by: GroupBy, keys: list[Any]) -> dict[Any, str]:
    if by == "owner":
        return dict(Member.objects.filter(pk__in=keys).values_list("pk", "name"))
    if by in ("channel", "campaign"):
        model: Any = Channel if by == "channel" else Campaign
        return dict(model.objects.filter(slug__in=keys).values_list("slug", "name"))
    return {key: key for key in keys}
