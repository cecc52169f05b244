"""Where an act just done is taken back, and how it is offered beside what is said of it."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.urls import reverse

from funnel.models import Event, Member
from funnel.stages import EventKind
from funnel.transitions.corrections import UNDOABLE
from funnel.views.access import PageRequest

# Of one act's events, the one that says what was done: the others are withdrawn with it.
FIRST_OF_ALL = (EventKind.DEAL_WON, EventKind.SQL_CERTIFIED)


def undo_url(by: Member, at: datetime) -> str:
    """Where the act that this member recorded at this moment is taken back; "" if it cannot be by a correction."""
    mine = Event.objects.filter(actor=by, recorded_at=at, kind__in=UNDOABLE)
    told = {event.kind: event.pk for event in mine.order_by("id")}
    pk = next((told[kind] for kind in FIRST_OF_ALL if kind in told), max(told.values(), default=None))
    return reverse("event-withdraw", args=[pk]) if pk else ""


def say_done(request: PageRequest, said: str, undo: str, back: str) -> None:
    """Say on the next page what was done; with `undo`, one press beside it takes it back and leads to `back`."""
    messages.success(request, said, extra_tags=f"{undo}?{urlencode({'next': back})}" if undo else "")
