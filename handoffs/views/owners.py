"""Who had each handoff of a record and why: built from stored reasons and figures, for people who ask."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest

from django.utils.translation import gettext

from funnel.models import Event, Member
from funnel.stages import EventKind
from handoffs.models import Handoff
from handoffs.routing import explained
from handoffs.views.speech import Speech
from handoffs.views.thread import Thread

MOST = 8


@dataclass
class Leg:
    """Somebody with a handoff, or nobody: the sentence that says why, and since when."""

    department: str
    sentence: str
    on: str
    before: list[Leg] = field(default_factory=list)


def owners_of(thread: Thread, speech: Speech) -> list[Leg]:
    """The latest rounds of a record, newest first, each with those who had it before; three statements."""
    rounds = list(thread.handoffs().select_related("owner").order_by("-id")[:MOST])
    changes: dict[int, list[Event]] = defaultdict(list)
    found = thread.events().filter(kind=EventKind.HANDOFF_ASSIGNED, handoff_ref__in=[h.pk for h in rounds])
    for event in found.order_by("-id"):
        changes[event.handoff_ref or 0].append(event)
    ids = {event.data.get("from") for events in changes.values() for event in events}
    ids |= {event.data.get("to") for events in changes.values() for event in events}
    names = dict(Member.objects.filter(pk__in=ids - {None}).values_list("pk", "name")) if ids else {}
    return [_leg(handoff, changes[handoff.pk], names, speech) for handoff in rounds]


def _leg(handoff: Handoff, changes: list[Event], names: dict[int, str], speech: Speech) -> Leg:
    figures = (handoff.routed_by, handoff.routed_count, handoff.routed_limit)
    name = handoff.owner.name if handoff.owner else ""
    since = handoff.owned_at or (changes[0].occurred_at if changes else handoff.opened_at)
    leg = _said(handoff.done_by_department, name, figures, since, speech)
    for event, earlier in zip_longest(changes, changes[1:]):
        was = names.get(event.data.get("from") or 0, "")
        told = earlier.data if earlier else {"why": event.data.get("was", "")}
        figures = (str(told.get("why", "")), told.get("count"), told.get("limit"))
        at = earlier.occurred_at if earlier else handoff.opened_at
        leg.before.append(_said(handoff.done_by_department, was, figures, at, speech))
    return leg


def _said(
    department: str, name: str, figures: tuple[str, int | None, int | None], at: datetime, speech: Speech
) -> Leg:
    why = explained(*figures, speech.language)
    said = gettext("Assigned to %(name)s") % {"name": name} if name else gettext("Unassigned")
    sentence = gettext("%(what)s: %(why)s") % {"what": said, "why": why} if why else said
    return Leg(department, sentence, speech.moment(at))
