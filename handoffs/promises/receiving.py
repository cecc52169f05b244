"""What has just been recorded, turned into promises in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence

from funnel import moment
from funnel.models import Event
from funnel.stages import EventKind
from handoffs.promises.book import Book
from handoffs.promises.hearing import RELEVANT


def on_events(events: Sequence[Event]) -> None:
    """Open, keep, complete, return and cancel promises as the events say.

    The recording time is the database's transaction start, whatever the door took for `now`: a verdict
    depends on no other clock. The caller's transaction holds the leads' locks.
    """
    relevant = [e for e in events if EventKind(e.kind) in RELEVANT]
    if relevant:
        Book(relevant).apply(moment.now()).write()
