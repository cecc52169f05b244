"""Finding facts the way people ask for them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from funnel.models import Customer, Deal, Lead
from funnel.search import Hits, customers_found, hits


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
