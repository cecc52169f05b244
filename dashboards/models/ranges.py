"""Between which bounds a KPI's numbers lie where zero is not the lowest, as the database asks it."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q

BELOW_ZERO: Mapping[str, tuple[int, int]] = {"nps": (-100, 100)}
"""KPIs whose declared minimum is below zero; a test holds them against the catalogue."""


def in_range(column: str) -> Q:
    """No number at all, or one within its KPI's bounds: zero and more, unless declared otherwise."""
    found = Q(**{f"{column}__isnull": True})
    for slug, (low, high) in BELOW_ZERO.items():
        found |= Q(kpi=slug, **{f"{column}__gte": low, f"{column}__lte": high})
    return found | (~Q(kpi__in=list(BELOW_ZERO)) & Q(**{f"{column}__gte": 0}))
