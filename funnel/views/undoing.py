"""Where an act just done is taken back, and how it is offered beside what is said of it."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from funnel.models import Event, Member
from funnel.stages import EventKind
from funnel.transitions.corrections import UNDOABLE

# Of one act's events, the one that says what was done: the others are withdrawn with it.
FIRST_OF_ALL = (EventKind.DEAL_WON, EventKind.SQL_CERTIFIED)


def undo_url(by: Member, at: datetime) -> str:
    """Where the act that this member recorded at this moment is taken back; "" if it cannot be by a correction."""
    mine = Event.objects.filter(actor=by, recorded_at=at, kind__in=UNDOABLE)
    told = {event.kind: event.pk for event in mine.order_by("id")}
    pk = next((told[kind] for kind in FIRST_OF_ALL if kind in told), max(told.values(), default=None))
    return reverse("event-withdraw", args=[pk]) if pk else ""


def with_undo(said: str, url: str, back: str) -> str:
    """The sentence, with a link by which what it tells can be taken back."""
    if not url:
        return said
    link = '{} <a href="{}?{}" data-key="z">{} <kbd aria-hidden="true">Z</kbd></a>'
    return format_html(link, said, url, urlencode({"next": back}), gettext("Undo"))
