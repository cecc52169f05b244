"""What has just been recorded, turned into promises in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence

from funnel import moment
from funnel.models import Event
from funnel.stages import EventKind
from handoffs.promises import owning
from handoffs.promises.book import Book
from handoffs.promises.handing import release
from handoffs.promises.hearing import RELEVANT


def on_events(events: Sequence[Event]) -> None:
    """Open, keep, complete, return and cancel promises as the events say.

    The recording time is the database's transaction start, whatever the door took for `now`: a verdict
    depends on no other clock. The caller's transaction holds the leads' locks.
    """
    changed = {who for e in events if e.kind == EventKind.SETTING_CHANGED and (who := _member(e)) is not None}
    if changed:
        release(changed)
    relevant = [e for e in events if EventKind(e.kind) in RELEVANT]
    if relevant:
        now = moment.now()
        Book(relevant).apply(now).write()
        owning.give_back(relevant, now)


def _member(event: Event) -> int | None:
    """The member whose standing a change of settings is about: `member.12`, `member.12.membership.3`."""
    words = str(event.data.get("what", "")).split(".")
    return int(words[1]) if words[0] == "member" and len(words) > 1 and words[1].isdigit() else None
