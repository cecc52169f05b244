"""A round one of whose acts was withdrawn, judged by what else was done, as if that act had never been."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from funnel.models import Event
from funnel.models.ledger import first_recorded
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
        if handoff.closed_at is not None or (ended_at is not None and event.first_recorded_at > ended_at):
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
        recorded = event.first_recorded_at
        keeping.close_if_done(handoff, max(recorded, done_at or recorded))


def _since(
    handoff: Handoff, correction: Event, used: Iterable[int], more: Q | None = None
) -> QuerySet[Event]:
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
    wanted |= more or Q(pk__in=[])
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
        .order_by(first_recorded(), "occurred_at", "id")
    )


def take_up_again(handoff: Handoff, wrong: Event, correction: Event, used: Iterable[int]) -> None:
    """Undo what the withdrawn act decided or ended of the round, then hear what else stands, in its order.

    An acceptance falls back to waiting, a return or an end opens the round again: owed as before, and past due it
    is missed by reading. What was done while the round was over counts as it was recorded. A miss stays.
    """
    ended = handoff.closed_at == wrong.recorded_at and not keeping.is_done(handoff)
    if keeping.is_decided_by(handoff, wrong):
        keeping.forget_decision(handoff)
    if ended:
        keeping.reopen(handoff)
    keeping.forget_completion(handoff, wrong)
    for event in _heard(handoff, correction, used):
        if handoff.closed_at is not None:
            return
        _hear_anew(handoff, event)


def _hear_anew(handoff: Handoff, event: Event) -> None:
    kind, boundary = EventKind(event.kind), Boundary(handoff.boundary)
    if kind in LANES[boundary].kept_by:
        keeping.keep(handoff, event, event.recorded_at)
    if kind is EventKind.HANDOFF_ACCEPTED or TAKES.get(kind) is boundary:
        keeping.accept(handoff, event)
        if kind in LANES[boundary].completed_by:
            keeping.complete(handoff, event)
    if kind is EventKind.HANDOFF_RETURNED or RETURNS.get(kind) is boundary:
        keeping.give_back(handoff, event, event.recorded_at)
    elif kind is EventKind.EVENT_CORRECTED or _ends(kind, boundary):
        keeping.close(handoff, event, event.recorded_at)
    keeping.close_if_done(handoff, event.recorded_at)


def _ends(kind: EventKind, boundary: Boundary) -> bool:
    return boundary in ENDS.get(kind, ()) or (boundary is Boundary.MQL and kind in ENDS_PASS)


def _heard(handoff: Handoff, correction: Event, used: Iterable[int]) -> QuerySet[Event]:
    """As `_since`, with what the receiver said."""
    boundary = Boundary(handoff.boundary)
    taking = {kind for kind, of in TAKES.items() if of is boundary}
    said = Q(pk__gt=handoff.opened_by_id, kind__in=taking)
    said |= Q(handoff_ref=handoff.pk, kind__in=[EventKind.HANDOFF_ACCEPTED, EventKind.HANDOFF_RETURNED])
    return _since(handoff, correction, used, said)


def touched_by(undone: Iterable[Event]) -> Q:
    """The rounds that what was withdrawn may have decided or ended."""
    leads = {e.lead_id for e in undone if e.lead_id}
    customers = {e.customer_id for e in undone if e.customer_id and not e.lead_id}
    wanted = Q(lead_id__in=leads) if leads else Q(pk__in=[])
    return wanted | Q(customer_id__in=customers, lead=None) if customers else wanted


def is_about(wrong: Event, handoff: Handoff) -> bool:
    """True when the event can have decided or ended this round."""
    kind, boundary = EventKind(wrong.kind), Boundary(handoff.boundary)
    subject = f"{LANES[boundary].subject}_id"
    if wrong.handoff_ref is not None and kind in (EventKind.HANDOFF_ACCEPTED, EventKind.HANDOFF_RETURNED):
        return wrong.handoff_ref == handoff.pk
    touches = {RETURNS.get(kind), TAKES.get(kind), *ENDS.get(kind, ())}
    if kind in ENDS_PASS:
        touches.add(Boundary.MQL)
    return boundary in touches and getattr(wrong, subject) == getattr(handoff, subject)
