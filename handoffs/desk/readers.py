"""What a row shows of its record, read for the ids of one page: one query for each kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import F, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform

from funnel.models import Contract, Customer, Deal, Event, Lead
from funnel.stages import EventKind
from handoffs.desk.passes import heard_from
from handoffs.models import Handoff
from handoffs.querysets import HandoffQuerySet

LEAD_SHOWN = ("person", "account", "channel", "campaign", "owner")


def _handoffs() -> HandoffQuerySet:
    shown = [f"lead__{name}" for name in LEAD_SHOWN]
    rows = Handoff.objects.with_promise().select_related(
        *shown, "deal__contract", "owner", "sender", "decided_by", "opened_by__note"
    )
    # Apart: only the fourth boundary has a customer, and its joins would double the others' cost.
    return rows.prefetch_related(Prefetch("customer", _customers()))


RETURNS = (EventKind.MQL_RETURNED, EventKind.SQL_RETURNED, EventKind.HANDOFF_RETURNED)


def _sent_back() -> QuerySet[Handoff]:
    """Handoffs that came back, with what the receiver wants to know (`asked`)."""
    told = Event.objects.filter(lead=OuterRef("lead"), kind__in=RETURNS, handoff_ref=OuterRef("pk"))
    return _handoffs().annotate(asked=Subquery(told.order_by("-id").values("note__text")[:1]))


def _leads() -> QuerySet[Lead]:
    return Lead.objects.select_related(*LEAD_SHOWN)


def _slept() -> QuerySet[Lead]:
    """Passes that ended, with what was heard when they did."""
    ended = Event.objects.filter(kind__in=[EventKind.LEAD_RECYCLED, EventKind.DEAL_LOST])
    told = Prefetch("events", ended.select_related("note").order_by("-id"), to_attr="endings")
    return _leads().prefetch_related(told)


def _deals() -> QuerySet[Deal]:
    return Deal.objects.select_related(
        "account", "owner", "next_step", *[f"lead__{name}" for name in LEAD_SHOWN]
    )


def _customers() -> QuerySet[Customer]:
    return Customer.objects.select_related(
        "account", "owner", *[f"origin_lead__{name}" for name in LEAD_SHOWN]
    )


def _fallen() -> QuerySet[Customer]:
    """Customers with the latest change of their health: when, from which band, into which."""
    latest = Event.objects.filter(kind=EventKind.HEALTH_CHANGED, customer=OuterRef("pk")).order_by("-id")
    return _customers().annotate(
        fell_at=Subquery(latest.values("occurred_at")[:1]),
        band=Subquery(latest.annotate(to=KeyTextTransform("to", "data")).values("to")[:1]),
        band_before=Subquery(latest.annotate(was=KeyTextTransform("from", "data")).values("was")[:1]),
    )


def _incomplete() -> HandoffQuerySet:
    """Handoffs with their sheet."""
    return _handoffs().select_related("sheet")


def _hot() -> QuerySet[Lead]:
    """Leads with the last thing they did themselves: when, and what."""
    last = heard_from().order_by("-occurred_at")
    return (
        _leads()
        .select_related("referred_by__account")
        .annotate(heard_at=Subquery(last.values("occurred_at")[:1]), heard=Subquery(last.values("kind")[:1]))
    )


def _ending() -> QuerySet[Contract]:
    """Contracts with their customer and how it last stood: `score` and `band`, null when it was never judged."""
    shown = [f"customer__origin_lead__{name}" for name in LEAD_SHOWN]
    return Contract.objects.select_related("customer__account", "customer__owner", *shown).annotate(
        score=F("customer__health_score"), band=F("customer__health_band")
    )


READERS: dict[str, Callable[[], QuerySet[Any]]] = {
    "promise": _handoffs, "kickoff": _handoffs, "handoff": _handoffs, "returned": _sent_back,
    "lead": _leads, "wake": _slept, "nurture": _slept, "deal": _deals,
    "step": _deals, "customer": _customers, "health": _fallen,
    "hot": _hot, "gap": _incomplete, "sold": _handoffs, "renewal": _ending,
}  # fmt: skip
