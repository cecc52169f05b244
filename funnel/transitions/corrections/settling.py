"""A pass put in step with what its ledger still says once one of its events is withdrawn."""

from __future__ import annotations

from datetime import datetime

from funnel.errors import MoveRefused
from funnel.models import Customer, Deal, Event, Lead
from funnel.stages import CustomerPhase, DealState, EventKind, Outcome, Stage
from funnel.transitions.rereading import Standing, last_of

CLOSED_BY = {
    EventKind.LEAD_RECYCLED: Outcome.RECYCLED,
    EventKind.LEAD_DISQUALIFIED: Outcome.DISQUALIFIED,
}


def settle(lead: Lead, wrong: Event, standing: list[Standing], *, now: datetime) -> None:
    """Put stage, outcome and deals of a locked lead in step; the caller saves it."""
    kind = EventKind(wrong.kind)
    if kind in (EventKind.MQL_CERTIFIED, EventKind.MQL_RETURNED) and lead.stage != Stage.SQL:
        certified = last_of(standing, EventKind.MQL_CERTIFIED, EventKind.MQL_RETURNED)
        lead.stage = Stage.MQL if certified is EventKind.MQL_CERTIFIED else Stage.LEAD
    if kind is EventKind.SQL_CERTIFIED:
        last = last_of(standing, EventKind.SQL_CERTIFIED, EventKind.SQL_RETURNED)
        if lead.sql_at is None:
            _void_deals(lead, now)
        elif lead.stage == Stage.SQL and last is EventKind.SQL_RETURNED:
            _wait_again(lead, wrong)
    if kind is EventKind.SQL_RETURNED:
        _move(wrong, DealState.RETURNED, DealState.OPEN)
        lead.stage = Stage.SQL
    if kind is EventKind.FIRST_VALUE_REACHED:
        _onboard_again(wrong)
    if kind in CLOSED_BY:
        _go_on(lead, wrong, CLOSED_BY[kind])


def demand_no_other_pass(lead: Lead) -> None:
    """Raise MoveRefused("lead_open") when a closed pass would open beside another one of the same person."""
    if not lead.is_open and Lead.objects.filter(person=lead.person_id, outcome=None).exists():
        raise MoveRefused("lead_open")


def _void_deals(lead: Lead, now: datetime) -> None:
    """What was opened by a certification that never was; a deal already won or lost is undone otherwise."""
    if Deal.objects.filter(lead=lead, state__in=[DealState.WON, DealState.LOST]).exists():
        raise MoveRefused("not_correctable")
    unfinished = Deal.objects.filter(lead=lead, state__in=[DealState.OPEN, DealState.RETURNED])
    unfinished.update(state=DealState.VOID, closed_at=now)
    lead.stage = Stage.MQL if lead.mql_at else Stage.LEAD


def _wait_again(lead: Lead, wrong: Event) -> None:
    """A further round that was no round: the deal lies returned with Inside Sales, as before it."""
    _move(wrong, DealState.OPEN, DealState.RETURNED)
    lead.stage = Stage.MQL


def _move(wrong: Event, old: DealState, new: DealState) -> None:
    if not Deal.objects.filter(pk=wrong.deal_id or 0, state=old).update(state=new):
        raise MoveRefused("not_correctable")


def _go_on(lead: Lead, wrong: Event, outcome: Outcome) -> None:
    """The pass was not closed: it goes on where it stood, and so do the returned deals that ended with it."""
    if lead.outcome != outcome:
        raise MoveRefused("not_correctable")
    demand_no_other_pass(lead)
    ended = Deal.objects.filter(lead=lead, state=DealState.VOID, closed_at=wrong.occurred_at)
    ended.exclude(events__kind=EventKind.DEAL_VOIDED).update(state=DealState.RETURNED, closed_at=None)
    lead.outcome, lead.closed_at, lead.outcome_reason, lead.wake_up_on = None, None, "", None


def _onboard_again(wrong: Event) -> None:
    """Onboarding goes on: first value was not reached."""
    customer = Customer.objects.select_for_update().get(pk=wrong.customer_id or 0)
    customer.onboarded_at = None
    if customer.phase in (CustomerPhase.ADOPTING, CustomerPhase.RENEWAL_WINDOW):
        customer.phase = CustomerPhase.ONBOARDING
    customer.save(update_fields=["onboarded_at", "phase"])
