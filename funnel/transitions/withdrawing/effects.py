"""Deals, contracts and customers as they were before the events of a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_datetime

from funnel.models import Contract, Customer, Deal, Event
from funnel.stages import CustomerPhase, DealState, EventKind
from funnel.transitions.bulk.copying import rewrite

CLOSES = frozenset({EventKind.DEAL_WON, EventKind.DEAL_LOST, EventKind.DEAL_OPENED})
COLUMNS = (
    "state", "step", "closed_at", "reason", "external_id", "amount", "currency", "product", "segment", "owner",
)  # fmt: skip
NOTHING = "None"
"""How the ledger writes down that nothing stood in a column."""


class Effects:
    """The locked deals of some passes, changed in memory and written once."""

    def __init__(self, deals: dict[int, Deal], now: datetime) -> None:
        self.deals, self.now = deals, now
        self.changed: set[int] = set()
        self.contracts: set[int] = set()
        self._of_lead: dict[int, list[Deal]] = {}
        for deal in deals.values():
            self._of_lead.setdefault(deal.lead_id, []).append(deal)

    def of_lead(self, lead_id: int) -> list[Deal]:
        """The deals of one pass."""
        return self._of_lead.get(lead_id, [])

    @staticmethod
    def reopens(ours: Iterable[Event]) -> bool:
        """True when taking these back may open a pass that a deal had closed."""
        return any(e.kind in CLOSES for e in ours)

    def of(self, ours: Sequence[Event]) -> None:
        """Take back what the events of one pass did to its deals, the last one first."""
        opened = {e.deal_id for e in ours if e.kind == EventKind.DEAL_OPENED}
        for e in reversed(ours):
            deal = self.deals.get(e.deal_id or 0)
            if e.contract_id and e.kind in (EventKind.CONTRACT_SIGNED, EventKind.DEAL_WON):
                self.contracts.add(e.contract_id)
            if deal is not None:
                self._take_back(deal, e, is_new=deal.pk in opened)

    def _take_back(self, deal: Deal, e: Event, *, is_new: bool) -> None:
        kind = EventKind(e.kind)
        if kind is EventKind.DEAL_OPENED:
            deal.state, deal.closed_at, deal.external_id = DealState.VOID, self.now, None
        elif is_new:
            return
        elif kind in (EventKind.DEAL_WON, EventKind.DEAL_LOST):
            deal.state, deal.closed_at, deal.reason = DealState.OPEN, None, ""
        elif kind is EventKind.DEAL_STEP_CHANGED:
            deal.step = e.data.get("from") or deal.step
        elif kind is EventKind.SQL_CERTIFIED and not e.inferred and deal.state == DealState.OPEN:
            deal.state = DealState.RETURNED
        elif kind is EventKind.SETTING_CHANGED and e.data.get("what") == "deal":
            for name, old in e.data.get("old", {}).items():
                setattr(deal, "owner_id" if name == "owner" else name, _read(name, old))
        else:
            return
        self.changed.add(deal.pk)

    def write(self) -> None:
        """Save what changed; a contract of a win that never was is void, and its customer as before."""
        rewrite([self.deals[pk] for pk in sorted(self.changed)], COLUMNS)
        if not self.contracts:
            return
        void = Contract.objects.select_for_update().filter(pk__in=self.contracts, voided_at=None)
        customers = set(void.order_by("pk").values_list("customer_id", flat=True))
        void.update(voided_at=self.now, deal=None)
        running = Contract.objects.filter(customer_id__in=customers, voided_at=None, ended_on=None)
        again = Customer.objects.filter(pk__in=customers, phase=CustomerPhase.REACTIVATED)
        again.exclude(pk__in=running.values("customer_id")).update(phase=CustomerPhase.CHURNED)


def _read(name: str, old: str) -> Any:
    """A value of a deal as the ledger wrote it down."""
    if old == NOTHING:
        return None
    if name == "amount":
        return Decimal(old)
    if name == "closed_at":
        return parse_datetime(old)
    return int(old) if name == "owner" else old
