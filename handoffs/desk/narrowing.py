"""Whose desk, and which part of it: departments, owner, words searched for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from funnel.models import Person
from funnel.search import Hits, customers_found, hits
from handoffs.querysets import HandoffQuerySet

NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Desk:
    """Whose desk, and which part of it: departments, words searched for, owner (a member's id or None).

    `today` and `tonight` (the moment it ends) are the organisation's: they decide what is to be done first.
    `unassigned` leaves the handoffs that nobody has.
    """

    departments: frozenset[str]
    search: str = ""
    owner: int | None = None
    today: date = date.min
    tonight: datetime = NEVER
    unassigned: bool = False
    heard: dict[str, Hits] = field(default_factory=dict, compare=False, repr=False)

    @property
    def found(self) -> Hits:
        """Whom the words mean; asked once, also for what is made of this desk with `replace`."""
        if self.search not in self.heard:
            self.heard[self.search] = hits(self.search)
        return self.heard[self.search]


def narrowed(
    rows: QuerySet[Any], desk: Desk, to_lead: str = "", to_customer: str | None = None
) -> QuerySet[Any]:
    """Apply search and owner; `to_lead` leads from the row to its lead."""
    if desk.unassigned:
        rows = rows.unassigned() if isinstance(rows, HandoffQuerySet) else rows.none()
    if desk.owner is not None:
        own = (
            Q(owner=desk.owner) | Q(**{f"{to_lead}owner": desk.owner, "owner": None})
            if to_lead
            else Q(owner=desk.owner)
        )
        rows = rows.filter(own)
    return rows.filter(_matching(rows, desk, to_lead, to_customer)) if desk.search else rows


def _matching(rows: QuerySet[Any], desk: Desk, to_lead: str, to_customer: str | None) -> Q:
    """That the person is among those found, or the customer's company that of one of them.

    Rounds are few, and each is asked in turn when very many people are found; leads, deals and customers are not.
    """
    if to_customer == "":
        return Q(customers_found(desk.found))
    found = desk.found.walked() if isinstance(rows, HandoffQuerySet) else desk.found
    matching = Q(found.condition(f"{to_lead}person_id"))
    if to_customer is not None:
        there = found.narrow(Person.objects.all(), "pk")
        matching |= Q(Exists(there.filter(account=OuterRef(f"{to_customer}account"))))
    return matching
