"""A promise whose keeping act was withdrawn, judged by what else was done, as if that act had never been."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from funnel.models import Event
from funnel.stages import EventKind
from handoffs.lanes import LANES, Boundary, Decision
from handoffs.models import Handoff
from handoffs.promises import keeping
from handoffs.promises.hearing import ENDS, ENDS_PASS, RETURNS, TAKES


def judge_anew(handoff: Handoff, correction: Event, used: Iterable[int]) -> None:
    """Find what keeps the promise once the correction has withdrawn its keeping act, or leave it open.

    The next act counts as it was recorded, under the same rules as the first: binding, after the opening, before
    whatever ended the round, and keeping no other round (`used` are the acts that keep those in memory). A round
    that nothing ended is live again; past due it is missed by reading, and the sweep marks it. A miss stays.
    A gate is judged at its submission alone: with that, its promise never was.
    """
    done_at = handoff.closed_at if keeping.is_done(handoff) else None
    keeping.forget(handoff)
    boundary = Boundary(handoff.boundary)
    if LANES[boundary].unit is None:
        return
    ended_at, handoff.closed_at = handoff.closed_at, None
    for event in _since(handoff, correction, used):
        if handoff.closed_at is not None or (ended_at is not None and event.recorded_at > ended_at):
            break
        _hear(handoff, event, boundary, done_at)
    if ended_at is not None:
        keeping.end(handoff, ended_at, ended_at)
        handoff.closed_at = ended_at
    if handoff.decision == Decision.RETURNED:
        handoff.returned_after_contact = handoff.kept_at is not None


def _hear(handoff: Handoff, event: Event, boundary: Boundary, done_at: datetime | None) -> None:
    """Let one event keep or end the round; what was done before `done_at` was accepted then at the latest."""
    if EventKind(event.kind) not in LANES[boundary].kept_by:
        keeping.close(handoff, event, event.recorded_at)
    elif keeping.keep(handoff, event, event.recorded_at):
        if TAKES.get(EventKind(event.kind)) is boundary:
            keeping.accept(handoff, event)
        keeping.close_if_done(handoff, max(event.recorded_at, done_at or event.recorded_at))


def _since(handoff: Handoff, correction: Event, used: Iterable[int]) -> QuerySet[Event]:
    """What could keep or end the round and stood when the correction was recorded, first recorded first."""
    boundary = Boundary(handoff.boundary)
    lane = LANES[boundary]
    later = Q(pk__gt=handoff.opened_by_id)
    ending = {kind for kind, of in RETURNS.items() if of is boundary}
    ending |= {kind for kind, of in ENDS.items() if boundary in of}
    wanted = Q(kind__in=lane.kept_by, binding=True, occurred_at__gte=handoff.opened_at)
    wanted |= later & Q(kind__in=ending)
    wanted |= Q(kind=EventKind.EVENT_CORRECTED, corrects=handoff.opened_by_id, data__withdrawn=True)
    if boundary is Boundary.MQL:
        wanted |= later & Q(kind__in=ENDS_PASS, lead__outcome__isnull=False)
    undone = Event.objects.filter(corrects=OuterRef("pk"), data__withdrawn=True, pk__lte=correction.pk)
    others = Handoff.objects.filter(kept_by=OuterRef("pk")).exclude(pk=handoff.pk)
    return (
        Event.objects.filter(
            wanted,
            pk__lt=correction.pk,
            **{f"{lane.subject}_id": getattr(handoff, f"{lane.subject}_id")},
        )
        .exclude(pk__in=list(used))
        .exclude(Exists(undone))
        .exclude(Exists(others))
        .order_by("recorded_at", "occurred_at", "id")
    )
