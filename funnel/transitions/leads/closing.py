"""Passes that end before a deal does: nurture, not a fit, joined, merged."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from funnel.errors import BadValue
from funnel.models import Deal, Lead, Organization
from funnel.stages import (
    ACTS,
    DealState,
    EventKind,
    Outcome,
)
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import (
    check_act,
    happened,
    lock,
    note_for,
    reason_code,
    record,
)


@transaction.atomic
def recycle(
    lead_id: int,
    by: Actor,
    *,
    now: datetime,
    reason: str,
    wake_up_on: date,
    note: str = "",
    occurred_at: datetime | None = None,
    history: bool = False,
) -> Lead:
    """Put a lead back to nurture until a date after today. The pass closes; waking up opens the next one."""
    if not history and wake_up_on <= now.astimezone(Organization.current().tz).date():
        raise BadValue("wake_up_past", field="wake_up_on")
    return _close(
        lead_id,
        by,
        now=now,
        act="recycle",
        kind=EventKind.LEAD_RECYCLED,
        reason_for="recycle",
        reason=reason,
        note=note,
        occurred_at=occurred_at,
        history=history,
        wake_up_on=wake_up_on,
    )


@transaction.atomic
def disqualify(
    lead_id: int,
    by: Actor,
    *,
    now: datetime,
    reason: str,
    note: str = "",
    occurred_at: datetime | None = None,
    history: bool = False,
) -> Lead:
    """Close a lead as not a fit, with a reason."""
    return _close(
        lead_id,
        by,
        now=now,
        act="disqualify",
        kind=EventKind.LEAD_DISQUALIFIED,
        reason_for="disqualify",
        reason=reason,
        note=note,
        occurred_at=occurred_at,
        history=history,
    )


def _close(
    lead_id: int,
    by: Actor,
    *,
    now: datetime,
    act: str,
    kind: EventKind,
    reason_for: str,
    reason: str,
    note: str,
    occurred_at: datetime | None,
    history: bool,
    wake_up_on: date | None = None,
) -> Lead:
    department = by.department_for(act)
    at = happened(occurred_at, now)
    lead = lock(lead_id)
    check_act(act, lead)
    code, typed = reason_code(reason_for, reason, required=not history)
    lead.outcome = ACTS[act].closes
    lead.outcome_reason = code
    lead.closed_at = at
    lead.wake_up_on = wake_up_on
    lead.save(update_fields=["outcome", "outcome_reason", "closed_at", "wake_up_on"])
    _void_returned_deals(lead, at)
    record(
        kind,
        by,
        now=now,
        department=department,
        lead=lead,
        occurred_at=at,
        reason=code,
        note=note_for(lead, by, typed, note),
        binding=not history,
        data={"wake_up_on": wake_up_on.isoformat()} if wake_up_on else {},
    )
    return lead


def _void_returned_deals(lead: Lead, at: datetime) -> None:
    """A deal that was sent back and whose lead closes without another round never became one."""
    Deal.objects.filter(lead=lead, state=DealState.RETURNED).update(state=DealState.VOID, closed_at=at)


@transaction.atomic
def join(lead_id: int, deal_id: int, by: Actor, *, now: datetime) -> Lead:
    """Close a second contact's pass as JOINED to a deal of the same account; it stays counted."""
    department = by.department_for("join")
    lead = lock(lead_id)
    check_act("join", lead)
    deal = Deal.objects.get(pk=deal_id)
    if deal.account_id is None or deal.account_id != lead.account_id or deal.lead_id == lead.pk:
        raise BadValue("other_account", field="deal")
    lead.outcome, lead.closed_at = Outcome.JOINED, now
    lead.save(update_fields=["outcome", "closed_at"])
    record(EventKind.LEAD_JOINED, by, now=now, department=department, lead=lead, deal=deal)
    return lead
