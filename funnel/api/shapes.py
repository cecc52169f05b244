"""What the schema says of the answers: field by field the shape of every row in `answers`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from funnel.models import Reason, SurveyResponse
from funnel.stages import (
    ACTIVITY_WORDS,
    CUSTOMER_PHASE_WORDS,
    DEAL_KIND_WORDS,
    DEAL_STATE_WORDS,
    DEAL_STEP_WORDS,
    DIRECTION_WORDS,
    EVENT_WORDS,
    OUTCOME_WORDS,
    RESULT_WORDS,
    STAGES,
    Stage,
)

Shape = serializers.BaseSerializer[Any]
BANDS = ("healthy", "watch", "at_risk")


def number(*, null: bool = False) -> serializers.IntegerField:
    return serializers.IntegerField(allow_null=null)


def text(*, null: bool = False) -> serializers.CharField:
    return serializers.CharField(allow_null=null, allow_blank=True)


def stamp(*, null: bool = True) -> serializers.DateTimeField:
    return serializers.DateTimeField(allow_null=null)


def day(*, null: bool = True) -> serializers.DateField:
    return serializers.DateField(allow_null=null)


def flag() -> serializers.BooleanField:
    return serializers.BooleanField()


def code(choices: Any, *, null: bool = False, blank: bool = False) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=[c for c in choices if c], allow_null=null, allow_blank=blank)


def shape(name: str, /, **fields: Any) -> Any:
    """A named object of the schema."""
    return inline_serializer(name, fields)


def listing(row: Any) -> Any:
    """A page of rows."""
    name = type(row).__name__
    return shape(f"{name}Page", results=type(row)(many=True), next=serializers.URLField(allow_null=True))


LEAD = shape(
    "Lead",
    id=number(), external_id=text(null=True), person=number(), account=number(null=True), company=text(),
    name=text(), name_kana=text(), email=text(), phone=text(), title=text(), channel=text(null=True),
    campaign=text(null=True), segment=text(), owner=number(null=True), referred_by=number(null=True),
    pass_no=number(), previous=number(null=True), stage=code((Stage.LEAD, Stage.MQL, Stage.SQL)),
    outcome=code(OUTCOME_WORDS, null=True), outcome_reason=text(),
    reached=type(shape("Reached", **{stage.value: stamp() for stage in STAGES}))(),
    inferred=serializers.ListField(child=serializers.CharField()), first_contact_at=stamp(),
    closed_at=stamp(), wake_up_on=day(), date_conflict=flag(), created_at=stamp(null=False),
)  # fmt: skip

ACTIVITY = shape(
    "Activity",
    id=number(), lead=number(), kind=code(ACTIVITY_WORDS), direction=code(DIRECTION_WORDS),
    result=code(RESULT_WORDS, blank=True), human=flag(), note=text(), by=number(null=True), department=text(),
    occurred_at=stamp(null=False), recorded_at=stamp(null=False), external_id=text(null=True),
)  # fmt: skip

CONTRACT = shape(
    "Contract",
    id=number(), customer=number(), deal=number(null=True), renewal_of=number(null=True),
    signed_on=day(null=False), starts_on=day(null=False), ends_on=day(), mrr=text(null=True), currency=text(),
    seats=number(null=True), kickoff_at=stamp(), kickoff_held_at=stamp(), notice_on=day(), ended_on=day(),
)  # fmt: skip

DEAL = shape(
    "Deal",
    id=number(), external_id=text(null=True), lead=number(), account=number(null=True), company=text(),
    name=text(), product=text(), segment=text(), kind=code(DEAL_KIND_WORDS), state=code(DEAL_STATE_WORDS),
    step=code(DEAL_STEP_WORDS), owner=number(null=True), amount=text(null=True), currency=text(),
    reason=text(), opened_at=stamp(null=False), meeting_at=stamp(), expected_close_on=day(),
    next_step=text(), next_step_on=day(), closed_at=stamp(), customer=number(null=True),
    contract=type(CONTRACT)(allow_null=True), created_at=stamp(null=False),
)  # fmt: skip

FACTOR = shape("HealthFactor", key=text(), weight=number(), points=text(), value=text(null=True))
HEALTH = shape(
    "Health",
    day=day(null=False),
    score=number(),
    band=code(BANDS),
    factors=type(FACTOR)(many=True),
)

CUSTOMER = shape(
    "Customer",
    id=number(), external_id=text(null=True), account=number(), company=text(),
    phase=code(CUSTOMER_PHASE_WORDS), owner=number(null=True), origin_lead=number(null=True),
    since=day(null=False), onboarded_at=stamp(), contracts=type(CONTRACT)(many=True),
    health=type(HEALTH)(allow_null=True), created_at=stamp(null=False),
)  # fmt: skip

SURVEY = shape(
    "Survey",
    id=number(), customer=number(), kind=code(SurveyResponse.Kind.values), wave=text(), score=number(),
    answered_on=day(null=False),
)  # fmt: skip

EVENT = shape(
    "Event",
    id=number(), kind=code(EVENT_WORDS), occurred_at=stamp(null=False), recorded_at=stamp(null=False),
    actor=number(null=True), department=text(), source=text(), reason=text(), binding=flag(), inferred=flag(),
    lead=number(null=True), deal=number(null=True), contract=number(null=True), customer=number(null=True),
    handoff=number(null=True), note=number(null=True), corrects=number(null=True),
    data=serializers.JSONField(),
)  # fmt: skip

ACCOUNT = shape(
    "Account",
    id=number(), external_id=text(null=True), name=text(), name_kana=text(), domain=text(), segment=text(),
    merged_into=number(null=True), created_at=stamp(null=False),
)  # fmt: skip

PERSON = shape(
    "Person",
    id=number(), account=number(null=True), name=text(), name_kana=text(), title=text(), email=text(),
    phone=text(), merged_into=number(null=True), erased_at=stamp(), created_at=stamp(null=False),
)  # fmt: skip

MEMBER = shape(
    "Member",
    id=number(),
    name=text(),
    external_id=text(null=True),
    is_service=flag(),
    is_active=flag(),
)

REASON = shape("Reason", id=number(), act=code(Reason.For.values), code=text(), en=text(), ja=text())

USAGE_STORED = shape("UsageStored", created=number(), updated=number(), unchanged=number())

FAULT = shape("Fault", field=text(), code=text(), detail=text())
PROBLEM = shape(
    "Problem",
    type=text(), title=text(), status=number(), detail=text(), code=text(),
    field=serializers.CharField(required=False), errors=type(FAULT)(many=True, required=False),
)  # fmt: skip

PROBLEM_KIND = shape("ProblemKind", code=text(), sentence=text(), en=text(), ja=text())
