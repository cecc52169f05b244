"""What the schema says of the answers of readings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers

from dashboards.kpis import Direction, Unit
from dashboards.scope import BASES, GROUPS
from funnel.api.bodies import Strict
from funnel.api.fields import Unusable
from funnel.api.schema import READING
from funnel.api.shapes import PROBLEM, code, day, flag, listing, number, shape, stamp, text
from funnel.stages import STAGES, VISITOR, Department

STAGE = shape("StageCount", key=code([VISITOR, *STAGES]), count=number())
RATE = shape(
    "StepRate",
    **{"from": code([VISITOR, *STAGES])},
    to=code(STAGES),
    numerator=number(),
    denominator=number(),
    value=serializers.FloatField(allow_null=True),
    low=serializers.FloatField(allow_null=True),
    high=serializers.FloatField(allow_null=True),
    window_days=number(null=True),
    mature=serializers.BooleanField(allow_null=True),
    still_open=number(null=True),
)
GROUP = shape(
    "FunnelGroup",
    key=serializers.JSONField(allow_null=True),
    label=text(),
    stages=type(STAGE)(many=True),
    rates=type(RATE)(many=True),
)
FUNNEL = shape(
    "Funnel",
    as_of=stamp(null=False),
    **{"from": day(null=False)},
    to=day(null=False),
    basis=code(BASES),
    stages=type(STAGE)(many=True),
    rates=type(RATE)(many=True),
    groups=type(GROUP)(many=True),
    won=serializers.JSONField(required=False),
)
PLAN = shape(
    "PlanAnswer",
    won=number(),
    sql=number(),
    mql=number(),
    lead=number(),
    visitor=number(),
    expected_won=text(),
    surplus=text(),
    to_win=text(),
    retained=text(null=True),
    expansion=text(null=True),
)
_KPI = {
    "slug": text(),
    "name": text(),
    "question": text(),
    "formula": text(),
    "excludes": text(),
    "unit": code(Unit),
    "department": code(Department, null=True),
    "direction": code(Direction),
    "changed_on": day(null=False),
    "parts": serializers.ListField(child=serializers.CharField()),
}
KPI = shape("Kpi", **_KPI)
KPIS = shape("Kpis", results=type(KPI)(many=True), next=serializers.URLField(allow_null=True))
NUMBER_GROUP = shape(
    "NumberGroup",
    key=text(),
    label=text(),
    value=serializers.JSONField(allow_null=True, help_text="A number; money as a string of digits."),
    numerator=number(null=True),
    denominator=number(null=True),
    low=serializers.FloatField(allow_null=True),
    high=serializers.FloatField(allow_null=True),
    currency=text(null=True),
    more=serializers.JSONField(),
)
VALUE = shape(
    "KpiValue",
    kpi=type(KPI)(),
    as_of=stamp(null=False),
    **{"from": day(null=False)},
    to=day(null=False),
    value=serializers.JSONField(allow_null=True, help_text="A number; money as a string of digits."),
    numerator=number(null=True),
    denominator=number(null=True),
    low=serializers.FloatField(allow_null=True),
    high=serializers.FloatField(allow_null=True),
    currency=text(null=True),
    more=serializers.JSONField(),
    groups=type(NUMBER_GROUP)(many=True, help_text="With group_by: at most 36, the largest or latest."),
    groups_left_out=number(),
)
STEP = shape(
    "CohortStep",
    **{"from": code([VISITOR, *STAGES])},
    to=code(STAGES),
    period=type(RATE)(allow_null=True),
    cohort=type(RATE)(allow_null=True),
)
COHORTS = shape(
    "Cohorts",
    as_of=stamp(null=False),
    **{"from": day(null=False)},
    to=day(null=False),
    group_by=code([name for name in GROUPS if name != "month"]),
    steps=type(STEP)(many=True),
    months=type(shape("CohortMonth", month=text(), steps=type(RATE)(many=True)))(many=True),
    times=type(
        shape(
            "TimeToConvert",
            **{"from": code(STAGES)},
            to=code(STAGES),
            count=number(),
            median_days=serializers.FloatField(allow_null=True),
            p90_days=serializers.FloatField(allow_null=True),
        )
    )(many=True),
    groups=type(
        shape(
            "CohortGroup",
            key=serializers.JSONField(allow_null=True),
            label=text(),
            period=type(RATE)(many=True),
            cohort=type(RATE)(many=True),
        )
    )(many=True),
    groups_left_out=number(),
    costs=type(
        shape(
            "ChannelCost",
            key=text(null=True),
            label=text(),
            spend=text(),
            entries=serializers.JSONField(help_text="Stage to entries of the period."),
            each=serializers.JSONField(help_text="Stage to cost as digits; null without spend or entries."),
        )
    )(many=True),
)
ROW = shape(
    "KpiRow",
    type=code(
        ["lead", "deal", "handoff", "traffic", "contract", "spend", "customer", "survey", "activity", "sheet"]
    ),
    id=number(),
    lead=number(null=True),
    deal=number(null=True),
    customer=number(null=True),
    company=text(),
    channel=text(null=True),
    owner=number(null=True),
    at=stamp(),
    closed=flag(),
    amount=text(null=True),
    currency=text(null=True),
    visits=number(null=True),
    promise=text(null=True),
    before=text(null=True),
    after=text(null=True),
    score=text(null=True),
)

ROWS = listing(ROW)

PERIOD = [
    OpenApiParameter(
        "from", {"type": "string", "format": "date"}, description="Organisation-local, inclusive."
    ),
    OpenApiParameter(
        "to", {"type": "string", "format": "date"}, description="Organisation-local, inclusive."
    ),
    OpenApiParameter("channel", {"type": "string", "maxLength": 200}, description="A slug, or (none)."),
    OpenApiParameter("owner", {"type": "integer", "minimum": 1}, description="A member's id."),
    OpenApiParameter("segment", {"type": "string", "maxLength": 200}, description="A segment, or (none)."),
    OpenApiParameter("campaign", {"type": "string", "maxLength": 200}, description="A slug, or (none)."),
    OpenApiParameter(
        "exclude_inferred", {"type": "string", "enum": ["0", "1"]}, description="Recorded entries only."
    ),
]
GROUP_BY = OpenApiParameter("group_by", {"type": "string", "enum": list(GROUPS)})
FUNNEL_ONLY = [
    OpenApiParameter("basis", {"type": "string", "enum": list(BASES)}),
    OpenApiParameter(
        "group_by", {"type": "string", "enum": list(GROUPS)}, description="By owner: of the lead."
    ),
    OpenApiParameter(
        "known_at",
        {"type": "string", "format": "date-time"},
        description="As known at this moment, by what had been recorded; without a zone in the organisation's. "
        "Visitors, owners, channels, campaigns and segments are those of now. Not with include.",
    ),
    OpenApiParameter(
        "include",
        {"type": "string", "enum": ["won"]},
        description="won: amounts, owners and time of what was won.",
    ),
]


def asks(name: str, answer: Any, parameters: Sequence[OpenApiParameter] = ()) -> Callable[[Any], Any]:
    """A reading: the query it takes, what it answers."""
    problem = OpenApiResponse(PROBLEM, description="Problem")
    refusals = {(status, "application/problem+json"): problem for status in (400, *READING, 422)}
    return extend_schema(operation_id=name, parameters=list(parameters), responses={200: answer, **refusals})


@extend_schema_field(
    {
        "oneOf": [{"type": "string", "pattern": r"^[0-9]{1,14}(\.[0-9]{1,6})?$"}, {"type": "number"}],
        "example": "0.35",
    }
)
class Exact(serializers.Field):
    """A number, or its digits as a string; what can be planned with is the planner's to say."""

    def to_internal_value(self, data: object) -> object:
        if isinstance(data, bool | list | dict):
            raise Unusable("amount_not_a_number", value=type(data).__name__)
        return data


class PlanInput(Strict):
    """A goal and the rates on the way to it, as shares above 0 and up to 1.

    With `base`, what customers already pay a month, only what `churn` and `expansion` (shares of it) leave of the goal
    is to be won.
    """

    revenue = Exact()
    deal_size = Exact()
    win_rate = Exact()
    sql_rate = Exact()
    mql_rate = Exact()
    visitor_rate = Exact()
    base = Exact(required=False)
    churn = Exact(required=False)
    expansion = Exact(required=False)
