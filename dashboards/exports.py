"""The rows behind a number, as plain values and as a CSV file that a spreadsheet opens safely."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from django.db.models import QuerySet

from funnel import spreadsheet
from funnel.api.answers import money
from funnel.models import Contract, Deal, Lead, SpendEntry, TrafficReading
from funnel.words import Words
from handoffs.models import Handoff

Row = dict[str, Any]

RELATED: dict[type, tuple[str, ...]] = {
    Lead: ("account", "channel"),
    Deal: ("account", "lead__channel"),
    Handoff: ("lead__account", "lead__channel", "customer__account"),
    Contract: ("customer__account", "customer__origin_lead__channel"),
    TrafficReading: ("channel",),
    SpendEntry: ("channel",),
}

HEADERS: dict[str, Words] = {
    "type": Words("Type", "種別"),
    "id": Words("Id", "ID"),
    "lead": Words("Lead", "リードID"),
    "deal": Words("Deal", "商談ID"),
    "customer": Words("Customer", "顧客ID"),
    "company": Words("Company", "会社名"),
    "channel": Words("Channel", "流入経路"),
    "owner": Words("Owner", "担当者ID"),
    "at": Words("At", "日時"),
    "closed": Words("Closed", "終了"),
    "amount": Words("Amount", "金額"),
    "currency": Words("Currency", "通貨"),
    "visits": Words("Visits", "訪問数"),
    "promise": Words("Promise", "約束の状態"),
}


def loaded(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows with all that `row` shows, in one statement."""
    return rows.select_related(*RELATED[rows.model])


def row(found: Any) -> Row:
    """One row as plain values; the same keys whatever it is a row of."""
    return {**dict.fromkeys(HEADERS), "company": "", "closed": False, **_SHOW[type(found)](found)}


def _lead(found: Lead) -> Row:
    return {
        "type": "lead",
        "id": found.pk,
        "lead": found.pk,
        "company": found.account.name if found.account else "",
        "channel": found.channel.slug if found.channel else None,
        "owner": found.owner_id,
        "at": found.lead_at.isoformat(),
        "closed": found.outcome is not None,
    }


def _deal(found: Deal) -> Row:
    return {
        "type": "deal",
        "id": found.pk,
        "lead": found.lead_id,
        "deal": found.pk,
        "company": found.account.name if found.account else "",
        "channel": found.lead.channel.slug if found.lead.channel else None,
        "owner": found.owner_id,
        "at": (found.closed_at or found.opened_at).isoformat(),
        "closed": found.closed_at is not None,
        "amount": money(found.amount, found.currency),
        "currency": found.currency,
    }


def _handoff(found: Handoff) -> Row:
    account = (found.lead and found.lead.account) or (found.customer and found.customer.account)
    channel = found.lead.channel if found.lead else None
    return {
        "type": "handoff",
        "id": found.pk,
        "lead": found.lead_id,
        "deal": found.deal_id,
        "customer": found.customer_id,
        "company": account.name if account else "",
        "channel": channel.slug if channel else None,
        "owner": found.owner_id,
        "at": (found.due_at or found.opened_at).isoformat(),
        "closed": found.completed_at is not None,
        "promise": getattr(found, "promise", None),
    }


def _traffic(found: TrafficReading) -> Row:
    return {
        "type": "traffic",
        "id": found.pk,
        "channel": found.channel.slug if found.channel else None,
        "at": f"{found.day.isoformat()}T00:00:00+00:00",
        "visits": found.visits,
    }


def _contract(found: Contract) -> Row:
    customer = found.customer
    lead = customer.origin_lead
    return {
        "type": "contract",
        "id": found.pk,
        "lead": customer.origin_lead_id,
        "deal": found.deal_id,
        "customer": customer.pk,
        "company": customer.account.name,
        "channel": lead.channel.slug if lead and lead.channel else None,
        "owner": customer.owner_id,
        "at": f"{(found.ends_on or found.signed_on).isoformat()}T00:00:00+00:00",
        "closed": found.ended_on is not None,
        "amount": money(found.mrr, found.currency),
        "currency": found.currency,
    }


def _spend(found: SpendEntry) -> Row:
    return {
        "type": "spend",
        "id": found.pk,
        "channel": found.channel.slug if found.channel else None,
        "at": f"{found.day.isoformat()}T00:00:00+00:00",
        "amount": str(found.amount),
    }


_SHOW: dict[type, Callable[[Any], Row]] = {
    Lead: _lead,
    Deal: _deal,
    Handoff: _handoff,
    Contract: _contract,
    TrafficReading: _traffic,
    SpendEntry: _spend,
}


def lines(rows: QuerySet[Any], language: str | None) -> Iterator[str]:
    """The file line by line, headers in `language`; reads rows as it goes."""
    shown = (row(found).values() for found in loaded(rows).order_by("pk").iterator(chunk_size=2000))
    return spreadsheet.lines(chain([[words.say(language) for words in HEADERS.values()]], map(list, shown)))
