"""Where a customer stands: onboarding, renewal, notice, end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from funnel.errors import BadValue, MoveRefused
from funnel.models import (
    Contract,
    Customer,
    Lead,
    Member,
    Organization,
)
from funnel.stages import CustomerPhase, EventKind, Stage
from funnel.transitions.acting import Actor
from funnel.transitions.customers.each import each
from funnel.transitions.deals import checked_amount
from funnel.transitions.ledger import (
    announce,
    event,
    happened,
    lock,
    note_for,
    reach_of,
    record,
    save,
    write,
)

RENEWAL_WINDOW = timedelta(days=90)


def lock_customer(customer_id: int) -> tuple[Lead | None, Customer]:
    origin = Customer.objects.values_list("origin_lead_id", flat=True).get(pk=customer_id)
    lead = lock(origin) if origin else None
    return lead, Customer.objects.select_for_update(of=("self",)).select_related("account").get(
        pk=customer_id
    )


def demand_past(day: date, *, now: datetime, field: str) -> None:
    """Raise BadValue for a day after the organisation's today."""
    if day > now.astimezone(Organization.current().tz).date():
        raise BadValue("in_future", field=field)


def _running_or_none(customer: Customer) -> Contract | None:
    return customer.contracts.filter(voided_at=None, ended_on=None).order_by("-id").first()


def _running(customer: Customer) -> Contract:
    contract = _running_or_none(customer)
    if contract is None:
        raise MoveRefused("no_contract")
    return contract


def reach(
    customer_id: int,
    by: Actor,
    *,
    now: datetime,
    act: str,
    kind: EventKind,
    stage: Stage,
    at: datetime,
    history: bool,
    **about: Any,
) -> Customer:
    """Record an event that lets the customer's origin lead enter a stage after won, at its first time."""
    department = by.department_for(act)
    lead, customer = lock_customer(customer_id)
    one = event(
        kind,
        by,
        now=now,
        department=department,
        lead=lead,
        customer=customer,
        occurred_at=at,
        binding=not history,
        **about,
    )
    if lead is None:
        announce(save([one]))
        return customer
    before = reach_of(lead)
    entered = getattr(lead, f"{stage}_at")
    if lead.won_at is not None and (entered is None or at < entered):
        setattr(lead, f"{stage}_at", at)
        lead.save(update_fields=[f"{stage}_at"])
    write(lead, before, [one])
    return customer


@transaction.atomic
def onboard(
    customer_id: int, by: Actor, *, now: datetime, occurred_at: datetime | None = None, history: bool = False
) -> Customer:
    """Record that the customer has reached first value: onboarding is complete."""
    at = happened(occurred_at, now)
    _, customer = lock_customer(customer_id)
    if customer.onboarded_at is not None:
        raise MoveRefused("already_done")
    customer.onboarded_at = at
    if customer.phase == CustomerPhase.ONBOARDING:
        customer.phase = CustomerPhase.ADOPTING
    customer.save(update_fields=["onboarded_at", "phase"])
    return reach(
        customer_id,
        by,
        now=now,
        act="onboard",
        kind=EventKind.FIRST_VALUE_REACHED,
        stage=Stage.ONBOARDED,
        at=at,
        history=history,
    )


@transaction.atomic
def renew(
    customer_id: int,
    by: Actor,
    *,
    now: datetime,
    signed_on: date,
    starts_on: date,
    ends_on: date | None = None,
    mrr: Decimal | None = None,
    history: bool = False,
) -> Contract:
    """Renew the running contract: a new one follows it; the price difference is its own movement."""
    calendar = Organization.current().calendar()
    if signed_on > calendar.local_date(now):
        raise BadValue("in_future", field="signed_on")
    if ends_on is not None and ends_on < starts_on:
        raise BadValue("bad_dates", field="ends_on")
    _, customer = lock_customer(customer_id)
    old = _running(customer)
    if Contract.objects.filter(renewal_of=old).exists():
        raise MoveRefused("already_done")
    new = Contract.objects.create(
        customer=customer,
        renewal_of=old,
        signed_on=signed_on,
        starts_on=starts_on,
        ends_on=ends_on,
        mrr=old.mrr if mrr is None else checked_amount(mrr, old.currency),
        currency=old.currency,
        seats=old.seats,
        kickoff_at=None,
    )
    was = customer.phase
    old.ended_on = starts_on
    old.save(update_fields=["ended_on"])
    customer.phase = CustomerPhase.ADOPTING
    customer.save(update_fields=["phase"])
    at = min(now, calendar.start_of_day(signed_on) if signed_on < calendar.local_date(now) else now)
    reach(
        customer_id,
        by,
        now=now,
        act="renew",
        kind=EventKind.CONTRACT_RENEWED,
        stage=Stage.RENEWED,
        at=at,
        history=history,
        contract=new,
        data={"mrr": str(new.mrr), "previous_mrr": str(old.mrr), "before": {"phase": was}},
    )
    return new


@transaction.atomic
def give_notice(customer_id: int, by: Actor, *, now: datetime, notice_on: date) -> Customer:
    """Record that the customer gave notice; revenue leaves on the end date, not now. Raises BadValue (in_future)."""
    department = by.department_for("give_notice")
    demand_past(notice_on, now=now, field="notice_on")
    lead, customer = lock_customer(customer_id)
    contract = _running(customer)
    before = {
        "phase": customer.phase,
        "notice_on": contract.notice_on.isoformat() if contract.notice_on else None,
    }
    contract.notice_on = notice_on
    contract.save(update_fields=["notice_on"])
    customer.phase = CustomerPhase.CHURN_NOTICE
    customer.save(update_fields=["phase"])
    record(
        EventKind.CHURN_NOTICE_RECEIVED,
        by,
        now=now,
        department=department,
        lead=lead,
        customer=customer,
        contract=contract,
        data={"notice_on": notice_on.isoformat(), "before": before},
    )
    return customer


@transaction.atomic
def end_contract(customer_id: int, by: Actor, *, now: datetime, ended_on: date, reason: str = "") -> Customer:
    """End the running contract as of a day that has come. When no other runs, the customer has churned.

    Raises BadValue (end_in_future, bad_dates): until the day comes, `give_notice` says what is known.
    """
    department = by.department_for("end_contract")
    if ended_on > now.astimezone(Organization.current().tz).date():
        raise BadValue("end_in_future", field="ended_on")
    lead, customer = lock_customer(customer_id)
    contract = _running(customer)
    if ended_on < contract.starts_on:
        raise BadValue("bad_dates", field="ended_on")
    was = customer.phase
    contract.ended_on = ended_on
    contract.save(update_fields=["ended_on"])
    if not customer.contracts.filter(voided_at=None, ended_on=None).exists():
        customer.phase = CustomerPhase.CHURNED
        customer.save(update_fields=["phase"])
    record(
        EventKind.CONTRACT_ENDED,
        by,
        now=now,
        department=department,
        lead=lead,
        customer=customer,
        contract=contract,
        note=note_for(lead, by, reason),
        data={"ended_on": ended_on.isoformat(), "before": {"phase": was}},
    )
    return customer


@transaction.atomic
def assign(customer_id: int, by: Actor, *, now: datetime, owner: Member | None) -> Customer:
    """Give a customer to an owner in customer success, or to nobody."""
    department = by.department_for("assign")
    lead, customer = lock_customer(customer_id)
    old, customer.owner = customer.owner_id, owner
    customer.save(update_fields=["owner"])
    record(
        EventKind.OWNER_ASSIGNED,
        by,
        now=now,
        department=department,
        lead=lead,
        customer=customer,
        data={"from": old, "to": owner.pk if owner else None},
    )
    return customer


def note_renewals(*, day: date) -> int:
    """Put customers whose running contract ends within 90 days of `day` into the renewal window; others leave it.

    Nobody acts here, time passes: so there is no event. Returns how many customers moved.
    """
    ending = Q(
        contracts__ended_on=None, contracts__voided_at=None, contracts__ends_on__lte=day + RENEWAL_WINDOW
    )
    concerned = Customer.objects.filter(
        ending, phase__in=[CustomerPhase.ADOPTING, CustomerPhase.REACTIVATED]
    ) | Customer.objects.filter(phase=CustomerPhase.RENEWAL_WINDOW)
    ids = set(concerned.values_list("pk", flat=True))
    return each(sorted(ids), lambda customer_id: _note_renewal(customer_id, day))


@transaction.atomic
def _note_renewal(customer_id: int, day: date) -> bool:
    _, customer = lock_customer(customer_id)
    contract = _running_or_none(customer)
    is_due = (
        contract is not None and contract.ends_on is not None and contract.ends_on <= day + RENEWAL_WINDOW
    )
    moves = (
        {
            CustomerPhase.ADOPTING: CustomerPhase.RENEWAL_WINDOW,
            CustomerPhase.REACTIVATED: CustomerPhase.RENEWAL_WINDOW,
        }
        if is_due
        else {CustomerPhase.RENEWAL_WINDOW: CustomerPhase.ADOPTING}
    )
    to = moves.get(CustomerPhase(customer.phase))
    if to is None:
        return False
    customer.phase = to
    customer.save(update_fields=["phase"])
    return True
