"""What can happen to a round in memory: kept, accepted, returned, cancelled, closed. Verdicts are final."""

from __future__ import annotations

from datetime import datetime

from funnel.models import Event
from funnel.models.ledger import FIRST_RECORDED
from funnel.stages import EventKind
from handoffs.lanes import LANES, Boundary, Decision
from handoffs.models import Handoff
from handoffs.promises.hearing import TAKES


def can_keep(handoff: Handoff, event: Event) -> bool:
    """True when the event is the act owed: binding, after the opening, of a round that waits for one."""
    lane = LANES[Boundary(handoff.boundary)]
    return (
        event.binding
        and handoff.due_at is not None
        and EventKind(event.kind) in lane.kept_by
        and handoff.closed_at is None
        and handoff.cancelled_at is None
        and handoff.opened_at <= event.occurred_at
    )


def keep(handoff: Handoff, event: Event, recorded: datetime) -> bool:
    """Settle the promise by its act: kept when it occurred and was first recorded by `due_at`, else late.

    Returns whether anything changed; the first act decides, later ones change nothing.
    """
    if handoff.due_at is None or handoff.kept_at is not None or not can_keep(handoff, event):
        return False
    if FIRST_RECORDED in event.data:
        recorded = min(recorded, event.first_recorded_at)
    handoff.kept_at, handoff.kept_recorded_at, handoff.kept_by = event.occurred_at, recorded, event
    if max(event.occurred_at, recorded) > handoff.due_at:
        handoff.missed_at = handoff.due_at
    if EventKind(event.kind) in LANES[Boundary(handoff.boundary)].completed_by:
        complete(handoff, event)
    return True


def complete(handoff: Handoff, event: Event) -> None:
    """The handoff is done, whatever became of its promise."""
    if handoff.completed_at is None:
        handoff.completed_at = event.occurred_at


def accept(handoff: Handoff, event: Event) -> None:
    """The receiver took it: by saying so, or by working on what was handed over."""
    if handoff.decision != Decision.PENDING:
        return
    handoff.decision, handoff.decided_at = Decision.ACCEPTED, event.occurred_at
    handoff.decided_by_id = event.actor_id
    if handoff.sender_id is not None and handoff.sender_id == event.actor_id:
        handoff.is_self = True
    if EventKind.HANDOFF_ACCEPTED in LANES[Boundary(handoff.boundary)].completed_by:
        complete(handoff, event)


def give_back(handoff: Handoff, event: Event, recorded: datetime) -> None:
    """The receiver returned it. Before due the promise is cancelled; after due the miss stays."""
    if handoff.decision == Decision.PENDING:
        handoff.decision, handoff.decided_at = Decision.RETURNED, event.occurred_at
        handoff.decided_by_id = event.actor_id
        handoff.return_reason = event.reason or "other"
        handoff.returned_after_contact = handoff.kept_at is not None
    close(handoff, event, recorded)


def close(handoff: Handoff, event: Event, recorded: datetime) -> None:
    """End the round: an open promise is cancelled if that was recorded by `due_at`, and missed otherwise."""
    end(handoff, event.occurred_at, recorded)


def end(handoff: Handoff, at: datetime, recorded: datetime) -> None:
    """As `close`, by something that occurred `at`."""
    if handoff.kept_at is None and handoff.missed_at is None and handoff.cancelled_at is None:
        if handoff.due_at is not None and recorded > handoff.due_at:
            handoff.missed_at = handoff.due_at
        else:
            handoff.cancelled_at = at
    if handoff.closed_at is None:
        handoff.closed_at = recorded


def close_if_done(handoff: Handoff, recorded: datetime) -> None:
    """A round that is done and accepted waits for nothing more."""
    if handoff.closed_at is None and handoff.completed_at and handoff.decision == Decision.ACCEPTED:
        handoff.closed_at = recorded


def is_done(handoff: Handoff) -> bool:
    """True when the round was closed by being done and accepted, by nothing else."""
    return bool(handoff.closed_at and handoff.completed_at) and handoff.decision == Decision.ACCEPTED


def forget(handoff: Handoff) -> None:
    """Undo what the act that kept the promise did to the round, all but a miss: that stays for ever."""
    act = handoff.kept_by
    assert act is not None, handoff.pk
    kind, lane = EventKind(act.kind), LANES[Boundary(handoff.boundary)]
    handoff.kept_at = handoff.kept_recorded_at = handoff.kept_by = None
    if kind not in lane.completed_by:
        return
    if is_done(handoff):
        handoff.closed_at = None
    handoff.completed_at = None
    if _accepted_by(handoff, act):
        handoff.decision, handoff.decided_at, handoff.decided_by = Decision.PENDING, None, None
        handoff.is_self = False


def _accepted_by(handoff: Handoff, act: Event) -> bool:
    """True when the receiver was taken to have accepted by this very act; a round of one's own is at its opening."""
    said = (handoff.decision, handoff.decided_at, handoff.decided_by_id)
    return (
        TAKES.get(EventKind(act.kind)) == handoff.boundary
        and said == (Decision.ACCEPTED, act.occurred_at, act.actor_id)
        and not (handoff.is_self and handoff.decided_at == handoff.opened_at)
    )


def is_decided_by(handoff: Handoff, act: Event) -> bool:
    """True when the receiver's decision was given by this act, and not by the opening of a round of one's own."""
    said = (handoff.decided_at, handoff.decided_by_id)
    at_opening = handoff.is_self and handoff.decided_at == handoff.opened_at
    return handoff.decision != Decision.PENDING and said == (act.occurred_at, act.actor_id) and not at_opening


def forget_decision(handoff: Handoff) -> None:
    """The receiver has said nothing: what was complete and over by his word alone is so no more."""
    if is_done(handoff) or handoff.decision == Decision.RETURNED:
        reopen(handoff)
    if EventKind.HANDOFF_ACCEPTED in LANES[Boundary(handoff.boundary)].completed_by:
        handoff.completed_at = None
    handoff.decision, handoff.decided_at, handoff.decided_by = Decision.PENDING, None, None
    handoff.return_reason, handoff.returned_after_contact, handoff.is_self = "", None, False


def forget_completion(handoff: Handoff, act: Event) -> None:
    """The handoff was not completed by this act."""
    completes = EventKind(act.kind) in LANES[Boundary(handoff.boundary)].completed_by
    if completes and handoff.completed_at == act.occurred_at:
        if is_done(handoff):
            reopen(handoff)
        handoff.completed_at = None


def reopen(handoff: Handoff) -> None:
    """The round has not ended; a miss of its promise stays."""
    handoff.closed_at = handoff.cancelled_at = None
