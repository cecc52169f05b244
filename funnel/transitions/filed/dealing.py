"""Deals of a file: many at once, opened, won and lost as single acts do it; and what a deal was worth, corrected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction

from funnel.errors import MoveRefused, Refused
from funnel.models import Account, Contract, Customer, Deal, Event, Lead, Note, Organization
from funnel.stages import (
    OUTCOME_WORDS,
    CustomerPhase,
    DealState,
    DealStep,
    EventKind,
    Outcome,
    Stage,
)
from funnel.transitions.acting import Actor
from funnel.transitions.bulk.copying import rewrite
from funnel.transitions.deals import DealFields, checked_amount
from funnel.transitions.filed.dating import called
from funnel.transitions.ledger import (
    Passage,
    Reach,
    announce,
    enter,
    event,
    lock,
    reach_of,
    record,
    save,
)


class FiledDeal(NamedTuple):
    """A deal not known yet. `closed_at` is when it was won or lost; `opened_at` may be unknown."""

    lead_id: int
    fields: DealFields
    state: str
    step: str
    opened_at: datetime | None
    closed_at: datetime | None
    reason: str
    note: str = ""
    lead_owner_id: int | None = None


@dataclass
class _Work:
    """What a set of deals adds up to, written at the end in few statements."""

    by: Actor
    now: datetime
    history: bool
    organization: Organization
    leads: dict[int, Lead]
    states: dict[int, list[str]]
    customers: dict[int, Customer]
    before: dict[int, Reach] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    new_customers: list[Customer] = field(default_factory=list)
    returned: list[Customer] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def about(self, kind: EventKind, lead: Lead, at: datetime, **more: Any) -> Event:
        """An event of this set."""
        return event(kind, self.by, now=self.now, lead=lead, occurred_at=at,
                     binding=not (self.history or more.get("inferred", False)), **more)  # fmt: skip


@transaction.atomic
def lay_deals(
    rows: Sequence[FiledDeal], by: Actor, *, now: datetime, history: bool = False
) -> list[Deal | Refused]:
    """Open, win and lose new deals; the answer of each row is its deal, or why it cannot be.

    SQL and MQL of the lead, where missing, are inferred at the opening of the deal. A win makes contract
    and customer, as `deals.win` does, and opens the kickoff promise unless it is history.
    """
    work = _gather(rows, by, now=now, history=history)
    answers: list[Deal | Refused] = []
    for row in rows:
        lead = work.leads[row.lead_id]
        as_it_was, so_far = dict(lead.__dict__), len(work.events)
        try:
            answers.append(_lay(row, lead, work))
        except Refused as refusal:
            lead.__dict__.update(as_it_was)
            del work.events[so_far:]
            answers.append(refusal)
    _write_deals(work)
    return answers


def _gather(rows: Sequence[FiledDeal], by: Actor, *, now: datetime, history: bool) -> _Work:
    wanted = sorted({row.lead_id for row in rows})
    locked = Lead.objects.select_for_update(of=("self",)).select_related("person", "account")
    leads = {lead.pk: lead for lead in locked.filter(pk__in=wanted).order_by("pk")}
    states: dict[int, list[str]] = {}
    for lead_id, state in Deal.objects.filter(lead_id__in=wanted).values_list("lead_id", "state"):
        states.setdefault(lead_id, []).append(state)
    accounts = [lead.account_id for lead in leads.values() if lead.account_id]
    customers = Customer.objects.select_for_update().filter(account_id__in=accounts).order_by("pk")
    return _Work(
        by, now, history, Organization.current(), leads, states, {c.account_id: c for c in customers},
        before={pk: reach_of(lead) for pk, lead in leads.items()},
    )  # fmt: skip


def _lay(row: FiledDeal, lead: Lead, work: _Work) -> Deal:
    if lead.outcome not in (None, Outcome.WON, Outcome.LOST):
        raise MoveRefused("lead_closed", outcome=OUTCOME_WORDS[lead.outcome])
    opened_at = row.opened_at or row.closed_at or work.now
    currency = row.fields.currency or work.organization.currency
    deal = Deal(
        lead=lead, account=lead.account, name=row.fields.name or called(lead), product=row.fields.product,
        segment=row.fields.segment or lead.segment, kind=row.fields.kind, owner=row.fields.owner,
        amount=checked_amount(row.fields.amount, currency), currency=currency, opened_at=opened_at,
        step=row.step or DealStep.FIRST_MEETING, external_id=row.fields.external_id or None,
    )  # fmt: skip
    if lead.sql_at is None:
        _infer_sql(lead, opened_at, work)
    if lead.is_open:
        lead.stage = Stage.SQL
    lead.owner_id = lead.owner_id or row.lead_owner_id
    field_sales = work.by.department_for("step_deal")
    work.events.append(work.about(EventKind.DEAL_OPENED, lead, opened_at, deal=deal, department=field_sales))
    if row.state == DealState.WON:
        _win(deal, lead, row, work)
    elif row.state == DealState.LOST:
        _lose(deal, lead, row, work)
    elif deal.step != DealStep.FIRST_MEETING:
        work.events.append(work.about(
            EventKind.DEAL_STEP_CHANGED, lead, opened_at, deal=deal, department=field_sales,
            data={"from": DealStep.FIRST_MEETING.value, "to": str(deal.step)},
        ))  # fmt: skip
    work.states.setdefault(lead.pk, []).append(deal.state)
    work.deals.append(deal)
    return deal


def _infer_sql(lead: Lead, at: datetime, work: _Work) -> None:
    work.events += enter(lead, Stage.SQL, work.by, now=work.now, at=at, history=True)
    lead.inferred = [*lead.inferred, Stage.SQL.value]
    work.events.append(work.about(EventKind.SQL_CERTIFIED, lead, at, inferred=True))


def _win(deal: Deal, lead: Lead, row: FiledDeal, work: _Work) -> None:
    department = work.by.department_for("win")
    at = row.closed_at or work.now
    signed = at.astimezone(work.organization.tz).date()
    work.events += enter(lead, Stage.WON, work.by, now=work.now, at=at, history=True)
    lead.stage, lead.outcome, lead.closed_at, lead.outcome_reason = Stage.SQL, Outcome.WON, at, ""
    deal.state, deal.closed_at, deal.reason = DealState.WON, at, "not_recorded"
    account = deal.account = _account(lead, work)
    customer = _customer(account, lead, work, signed)
    contract = Contract(
        customer=customer, deal=deal, signed_on=signed, starts_on=signed, currency=deal.currency
    )
    work.contracts.append(contract)
    about: dict[str, Any] = {
        "deal": deal, "contract": contract, "customer": customer, "department": department,
    }  # fmt: skip
    price = {"amount": str(deal.amount), "currency": deal.currency, "deal_kind": deal.kind}
    work.events += [
        work.about(EventKind.DEAL_WON, lead, at, reason="not_recorded", data=price, **about),
        work.about(
            EventKind.CONTRACT_SIGNED, lead, at,
            data={"signed_on": signed.isoformat(), "deal_kind": deal.kind}, **about,
        ),
    ]  # fmt: skip


def _account(lead: Lead, work: _Work) -> Account:
    if lead.account is None:
        lead.account = Account(name=called(lead))
        work.accounts.append(lead.account)
    return lead.account


def _customer(account: Account, lead: Lead, work: _Work, signed: date) -> Customer:
    # A new account has no id yet; its leads share the one object, which lives as long as this work.
    key = account.pk or -id(account)
    found = work.customers.get(key)
    if found is None:
        found = work.customers[key] = Customer(account=account, origin_lead=lead, since=signed)
        work.new_customers.append(found)
    elif found.phase == CustomerPhase.CHURNED:
        found.phase = CustomerPhase.REACTIVATED
        work.returned.append(found)
    return found


_STANDING = {DealState.OPEN.value, DealState.RETURNED.value, DealState.WON.value}


def _lose(deal: Deal, lead: Lead, row: FiledDeal, work: _Work) -> None:
    at = row.closed_at or work.now
    deal.state, deal.closed_at, deal.reason = (
        DealState.LOST,
        max(at, deal.opened_at),
        row.reason or "not_recorded",
    )
    if lead.is_open and not _STANDING & set(work.states.get(lead.pk, ())):
        lead.outcome, lead.closed_at, lead.outcome_reason = Outcome.LOST, at, deal.reason
    note = Note(lead=lead, author=work.by.member, text=row.note) if row.note else None
    work.notes += [note] if note else []
    department = work.by.department_for("lose")
    work.events.append(
        work.about(
            EventKind.DEAL_LOST, lead, at, deal=deal, department=department, reason=deal.reason, note=note
        )
    )


def _write_deals(work: _Work) -> None:
    Account.objects.bulk_create(work.accounts)
    rewrite(
        work.leads.values(),
        [
            "account", "stage", "outcome", "outcome_reason", "closed_at", "owner", "lead_at", "mql_at", "sql_at",
            "won_at", "inferred", "date_conflict",
        ],
    )  # fmt: skip
    Deal.objects.bulk_create(work.deals)
    Customer.objects.bulk_create(work.new_customers)
    rewrite(work.returned, ["phase"])
    Contract.objects.bulk_create(work.contracts)
    Note.objects.bulk_create(work.notes)
    saved = save(work.events)
    announce(saved, [Passage(pk, work.before[pk], reach_of(lead)) for pk, lead in work.leads.items()])


@transaction.atomic
def restate(deal_id: int, by: Actor, *, now: datetime, **facts: Any) -> Deal:
    """Correct what a deal was worth, when it ended, whose it is; the ledger keeps the old value."""
    department = by.department_for("edit")
    lead = lock(Deal.objects.values_list("lead_id", flat=True).get(pk=deal_id))
    deal = Deal.objects.select_for_update().get(pk=deal_id)
    if "amount" in facts:
        facts["amount"] = checked_amount(facts["amount"], facts.get("currency") or deal.currency)
    old = _stated(deal, facts)
    for name, value in facts.items():
        setattr(deal, name, value)
    deal.save(update_fields=list(facts))
    record(
        EventKind.SETTING_CHANGED, by, now=now, department=department, lead=lead, deal=deal, binding=False,
        data={"what": "deal", "old": old, "new": _stated(deal, facts)},
    )  # fmt: skip
    return deal


def _stated(deal: Deal, names: Iterable[str]) -> dict[str, str]:
    """Codes and numbers for the ledger; members by id."""
    return {name: str(getattr(deal, "owner_id" if name == "owner" else name)) for name in names}
