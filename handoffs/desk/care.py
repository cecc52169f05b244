"""Which customers lie on a desk: in onboarding, in trouble, near the end of their contract."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from funnel.models import Activity, Contract, Customer, Event
from funnel.stages import CustomerPhase, Department, EventKind, Result
from funnel.transitions.customers.phases import RENEWAL_WINDOW
from handoffs.desk.narrowing import Desk, narrowed
from handoffs.lanes import Boundary
from handoffs.models import Handoff


def onboarding(desk: Desk) -> QuerySet[Customer]:
    """Customers whose kickoff was held and who have not reached first value."""
    if Department.CUSTOMER_SUCCESS not in desk.departments:
        return Customer.objects.none()
    owed = Handoff.objects.live().filter(boundary=Boundary.WON, deal__contract__customer=OuterRef("pk"))
    rows = (
        Customer.objects.standing()
        .filter(phase=CustomerPhase.ONBOARDING, onboarded_at__isnull=True)
        .filter(~Exists(owed))
    )
    return narrowed(rows, desk, "origin_lead__", "")


WORSE = (("healthy", "watch"), ("healthy", "at_risk"), ("watch", "at_risk"))


def falling(desk: Desk) -> QuerySet[Customer]:
    """Customers whose health fell below a line, and to whom nobody has spoken since."""
    if Department.CUSTOMER_SUCCESS not in desk.departments:
        return Customer.objects.none()
    later = Event.objects.filter(
        kind=EventKind.HEALTH_CHANGED, customer=OuterRef("customer"), pk__gt=OuterRef("pk")
    )
    spoken = Activity.objects.filter(
        lead=OuterRef("customer__origin_lead"), is_human=True, occurred_at__gte=OuterRef("occurred_at")
    ).exclude(result=Result.NO_ANSWER)
    fell = Q(pk__in=[])
    for before, after in WORSE:
        fell |= Q(data__contains={"from": before, "to": after})
    events = Event.objects.filter(fell, kind=EventKind.HEALTH_CHANGED, customer__isnull=False)
    events = events.filter(~Exists(later), ~Exists(spoken))
    rows = (
        Customer.objects.standing()
        .filter(pk__in=events.values("customer"))
        .exclude(phase=CustomerPhase.CHURNED)
    )
    return narrowed(rows, desk, "origin_lead__", "")


def renewals(desk: Desk) -> QuerySet[Contract]:
    """Running contracts that end within 90 days or should have ended: of several of a customer, the one an act meets."""
    if Department.CUSTOMER_SUCCESS not in desk.departments:
        return Contract.objects.none()
    running = Contract.objects.filter(ended_on__isnull=True, voided_at__isnull=True)
    newer = running.filter(customer=OuterRef("customer"), pk__gt=OuterRef("pk"))
    rows = running.filter(~Exists(newer), ends_on__lte=desk.today + RENEWAL_WINDOW)
    rows = rows.exclude(customer__phase=CustomerPhase.CHURNED)
    if not (desk.search or desk.unassigned or desk.owner is not None):
        return rows
    return rows.filter(customer__in=narrowed(Customer.objects.all(), desk, "origin_lead__", ""))
