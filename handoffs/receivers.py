"""Facts arrive here, inside the transaction that recorded them."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from funnel.models import Event
from funnel.signals import event_recorded
from handoffs import promises
from handoffs.personal import forget_sheets


@receiver(event_recorded, dispatch_uid="handoffs.promises")
def keep_promises(sender: type[Event], events: list[Event], **_: Any) -> None:
    """Let every promise hear of what was recorded; a failure refuses the act as a whole."""
    promises.on_events(events)
    forget_sheets(events)
