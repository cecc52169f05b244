"""Every act on a customer: onboarding, renewal, notice, end, usage, surveys, health, advocacy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from funnel import health
from funnel.errors import BadValue, MoveRefused
from funnel.models import (
    Contract,
    Customer,
    HealthRecord,
    Lead,
    Member,
    Organization,
    SurveyResponse,
    UsageReading,
)
from funnel.stages import CustomerPhase, EventKind, Stage
from funnel.transitions.acting import Actor
from funnel.transitions.deals import checked_amount
from funnel.transitions.leads import Captured, capture
from funnel.transitions.ledger import event, happened, lock, note_for, reach_of, record, write
from funnel.transitions.people import LeadFields

USAGE_METRIC = "active_users"
BREADTH_METRIC = "features_used_percent"
INQUIRY_METRIC = "inquiries"
USAGE_DAYS = 60


def _lock(customer_id: int) -> tuple[Lead | None, Customer]:
    origin = Customer.objects.values_list("origin_lead_id", flat=True).get(pk=customer_id)
    lead = lock(origin) if origin else None
    return lead, Customer.objects.select_for_update(of=("self",)).select_related("account").get(
        pk=customer_id
    )


def _running(customer: Customer) -> Contract:
    contract = customer.contracts.filter(voided_at=None, ended_on=None).order_by("-id").first()
    if contract is None:
        raise MoveRefused("no_contract")
    return contract


def _reach(
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
    lead, customer = _lock(customer_id)
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
        record(
            kind,
            by,
            now=now,
            department=department,
            customer=customer,
            occurred_at=at,
            binding=not history,
            **about,
        )
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
    _, customer = _lock(customer_id)
    if customer.onboarded_at is not None:
        raise MoveRefused("already_done")
    customer.onboarded_at = at
    if customer.phase == CustomerPhase.ONBOARDING:
        customer.phase = CustomerPhase.ADOPTING
    customer.save(update_fields=["onboarded_at", "phase"])
    return _reach(
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
    _, customer = _lock(customer_id)
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
    old.ended_on = starts_on
    old.save(update_fields=["ended_on"])
    customer.phase = CustomerPhase.ADOPTING
    customer.save(update_fields=["phase"])
    at = min(now, calendar.start_of_day(signed_on) if signed_on < calendar.local_date(now) else now)
    _reach(
        customer_id,
        by,
        now=now,
        act="renew",
        kind=EventKind.CONTRACT_RENEWED,
        stage=Stage.RENEWED,
        at=at,
        history=history,
        contract=new,
        data={"mrr": str(new.mrr), "previous_mrr": str(old.mrr)},
    )
    return new


@transaction.atomic
def give_notice(customer_id: int, by: Actor, *, now: datetime, notice_on: date) -> Customer:
    """Record that the customer gave notice; revenue leaves on the end date, not now."""
    department = by.department_for("give_notice")
    lead, customer = _lock(customer_id)
    contract = _running(customer)
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
        data={"notice_on": notice_on.isoformat()},
    )
    return customer


@transaction.atomic
def end_contract(customer_id: int, by: Actor, *, now: datetime, ended_on: date, reason: str = "") -> Customer:
    """End the running contract. When no other runs, the customer has churned."""
    department = by.department_for("end_contract")
    lead, customer = _lock(customer_id)
    contract = _running(customer)
    if ended_on < contract.starts_on:
        raise BadValue("bad_dates", field="ended_on")
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
        data={"ended_on": ended_on.isoformat()},
    )
    return customer


@transaction.atomic
def record_usage(
    customer_id: int, by: Actor, *, now: datetime, readings: Iterable[tuple[date, str, Decimal]]
) -> tuple[int, int, int]:
    """Store usage readings; a re-sent day replaces its value. Returns (created, updated, unchanged)."""
    by.department_for("record_usage")
    wanted = {(metric, day): value for day, metric, value in readings}
    _, customer = _lock(customer_id)
    today = Organization.current().calendar().local_date(now)
    for (_, day), value in wanted.items():
        if day > today:
            raise BadValue("in_future", field="day")
        if not value.is_finite() or value < 0:
            raise BadValue(
                "amount_negative" if value.is_finite() else "amount_not_a_number", field="value", value=value
            )
    known = {
        (u.metric, u.day): u
        for u in UsageReading.objects.filter(customer=customer, day__in={d for _, d in wanted})
    }
    new = [
        UsageReading(customer=customer, metric=m, day=d, value=v)
        for (m, d), v in wanted.items()
        if (m, d) not in known
    ]
    changed = [(known[k], v) for k, v in wanted.items() if k in known and known[k].value != v]
    for reading, value in changed:
        reading.value = value
    UsageReading.objects.bulk_create(new)
    UsageReading.objects.bulk_update([r for r, _ in changed], ["value"])
    return len(new), len(changed), len(wanted) - len(new) - len(changed)


@transaction.atomic
def record_survey(
    customer_id: int,
    by: Actor,
    *,
    now: datetime,
    score: int,
    answered_on: date,
    kind: str = "nps",
    wave: str = "",
) -> SurveyResponse:
    """Store a survey answer; a second answer in the same wave (default: the month) replaces the first."""
    department = by.department_for("record_survey")
    low, high = (0, 10) if kind == SurveyResponse.Kind.NPS else (1, 5)
    if kind not in SurveyResponse.Kind.values:
        raise BadValue("bad_choice", field="kind", value=kind, choices=", ".join(SurveyResponse.Kind.values))
    if not low <= score <= high:
        raise BadValue("score_range", field="score", low=low, high=high)
    lead, customer = _lock(customer_id)
    answer, _ = SurveyResponse.objects.update_or_create(
        customer=customer,
        kind=kind,
        wave=wave or f"{answered_on:%Y-%m}",
        defaults={"score": score, "answered_on": answered_on},
    )
    record(
        EventKind.SURVEY_ANSWERED,
        by,
        now=now,
        department=department,
        lead=lead,
        customer=customer,
        data={"survey": kind, "score": score},
    )
    return answer


def refresh_health(customer_id: int, *, day: date, now: datetime, by: Actor) -> HealthRecord:
    """Compute and store the customer's health on `day`; a change of band is an event."""
    with transaction.atomic():
        lead, customer = _lock(customer_id)
        found = assess(customer, day=day)
        last = HealthRecord.objects.filter(customer=customer, day__lt=day).order_by("-day").first()
        kept, _ = HealthRecord.objects.update_or_create(
            customer=customer,
            day=day,
            defaults={
                "score": found.score,
                "band": found.band,
                "factors": [
                    {
                        "key": f.key,
                        "weight": f.weight,
                        "points": str(f.points),
                        "value": None if f.value is None else str(f.value),
                    }
                    for f in found.factors
                ],
            },
        )
        if last is not None and last.band != kept.band:
            record(
                EventKind.HEALTH_CHANGED,
                by,
                now=now,
                lead=lead,
                customer=customer,
                data={"from": last.band, "to": kept.band, "score": kept.score},
            )
        return kept


def assess(customer: Customer, *, day: date) -> health.Assessment:
    """Read what is known of a customer up to `day` and judge its health."""
    since = day - timedelta(days=USAGE_DAYS)
    readings: dict[str, list[tuple[date, Decimal]]] = {
        USAGE_METRIC: [],
        INQUIRY_METRIC: [],
        BREADTH_METRIC: [],
    }
    for metric, at, value in (
        UsageReading.objects.filter(customer=customer, metric__in=readings, day__gt=since, day__lte=day)
        .order_by("day")
        .values_list("metric", "day", "value")
    ):
        readings[metric].append((at, value))
    nps = customer.surveys.filter(kind="nps", answered_on__lte=day).order_by("-answered_on", "-id").first()
    contract = customer.contracts.filter(voided_at=None).order_by("-id").first()
    breadth = readings[BREADTH_METRIC]
    return health.assess(
        day=day,
        usage=readings[USAGE_METRIC],
        breadth=breadth[-1][1] / 100 if breadth else None,
        inquiries=[(at, int(value)) for at, value in readings[INQUIRY_METRIC]],
        onboarded=customer.onboarded_at is not None,
        days_since_signed=(day - customer.since).days,
        nps=nps.score if nps else None,
        seats=contract.seats if contract else None,
    )


@transaction.atomic
def assign(customer_id: int, by: Actor, *, now: datetime, owner: Member | None) -> Customer:
    """Give a customer to an owner in customer success, or to nobody."""
    department = by.department_for("assign")
    lead, customer = _lock(customer_id)
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


@transaction.atomic
def agree_advocacy(
    customer_id: int, by: Actor, *, now: datetime, occurred_at: datetime | None = None
) -> Customer:
    """Record that the customer agreed to refer or to be a case: marketing owes taking it up."""
    department = by.department_for("agree_advocacy")
    at = happened(occurred_at, now)
    lead, customer = _lock(customer_id)
    record(
        EventKind.ADVOCACY_AGREED,
        by,
        now=now,
        department=department,
        lead=lead,
        customer=customer,
        occurred_at=at,
    )
    return customer


@transaction.atomic
def receive_referral(customer_id: int, by: Actor, *, now: datetime, fields: LeadFields) -> Captured:
    """Create the lead a customer referred; the customer's own pass has reached `referred`."""
    customer = Customer.objects.get(pk=customer_id)
    captured = capture(by, now=now, fields=replace(fields, referred_by=customer))
    _reach(
        customer_id,
        by,
        now=now,
        act="receive_referral",
        kind=EventKind.REFERRAL_RECEIVED,
        stage=Stage.REFERRED,
        at=now,
        history=False,
        data={"referred_lead": captured.lead.pk},
    )
    return captured


@transaction.atomic
def create_case(customer_id: int, by: Actor, *, now: datetime) -> Customer:
    """Record that marketing has taken up a case study with the customer."""
    department = by.department_for("create_case")
    lead, customer = _lock(customer_id)
    record(EventKind.CASE_CREATED, by, now=now, department=department, lead=lead, customer=customer)
    return customer
