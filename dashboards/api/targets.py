"""The API door of targets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards import kpis, periods, scope, targets
from dashboards.models import Target
from dashboards.targets import TargetError, Whom, Wish
from funnel import moment
from funnel.api.bodies import Strict, take_many
from funnel.api.door import Door
from funnel.api.fields import Text, Unusable
from funnel.api.idempotency import Answer
from funnel.api.problems import Fault, Invalid
from funnel.api.schema import READING, acts
from funnel.api.shapes import PROBLEM, code, day, number, shape, stamp, text
from funnel.models import Organization
from funnel.transitions.acting import Actor

MOST = 200
KEYS = ("for", "kind", "from", "to", "kpi")
MOST_YEARS = 3
LONGEST_NUMBER = 40

ROW = shape(
    "Target",
    kpi=text(),
    **{"for": text()},
    kind=code(Target.Kind.values),
    first_day=day(null=False),
    value=text(null=True),
    version=number(),
    set_by=number(null=True),
    set_at=stamp(null=False),
)
ROWS = shape("Targets", results=type(ROW)(many=True), next=serializers.URLField(allow_null=True))


@extend_schema_field(
    {
        "nullable": True,
        "oneOf": [{"type": "string", "pattern": r"^-?[0-9]{1,16}(\.[0-9]{1,6})?$"}, {"type": "number"}],
        "example": "0.2",
    }
)
class TargetNumber(serializers.Field[Any, Any, Any, Any]):
    """A number in the KPI's unit, or its digits as a string; null withdraws the target."""

    def to_internal_value(self, data: object) -> Decimal:
        if isinstance(data, bool | list | dict) or len(str(data)) > LONGEST_NUMBER:
            raise Unusable("amount_not_a_number", value=type(data).__name__)
        try:
            return Decimal(str(data).strip())
        except InvalidOperation as error:
            raise Unusable("amount_not_a_number", value=str(data)[:20].replace("\0", "")) from error


class TargetInput(Strict):
    """One target: a rate as a share (0.2), money in whole units of the organisation's currency."""

    kpi = Text(max_length=60, required=True, allow_blank=False)
    kind = Text(max_length=10, required=True, allow_blank=False)
    first_day = Text(max_length=10, required=True, allow_blank=False)
    value = TargetNumber(allow_null=True, required=True)
    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    note = Text(max_length=500, required=False)

    def get_fields(self) -> dict[str, Any]:
        """`for` is a word of Python; it is the company's unless said otherwise."""
        return {**super().get_fields(), "for": Text(max_length=40, required=False)}


def row(target: Target) -> dict[str, Any]:
    """One target as it stands."""
    return {
        "kpi": target.kpi,
        "for": Whom(target.whom, target.department, target.member_id).key(),
        "kind": target.kind,
        "first_day": target.first_day.isoformat(),
        "value": None if target.value is None else f"{target.value.normalize():f}",
        "version": target.version,
        "set_by": target.set_by_id,
        "set_at": target.set_at.isoformat(),
    }


PARAMETERS = [
    OpenApiParameter(
        "for", {"type": "string", "maxLength": 40}, description="company, department:…, member:…"
    ),
    OpenApiParameter("kind", {"type": "string", "enum": Target.Kind.values}),
    OpenApiParameter("from", {"type": "string", "format": "date"}, description="Default: this fiscal year."),
    OpenApiParameter("to", {"type": "string", "format": "date"}),
    OpenApiParameter("kpi", {"type": "string", "maxLength": 60}, description="One KPI; else all."),
]
_PROBLEM = OpenApiResponse(PROBLEM, description="Problem")


class Targets(Door):
    """What is to be reached, and setting it: all of a body together or none of it."""

    writes = "set_target"

    @extend_schema(
        operation_id="targets_list",
        parameters=PARAMETERS,
        responses={
            200: ROWS, **{(s, "application/problem+json"): _PROBLEM for s in (400, *READING, 422)}
        },
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        unknown = [name for name in request.query_params if name not in KEYS]
        if unknown:
            raise Invalid(
                [Fault(n.encode("utf-8", "replace").decode()[:80], "unknown_field") for n in unknown]
            )
        return Response({"results": [row(t) for t in _asked(request.query_params)], "next": None})

    @acts(
        "targets_set",
        PolymorphicProxySerializer("TargetsInput", [TargetInput, TargetInput(many=True)], None, many=False),
        ROWS,
        summary="Set targets, or withdraw them with null",
    )
    def post(self, request: Request) -> Response:
        given = take_many(TargetInput, request.data, limit=MOST)
        wishes = [_wish(one) for one in given]
        note = next((one["note"] for one in given if one.get("note")), "")

        def carry(by: Actor, now: datetime) -> Answer:
            found = targets.set_all(wishes, by, now=now, note=note)
            return Answer({"results": [row(t) for t in found if t is not None], "next": None})

        return self.carry_out(carry)


def _asked(params: Mapping[str, str]) -> list[Target]:
    organization = Organization.current()
    today = moment.now().astimezone(organization.tz).date()
    year = periods.around("year", today, organization.fiscal_year_start)
    dates = {"from": year.start.isoformat(), "to": year.end.isoformat()}
    dates |= {key: params[key] for key in dates if params.get(key)}
    asked = scope.parse(dates, today=today)
    if asked.days > MOST_YEARS * 366:
        raise scope.ScopeError("span_too_long", field="from")
    kind = params.get("kind", "").strip()
    if kind and kind not in Target.Kind.values:
        raise TargetError("target_bad_kind", field="kind", value=kind[:40].replace("\0", ""))
    slug = params.get("kpi", "").strip()
    if slug and slug not in {kpi.slug for kpi in kpis.ALL}:
        raise TargetError("target_unknown_kpi", field="kpi", value=slug[:40].replace("\0", ""))
    rows = targets.newest(
        Whom.parse(params.get("for", "")), [slug] if slug else [kpi.slug for kpi in kpis.ALL]
    ).filter(first_day__gte=asked.start, first_day__lte=asked.end)
    return [t for t in (rows.filter(kind=kind) if kind else rows) if t.value is not None]


def _wish(given: Mapping[str, Any]) -> Wish:
    try:
        first_day = date.fromisoformat(given["first_day"])
    except ValueError as error:
        raise TargetError("target_not_first", field="first_day") from error
    whom = Whom.parse(given.get("for", ""))
    return Wish(given["kpi"], given["kind"], first_day, given["value"], whom, given.get("version"))
