"""What the API does with promises: qualify, list, accept, return, excuse, assign; and what was agreed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.api import filters
from funnel.api.answers import stamp
from funnel.api.bodies import take
from funnel.api.door import Act, Door
from funnel.api.idempotency import Answer
from funnel.api.paging import page
from funnel.api.permissions import BY_ROW
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
from handoffs.api import serializers as takes
from handoffs.api import shapes
from handoffs.lanes import LANES, Boundary, Decision, Lane, Promise
from handoffs.models import CustomerSheet, Handoff, LaneTerms


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
    """Every promise with its verdict, newest first.

    A miss is final. A kept promise is open again (or missed, past due) when the act that kept it is withdrawn.
    """

    FILTERS: Mapping[str, filters.Filter] = {
        "boundary": filters.one_of("boundary", Boundary),
        "promise": filters.one_of("promise", Promise)._replace(narrow=_standing),
        "decision": filters.one_of("decision", Decision),
        "lead": filters.ids("lead"),
        "deal": filters.ids("deal"),
        "customer": filters.ids("customer"),
        "owner": filters.ids("owner"),
    }

    @lists("handoffs_list", shapes.HANDOFF, FILTERS)
    def get(self, request: Request) -> Response:
        return page(request, filters.apply(request, Handoff.objects.with_promise(), self.FILTERS), row)


class OneHandoff(Door):
    """One promise."""

    @reads("handoffs_read", shapes.HANDOFF)
    def get(self, request: Request, handoff_id: int) -> Response:
        return Response(row(get_object_or_404(Handoff.objects.with_promise(), pk=handoff_id)))


class Sheet(Door):
    """What was passed over with an SQL, as frozen at its submission."""

    @reads("handoffs_sheet", shapes.SHEET)
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


class Accept(Act):
    """Take a handoff over."""

    writes = BY_ROW
    TAKES, verb, row = Nothing, promises.accept, one_handoff

    @acts("handoffs_accept", Nothing, shapes.HANDOFF)
    def post(self, request: Request, handoff_id: int) -> Response:
        return self.act(request, handoff_id)


class Return(Act):
    """Return a handoff to its sender, with a reason."""

    writes = BY_ROW
    TAKES, verb, row = ReasonInput, promises.give_back, one_handoff

    @acts("handoffs_return", ReasonInput, shapes.HANDOFF)
    def post(self, request: Request, handoff_id: int) -> Response:
        return self.act(request, handoff_id)


class Excuse(Act):
    """Excuse a miss; it stays a miss."""

    writes = BY_ROW
    TAKES, verb, row = takes.ExcuseInput, promises.excuse, one_handoff

    @acts("handoffs_excuse", takes.ExcuseInput, shapes.HANDOFF)
    def post(self, request: Request, handoff_id: int) -> Response:
        return self.act(request, handoff_id)


class Assign(Door):
    """Give a handoff to a member of the receiving department."""

    writes = BY_ROW

    @acts("handoffs_assign", takes.OwnerInput, shapes.HANDOFF)
    def post(self, request: Request, handoff_id: int) -> Response:
        values = take(takes.OwnerInput, request.data)

        def assign(by: Actor, now: datetime) -> Answer:
            promises.assign(handoff_id, by, now=now, owner=named(values, "owner", Member)["owner"])
            return Answer(one_handoff(handoff_id))

        return self.carry_out(assign)


class Qualify(Door):
    """Certify a lead MQL, or an MQL as SQL; answers with the lead and, for SQL, its deal."""

    writes = "certify_mql"

    @acts(
        "leads_qualify",
        PolymorphicProxySerializer("Qualification", [takes.MqlInput, takes.SqlInput], None, many=False),
        shapes.QUALIFIED,
    )
    def post(self, request: Request, lead_id: int) -> Response:
        if _is_sql(request.data):
            values = take(takes.SqlInput, request.data)
            return self.carry_out(lambda by, now: _to_sql(lead_id, by, now, dict(values)))
        values = take(takes.MqlInput, request.data)
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


class Lanes(Door):
    """What was agreed for each boundary, as it binds promises that open now."""

    @reads("lanes_read", shapes.LANES)
    def get(self, request: Request) -> Response:
        current = LaneTerms.objects.order_by("boundary", "-version").distinct("boundary")
        terms = {found.boundary: found for found in current}
        return Response(
            {"results": [_lane(lane, terms[lane.boundary]) for lane in LANES.values()], "next": None}
        )


def _lane(lane: Lane, agreed: LaneTerms) -> dict[str, Any]:
    return {
        "boundary": lane.boundary.value,
        "from_department": lane.sender.value,
        "to_department": lane.receiver.value,
        "target": agreed.target,
        "unit": agreed.unit,
        "threshold": None if agreed.threshold is None else str(agreed.threshold),
        "items": [
            {
                "key": item["key"],
                "en": item["label_en"],
                "ja": item["label_ja"],
                "weight": item.get("weight", 1),
                "required": item.get("required", True),
            }
            for item in agreed.items
        ],
        "since": stamp(agreed.since),
    }
