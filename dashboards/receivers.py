"""How facts and promises reach the readings: counts in the same transaction, a hint after it."""

from typing import Any

from django.dispatch import receiver

from dashboards import counts, live
from funnel.signals import event_recorded
from funnel.transitions.ledger import Passage
from handoffs.signals import promise_changed


@receiver(event_recorded, dispatch_uid="dashboards.count")
def count(sender: object, *, passages: list[Passage], **_: Any) -> None:
    """Write the deltas of the passages with the events, and tell the boards after the commit."""
    counts.write(passages)
    live.publish_after_commit()


@receiver(promise_changed, dispatch_uid="dashboards.promise")
def promise(sender: object, **_: Any) -> None:
    """Tell the boards after the commit."""
    live.publish_after_commit()
