"""The rows behind a number, as plain values and as a CSV file that a spreadsheet opens safely."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from django.db.models import QuerySet

from funnel import spreadsheet
from funnel.api.answers import money
from funnel.models import (
    Activity,
    Contract,
    Customer,
    Deal,
    Lead,
    SpendEntry,
    SurveyResponse,
    TrafficReading,
)
from funnel.querysets import in_pieces
from funnel.stages import CustomerPhase
from funnel.words import Words
from handoffs.models import CustomerSheet, Handoff

Row = dict[str, Any]
PIECE = 2_000

RELATED: dict[type, tuple[str, ...]] = {
    Lead: ("account", "channel"),
    Deal: ("account", "lead__channel"),
    Handoff: ("lead__account", "lead__channel", "customer__account"),
    Contract: ("customer__account", "customer__origin_lead__channel"),
    TrafficReading: ("channel",),
    SpendEntry: ("channel",),
    Customer: ("account", "origin_lead__channel"),
    SurveyResponse: ("customer__account", "customer__origin_lead__channel"),
    Activity: ("lead__account", "lead__channel"),
    CustomerSheet: ("deal__account", "deal__lead__channel"),
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
    "before": Words("At the start", "期間初め"),
    "after": Words("At the end", "期間末"),
    "score": Words("Score", "点数"),
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


def _customer(found: Customer) -> Row:
    """`before` and `after` are monthly revenue, or seats and active users, where the number is about those."""
    lead = found.origin_lead
    before = getattr(found, "before", getattr(found, "seats", None))
    after = getattr(found, "after", getattr(found, "active", None))
    return {
        "type": "customer",
        "id": found.pk,
        "lead": found.origin_lead_id,
        "customer": found.pk,
        "company": found.account.name,
        "channel": lead.channel.slug if lead and lead.channel else None,
        "owner": found.owner_id,
        "at": f"{found.since.isoformat()}T00:00:00+00:00",
        "closed": found.phase == CustomerPhase.CHURNED,
        "before": None if before is None else str(before),
        "after": None if after is None else str(after),
    }


def _survey(found: SurveyResponse) -> Row:
    return {
        **_customer(found.customer),
        "type": "survey",
        "id": found.pk,
        "at": f"{found.answered_on.isoformat()}T00:00:00+00:00",
        "score": str(found.score),
    }


def _activity(found: Activity) -> Row:
    lead = found.lead
    return {
        **_lead(lead),
        "type": "activity",
        "id": found.pk,
        "at": found.occurred_at.isoformat(),
    }


def _sheet(found: CustomerSheet) -> Row:
    return {
        **_deal(found.deal),
        "type": "sheet",
        "id": found.pk,
        "owner": found.submitted_by_id,
        "at": found.submitted_at.isoformat(),
        "score": str(found.score),
    }


_SHOW: dict[type, Callable[[Any], Row]] = {
    Lead: _lead,
    Deal: _deal,
    Handoff: _handoff,
    Contract: _contract,
    TrafficReading: _traffic,
    SpendEntry: _spend,
    Customer: _customer,
    SurveyResponse: _survey,
    Activity: _activity,
    CustomerSheet: _sheet,
}


def lines(rows: QuerySet[Any], language: str | None) -> Iterator[str]:
    """The file line by line, headers in `language`; reads rows as it goes."""
    shown = (row(found).values() for found in in_pieces(loaded(rows), PIECE))
    return spreadsheet.lines(chain([[words.say(language) for words in HEADERS.values()]], map(list, shown)))
