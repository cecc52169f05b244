"""Finding facts the way people ask for them."""

from __future__ import annotations

from datetime import date

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from funnel.models import Activity, Customer, Deal, Event, Lead
from funnel.search import Hits, customers_found, hits
from funnel.stages import ActivityKind, DealState, EventKind

STEPS_FORWARD = (EventKind.DEAL_STEP_CHANGED, EventKind.DEAL_REOPENED)


def leads_like(rows: QuerySet[Lead], text: str) -> QuerySet[Lead]:
    """Narrow leads to those whose name, kana, company, e-mail, phone or external id `text` means.

    Width, case, spaces and the legal form of a company do not matter. Blank text narrows nothing.
    """
    return hits(text).narrow(rows)


def customers_of(rows: QuerySet[Customer], found: Hits, text: str) -> QuerySet[Customer]:
    """Narrow customers to the companies of the people found, or of this external id."""
    if not found.asked:
        return rows
    return rows.filter(customers_found(found) | Q(external_id=text.strip()))


def customers_like(rows: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """Narrow customers to those whose company, people, or external id `text` means."""
    return customers_of(rows, hits(text), text)


def deals_like(rows: QuerySet[Deal], text: str) -> QuerySet[Deal]:
    """Narrow deals to those with the people and companies that `text` means."""
    return hits(text).narrow(rows, "lead__person_id")


def deals_due(rows: QuerySet[Deal], today: date) -> QuerySet[Deal]:
    """Narrow deals to the open ones whose next step is due on the organisation's `today`, or late.

    Ordered by `next_step_on, id` it is read from the index `deal_next_step_due`.
    """
    return rows.filter(state=DealState.OPEN, next_step_on__lte=today)


def with_moved_at(rows: QuerySet[Deal]) -> QuerySet[Deal]:
    """Annotate each deal with `moved_at`: its opening, last change of step, or last thing a person did with its lead.

    A note is not movement, nor is what was undone.
    """
    steps = Event.objects.filter(deal=OuterRef("pk"), kind__in=STEPS_FORWARD).order_by("-id")
    done = (
        Activity.objects.filter(lead=OuterRef("lead"), is_human=True)
        .exclude(kind=ActivityKind.NOTE)
        .exclude(event__corrections__data__withdrawn=True)
        .order_by("-occurred_at")
    )
    return rows.annotate(
        moved_at=Greatest(
            F("opened_at"),
            Subquery(steps.values("occurred_at")[:1]),
            Subquery(done.values("occurred_at")[:1]),
        )
    )
