"""The API door of promises: qualify, list, accept, return, excuse, assign."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.api import filters, shapes
from funnel.api.answers import stamp
from funnel.api.bodies import Answers, Strict, take
from funnel.api.door import Door
from funnel.api.fields import Amount, Choice, Currency, Day, Id, Moment, Text
from funnel.api.idempotency import Answer
from funnel.api.paging import page
from funnel.api.problems import Fault, Invalid
from funnel.api.schema import acts, lists, reads
from funnel.api.serializers import Nothing, ReasonInput
from funnel.api.views_deals import one_deal
from funnel.api.views_leads import named, one_lead
from funnel.models import Member
from funnel.stages import BANT_FIELDS, Bant, Stage
from funnel.transitions import leads
from funnel.transitions.acting import Actor
from funnel.transitions.deals import DealFields
from handoffs import promises
from handoffs.lanes import Boundary, Decision, Promise
from handoffs.models import CustomerSheet, Handoff


class MqlInput(Strict):
    """Certify a lead MQL: the reason is a code, or free text kept as a note under the code `other`."""

    to = Choice(choices=[Stage.MQL.value])
    reason = Text(max_length=1000, required=True, allow_blank=False)
    note = Text(max_length=10_000)
    occurred_at = Moment(required=False)


class BantInput(Strict):
    """What was heard; unknown where not said."""

    budget = Choice(choices=list(Bant), required=False)
    authority = Choice(choices=list(Bant), required=False)
    need = Choice(choices=list(Bant), required=False)
    timeline = Choice(choices=list(Bant), required=False)


class NewDealInput(Strict):
    """What is known of the deal that opens."""

    name = Text(max_length=200)
    product = Text(max_length=100)
    segment = Text(max_length=80)
    amount = Amount(required=False, allow_null=True)
    currency = Currency()
    owner = Id(required=False, allow_null=True, help_text="Id of a member.")
    external_id = Text(max_length=200)
    expected_close_on = Day(required=False, allow_null=True)


class SqlInput(Strict):
    """Certify an MQL as SQL and hand it over with its sheet; below the threshold a reason is needed."""

    to = Choice(choices=[Stage.SQL.value])
    bant = BantInput()
    sheet = Answers(required=False, help_text="Values by item of the customer sheet.")
    meeting_at = Moment(required=False, allow_null=True)
    below_threshold_reason = Text(max_length=1000)
    note = Text(max_length=10_000)
    occurred_at = Moment(required=False)
    deal = NewDealInput(required=False)


class OwnerInput(Strict):
    """Who of the receiving department takes it; null for nobody."""

    owner = Id(allow_null=True)


HANDOFF = shapes.shape(
    "Handoff",
    id=shapes.number(), boundary=shapes.code(Boundary), round=shapes.number(), lead=shapes.number(null=True),
    deal=shapes.number(null=True), customer=shapes.number(null=True), from_department=shapes.text(),
    to_department=shapes.text(), owner=shapes.number(null=True), decision=shapes.code(Decision),
    promise=shapes.code(Promise), opened_at=shapes.stamp(null=False), due_at=shapes.stamp(),
    kept_at=shapes.stamp(), missed_at=shapes.stamp(), completed_at=shapes.stamp(),
)  # fmt: skip
SHEET = shapes.shape(
    "CustomerSheet",
    deal=shapes.number(), values=serializers.DictField(child=serializers.CharField(allow_blank=True)),
    score=shapes.text(), missing=serializers.ListField(child=serializers.CharField()),
    submitted_at=shapes.stamp(null=False), submitted_by=shapes.number(null=True),
)  # fmt: skip
QUALIFIED = shapes.shape("Qualified", lead=type(shapes.LEAD)(), deal=type(shapes.DEAL)(allow_null=True))


def row(found: Any) -> dict[str, Any]:
    """One handoff as the API shows it; wants the annotations of `with_promise`."""
    return {
        "id": found.pk,
        "boundary": found.boundary,
        "round": found.round,
        "lead": found.lead_id,
        "deal": found.deal_id,
        "customer": found.customer_id,
        "from_department": found.from_department,
        "to_department": found.to_department,
        "owner": found.owner_id,
        "decision": found.decision,
        "promise": found.promise,
        "opened_at": stamp(found.opened_at),
        "due_at": stamp(found.due_at),
        "kept_at": stamp(found.kept_at),
        "missed_at": stamp(found.missed_as_of),
        "completed_at": stamp(found.completed_at),
    }


def one_handoff(handoff_id: int) -> dict[str, Any]:
    """The row of one handoff, as it stands now."""
    return row(Handoff.objects.with_promise().get(pk=handoff_id))


def _standing(rows: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
    # By plain columns, so that an index can serve it; the shown state is the same expression.
    return rows.standing(*values)  # type: ignore[attr-defined]


class Handoffs(Door):
    """Every promise with its verdict, newest first."""

    FILTERS: Mapping[str, filters.Filter] = {
        "boundary": filters.one_of("boundary", Boundary),
        "promise": filters.one_of("promise", Promise)._replace(narrow=_standing),
        "decision": filters.one_of("decision", Decision),
        "lead": filters.ids("lead"),
        "deal": filters.ids("deal"),
        "customer": filters.ids("customer"),
        "owner": filters.ids("owner"),
    }

    @lists("handoffs_list", HANDOFF, FILTERS)
    def get(self, request: Request) -> Response:
        return page(request, filters.apply(request, Handoff.objects.with_promise(), self.FILTERS), row)


class OneHandoff(Door):
    """One promise."""

    @reads("handoffs_read", HANDOFF)
    def get(self, request: Request, handoff_id: int) -> Response:
        return Response(row(get_object_or_404(Handoff.objects.with_promise(), pk=handoff_id)))


class Sheet(Door):
    """What was passed over with an SQL, as frozen at its submission."""

    @reads("handoffs_sheet", SHEET)
    def get(self, request: Request, handoff_id: int) -> Response:
        sheet = get_object_or_404(CustomerSheet, handoff=handoff_id)
        return Response(
            {
                "deal": sheet.deal_id,
                "values": sheet.values,
                "score": str(sheet.score),
                "missing": sheet.missing,
                "submitted_at": stamp(sheet.submitted_at),
                "submitted_by": sheet.submitted_by_id,
            }
        )


class Accept(Door):
    """Take a handoff over."""

    @acts("handoffs_accept", Nothing, HANDOFF)
    def post(self, request: Request, handoff_id: int) -> Response:
        take(Nothing, request.data)

        def accept(by: Actor, now: datetime) -> Answer:
            promises.accept(handoff_id, by, now=now)
            return Answer(one_handoff(handoff_id))

        return self.carry_out(accept)


class Return(Door):
    """Return a handoff to its sender, with a reason."""

    @acts("handoffs_return", ReasonInput, HANDOFF)
    def post(self, request: Request, handoff_id: int) -> Response:
        values = take(ReasonInput, request.data)

        def give_back(by: Actor, now: datetime) -> Answer:
            promises.give_back(handoff_id, by, now=now, **values)
            return Answer(one_handoff(handoff_id))

        return self.carry_out(give_back)


class ExcuseInput(Strict):
    """Why a miss was excusable: a code, or free text."""

    reason = Text(max_length=1000, required=True, allow_blank=False)


class Excuse(Door):
    """Excuse a miss; it stays a miss."""

    @acts("handoffs_excuse", ExcuseInput, HANDOFF)
    def post(self, request: Request, handoff_id: int) -> Response:
        values = take(ExcuseInput, request.data)

        def excuse(by: Actor, now: datetime) -> Answer:
            promises.excuse(handoff_id, by, now=now, **values)
            return Answer(one_handoff(handoff_id))

        return self.carry_out(excuse)


class Assign(Door):
    """Give a handoff to a member of the receiving department."""

    @acts("handoffs_assign", OwnerInput, HANDOFF)
    def post(self, request: Request, handoff_id: int) -> Response:
        values = take(OwnerInput, request.data)

        def assign(by: Actor, now: datetime) -> Answer:
            promises.assign(handoff_id, by, now=now, owner=named(values, "owner", Member)["owner"])
            return Answer(one_handoff(handoff_id))

        return self.carry_out(assign)


class Qualify(Door):
    """Certify a lead MQL, or an MQL as SQL; answers with the lead and, for SQL, its deal."""

    @acts(
        "leads_qualify",
        PolymorphicProxySerializer("Qualification", [MqlInput, SqlInput], None, many=False),
        QUALIFIED,
    )
    def post(self, request: Request, lead_id: int) -> Response:
        if _is_sql(request.data):
            values = take(SqlInput, request.data)
            return self.carry_out(lambda by, now: _to_sql(lead_id, by, now, dict(values)))
        values = take(MqlInput, request.data)
        return self.carry_out(lambda by, now: _to_mql(lead_id, by, now, dict(values)))


def _is_sql(body: Any) -> bool:
    if not isinstance(body, Mapping):
        raise Invalid([Fault("", "not_an_object")])
    to = body.get("to")
    if "to" not in body:
        raise Invalid([Fault("to", "required")])
    if to not in (Stage.MQL, Stage.SQL):
        shown = to[:40].encode("utf-8", "replace").decode() if isinstance(to, str) else type(to).__name__
        raise Invalid([Fault("to", "bad_choice", {"value": shown, "choices": f"{Stage.MQL}, {Stage.SQL}"})])
    return bool(to == Stage.SQL)


def _to_mql(lead_id: int, by: Actor, now: datetime, values: dict[str, Any]) -> Answer:
    del values["to"]
    leads.certify_mql(lead_id, by, now=now, **values)
    return Answer({"lead": one_lead(lead_id), "deal": None})


def _to_sql(lead_id: int, by: Actor, now: datetime, values: dict[str, Any]) -> Answer:
    del values["to"]
    fields = DealFields(**named(values.pop("deal", {}), "owner", Member))
    bant = {field: values["bant"].get(field, Bant.UNKNOWN) for field in BANT_FIELDS}
    given = {"sheet": {}, "meeting_at": None, **values, "bant": bant}
    opened = promises.submit_sql(lead_id, by, now=now, deal=fields, **given)
    return Answer({"lead": one_lead(lead_id), "deal": one_deal(opened.pk)})


urlpatterns = [
    path("leads/<int:lead_id>/qualify/", Qualify.as_view(), name="api-qualify"),
    path("handoffs/", Handoffs.as_view(), name="api-handoffs"),
    path("handoffs/<int:handoff_id>/", OneHandoff.as_view(), name="api-handoff"),
    path("handoffs/<int:handoff_id>/sheet/", Sheet.as_view(), name="api-sheet"),
    path("handoffs/<int:handoff_id>/accept/", Accept.as_view(), name="api-accept"),
    path("handoffs/<int:handoff_id>/return/", Return.as_view(), name="api-return"),
    path("handoffs/<int:handoff_id>/excuse/", Excuse.as_view(), name="api-excuse"),
    path("handoffs/<int:handoff_id>/assign/", Assign.as_view(), name="api-assign"),
]
