"""Deals that come back or never were: reopened and void."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from funnel.errors import MoveRefused
from funnel.models import Contract, Deal, Event, Lead, Organization
from funnel.stages import (
    DEAL_STATE_WORDS,
    DealState,
    EventKind,
    Outcome,
    Stage,
)
from funnel.transitions.acting import Actor
from funnel.transitions.deals.selling import lock_deal
from funnel.transitions.ledger import (
    Passage,
    Reach,
    announce,
    event,
    note_for,
    reach_of,
    record,
    save,
)
from funnel.transitions.rereading import reread

REOPEN_WITHIN = timedelta(days=90)


@transaction.atomic
def reopen(deal_id: int, by: Actor, *, now: datetime, reason: str) -> Deal:
    """Reopen a lost deal within 90 days, or a won one whose contract has not started.

    A reopened win is withdrawn from the counts by a correction, and its contract is void.
    """
    department = by.department_for("reopen")
    lead, deal = lock_deal(deal_id)
    if deal.state not in (DealState.LOST, DealState.WON):
        raise MoveRefused("deal_not_open", state=DEAL_STATE_WORDS[deal.state])
    if deal.state == DealState.LOST and deal.closed_at and now - deal.closed_at > REOPEN_WITHIN:
        raise MoveRefused("reopen_too_late")
    _demand_no_other_pass(lead)
    before = reach_of(lead)
    taken_back = _take_back_win(deal, by, now=now, department=department)
    deal.state, deal.closed_at, deal.reason = DealState.OPEN, None, ""
    deal.save(update_fields=["state", "closed_at", "reason"])
    _settle_lead(lead, before, taken_back, now=now)
    record(
        EventKind.DEAL_REOPENED,
        by,
        now=now,
        department=department,
        lead=lead,
        deal=deal,
        note=note_for(lead, by, reason),
    )
    return deal


def _demand_no_other_pass(lead: Lead) -> None:
    if not lead.is_open and Lead.objects.filter(person=lead.person, outcome=None).exists():
        raise MoveRefused("lead_open")


def _take_back_win(deal: Deal, by: Actor, *, now: datetime, department: str) -> list[Event]:
    """Void the contract of a deal that was won and withdraw its events; nothing for another deal."""
    if deal.state != DealState.WON:
        return []
    contract = Contract.objects.select_for_update().filter(deal=deal, voided_at=None).first()
    if contract is not None:
        today = Organization.current().calendar().local_date(now)
        if contract.starts_on < today:
            raise MoveRefused("contract_started")
        contract.voided_at, contract.deal = now, None
        contract.save(update_fields=["voided_at", "deal"])
    standing = Event.objects.filter(
        deal=deal, kind__in=[EventKind.DEAL_WON, EventKind.CONTRACT_SIGNED]
    ).exclude(corrections__data__withdrawn=True)
    return [
        event(
            EventKind.EVENT_CORRECTED,
            by,
            now=now,
            department=department,
            lead=deal.lead,
            deal=deal,
            corrects=old,
            # Counted no more; but field sales did take the deal over when it won it.
            data={"withdrawn": True, "reopened": True},
        )
        for old in standing
    ]


def _settle_lead(lead: Lead, before: Reach, events: list[Event], *, now: datetime) -> None:
    """Put the lead's outcome and stages in step with its deals after a deal came back or left."""
    saved = save(events)
    if saved:
        reread(lead)
    states = set(Deal.objects.filter(lead=lead).values_list("state", flat=True))
    if states & {DealState.OPEN, DealState.RETURNED}:
        lead.outcome, lead.closed_at, lead.outcome_reason = None, None, ""
    elif DealState.WON in states:
        lead.outcome, lead.closed_at = Outcome.WON, lead.won_at or now
    elif DealState.LOST in states:
        lead.outcome, lead.closed_at = Outcome.LOST, lead.closed_at or now
    else:
        lead.outcome, lead.closed_at, lead.outcome_reason = None, None, ""
        lead.stage = Stage.MQL if lead.mql_at else Stage.LEAD
    lead.save()
    announce(saved, [Passage(lead.pk, before, reach_of(lead))])


@transaction.atomic
def void(deal_id: int, by: Actor, *, now: datetime, reason: str) -> Deal:
    """Take a deal entered by mistake out of all counts; its win, if any, is withdrawn by a correction."""
    department = by.department_for("void")
    lead, deal = lock_deal(deal_id)
    if deal.state == DealState.VOID:
        raise MoveRefused("already_done")
    _demand_no_other_pass(lead)
    before = reach_of(lead)
    taken_back = _take_back_win(deal, by, now=now, department=department)
    deal.state, deal.closed_at = DealState.VOID, now
    deal.save(update_fields=["state", "closed_at"])
    _settle_lead(lead, before, taken_back, now=now)
    record(
        EventKind.DEAL_VOIDED,
        by,
        now=now,
        department=department,
        lead=lead,
        deal=deal,
        note=note_for(lead, by, reason),
    )
    return deal
