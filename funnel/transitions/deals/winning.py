"""Winning a deal: contract, customer, and the kickoff that is owed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from funnel.errors import BadValue, MoveRefused
from funnel.models import Account, Contract, Customer, Deal, Event, Lead, Organization
from funnel.stages import (
    CustomerPhase,
    DealKind,
    DealState,
    EventKind,
    Outcome,
    Stage,
)
from funnel.transitions.acting import Actor
from funnel.transitions.deals.selling import checked_amount, demand_open, lock_deal
from funnel.transitions.deals.signing import demand_certified_by, signing
from funnel.transitions.ledger import (
    check_act,
    enter,
    event,
    given_reason,
    happened,
    note_for,
    reach_of,
    record,
    write,
)


@transaction.atomic
def win(
    deal_id: int,
    by: Actor,
    *,
    now: datetime,
    amount: Decimal | int | str | None,
    currency: str = "",
    signed_on: date | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    mrr: Decimal | None = None,
    seats: int | None = None,
    reason: str = "",
    note: str = "",
    kickoff_at: datetime | None = None,
    occurred_at: datetime | None = None,
    history: bool = False,
) -> Contract:
    """Win a deal: contract and customer come to be, the lead closes WON, the kickoff promise opens.

    The promise counts business days from `signed_on` (organisation-local; default the day it was won).
    The `reason` is a code or free text; members and programs must give one (`given_reason`).
    With `kickoff_at` the kickoff is set in the same act. Raises MoveRefused, BadValue, NotYours.
    """
    department = by.department_for("win")
    lead, deal = lock_deal(deal_id)
    demand_open(deal)
    was = {"amount": "" if deal.amount is None else str(deal.amount), "currency": deal.currency}
    deal.currency = currency or deal.currency
    deal.amount = checked_amount(deal.amount if amount is None else amount, deal.currency)
    if deal.amount is None:
        raise BadValue("amount_required", field="amount")
    code, typed = given_reason("win", reason, by, history=history)
    signed, at = signing(lead, signed_on=signed_on, occurred_at=occurred_at, now=now)
    if signed_on is not None and deal.kind == DealKind.NEW and not history:
        demand_certified_by(signed_on, lead)
    starts = starts_on or signed
    if ends_on is not None and ends_on < starts:
        raise BadValue("bad_dates", field="ends_on")
    before = reach_of(lead)
    skipped = _enter_won(lead, deal, by, now=now, at=at, history=history)
    deal.state, deal.closed_at, deal.reason = DealState.WON, at, code
    deal.account = deal.account or _account_of(lead, deal)
    deal.save()
    customer = _customer_of(deal, lead, signed)
    contract = Contract.objects.create(
        customer=customer,
        deal=deal,
        signed_on=signed,
        starts_on=starts,
        ends_on=ends_on,
        mrr=checked_amount(mrr, deal.currency),
        currency=deal.currency,
        seats=seats,
    )

    def about(kind: EventKind, **more: Any) -> Event:
        return event(
            kind,
            by,
            now=now,
            department=department,
            lead=lead,
            deal=deal,
            contract=contract,
            customer=customer,
            occurred_at=at,
            binding=not history,
            **more,
        )

    events = [
        *skipped,
        about(
            EventKind.DEAL_WON,
            reason=code,
            note=note_for(lead, by, typed, note),
            data={
                "amount": str(deal.amount),
                "currency": deal.currency,
                "deal_kind": deal.kind,
                "before": was,
            },
        ),
        about(EventKind.CONTRACT_SIGNED, data={"signed_on": signed.isoformat(), "deal_kind": deal.kind}),
    ]
    write(lead, before, events)
    if kickoff_at is not None:
        _set_kickoff(
            contract, lead, by, now=now, department=department, kickoff_at=kickoff_at, at=now, history=history
        )
    return contract


def _enter_won(
    lead: Lead, deal: Deal, by: Actor, *, now: datetime, at: datetime, history: bool
) -> list[Event]:
    if deal.kind != DealKind.NEW:
        return []
    if lead.outcome not in (None, Outcome.WON, Outcome.LOST):
        check_act("win", lead)
    skipped = enter(lead, Stage.WON, by, now=now, at=at, history=history)
    lead.stage = Stage.SQL
    lead.outcome, lead.closed_at, lead.outcome_reason = Outcome.WON, at, ""
    lead.wake_up_on = None
    lead.save()
    return skipped


def _account_of(lead: Lead, deal: Deal) -> Account:
    """The company that signs; a lead without one gets an account named after what is known."""
    if lead.account is None:
        name = deal.name or lead.person.name or lead.external_id or f"#{lead.pk}"
        lead.account = Account.objects.create(name=name, name_norm="")
        lead.save(update_fields=["account"])
    return lead.account


def _customer_of(deal: Deal, lead: Lead, since: date) -> Customer:
    customer, created = Customer.objects.select_for_update().get_or_create(
        account=deal.account, defaults={"origin_lead": lead, "since": since}
    )
    if not created and customer.phase == CustomerPhase.CHURNED:
        customer.phase = CustomerPhase.REACTIVATED
        customer.save(update_fields=["phase"])
    return customer


def _contract_of(deal: Deal) -> Contract:
    contract = Contract.objects.select_for_update().filter(deal=deal, voided_at=None).first()
    if contract is None or deal.state != DealState.WON:
        raise MoveRefused("deal_not_won")
    return contract


@transaction.atomic
def kickoff(
    deal_id: int,
    by: Actor,
    *,
    now: datetime,
    kickoff_at: datetime,
    occurred_at: datetime | None = None,
    history: bool = False,
) -> Contract:
    """Set (or move) the kickoff meeting with the customer; the first setting keeps the promise."""
    department = by.department_for("kickoff")
    at = happened(occurred_at, now)
    lead, deal = lock_deal(deal_id)
    contract = _contract_of(deal)
    _set_kickoff(
        contract, lead, by, now=now, department=department, kickoff_at=kickoff_at, at=at, history=history
    )
    return contract


def _set_kickoff(
    contract: Contract,
    lead: Lead,
    by: Actor,
    *,
    now: datetime,
    department: str,
    kickoff_at: datetime,
    at: datetime,
    history: bool,
) -> None:
    if kickoff_at < Organization.current().calendar().start_of_day(contract.signed_on):
        raise BadValue("kickoff_past", field="kickoff_at")
    contract.kickoff_at = kickoff_at
    contract.save(update_fields=["kickoff_at"])
    record(
        EventKind.KICKOFF_SCHEDULED,
        by,
        now=now,
        department=department,
        lead=lead,
        deal=contract.deal,
        contract=contract,
        customer=contract.customer,
        occurred_at=at,
        binding=not history,
        data={"kickoff_at": kickoff_at.isoformat()},
    )


@transaction.atomic
def hold_kickoff(deal_id: int, by: Actor, *, now: datetime, held_at: datetime | None = None) -> Contract:
    """Record that the kickoff was held: the handoff is complete, onboarding runs."""
    department = by.department_for("hold_kickoff")
    at = happened(held_at, now, "held_at")
    lead, deal = lock_deal(deal_id)
    contract = _contract_of(deal)
    if contract.kickoff_at is None:
        raise MoveRefused("kickoff_missing")
    if contract.kickoff_held_at is not None:
        raise MoveRefused("already_done")
    contract.kickoff_held_at = at
    contract.save(update_fields=["kickoff_held_at"])
    record(
        EventKind.KICKOFF_HELD,
        by,
        now=now,
        department=department,
        lead=lead,
        deal=deal,
        contract=contract,
        customer=contract.customer,
        occurred_at=at,
    )
    return contract


@transaction.atomic
def resend_won(deal_id: int, by: Actor, *, now: datetime, note: str = "") -> Deal:
    """Hand a won deal over again after it was returned: a new round, counted from today.

    Raises MoveRefused("not_returned") unless its last handover came back.
    """
    department = by.department_for("resend_won")
    lead, deal = lock_deal(deal_id)
    contract = _contract_of(deal)
    sent_or_returned = (EventKind.CONTRACT_SIGNED, EventKind.WON_RESENT, EventKind.HANDOFF_RETURNED)
    last = Event.objects.filter(deal=deal, kind__in=sent_or_returned).latest("id")
    if last.kind != EventKind.HANDOFF_RETURNED:
        raise MoveRefused("not_returned")
    today = Organization.current().calendar().local_date(now)
    record(
        EventKind.WON_RESENT,
        by,
        now=now,
        department=department,
        lead=lead,
        deal=deal,
        contract=contract,
        customer=contract.customer,
        note=note_for(lead, by, note),
        data={"signed_on": today.isoformat()},
    )
    return deal
