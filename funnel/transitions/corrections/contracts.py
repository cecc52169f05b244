"""Contracts and customers as they were before a renewal, a notice, an end or a further deal that is withdrawn."""

from __future__ import annotations

from datetime import datetime

from django.utils.dateparse import parse_date

from funnel.errors import MoveRefused
from funnel.models import Contract, Customer, Deal, Event
from funnel.stages import CustomerPhase, DealKind, DealState, EventKind


def settle_contract(wrong: Event, *, now: datetime) -> None:
    """Put the contract, its customer or the further deal back; the caller holds the lock of lead or customer."""
    kind = EventKind(wrong.kind)
    if kind is EventKind.DEAL_OPENED:
        _never_opened(wrong, now)
    elif kind is EventKind.CONTRACT_RENEWED:
        _never_renewed(wrong, now)
    elif kind is EventKind.CHURN_NOTICE_RECEIVED:
        contract = _contract(wrong)
        before = wrong.data.get("before", {})
        contract.notice_on = parse_date(before["notice_on"]) if before.get("notice_on") else None
        contract.save(update_fields=["notice_on"])
        _stands_as_before(wrong, contract)
    elif kind is EventKind.CONTRACT_ENDED:
        contract = _contract(wrong)
        contract.ended_on = None
        contract.save(update_fields=["ended_on"])
        _stands_as_before(wrong, contract)


def _contract(wrong: Event) -> Contract:
    return Contract.objects.select_for_update().get(pk=wrong.contract_id or 0, voided_at=None)


def _never_opened(wrong: Event, now: datetime) -> None:
    """A further deal that was none; the first deal of a pass was opened by its handover."""
    deal = Deal.objects.select_for_update().get(pk=wrong.deal_id or 0)
    if deal.kind == DealKind.NEW:
        raise MoveRefused("undo_the_sql")
    if deal.state != DealState.OPEN:
        raise MoveRefused("not_correctable")
    deal.state, deal.closed_at, deal.external_id = DealState.VOID, now, None
    deal.save(update_fields=["state", "closed_at", "external_id"])


def _never_renewed(wrong: Event, now: datetime) -> None:
    """The contract before it runs on; the one that was to follow is void and can be signed anew."""
    new = _contract(wrong)
    old = Contract.objects.select_for_update().get(pk=new.renewal_of_id or 0)
    old.ended_on = None
    old.save(update_fields=["ended_on"])
    new.voided_at, new.renewal_of = now, None
    new.save(update_fields=["voided_at", "renewal_of"])
    _stands_as_before(wrong, old)


def _stands_as_before(wrong: Event, running: Contract) -> None:
    """The customer's phase is what it was; where the ledger does not say it, what the running contract makes it."""
    customer = Customer.objects.select_for_update().get(pk=running.customer_id)
    was = wrong.data.get("before", {}).get("phase")
    if was is None:
        going_on = CustomerPhase.ADOPTING if customer.onboarded_at else CustomerPhase.ONBOARDING
        was = CustomerPhase.CHURN_NOTICE if running.notice_on else going_on
    customer.phase = CustomerPhase(was)
    customer.save(update_fields=["phase"])
