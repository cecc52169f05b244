"""The API door of deals."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.api import answers, filters, shapes
from funnel.api import serializers as takes
from funnel.api.bodies import take
from funnel.api.door import Act, Door
from funnel.api.idempotency import Answer
from funnel.api.paging import page
from funnel.api.schema import acts, lists, reads
from funnel.api.views_leads import named
from funnel.models import Deal, Lead, Member
from funnel.stages import DealKind, DealState
from funnel.transitions import deals
from funnel.transitions.acting import Actor


def shown() -> QuerySet[Deal]:
    """Deals with all that their row shows, in one statement."""
    return Deal.objects.select_related("account", "contract", "next_step")


def one_deal(deal_id: int) -> answers.Row:
    """The row of one deal, as it stands now."""
    return answers.deal(shown().get(pk=deal_id))


class Deals(Door):
    """Every deal, newest first."""

    writes = "open_deal"
    FILTERS = {
        "state": filters.one_of("state", DealState),
        "kind": filters.one_of("kind", DealKind),
        "lead": filters.ids("lead"),
        "account": filters.ids("account"),
        "owner": filters.ids("owner"),
        "external_id": filters.texts("external_id"),
    }

    @lists("deals_list", shapes.DEAL, FILTERS)
    def get(self, request: Request) -> Response:
        return page(request, filters.apply(request, shown(), self.FILTERS), answers.deal)

    @acts(
        "deals_open",
        takes.DealInput,
        shapes.DEAL,
        statuses=(201,),
        summary="A further deal on a lead that has passed SQL",
    )
    def post(self, request: Request) -> Response:
        values = take(takes.DealInput, request.data)

        def open_deal(by: Actor, now: datetime) -> Answer:
            given = named(named(values, "owner", Member), "lead", Lead)
            lead = given.pop("lead")
            step, on = given.pop("next_step", ""), given.pop("next_step_on", None)
            opened = deals.open_deal(lead.pk, by, now=now, fields=deals.DealFields(**given))
            if step or on:
                deals.plan(opened.pk, by, now=now, next_step=step, next_step_on=on)
            return Answer(one_deal(opened.pk), 201)

        return self.carry_out(open_deal)


class OneDeal(Door):
    """One deal; its side facts can be changed, its state only by acts."""

    writes = "edit"

    @reads("deals_read", shapes.DEAL)
    def get(self, request: Request, deal_id: int) -> Response:
        return Response(answers.deal(get_object_or_404(shown(), pk=deal_id)))

    @acts("deals_change", takes.DealChange, shapes.DEAL, repeatable=False)
    def patch(self, request: Request, deal_id: int) -> Response:
        values = take(takes.DealChange, request.data)

        def change(by: Actor, now: datetime) -> Answer:
            deals.describe(deal_id, by, now=now, **named(values, "owner", Member))
            return Answer(one_deal(deal_id))

        return self.carry_out(change)


class DealAct(Act):
    """One act on a deal."""

    row = one_deal


class Step(DealAct):
    """Move an open deal to another step."""

    writes = "step_deal"
    TAKES, verb = takes.Step, deals.move_step

    @acts("deals_step", takes.Step, shapes.DEAL)
    def post(self, request: Request, deal_id: int) -> Response:
        return self.act(request, deal_id)


class Lose(DealAct):
    """Lose a deal, with a reason."""

    writes = "lose"
    TAKES, verb = takes.LoseInput, deals.lose

    @acts("deals_lose", takes.LoseInput, shapes.DEAL)
    def post(self, request: Request, deal_id: int) -> Response:
        return self.act(request, deal_id)


class Kickoff(DealAct):
    """Set, or move, the kickoff meeting."""

    writes = "kickoff"
    TAKES, verb = takes.KickoffInput, deals.kickoff

    @acts("deals_kickoff", takes.KickoffInput, shapes.DEAL)
    def post(self, request: Request, deal_id: int) -> Response:
        return self.act(request, deal_id)


class HoldKickoff(DealAct):
    """The kickoff took place."""

    writes = "hold_kickoff"
    TAKES, verb = takes.HeldInput, deals.hold_kickoff

    @acts("deals_hold_kickoff", takes.HeldInput, shapes.DEAL)
    def post(self, request: Request, deal_id: int) -> Response:
        return self.act(request, deal_id)


class Resend(DealAct):
    """Hand a won deal over again after it was returned."""

    writes = "resend_won"
    TAKES, verb = takes.NoteInput, deals.resend_won

    @acts("deals_resend", takes.NoteInput, shapes.DEAL)
    def post(self, request: Request, deal_id: int) -> Response:
        return self.act(request, deal_id)


class Reopen(DealAct):
    """Take a closed deal up again."""

    writes = "reopen"
    TAKES = takes.ReasonInput

    @staticmethod
    def verb(deal_id: int, by: Actor, *, now: datetime, reason: str, note: str = "") -> Any:
        """A reopening has one text: its reason."""
        return deals.reopen(deal_id, by, now=now, reason="\n".join(t for t in (reason, note) if t))

    @acts("deals_reopen", takes.ReasonInput, shapes.DEAL)
    def post(self, request: Request, deal_id: int) -> Response:
        return self.act(request, deal_id)
