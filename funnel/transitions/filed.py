"""Facts that arrive as rows of a file: many deals or activities at once, and dates for stages already passed.

A file says what was so; it shows no evidence. So the gates that ask a person for evidence (BANT, meeting,
customer sheet) do not stand here. A stage without a date of its own is inferred and binds nobody; dates out
of order are kept and marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from funnel.errors import MoveRefused, Refused
from funnel.models import Account, Activity, Contract, Customer, Deal, Event, Lead, Note, Organization
from funnel.stages import (
    ENTRY_KIND,
    KEEPS_CONTACT,
    OUTCOME_WORDS,
    CustomerPhase,
    DealState,
    DealStep,
    Department,
    Direction,
    EventKind,
    Outcome,
    Stage,
)
from funnel.transitions import corrections, people
from funnel.transitions.acting import Actor
from funnel.transitions.deals import DealFields, checked_amount
from funnel.transitions.ledger import (
    Passage,
    Reach,
    announce,
    effective_at,
    enter,
    event,
    lock,
    reach_of,
    record,
    save,
    write,
)

ENTRY_ACTS = {Stage.LEAD: "capture", Stage.MQL: "certify_mql", Stage.SQL: "certify_sql"}
CERTIFIED_BY = {
    Stage.LEAD: Department.MARKETING, Stage.MQL: Department.MARKETING, Stage.SQL: Department.INSIDE_SALES,
}  # fmt: skip


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


class FiledActivity(NamedTuple):
    """Something done with a person by a human being."""

    lead_id: int
    kind: str
    direction: str
    result: str
    note: str
    occurred_at: datetime
    external_id: str


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
        lead=lead, account=lead.account, name=row.fields.name or _called(lead), product=row.fields.product,
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


def _called(lead: Lead) -> str:
    name = (
        (lead.account.name if lead.account else "") or lead.person.name or lead.external_id or f"#{lead.pk}"
    )
    return name[:200]


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
    deal.account = _account(lead, work)
    customer = _customer(deal, lead, work, signed)
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
        lead.account = Account(name=_called(lead))
        work.accounts.append(lead.account)
    return lead.account


def _customer(deal: Deal, lead: Lead, work: _Work, signed: Any) -> Customer:
    account = deal.account
    found = work.customers.get(account.pk) if account.pk else None
    found = found or next((c for c in work.new_customers if c.account is account), None)
    if found is None:
        found = Customer(account=account, origin_lead=lead, since=signed)
        work.new_customers.append(found)
        if account.pk:
            work.customers[account.pk] = found
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
        work.about(EventKind.DEAL_LOST, lead, at, deal=deal, department=department, reason=deal.reason, note=note)
    )


def _write_deals(work: _Work) -> None:
    Account.objects.bulk_create(work.accounts)
    Lead.objects.bulk_update(
        work.leads.values(),
        [
            "account", "stage", "outcome", "outcome_reason", "closed_at", "owner", "lead_at", "mql_at", "sql_at",
            "won_at", "inferred", "date_conflict",
        ],
    )  # fmt: skip
    Deal.objects.bulk_create(work.deals)
    Customer.objects.bulk_create(work.new_customers)
    Customer.objects.bulk_update(work.returned, ["phase"])
    Contract.objects.bulk_create(work.contracts)
    Note.objects.bulk_create(work.notes)
    saved = save(work.events)
    announce(saved, [Passage(pk, work.before[pk], reach_of(lead)) for pk, lead in work.leads.items()])


@transaction.atomic
def log_many(
    rows: Sequence[FiledActivity], by: Actor, *, now: datetime, history: bool = False
) -> list[Activity]:
    """Record activities of many leads, as `leads.log` does one: attempts keep promises, the first one counts."""
    department = by.department_for("log")
    wanted = {row.lead_id for row in rows}
    leads = {x.pk: x for x in Lead.objects.select_for_update().filter(pk__in=wanted).order_by("pk")}
    notes = [
        Note(lead=leads[row.lead_id], author=by.member, text=row.note) if row.note else None for row in rows
    ]
    Note.objects.bulk_create([note for note in notes if note])
    saved = save(
        event(
            EventKind.CONTACT_ATTEMPTED if _is_attempt(row) else EventKind.ACTIVITY_LOGGED,
            by, now=now, department=department, lead=leads[row.lead_id], occurred_at=row.occurred_at, note=note,
            binding=not history,
            data={"activity_kind": row.kind, "direction": row.direction, "result": row.result, "human": True},
        )
        for row, note in zip(rows, notes, strict=True)
    )  # fmt: skip
    made = Activity.objects.bulk_create(
        Activity(
            lead=leads[row.lead_id], kind=row.kind, direction=row.direction, result=row.result, note=note,
            occurred_at=row.occurred_at, external_id=row.external_id or None, event=of,
        )
        for row, note, of in zip(rows, notes, saved, strict=True)
    )  # fmt: skip
    _note_first_contacts(leads, (row for row in rows if _is_attempt(row)))
    announce(saved)
    return made


def _is_attempt(row: FiledActivity) -> bool:
    return row.direction == Direction.OUTBOUND and row.kind in KEEPS_CONTACT


def _note_first_contacts(leads: dict[int, Lead], attempts: Iterable[FiledActivity]) -> None:
    changed: dict[int, Lead] = {}
    for row in attempts:
        lead = leads[row.lead_id]
        if lead.mql_at is None or row.occurred_at < lead.mql_at:
            continue
        if lead.first_contact_at is None or row.occurred_at < lead.first_contact_at:
            lead.first_contact_at = row.occurred_at
            changed[lead.pk] = lead
    Lead.objects.bulk_update(changed.values(), ["first_contact_at"])


@transaction.atomic
def date_stage(
    lead_id: int, stage: Stage, by: Actor, *, now: datetime, at: datetime, history: bool = False
) -> bool:
    """Say when a lead entered LEAD, MQL or SQL: enter it now, give an inferred entry its date, or correct one.

    Returns whether anything changed. Raises MoveRefused (lead_closed, out_of_order), NotYours.
    """
    by.department_for(ENTRY_ACTS[stage])
    lead = lock(lead_id)
    entered = getattr(lead, f"{stage}_at")
    if entered == at and stage.value not in lead.inferred:
        return False
    if entered is not None and stage.value not in lead.inferred:
        _correct(lead, stage, by, now=now, at=at)
        return True
    if entered is None and not lead.is_open:
        raise MoveRefused("lead_closed", outcome=OUTCOME_WORDS[str(lead.outcome)])
    before = reach_of(lead)
    skipped = enter(lead, stage, by, now=now, at=at, history=True)
    if entered is None:
        lead.stage = stage
    lead.save()
    deal, opened = _deal_at_sql(lead, at) if stage == Stage.SQL and entered is None else (None, [])
    certified = event(
        ENTRY_KIND[stage], by, now=now, department=CERTIFIED_BY[stage], lead=lead, deal=deal, occurred_at=at,
        binding=not history, reason="other" if stage == Stage.MQL else "", data=_evidence(stage),
    )  # fmt: skip
    follow = [
        event(kind, by, now=now, department=CERTIFIED_BY[stage], lead=lead, deal=deal, occurred_at=at,
              binding=not history)
        for kind in opened
    ]  # fmt: skip
    write(lead, before, [*skipped, certified, *follow])
    return True


def _evidence(stage: Stage) -> dict[str, Any]:
    if stage != Stage.SQL:
        return {}
    return {"score": "0.00", "threshold": "100.00", "missing": [], "below_threshold_reason": "imported",
            "meeting_at": None}  # fmt: skip


def _deal_at_sql(lead: Lead, at: datetime) -> tuple[Deal, list[EventKind]]:
    standing = Deal.objects.filter(lead=lead, state=DealState.RETURNED).order_by("id").first()
    if standing is not None:
        standing.state = DealState.OPEN
        standing.save(update_fields=["state"])
        return standing, []
    currency = Organization.current().currency
    made = Deal.objects.create(
        lead=lead,
        account=lead.account,
        name=_called(lead),
        segment=lead.segment,
        currency=currency,
        opened_at=at,
    )
    return made, [EventKind.DEAL_OPENED]


def _correct(lead: Lead, stage: Stage, by: Actor, *, now: datetime, at: datetime) -> None:
    entries = Event.objects.filter(lead=lead, kind=ENTRY_KIND[stage], inferred=False).order_by("id")
    for entry in entries:
        if effective_at(entry, entry.corrections.order_by("-id").first()) == getattr(lead, f"{stage}_at"):
            corrections.correct_time(entry.pk, by, now=now, occurred_at=at, reason="")
            return
    raise MoveRefused("not_correctable")


@transaction.atomic
def place(lead_id: int, by: Actor, *, now: datetime, company: str) -> bool:
    """Say which company a lead's person works for, where none is known yet; returns whether that was new."""
    by.department_for("edit")
    lead = lock(lead_id)
    if lead.account_id is not None or lead.person.erased_at is not None:
        return False
    lead.account = lead.person.account or people.account(company)
    lead.save(update_fields=["account"])
    if lead.person.account_id is None:
        lead.person.account = lead.account
        lead.person.save(update_fields=["account"])
    return lead.account is not None


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


@transaction.atomic
def relate(activity_id: int, by: Actor, *, now: datetime, **facts: Any) -> Activity:
    """Correct how an activity is told: kind, direction, result, and its moment beside `corrections.correct_time`."""
    department = by.department_for("log")
    lead = lock(Activity.objects.values_list("lead_id", flat=True).get(pk=activity_id))
    activity = Activity.objects.select_for_update().get(pk=activity_id)
    old = {name: str(getattr(activity, name)) for name in facts}
    for name, value in facts.items():
        setattr(activity, name, value)
    activity.save(update_fields=list(facts))
    record(
        EventKind.SETTING_CHANGED, by, now=now, department=department, lead=lead, binding=False,
        data={"what": "activity", "id": activity.pk, "old": old,
              "new": {name: str(value) for name, value in facts.items()}},
    )  # fmt: skip
    return activity
