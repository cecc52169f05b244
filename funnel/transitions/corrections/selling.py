"""Deals, contracts and customers put in step once a step, a loss, a win or a kickoff is withdrawn."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils.dateparse import parse_datetime

from funnel.errors import MoveRefused
from funnel.models import Contract, Customer, Deal, Event, Lead
from funnel.stages import CustomerPhase, DealKind, DealState, EventKind, Outcome
from funnel.transitions.corrections.settling import demand_no_other_pass


def together(wrong: Event) -> list[Event]:
    """The events of one act, `wrong` last: a win is withdrawn with its contract and the kickoff set with it."""
    if wrong.kind != EventKind.DEAL_WON or wrong.contract_id is None:
        return [wrong]
    beside = Event.objects.filter(
        contract=wrong.contract_id,
        recorded_at=wrong.recorded_at,
        kind__in=[EventKind.KICKOFF_SCHEDULED, EventKind.CONTRACT_SIGNED],
    ).exclude(corrections__data__withdrawn=True)
    return [*beside.select_related("deal", "contract", "customer").order_by("-id"), wrong]


def settle_sale(lead: Lead, wrong: Event, *, now: datetime) -> None:
    """Put deal, contract and customer of a locked, reread lead in step; the caller saves the lead."""
    kind = EventKind(wrong.kind)
    if kind is EventKind.DEAL_STEP_CHANGED:
        _step_back(wrong)
    elif kind is EventKind.DEAL_LOST:
        _take_up(_closed(wrong, DealState.LOST), lead, wrong, Outcome.LOST)
    elif kind is EventKind.DEAL_WON:
        _unwin(_closed(wrong, DealState.WON), lead, wrong, now=now)
    elif kind in (EventKind.KICKOFF_SCHEDULED, EventKind.KICKOFF_HELD):
        _unset_kickoff(wrong)


def _closed(wrong: Event, state: DealState) -> Deal:
    deal = Deal.objects.select_for_update().get(pk=wrong.deal_id or 0)
    if deal.state != state:
        raise MoveRefused("not_correctable")
    return deal


def _step_back(wrong: Event) -> None:
    """The deal stands where it stood, unless it has moved on."""
    stands = Deal.objects.filter(pk=wrong.deal_id or 0, state=DealState.OPEN, step=wrong.data.get("to", ""))
    if not stands.update(step=wrong.data.get("from", "")):
        raise MoveRefused("not_correctable")


def _take_up(deal: Deal, lead: Lead, wrong: Event, outcome: Outcome) -> None:
    """The deal goes on, and with it the pass that had ended with it."""
    deal.state, deal.closed_at, deal.reason = DealState.OPEN, None, ""
    deal.save()
    if lead.outcome == outcome and lead.closed_at == wrong.occurred_at:
        demand_no_other_pass(lead)
        lead.outcome, lead.closed_at, lead.outcome_reason, lead.wake_up_on = None, None, "", None


def _unwin(deal: Deal, lead: Lead, wrong: Event, *, now: datetime) -> None:
    """The contract is void, the customer as before it, the deal worth what it was; refused once anything was used."""
    contract = Contract.objects.select_for_update().filter(deal=deal, voided_at=None).first()
    if contract is not None:
        customer = Customer.objects.select_for_update().get(pk=contract.customer_id)
        others = customer.contracts.filter(voided_at=None).exclude(pk=contract.pk)
        if not others.exists() and (customer.usage.exists() or customer.surveys.exists()):
            raise MoveRefused("undo_in_use")
        contract.voided_at, contract.deal = now, None
        contract.save(update_fields=["voided_at", "deal"])
        if customer.phase == CustomerPhase.REACTIVATED and not others.filter(ended_on=None).exists():
            customer.phase = CustomerPhase.CHURNED
            customer.save(update_fields=["phase"])
    was = wrong.data.get("before", {})
    if "amount" in was:
        deal.amount = Decimal(was["amount"]) if was["amount"] else None
        deal.currency = was.get("currency", deal.currency)
    of_the_pass = deal.kind == DealKind.NEW and lead.won_at is None
    _take_up(deal, lead, wrong, Outcome.WON if of_the_pass else Outcome.LOST)


def _unset_kickoff(wrong: Event) -> None:
    """The kickoff was not held; or it is when it was set to be before, if it was."""
    contract = Contract.objects.select_for_update().get(pk=wrong.contract_id or 0)
    if wrong.kind == EventKind.KICKOFF_HELD:
        contract.kickoff_held_at = None
    else:
        set_before = Event.objects.filter(contract=contract, kind=EventKind.KICKOFF_SCHEDULED)
        last = set_before.exclude(corrections__data__withdrawn=True).order_by("-id").first()
        contract.kickoff_at = parse_datetime(last.data["kickoff_at"]) if last else None
    contract.save(update_fields=["kickoff_at", "kickoff_held_at"])
