"""Which acts a row offers to whom: one table from where the record stands to the buttons beside it."""

from __future__ import annotations

from typing import NamedTuple

from funnel.models import Contract, Customer, Deal, Event, Lead
from funnel.stages import DealState, Department, Outcome, Stage
from funnel.transitions.acting import Actor
from handoffs.desk import Item
from handoffs.lanes import Boundary, Decision
from handoffs.models import Handoff


class Offer(NamedTuple):
    """One button: the act's slug, the record it is about, and the value a one-click act sends."""

    slug: str
    subject: str
    pk: int
    value: str = ""
    primary: bool = False


def of_item(item: Item, by: Actor) -> list[Offer]:
    """The acts a member may do from this row, the likeliest first."""
    return [offer for offer in _for_record(item) if may(offer, by, department_of(item))]


def may(offer: Offer, by: Actor, department: str) -> bool:
    """Say whether the act is this member's: of its departments; a decision is the receiver's."""
    if offer.slug in LED:
        return by.everywhere or department in by.led
    if offer.slug in DECISIONS:
        return by.everywhere or department in by.departments
    return by.may(ACT_OF_SLUG[offer.slug])


def department_of(item: Item) -> str:
    """The hat an act on this row is done under."""
    record = item.record
    if isinstance(record, Handoff):
        is_senders = record.decision == Decision.RETURNED or item.kind == "sold"
        return record.from_department if is_senders else record.done_by_department
    if isinstance(record, Event):
        return record.department
    if isinstance(record, Lead):
        return Department.MARKETING if record.stage == Stage.LEAD else Department.INSIDE_SALES
    return Department.FIELD_SALES if isinstance(record, Deal) else Department.CUSTOMER_SUCCESS


def of_lead(lead: Lead) -> list[Offer]:
    """What can be done with a lead where it stands."""
    if lead.outcome in (Outcome.RECYCLED, Outcome.LOST) and lead.wake_up_on:
        return [Offer("wake", "lead", lead.pk, primary=True)]
    if lead.outcome is not None:
        return []
    contacts = [Offer("log", "lead", lead.pk, what) for what in ("called", "no_answer", "mailed")]
    closing = [Offer("recycle", "lead", lead.pk), Offer("disqualify", "lead", lead.pk)]
    if lead.stage == Stage.LEAD:
        return [Offer("mql", "lead", lead.pk, primary=True), *closing, *contacts]
    if lead.stage == Stage.MQL:
        return [*contacts, Offer("sql", "lead", lead.pk, primary=lead.first_contact_at is not None), *closing]
    return contacts


def of_deal(deal: Deal) -> list[Offer]:
    """What can be done with a deal where it stands."""
    if deal.state == DealState.OPEN:
        met = Offer("log", "lead", deal.lead_id, "met")
        closing = [Offer("win", "deal", deal.pk, primary=True), Offer("lose", "deal", deal.pk)]
        others = [Offer("log", "lead", deal.lead_id, what) for what in ("called", "mailed", "demo")]
        return [met, *closing, Offer("step", "deal", deal.pk), *others]
    return []


def of_customer(customer: Customer) -> list[Offer]:
    """What can be done for a customer in onboarding."""
    done = [Offer("onboard", "customer", customer.pk, primary=True)] if customer.onboarded_at is None else []
    return [*done, *_further(customer)]


def _further(customer: Customer) -> list[Offer]:
    """What may come of a customer at any time: more sold, somebody referred, the promise to help."""
    more = [Offer("upsell", "customer", customer.pk)] if customer.origin_lead_id is not None else []
    return [*more, Offer("refer", "customer", customer.pk), Offer("agree", "customer", customer.pk)]


def of_contract(contract: Contract) -> list[Offer]:
    """What can be done about a contract that ends: renewed, spoken about, given up."""
    ends = [Offer("notice", "contract", contract.pk)] if contract.notice_on is None else []
    spoken = of_fallen(contract.customer)[:3]
    return [
        Offer("renew", "contract", contract.pk, primary=True),
        *spoken, *ends, Offer("end", "contract", contract.pk), *_further(contract.customer),
    ]  # fmt: skip


def of_fallen(customer: Customer) -> list[Offer]:
    """What answers a fall of health: speaking with the customer, or saying that it is taken care of."""
    if customer.origin_lead_id is None:
        return []
    return [
        Offer("log", "lead", customer.origin_lead_id, what) for what in ("cared", "called", "met", "mailed")
    ]


def of_handoff(handoff: Handoff) -> list[Offer]:
    """Accept and return while it waits; then the act that is owed."""
    if handoff.decision == Decision.RETURNED:
        return _after_return(handoff)
    pending = handoff.decision == Decision.PENDING and handoff.closed_at is None and not handoff.is_self
    deciding = (
        [Offer("accept", "handoff", handoff.pk), Offer("return", "handoff", handoff.pk)] if pending else []
    )
    if handoff.boundary == Boundary.MQL and handoff.lead is not None:
        return [*of_lead(handoff.lead), *deciding]
    if handoff.boundary == Boundary.SQL and handoff.deal is not None:
        return deciding or of_deal(handoff.deal)
    if handoff.boundary == Boundary.WON and handoff.deal is not None:
        slug = "kickoff" if handoff.kept_at is None else "hold"
        return [Offer(slug, "deal", handoff.deal.pk, primary=True), *deciding]
    if handoff.customer is not None:
        taken_up = [Offer("case", "customer", handoff.customer.pk, primary=True)]
        return [*taken_up, Offer("refer", "customer", handoff.customer.pk), *deciding]
    return deciding


def _after_return(handoff: Handoff) -> list[Offer]:
    if handoff.boundary == Boundary.WON and handoff.deal is not None:
        return [Offer("resend", "deal", handoff.deal.pk, primary=True)]
    return of_lead(handoff.lead) if handoff.lead is not None else []


def _of_ownership(handoff: Handoff) -> list[Offer]:
    """Take what nobody has; a lead gives it to anybody."""
    if handoff.closed_at is not None:
        return []
    taking = [Offer("take", "handoff", handoff.pk)] if handoff.owner_id is None else []
    return [*taking, Offer("assign", "handoff", handoff.pk)]


def _for_record(item: Item) -> list[Offer]:
    record = item.record
    if item.kind == "health":
        return [*of_fallen(record), *_further(record)]
    if item.kind == "sold":
        return [Offer("kickoff", "deal", record.deal_id, primary=True)]
    if isinstance(record, Contract):
        return of_contract(record)
    if isinstance(record, Handoff):
        return [*of_handoff(record), *_of_ownership(record)]
    if isinstance(record, Lead):
        return of_lead(record)
    return of_deal(record) if isinstance(record, Deal) else of_customer(record)


ACT_OF_SLUG: dict[str, str] = {
    "log": "log",
    "bant": "record_bant",
    "mql": "certify_mql",
    "sql": "certify_sql",
    "recycle": "recycle",
    "disqualify": "disqualify",
    "wake": "capture",
    "step": "step_deal",
    "win": "win",
    "lose": "lose",
    "resend": "resend_won",
    "kickoff": "kickoff",
    "hold": "hold_kickoff",
    "onboard": "onboard",
    "case": "create_case",
    "renew": "renew",
    "notice": "give_notice",
    "end": "end_contract",
    "upsell": "open_deal",
    "refer": "receive_referral",
    "agree": "agree_advocacy",
    "withdraw": "correct",
}
"""The act of `funnel.stages.ACTS` behind each address."""

LED = frozenset({"assign"})
"""What only a lead of the receiving department does."""
DECISIONS = frozenset({"accept", "return", "take"}) | LED
"""What the receiver of a handoff says to it; no other department may."""
