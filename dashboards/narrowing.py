"""A scope as somebody asks for it, narrowed to what is there: an unknown channel is said, not shown as nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Exists

from dashboards import scope
from dashboards.counts.reading import NONE
from dashboards.scope import UNOWNED, Scope, ScopeError
from funnel.models import Campaign, Channel, Member, Organization

LONGEST_SHOWN = 40


def parse(params: Mapping[str, str], *, today: date) -> Scope:
    """As `scope.parse`, and raises ScopeError for a channel, campaign or member that does not exist.

    Only a narrowed scope takes a statement, one for all three.
    """
    found = scope.parse(params, today=today)
    asked: dict[str, tuple[Any, Any]] = {
        "channel": (found.channel, Channel.objects.filter(slug=found.channel or "")),
        "campaign": (found.campaign, Campaign.objects.filter(slug=found.campaign or "")),
        "owner": (found.owner, Member.objects.filter(pk=found.owner or 0)),
    }
    asked = {name: pair for name, pair in asked.items() if pair[0] not in (None, NONE, UNOWNED)}
    if asked:
        there = {f"has_{name}": Exists(rows) for name, (_, rows) in asked.items()}
        known: Any = Organization.objects.values(**there).get(pk=1)
        for name, (value, _) in asked.items():
            if not known[f"has_{name}"]:
                raise ScopeError(f"unknown_{name}", field=name, value=str(value)[:LONGEST_SHOWN])
    return found
