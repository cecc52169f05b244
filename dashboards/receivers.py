"""How facts and promises reach the readings: counts in the same transaction, a hint after it."""

from typing import Any

from django.dispatch import receiver

from dashboards import counts, live, review
from funnel.models import Event
from funnel.signals import event_recorded
from funnel.transitions.ledger import Passage
from handoffs.models import Handoff
from handoffs.signals import promise_changed


@receiver(event_recorded, dispatch_uid="dashboards.count")
def count(sender: object, *, events: list[Event], passages: list[Passage], **_: Any) -> None:
    """Write the deltas of the passages with the events, let reviews of misses follow what was said of their causes.

    The boards are told after the commit.
    """
    counts.write(passages)
    review.follow(events)
    live.publish_after_commit()


@receiver(promise_changed, dispatch_uid="dashboards.promise")
def promise(sender: object, *, handoffs: list[Handoff], **_: Any) -> None:
    """Open a review for what was missed, and tell the boards after the commit."""
    review.open_for(h.pk for h in handoffs if h.missed_at is not None)
    live.publish_after_commit()
