"""The record: one page for a pass, a person, a customer; who held it, everything that happened, and the acts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from funnel.forms import LogForm
from funnel.stages import CustomerPhase
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads
from funnel.views.customers.acts import Subject
from funnel.views.customers.record import CustomerOffer, health_of, offers_of, onboarding_of
from handoffs import offers
from handoffs.desk import Cursor, Item
from handoffs.models import Handoff
from handoffs.views.life import path_of, relay_of
from handoffs.views.owners import owners_of
from handoffs.views.planned import planned_of
from handoffs.views.rows import Button, buttons
from handoffs.views.speech import Speech
from handoffs.views.thread import Thread, of_customer, of_lead
from handoffs.views.timeline import page_of
from handoffs.views.walking import walk_of, with_place

ANSWERS_SHOWN = 4
# What is said in one line at the top offers these in the composer, not as buttons.
IN_COMPOSER = "log"
# The acts of the queue on a customer that his own acts repeat.
SAME_ACT = {"kickoff": "kickoff", "hold": "kickoff-held", "onboard": "first-value", "refer": "referral"}
LIKELIEST: dict[str, tuple[str, ...]] = {
    CustomerPhase.ONBOARDING: ("kickoff-held", "kickoff", "first-value"),
    CustomerPhase.ADOPTING: ("survey",),
    CustomerPhase.RENEWAL_WINDOW: ("renew",),
    CustomerPhase.CHURN_NOTICE: ("renew",),
    CustomerPhase.REACTIVATED: ("survey",),
}
KEYS = {
    "mql": "m", "sql": "Shift+Enter", "recycle": "h", "accept": "a", "return": "x",
    "win": "w", "lose": "l",
}  # fmt: skip


class Act(NamedTuple):
    """A button with its key."""

    button: Button
    key: str


@dataclass
class Acts:
    """What can be done from here: the likeliest in the header, the others folded, a customer's own apart."""

    primary: Act | None = None
    beside: list[Act] = field(default_factory=list)
    more: list[Act] = field(default_factory=list)
    of_customer: list[CustomerOffer] = field(default_factory=list)
    likeliest: CustomerOffer | None = None


@require_safe
@never_cache
@reads
def record(request: PageRequest, pk: int) -> HttpResponse:
    """Show the thread of one pass; once the company is a customer, with all that followed."""
    return _show(request, of_lead(pk))


@require_safe
@never_cache
@reads
def customer(request: PageRequest, customer_id: int) -> HttpResponse:
    """Show the thread of a customer, from renewal back to the first visit."""
    return _show(request, of_customer(customer_id))


def _show(request: PageRequest, thread: Thread) -> HttpResponse:
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    speech = Speech.of(request)
    walk = walk_of(request, thread, by)
    after = Cursor.parse(request.GET.get("after", ""))
    timeline = page_of(request, thread, after, speech)
    steps = path_of(thread, speech)
    live = list(
        thread.handoffs().live().with_promise().order_by("id")
        .select_related("owner", "sender", "deal", "lead__person", "customer__account")
    )  # fmt: skip
    context = {
        "thread": thread,
        "lead": thread.lead,
        "account": thread.account,
        "customer": thread.customer,
        "people": thread.people(),
        "life": steps,
        "relay": relay_of(steps, speech),
        "owners": owners_of(thread, speech),
        "planned": [] if after.pk else planned_of(thread, speech),
        "entries": timeline.entries,
        "earlier": _address(request, str(timeline.next)) if timeline.next else "",
        "latest": _address(request) if after.pk else "",
        "walk": walk,
        "here": with_place(request.path, request.GET, walk),
        "composer": LogForm(organization=request.organization, now=request.now),
        "once": uuid.uuid4(),
        "acts": acts_of(thread, live, by),
        "open_deals": [deal for deal in thread.deals if deal.is_open],
        "bant": thread.lead.qualifications.order_by("-id").first() if thread.lead else None,
        "may_log": by.may("log") and thread.lead is not None,
        "may_write": by.may("edit"),
        "live": live,
        **_of_customer(thread, speech),
    }
    return render(request, "handoffs/record.html", context)


def _address(request: PageRequest, after: str = "") -> str:
    """This page with another place in the timeline; what else stands in the address is kept."""
    query = request.GET.copy()
    query.pop("after", None)
    if after:
        query["after"] = after
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _of_customer(thread: Thread, speech: Speech) -> dict[str, Any]:
    customer = thread.customer
    if customer is None:
        return {"health": None}
    running = thread.running
    shown = running or (thread.contracts[0] if thread.contracts else None)
    return {
        "health": health_of(customer, speech.today),
        "contract": shown,
        "contract_amount": _amount_of(thread, speech),
        "contracts": thread.contracts,
        "onboarding": onboarding_of(customer, speech.today),
        "answers": list(customer.surveys.order_by("-answered_on", "-pk")[:ANSWERS_SHOWN]),
    }


def _amount_of(thread: Thread, speech: Speech) -> dict[str, Any] | None:
    """What the contract in force is worth: its deal's amount, or twelve months of its monthly revenue."""
    contract = thread.running or (thread.contracts[0] if thread.contracts else None)
    if contract is None:
        return None
    amount, yearly = None, False
    if contract.deal is not None and contract.deal.amount is not None:
        amount = contract.deal.amount
    elif contract.mrr is not None:
        amount, yearly = contract.mrr * 12, True
    if amount is None:
        return None
    short = speech.money(amount, contract.currency)
    return {"amount": amount, "currency": contract.currency, "short": short, "yearly": yearly}


def acts_of(thread: Thread, live: Iterable[Handoff], by: Actor) -> Acts:
    """The acts of this member on the thread: of what is owed first, then of the deal, the pass, the customer."""
    items = [Item("handoff", handoff) for handoff in live]
    if thread.open_deal is not None:
        items.append(Item("deal", thread.open_deal))
    if thread.lead is not None:
        items.append(Item("lead", thread.lead))
    offered = buttons(offer for item in items for offer in offers.of_item(item, by))
    once_each = {(b.url, b.value): b for b in offered if b.slug != IN_COMPOSER}.values()
    found = [Act(b, KEYS.get(b.slug, "")) for b in once_each]
    acts = Acts(primary=next((act for act in found if act.button.primary), None))
    rest = [act for act in found if act is not acts.primary]
    acts.beside, acts.more = rest[:1], rest[1:]
    if thread.customer is not None:
        shown = {SAME_ACT.get(act.button.slug) for act in found}
        own = [o for o in offers_of(_subject(thread), by) if o.name not in shown]
        acts.of_customer = own
        if acts.primary is None and thread.is_customers:
            wished = LIKELIEST.get(thread.customer.phase, ())
            acts.likeliest = next(
                (o for name in wished for o in own if o.name == name and not o.refusal), None
            )
            acts.of_customer = [o for o in own if o is not acts.likeliest]
    return acts


def _subject(thread: Thread) -> Subject:
    """The customer with its contracts, as read for the page."""
    assert thread.customer is not None
    sold = next((c for c in thread.contracts if c.deal_id is not None and c.voided_at is None), None)
    return Subject(thread.customer, thread.running, sold)
