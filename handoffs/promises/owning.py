"""A handoff given to somebody by mistake goes back to whoever had it; its clock has never stood still."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.dateparse import parse_datetime

from funnel import moment
from funnel.errors import MoveRefused
from funnel.models import Event, Member, Organization
from funnel.stages import EventKind
from funnel.transitions import ledger
from handoffs import notices, routing
from handoffs.kinds import Kind
from handoffs.models import Handoff
from handoffs.signals import promise_changed

COLUMNS = ("owner", "routed_by", "owned_at", "routed_count", "routed_limit")


def give_back(corrections: Iterable[Event], now: datetime) -> None:
    """Undo the assignments that these corrections withdraw; the caller holds the leads' locks.

    Raises MoveRefused: "handoff_over", or "undo_no_owner" when the former owner belongs there no more.
    """
    corrected = [e.corrects_id for e in corrections if e.corrects_id and e.data.get("withdrawn")]
    assigned = Event.objects.filter(pk__in=corrected, kind=EventKind.HANDOFF_ASSIGNED) if corrected else ()
    for wrong in assigned:
        handoff = Handoff.objects.select_for_update().get(pk=wrong.handoff_ref or 0)
        if handoff.closed_at is not None:
            raise MoveRefused("handoff_over")
        before = _stood_before(handoff)
        if before is not None:
            _demand_there(handoff, before, now)
            _restore(handoff, before)
            notices.take_back([(Kind.ASSIGNED, handoff)], step=wrong.pk)


def reconcile(within: timedelta | None) -> int:
    """Give back what a lost hint forgot; what somebody is writing to is left for the next run."""
    changed = 0
    for handoff in forgotten(within):
        with transaction.atomic():
            if handoff.lead_id is not None:
                ledger.lock(handoff.lead_id)
            locked = Handoff.objects.select_for_update().get(pk=handoff.pk)
            before = _stood_before(locked)
            if before is not None and locked.closed_at is None and locked.owner_id != before.data.get("from"):
                _restore(locked, before)
                changed += 1
    return changed


def forgotten(within: timedelta | None) -> list[Handoff]:
    """Live rounds whose owner was given them by an act that was withdrawn."""
    gone = Event.objects.filter(data__withdrawn=True, corrects__kind=EventKind.HANDOFF_ASSIGNED)
    if within is not None:
        gone = gone.filter(recorded_at__gte=moment.now() - within)
    concerned = Handoff.objects.live().filter(pk__in=gone.values("corrects__handoff_ref"))
    found = ((handoff, _stood_before(handoff)) for handoff in concerned)
    return [h for h, before in found if before is not None and h.owner_id != before.data.get("from")]


def _stood_before(handoff: Handoff) -> Event | None:
    """The first withdrawn assignment after the last one that stands: it says who had the round before it."""
    undone = Event.objects.filter(corrects=OuterRef("pk"), data__withdrawn=True)
    assigned: QuerySet[Event] = Event.objects.filter(kind=EventKind.HANDOFF_ASSIGNED, handoff_ref=handoff.pk)
    if handoff.lead_id is not None:
        assigned = assigned.filter(lead=handoff.lead_id)
    found: Event | None = None
    for event in assigned.annotate(is_undone=Exists(undone)).order_by("id"):
        found = (found or event) if event.is_undone else None
    return found


def _demand_there(handoff: Handoff, before: Event, now: datetime) -> None:
    former = Member.objects.filter(pk=before.data.get("from") or 0).first()
    today = Organization.current().calendar().local_date(now)
    if former is not None and not routing.is_member(former, handoff.done_by_department, today):
        raise MoveRefused("undo_no_owner", name=former.name)


def _restore(handoff: Handoff, before: Event) -> None:
    routing.lock([handoff.done_by_department])
    figures = before.data.get("before", {})
    handoff.owner_id = before.data.get("from")
    handoff.routed_by = before.data.get("was", "")
    handoff.owned_at = parse_datetime(figures["owned_at"]) if figures.get("owned_at") else None
    if handoff.owner_id is not None and handoff.owned_at is None:
        handoff.owned_at = handoff.opened_at
    handoff.routed_count, handoff.routed_limit = figures.get("count"), figures.get("limit")
    handoff.save(update_fields=COLUMNS)
    promise_changed.send(sender=Handoff, handoffs=[handoff])
