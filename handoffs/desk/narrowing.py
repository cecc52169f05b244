"""Whose desk, and which part of it: departments, owner, words searched for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from funnel import normalise
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
    return rows.filter(_matching(desk.search, to_lead, to_customer)) if desk.search else rows


def _matching(search: str, to_lead: str, to_customer: str | None) -> Q:
    found = Q()
    paths: Iterable[str] = (
        f"{to_lead}account__",
        *([f"{to_customer}account__"] if to_customer is not None else []),
    )
    company, name = normalise.company(search), normalise.person_name(search)
    for path in paths:
        found |= Q(**{f"{path}name__icontains": search})
        found |= Q(**{f"{path}name_norm__contains": company}) if company else Q()
    found |= Q(**{f"{to_lead}person__name__icontains": search}) | Q(
        **{f"{to_lead}person__email__icontains": search}
    )
    return found | Q(**{f"{to_lead}person__name_norm__contains": name}) if name else found
