"""A scope as somebody asks for it, narrowed to what is there: an unknown channel is said, not shown as nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db.models import Exists

from dashboards import scope
from dashboards.counts.reading import NONE
from dashboards.scope import Scope, ScopeError
from funnel.models import Campaign, Channel, Member, Organization

LONGEST_SHOWN = 40


def parse(params: Mapping[str, str], *, today: date) -> Scope:
    """As `scope.parse`, and raises ScopeError for a channel, campaign or member that does not exist.

    Only a narrowed scope takes a statement, one for all three.
    """
    found = scope.parse(params, today=today)
    asked = {
        name: rows
        for name, rows in (
            ("channel", Channel.objects.filter(slug=found.channel)),
            ("campaign", Campaign.objects.filter(slug=found.campaign)),
            ("owner", Member.objects.filter(pk=found.owner)),
        )
        if getattr(found, name) not in (None, NONE)
    }
    if asked:
        there = Organization.objects.values(
            **{f"has_{name}": Exists(rows) for name, rows in asked.items()}
        ).get()
        for name in asked:
            if not there[f"has_{name}"]:
                value = str(getattr(found, name))[:LONGEST_SHOWN]
                raise ScopeError(f"unknown_{name}", field=name, value=value)
    return found
