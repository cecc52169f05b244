"""The API door of the ledger, of members, of reasons, and of the problem codes."""

from __future__ import annotations

from django.utils import translation
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.api import answers, filters, shapes
from funnel.api.door import Door
from funnel.api.paging import page
from funnel.api.problems import Turned
from funnel.api.schema import lists, reads
from funnel.api.sentences import DOOR_SENTENCES
from funnel.errors import SENTENCES
from funnel.models import Event, Member, Reason
from funnel.stages import EventKind


class Events(Door):
    """The ledger, read only: newest first; with `after`, oldest first from that id on."""

    FILTERS = {
        "lead": filters.ids("lead"),
        "deal": filters.ids("deal"),
        "customer": filters.ids("customer"),
        "kind": filters.one_of("kind", EventKind),
        "after": filters.after(
            "pk",
            "Oldest first, from the event after this id. Ids are given before a commit, so a follower "
            "asks again from a little before the last id it has seen.",
        ),
    }

    @lists("events_list", shapes.EVENT, FILTERS)
    def get(self, request: Request) -> Response:
        rows = filters.apply(request, Event.objects.all(), self.FILTERS)
        return page(request, rows, answers.event, ascending=bool(request.query_params.get("after")))


class OneEvent(Door):
    """One line of the ledger."""

    @reads("events_read", shapes.EVENT)
    def get(self, request: Request, event_id: int) -> Response:
        return Response(answers.event(get_object_or_404(Event, pk=event_id)))


class Members(Door):
    """Who owns and who acts, by id."""

    FILTERS = {"external_id": filters.texts("external_id")}

    @lists("members_list", shapes.MEMBER, FILTERS)
    def get(self, request: Request) -> Response:
        return page(request, filters.apply(request, Member.objects.all(), self.FILTERS), answers.member)


class Reasons(Door):
    """The reasons on offer for each act, by code."""

    FILTERS = {"act": filters.one_of("act", Reason.For.values)}

    @lists("reasons_list", shapes.REASON, FILTERS)
    def get(self, request: Request) -> Response:
        rows = filters.apply(request, Reason.objects.filter(is_active=True), self.FILTERS)
        return page(request, rows, answers.reason)


class ProblemKind(Door):
    """What a problem's code means; the `type` of every problem leads here."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @reads("problems_read", shapes.PROBLEM_KIND)
    def get(self, request: Request, code: str) -> Response:
        words = DOOR_SENTENCES.get(code) or SENTENCES.get(code)
        if words is None:
            raise Turned(404, "not_found")
        return Response(
            {"code": code, "sentence": words.say(translation.get_language()), "en": words.en, "ja": words.ja}
        )
