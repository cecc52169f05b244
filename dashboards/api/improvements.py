"""The API door of improvements: what was decided, by whom and by when, and what its number did."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards import effects, improving
from dashboards.effects import Effect, State
from dashboards.improving import HYPOTHESIS, OPEN, TEXT, WHY, Plan
from dashboards.kpis import Value
from dashboards.models import Improvement
from funnel import moment
from funnel.api import filters
from funnel.api.answers import day, stamp
from funnel.api.bodies import Strict, take
from funnel.api.door import Act, Door
from funnel.api.fields import Choice, Day, Id, Text, Unusable, number_text
from funnel.api.idempotency import Answer
from funnel.api.paging import page
from funnel.api.permissions import BY_ROW
from funnel.api.schema import acts, lists
from funnel.api.shapes import code, number, shape, text
from funnel.api.shapes import day as a_day
from funnel.api.shapes import stamp as a_stamp
from funnel.models import Organization
from funnel.transitions.acting import Actor
from handoffs.lanes import Boundary

LONGEST_SLUG, LONGEST_CODE = 60, 40
STANDING = {
    "open": OPEN,
    "done": Q(done_on__isnull=False),
    "dropped": Q(dropped_at__isnull=False),
}
SIGNED = r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$"


def _figure() -> serializers.FloatField:
    return serializers.FloatField(allow_null=True)


def _side(name: str) -> Any:
    parts = {"numerator": number(null=True), "denominator": number(null=True)}
    return type(shape(name, value=_figure(), **parts))(allow_null=True)


EFFECT = shape(
    "ImprovementEffect",
    state=code(list(State)),
    weeks=number(),
    before=_side("EffectBefore"),
    after=_side("EffectAfter"),
    change=_figure(),
    low=_figure(),
    high=_figure(),
)
ROW = shape(
    "Improvement",
    id=number(), state=code(STANDING), text=text(), owner=number(), due_on=a_day(null=False), kpi=text(),
    expected=text(null=True), hypothesis=text(), boundary=text(), cause=text(), breach=number(null=True),
    decided_by=number(), decided_at=a_stamp(null=False), done_on=a_day(), done_by=number(null=True),
    result=text(), dropped_at=a_stamp(), dropped_by=number(null=True), dropped_why=text(), version=number(),
    effect=type(EFFECT)(allow_null=True),
)  # fmt: skip


@extend_schema_field(
    {
        "nullable": True,
        "oneOf": [{"type": "string", "pattern": SIGNED}, {"type": "number"}],
        "example": "0.05",
    }
)
class Change(serializers.Field[Any, Any, Any, Any]):
    """By how much a KPI should move, in its own unit and with its sign; a rate in shares."""

    def to_internal_value(self, data: object) -> Decimal:
        given = number_text(data)
        if not re.fullmatch(SIGNED, given, re.ASCII):
            raise Unusable("amount_not_a_number", value=given[:20])
        return Decimal(given)


class ImprovementInput(Strict):
    """What is to be done, by whom and by when; the number it should move, and why it should."""

    text = Text(max_length=TEXT, required=True, allow_blank=False)
    owner = Id(required=True)
    due_on = Day(required=True)
    kpi = Text(max_length=LONGEST_SLUG)
    expected = Change(required=False, allow_null=True)
    hypothesis = Text(max_length=HYPOTHESIS)
    boundary = Choice(choices=list(Boundary), required=False)
    cause = Text(max_length=LONGEST_CODE)


class DoneInput(Strict):
    """On which day it was done, today unless said; what came of it, in words."""

    done_on = Day(required=False)
    result = Text(max_length=HYPOTHESIS)


class DropInput(Strict):
    """Why it is not done after all."""

    why = Text(max_length=WHY, required=True, allow_blank=False)


def _standing(rows: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
    wanted = Q()
    for value in values:
        wanted |= STANDING[value]
    return rows.filter(wanted)


def _value(found: Value | None) -> dict[str, Any] | None:
    if found is None:
        return None
    value = None if found.value is None else float(found.value)
    return {"value": value, "numerator": found.numerator, "denominator": found.denominator}


def _effect(found: Effect) -> dict[str, Any]:
    return {
        "state": found.state,
        "weeks": found.weeks,
        "before": _value(found.before),
        "after": _value(found.after),
        "change": found.change,
        "low": found.low,
        "high": found.high,
    }


def row(found: Improvement, effect: Effect | None) -> dict[str, Any]:
    """One improvement; wants its breach loaded. `breach` is the handoff it came from."""
    return {
        "id": found.pk,
        "state": "open" if found.is_open else "done" if found.done_on else "dropped",
        "text": found.text,
        "owner": found.owner_id,
        "due_on": day(found.due_on),
        "kpi": found.kpi,
        "expected": None if found.expected is None else f"{found.expected.normalize():f}",
        "hypothesis": found.hypothesis,
        "boundary": found.boundary,
        "cause": found.cause,
        "breach": found.breach.handoff_id if found.breach else None,
        "decided_by": found.decided_by_id,
        "decided_at": stamp(found.decided_at),
        "done_on": day(found.done_on),
        "done_by": found.done_by_id,
        "result": found.result,
        "dropped_at": stamp(found.dropped_at),
        "dropped_by": found.dropped_by_id,
        "dropped_why": found.dropped_why,
        "version": found.version,
        "effect": _effect(effect) if effect else None,
    }


def _shower(now: datetime) -> Callable[[Improvement], dict[str, Any]]:
    """Show rows, measuring the done ones; those of one KPI and day are measured once."""
    organization = Organization.current()
    known: dict[tuple[str, date], Effect] = {}

    def show(found: Improvement) -> dict[str, Any]:
        if found.done_on is None:
            return row(found, None)
        key = found.kpi, found.done_on
        if key not in known:
            known[key] = effects.of(found, organization, now)
        return row(found, known[key])

    return show


def one(pk: int) -> dict[str, Any]:
    """One improvement as it stands now."""
    return _shower(moment.now())(Improvement.objects.select_related("breach").get(pk=pk))


class Improvements(Door):
    """All that was decided, newest first; the done ones with what their number did before and after."""

    writes = BY_ROW
    FILTERS: Mapping[str, filters.Filter] = {
        "state": filters.one_of("state", STANDING)._replace(narrow=_standing),
        "owner": filters.ids("owner"),
        "kpi": filters.texts("kpi", "The slug of a KPI."),
    }

    @lists("improvements_list", ROW, FILTERS)
    def get(self, request: Request) -> Response:
        rows = filters.apply(request, Improvement.objects.select_related("breach"), self.FILTERS)
        return page(request, rows, _shower(moment.now()))

    @acts("improvements_decide", ImprovementInput, ROW, statuses=(201,), summary="Decide an improvement")
    def post(self, request: Request) -> Response:
        given = take(ImprovementInput, request.data)
        plan = Plan(due=given.pop("due_on"), **given)

        def carry(by: Actor, now: datetime) -> Answer:
            return Answer(row(improving.decide(plan, by, now=now), None), 201)

        return self.carry_out(carry)


def _finish(
    pk: int, by: Actor, *, now: datetime, done_on: date | None = None, result: str = ""
) -> Improvement:
    return improving.finish(pk, by, now=now, on=done_on, result=result)


def _drop(pk: int, by: Actor, *, now: datetime, why: str) -> Improvement:
    return improving.drop(pk, why, by, now=now)


class Done(Act):
    """It was done: its number is measured from that day on."""

    writes = BY_ROW
    TAKES = DoneInput
    verb = _finish
    row = one

    @acts("improvements_done", DoneInput, ROW, summary="Say that it was done")
    def post(self, request: Request, improvement_id: int) -> Response:
        return self.act(request, improvement_id)


class Drop(Act):
    """It is not done after all."""

    writes = BY_ROW
    TAKES = DropInput
    verb = _drop
    row = one

    @acts("improvements_drop", DropInput, ROW, summary="Say that it is not done after all, and why")
    def post(self, request: Request, improvement_id: int) -> Response:
        return self.act(request, improvement_id)
