"""What is heard of a customer: usage, surveys, and the health judged from them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from funnel import health
from funnel.errors import BadValue
from funnel.models import (
    Customer,
    HealthRecord,
    SurveyResponse,
    UsageReading,
)
from funnel.stages import EventKind
from funnel.transitions.acting import Actor
from funnel.transitions.customers.phases import demand_past, lock_customer
from funnel.transitions.ledger import record

USAGE_METRIC = "active_users"
BREADTH_METRIC = "features_used_percent"
INQUIRY_METRIC = "inquiries"


@transaction.atomic
def record_usage(
    customer_id: int, by: Actor, *, now: datetime, readings: Iterable[tuple[date, str, Decimal]]
) -> tuple[int, int, int]:
    """Store usage readings; a re-sent day replaces its value. Returns (created, updated, unchanged)."""
    by.department_for("record_usage")
    wanted = {(metric, day): value for day, metric, value in readings}
    _, customer = lock_customer(customer_id)
    if wanted:
        demand_past(max(day for _, day in wanted), now=now, field="day")
    for value in wanted.values():
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
def put_back_usage(
    customer_id: int, by: Actor, *, now: datetime, day: date, metric: str, old: Decimal | None, new: Decimal
) -> bool:
    """Put the reading back that a file had replaced, None for none; False when it is no longer the file's."""
    by.department_for("record_usage")
    lock_customer(customer_id)
    standing = UsageReading.objects.filter(customer_id=customer_id, day=day, metric=metric, value=new)
    return bool(standing.delete()[0] if old is None else standing.update(value=old))


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
    demand_past(answered_on, now=now, field="answered_on")
    lead, customer = lock_customer(customer_id)
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
        lead, customer = lock_customer(customer_id)
        found = assess(customer, day=day)
        last = HealthRecord.objects.filter(customer=customer, day__lt=day).order_by("-day").first()
        kept, _ = HealthRecord.objects.update_or_create(
            customer=customer,
            day=day,
            defaults=_as_kept(found),
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


def recall_health(customer: Customer, *, days: Iterable[date]) -> int:
    """Store how the customer would have been judged on past days, where no record stands; nothing is announced.

    For a past that was laid down at once. Days before the customer began are left out; returns how many were stored.
    """
    known = set(customer.health.values_list("day", flat=True))
    wanted = [day for day in days if day >= customer.since and day not in known]
    records = [
        HealthRecord(customer=customer, day=day, **_as_kept(assess(customer, day=day))) for day in wanted
    ]
    return len(HealthRecord.objects.bulk_create(records, ignore_conflicts=True))


def _as_kept(found: health.Assessment) -> dict[str, Any]:
    """An assessment as a record keeps it."""
    factors = [
        {
            "key": f.key,
            "weight": f.weight,
            "points": str(f.points),
            "value": None if f.value is None else str(f.value),
        }
        for f in found.factors
    ]
    return {"score": found.score, "band": found.band, "factors": factors}


def assess(customer: Customer, *, day: date) -> health.Assessment:
    """Read what is known of a customer up to `day` and judge its health."""
    since = day - timedelta(days=health.LOOKS_BACK_DAYS)
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
