"""The API door of breaches: what was the case when promises were missed, and saying why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards import review
from dashboards.models import BreachReview
from funnel.api import filters
from funnel.api.answers import stamp
from funnel.api.bodies import Strict
from funnel.api.door import Act, Door
from funnel.api.fields import Text
from funnel.api.paging import page
from funnel.api.permissions import BY_ROW
from funnel.api.schema import acts, lists
from funnel.api.shapes import number, shape, text
from funnel.api.shapes import stamp as a_stamp
from funnel.transitions.acting import Actor
from handoffs.lanes import Boundary
from handoffs.models import Handoff

LONGEST_NOTE, LONGEST_CODE = 5000, 40
OPEN, TOLD = "open", "told"

ROW = shape(
    "Breach",
    handoff=number(),
    boundary=text(),
    breached_at=a_stamp(null=False),
    owner=number(null=True),
    cause=text(),
    suggested=serializers.ListField(child=serializers.CharField()),
    evidence=serializers.JSONField(allow_null=True),
)


class CauseInput(Strict):
    """Why it was missed: the code of a reason for a breach. The note is kept where it can be erased."""

    cause = Text(max_length=LONGEST_CODE, required=True, allow_blank=False)
    note = Text(max_length=LONGEST_NOTE)


def row(found: BreachReview) -> dict[str, Any]:
    """One missed promise; `cause` is "" while nobody has said, `evidence` null until it is collected."""
    return {
        "handoff": found.handoff_id,
        "boundary": found.boundary,
        "breached_at": stamp(found.breached_at),
        "owner": found.owner_id,
        "cause": found.cause,
        "suggested": found.suggested,
        "evidence": found.evidence,
    }


def one(handoff_id: int) -> dict[str, Any]:
    """The breach of a handoff as it stands now."""
    return row(BreachReview.objects.get(handoff=handoff_id))


def _standing(rows: QuerySet[Any], values: list[str]) -> QuerySet[Any]:
    wanted = Q()
    for value in values:
        wanted |= Q(cause="") if value == OPEN else ~Q(cause="")
    return rows.filter(wanted)


class Breaches(Door):
    """Every missed promise with what was the case then, newest first; `open` ones wait for a cause."""

    FILTERS: Mapping[str, filters.Filter] = {
        "boundary": filters.one_of("boundary", Boundary),
        "cause": filters.texts("cause", "The code of a reason for a breach."),
        "state": filters.one_of("state", (OPEN, TOLD))._replace(narrow=_standing),
    }

    @lists("breaches_list", ROW, FILTERS)
    def get(self, request: Request) -> Response:
        return page(request, filters.apply(request, BreachReview.objects.all(), self.FILTERS), row)


def _confirm(pk: int, by: Actor, *, now: datetime, cause: str, note: str = "") -> list[BreachReview]:
    handoff = Handoff.objects.only("pk").get(pk=pk)
    return review.confirm([handoff.pk], cause, by, now=now, note=note)


class SayCause(Act):
    """A person says why a promise was missed; said again, the last one counts."""

    writes = BY_ROW
    TAKES = CauseInput
    verb = _confirm
    row = one

    @acts("breaches_cause", CauseInput, ROW, summary="Say why a promise was missed")
    def post(self, request: Request, handoff_id: int) -> Response:
        return self.act(request, handoff_id)
