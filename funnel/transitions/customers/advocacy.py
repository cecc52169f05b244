"""Customers who refer others or become a case."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from funnel.models import (
    Customer,
)
from funnel.stages import EventKind, Stage
from funnel.transitions.acting import Actor
from funnel.transitions.customers.phases import lock_customer, reach
from funnel.transitions.leads import Captured, capture
from funnel.transitions.ledger import happened, record
from funnel.transitions.people import LeadFields


@transaction.atomic
def agree_advocacy(
    customer_id: int, by: Actor, *, now: datetime, occurred_at: datetime | None = None
) -> Customer:
    """Record that the customer agreed to refer or to be a case: marketing owes taking it up."""
    department = by.department_for("agree_advocacy")
    at = happened(occurred_at, now)
    lead, customer = lock_customer(customer_id)
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
    reach(
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
    lead, customer = lock_customer(customer_id)
    record(EventKind.CASE_CREATED, by, now=now, department=department, lead=lead, customer=customer)
    return customer
