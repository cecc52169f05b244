"""Passes that an act brought, taken back with it: waking somebody up, a lead that a customer referred."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet

from funnel.errors import MoveRefused
from funnel.models import Activity, Event, Lead
from funnel.stages import EVENT_WORDS, EventKind
from funnel.transitions.ledger import lock
from funnel.transitions.never import NOTHING


def brought_by(wrong: Event, lead: Lead | None) -> list[Lead]:
    """The locked passes that came with this very act and go with it; `lead` is the one the act is about.

    A pass begun anew is taken back as long as nobody has done anything with it; the first pass of somebody is not
    ("undo_a_capture"). Raises MoveRefused("undo_since") naming what was done since.
    """
    if wrong.kind == EventKind.LEAD_CAPTURED:
        if lead is None or lead.previous_id is None:
            raise MoveRefused("undo_a_capture")
        found = [lead]
    elif wrong.kind == EventKind.REFERRAL_RECEIVED and wrong.data.get("referred_lead"):
        captured = _standing(Event.objects.filter(lead=wrong.data["referred_lead"]))
        came_with_it = captured.filter(kind=EventKind.LEAD_CAPTURED, recorded_at=wrong.recorded_at)
        found = [lock(wrong.data["referred_lead"])] if came_with_it.exists() else []
    else:
        return []
    for one in found:
        _demand_untouched(one, wrong)
    return found


def parts_of(brought: Iterable[Lead]) -> list[Event]:
    """Everything that stands in the ledger about these passes, the latest first: all of it came with the act."""
    events = _standing(Event.objects.filter(lead__in=[lead.pk for lead in brought]))
    return list(events.select_related("lead", "deal", "contract", "customer").order_by("-id"))


def forget(brought: Sequence[Lead], *, now: datetime) -> None:
    """Write down that these passes never were; their activities have no name in another system any more."""
    for lead in brought:
        lead.closed_at = now
        for name, nothing in NOTHING.items():
            setattr(lead, name, nothing)
        lead.save()
    Activity.objects.filter(lead__in=list(brought), external_id__isnull=False).update(external_id=None)


def _standing(events: QuerySet[Event]) -> QuerySet[Event]:
    return events.exclude(kind=EventKind.EVENT_CORRECTED).exclude(corrections__data__withdrawn=True)


def _demand_untouched(lead: Lead, wrong: Event) -> None:
    since = _standing(Event.objects.filter(lead=lead)).exclude(recorded_at=wrong.recorded_at)
    latest = since.order_by("-id").first()
    if latest is not None:
        raise MoveRefused(
            "undo_since", what=EVENT_WORDS[latest.kind], at=latest.recorded_at.isoformat(timespec="minutes")
        )
