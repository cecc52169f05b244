"""The record of a lead: who held it, everything that happened, what was promised, and the acts."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from funnel import health
from funnel.forms import LogForm
from funnel.models import Customer, Deal, Lead
from funnel.stages import STAGE_DEPARTMENT, STAGES, Stage
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads
from handoffs import offers
from handoffs.desk import Cursor, Item
from handoffs.models import Handoff
from handoffs.views.rows import Button, buttons
from handoffs.views.timeline import entries


class Step(NamedTuple):
    """One stage of the life path: since when, and how many days until the next."""

    stage: Stage
    department: str
    at: datetime
    days: int
    is_current: bool
    inferred: bool


@require_safe
@never_cache
@reads
def record(request: PageRequest, pk: int) -> HttpResponse:
    """Show one lead with its timeline, newest first."""
    lead = get_object_or_404(
        Lead.objects.select_related(
            "person__merged_into", "account", "channel", "campaign", "owner", "previous"
        ),
        pk=pk,
    )
    by = Actor.of(request.user, "html", now=request.now)
    handoffs = list(
        Handoff.objects.filter(Q(lead=lead) | Q(customer__origin_lead=lead)).with_promise().order_by("id")
        .select_related("owner", "sender", "sheet__terms", "deal", "lead__person", "customer__account")
    )  # fmt: skip
    after = Cursor.parse(request.GET.get("after", ""))
    shown, following = entries(request, lead, handoffs, after)
    context = {
        "lead": lead,
        "life": life_of(lead, request.now),
        "entries": shown,
        "first_page": request.path if after.pk else "",
        "next_page": f"?after={following}" if following else "",
        "passes": Lead.objects.filter(person=lead.person).exclude(pk=lead.pk).order_by("-pass_no")[:20],
        "bant": lead.qualifications.order_by("-id").first(),
        "composer": LogForm(organization=request.organization, now=request.now),
        "once": uuid.uuid4(),
        **_acts(lead, handoffs, by),
    }
    return render(request, "handoffs/record.html", context)


def life_of(lead: Lead, now: datetime) -> list[Step]:
    """The stages the lead has reached, in their order, with the days spent in each."""
    reached = sorted(lead.reached().items(), key=lambda pair: STAGES.index(pair[0]))
    end = lead.closed_at if lead.closed_at and lead.won_at is None else now
    until = [at for _stage, at in reached[1:]] + [end]
    return [
        Step(
            stage, str(STAGE_DEPARTMENT[stage]), at, max(0, (then - at).days), stage == reached[-1][0],
            stage.value in lead.inferred,
        )
        for (stage, at), then in zip(reached, until, strict=True)
    ]  # fmt: skip


def _acts(lead: Lead, handoffs: list[Handoff], by: Actor) -> dict[str, Any]:
    """The boxes beside the timeline, each with the acts that this member may do."""
    deals = list(Deal.objects.filter(lead=lead).select_related("owner", "contract").order_by("-id"))
    customer = (
        Customer.objects.filter(account=lead.account).select_related("owner").first()
        if lead.account
        else None
    )
    live = [h for h in handoffs if h.closed_at is None]
    in_deals = {deal.pk: _allowed([Item("deal", deal)], by) for deal in deals}
    from_handoffs = _allowed([Item("handoff", h) for h in live], by)
    from_lead = _allowed([Item("lead", lead)], by)
    return {
        "lead_buttons": _once_each([b for b in from_handoffs + from_lead if b.slug != "log"]),
        "deals": [(deal, in_deals[deal.pk]) for deal in deals],
        "customer": customer,
        "contract": customer.contracts.filter(voided_at=None).order_by("-id").first() if customer else None,
        "health": _health(customer),
        "customer_buttons": _allowed([Item("customer", customer)], by) if customer else [],
        "may_log": by.may("log"),
        "may_write": by.may_write,
    }


def _allowed(items: list[Item], by: Actor) -> list[Button]:
    return buttons(offer for item in items for offer in offers.of_item(item, by))


def _once_each(found: list[Button]) -> list[Button]:
    return list({(b.url, b.value): b for b in found}.values())


def _health(customer: Customer | None) -> dict[str, Any] | None:
    latest = customer.health.order_by("-day").first() if customer else None
    if latest is None:
        return None
    factors = [
        {"label": health.LABELS.get(f["key"]), "points": f["points"], "weight": f["weight"]}
        for f in latest.factors
    ]
    tone = {"healthy": "fine", "watch": "warn", "at_risk": "bad"}[latest.band]
    return {"record": latest, "factors": factors, "tone": tone}
