"""Which handoffs lie on a desk: owed, waiting for an answer, sent back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from funnel.stages import DealState, Stage
from handoffs.desk.narrowing import Desk, narrowed
from handoffs.lanes import Boundary, Decision
from handoffs.models import Handoff


def promises(desk: Desk) -> QuerySet[Handoff]:
    """Owed and not done, late or not: what is about to break comes first."""
    return narrowed(Handoff.objects.owed().for_departments(desk.departments), desk, "lead__", "customer__")


def due(desk: Desk) -> QuerySet[Handoff]:
    return promises(desk).filter(due_at__lte=desk.tonight)


def due_later(desk: Desk) -> QuerySet[Handoff]:
    return promises(desk).filter(due_at__gt=desk.tonight)


def overdue(desk: Desk, now: datetime) -> QuerySet[Handoff]:
    """Promises owed and past their due moment."""
    return promises(desk).filter(due_at__lt=now)


def kickoffs(desk: Desk) -> QuerySet[Handoff]:
    """Kickoffs that are set and not held yet."""
    rows = Handoff.objects.live().for_departments(desk.departments)
    return narrowed(rows.filter(boundary=Boundary.WON, kept_at__isnull=False), desk, "lead__")


def waiting(desk: Desk) -> QuerySet[Handoff]:
    """Handed over and neither accepted nor returned."""
    rows = Handoff.objects.pending().for_departments(desk.departments).filter(is_self=False)
    return narrowed(rows, desk, "lead__", "customer__")


def unanswered_returns() -> QuerySet[Handoff]:
    """Returned rounds to which the sender has not answered: not closed, not sent again."""
    newer = Handoff.objects.filter(
        boundary=OuterRef("boundary"), lead=OuterRef("lead"), round__gt=OuterRef("round")
    )
    still = (
        Q(boundary=Boundary.MQL, lead__stage=Stage.LEAD, lead__outcome__isnull=True)
        | Q(boundary=Boundary.SQL, deal__state=DealState.RETURNED, lead__outcome__isnull=True)
        | Q(boundary=Boundary.WON, deal__state=DealState.WON)
    )
    same_deal = Q(deal=OuterRef("deal")) | Q(boundary=Boundary.MQL)
    return Handoff.objects.filter(still, decision=Decision.RETURNED).filter(~Exists(newer.filter(same_deal)))


def returned(desk: Desk) -> QuerySet[Handoff]:
    """Returned to a department of this desk, which has not answered yet."""
    wanted = unanswered_returns().filter(from_department__in=desk.departments).values("pk")
    return narrowed(Handoff.objects.filter(pk__in=wanted), desk, "lead__")


def incomplete(desk: Desk) -> QuerySet[Handoff]:
    """Deals handed over with their sheet below the threshold, neither accepted nor returned yet."""
    rows = Handoff.objects.pending().for_departments(desk.departments)
    return narrowed(
        rows.filter(boundary=Boundary.SQL, missed_at__isnull=False, is_self=False), desk, "lead__"
    )


def without_kickoff(desk: Desk) -> QuerySet[Handoff]:
    """Deals these departments won whose kickoff somebody else has not set yet; the customer still knows the seller."""
    rows = Handoff.objects.owed().filter(boundary=Boundary.WON, from_department__in=desk.departments)
    rows = rows.exclude(done_by_department__in=desk.departments)
    if desk.owner is not None:
        rows = rows.filter(Q(sender=desk.owner) | Q(deal__owner=desk.owner))
    return narrowed(rows, replace(desk, owner=None), "lead__")
