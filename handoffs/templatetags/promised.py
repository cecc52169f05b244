"""What is promised about the deals of a page: asked once for all of them, where the page shows them."""

from __future__ import annotations

from collections.abc import Collection

from django import template

from funnel.models import Deal
from handoffs.models import Handoff

register = template.Library()


@register.simple_tag
def handed_over(deals: Collection[Deal]) -> frozenset[int]:
    """The ids of those deals whose handoff waits to be accepted; one statement, however many."""
    waiting = Handoff.objects.pending().filter(deal__in=[deal.pk for deal in deals], is_self=False)
    return frozenset(waiting.values_list("deal", flat=True))
