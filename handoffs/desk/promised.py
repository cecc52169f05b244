"""Which handoffs lie on a desk: owed, waiting for an answer, sent back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from funnel.models import Deal, Lead
from funnel.stages import DealState, Stage
from handoffs.desk.narrowing import Desk, narrowed
from handoffs.lanes import Boundary, Decision
from handoffs.models import Handoff

RETURNED_TO = 1000


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


def _not_answered() -> list[QuerySet[Handoff]]:
    """Returned rounds to which the sender has not answered (not closed, not sent again), one query a boundary.

    Each starts from the passes and deals that lie returned now: the rounds returned ever grow with history. Of kickoffs
    no column says so; of won deals few come back.
    """
    rows = Handoff.objects.filter(decision=Decision.RETURNED).order_by()
    # Planned for what there may be at most, not for the product of what each condition leaves.
    passes = Lead.objects.filter(stage=Stage.LEAD, outcome__isnull=True, mql_at__isnull=False)
    latest = passes.order_by("-pk").values("pk")[:RETURNED_TO]
    deals = Deal.objects.filter(state=DealState.RETURNED, lead__outcome__isnull=True).values("pk")
    found = (
        rows.filter(boundary=Boundary.MQL, lead__in=latest),
        rows.filter(boundary=Boundary.SQL, deal__in=deals),
        rows.filter(boundary=Boundary.WON, deal__state=DealState.WON),
    )
    return [
        of_one.filter(~Exists(_newer(boundary)))
        for boundary, of_one in zip((Boundary.MQL, Boundary.SQL, Boundary.WON), found, strict=True)
    ]


def _newer(boundary: Boundary) -> QuerySet[Handoff]:
    rows = Handoff.objects.filter(boundary=boundary, lead=OuterRef("lead"), round__gt=OuterRef("round"))
    return rows if boundary == Boundary.MQL else rows.filter(deal=OuterRef("deal"))


def leads_of_unanswered_returns() -> QuerySet[Handoff, Any]:
    """The leads of what came back and is not answered, for `pk__in`; never null: these boundaries demand a lead."""
    first, *others = [rows.values("lead") for rows in _not_answered()]
    return first.union(*others)


def returned(desk: Desk) -> QuerySet[Handoff]:
    """Returned to a department of this desk, which has not answered yet.

    Of leads, those of the latest 1,000 passes that lie returned; the others lie among the leads in hand.
    """
    first, *others = [rows.values("pk") for rows in _not_answered()]
    rows = Handoff.objects.filter(pk__in=first.union(*others), from_department__in=desk.departments)
    return narrowed(rows, desk, "lead__")


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
