"""Opening a round: what the event promises, from whom to whom, by when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from funnel.models import Event
from funnel.stages import DealKind
from handoffs.lanes import LANES, Boundary, Decision, Lane
from handoffs.models import Handoff
from handoffs.promises.ground import Ground, first_warning


class Subject(NamedTuple):
    """What a round is about: the boundary, and the id of its lead, deal or customer."""

    boundary: Boundary
    record_id: int


def subject_of(event: Event, boundary: Boundary) -> Subject | None:
    """The subject of an event at a boundary; None when the event opens nothing there.

    Only a contract of new business is handed over to customer success.
    """
    record_id: int | None = getattr(event, f"{LANES[boundary].subject}_id")
    if record_id is None:
        return None
    if boundary is Boundary.WON and (event.deal is None or event.deal.kind != DealKind.NEW):
        return None
    return Subject(boundary, record_id)


def open_round(
    event: Event, subject: Subject, earlier: Sequence[Handoff], recorded: datetime, ground: Ground
) -> Handoff:
    """Build (not save) the round that a binding event opens, as the next after the `earlier` ones."""
    lane = LANES[subject.boundary]
    terms = ground.terms(subject.boundary, recorded)
    start, opened_at = _start(event, lane, ground)
    due_at = ground.due(terms, start)
    doer, sender = ground.covers[lane.receiver], ground.covers[lane.sender]
    handoff = Handoff(
        boundary=subject.boundary.value,
        round=max((h.round for h in earlier), default=0) + 1,
        lead_id=event.lead_id or (event.deal.lead_id if event.deal else None),
        deal_id=event.deal_id if subject.boundary in (Boundary.SQL, Boundary.WON) else None,
        customer_id=event.customer_id,
        opened_by=event,
        terms=terms,
        from_department=lane.sender.value,
        to_department=lane.receiver.value,
        done_by_department=doer,
        sender_id=event.actor_id,
        is_self=doer == sender,
        opened_at=opened_at,
        due_at=due_at,
    )
    if due_at is None:
        _judge_gate(handoff, event, recorded)
    else:
        handoff.escalate_at = ground.escalation(terms, start)
        if terms.warn_at_percent:
            handoff.warn_at = first_warning(terms, opened_at, due_at)
    if handoff.is_self:
        handoff.decision, handoff.decided_at = Decision.ACCEPTED, opened_at
        handoff.decided_by_id = event.actor_id
    return handoff


OWNED_BY = {Boundary.MQL: "lead", Boundary.SQL: "deal", Boundary.WON: "customer"}


def preferred_owners(about: Event | Handoff, handoff: Handoff) -> list[int | None]:
    """Who already looks after the record: its owner; then, of a handoff to oneself, the sender.

    `about` has the lead, the deal and the customer at hand.
    """
    name = OWNED_BY.get(Boundary(handoff.boundary))
    owned = getattr(about, name) if name else None
    return [owned.owner_id if owned is not None else None, handoff.sender_id if handoff.is_self else None]


def _start(event: Event, lane: Lane, ground: Ground) -> tuple[datetime | date, datetime]:
    """From when the clock counts, and the moment shown as the opening."""
    signed = event.data.get("signed_on") if lane.boundary is Boundary.WON else None
    if not signed:
        return event.occurred_at, event.occurred_at
    day = date.fromisoformat(signed)
    if ground.local_date(event.occurred_at) == day:
        return day, event.occurred_at
    return day, min(event.occurred_at, ground.calendar.start_of_day(day))


def _judge_gate(handoff: Handoff, event: Event, recorded: datetime) -> None:
    """A gate has no clock: the submission is judged at once, by the score frozen in its event."""
    score = Decimal(str(event.data.get("score", 0)))
    threshold = Decimal(str(event.data.get("threshold", 100)))
    handoff.below_threshold_reason = str(event.data.get("below_threshold_reason") or "")
    if score >= threshold:
        handoff.kept_at, handoff.kept_recorded_at, handoff.kept_by = event.occurred_at, recorded, event
    else:
        handoff.missed_at = event.occurred_at
