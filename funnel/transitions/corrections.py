"""Corrections: another event says when something really occurred, or that it did not. Nothing is edited."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from funnel.errors import MoveRefused
from funnel.models import Customer, Deal, Event, Lead
from funnel.stages import (
    ENTRY_KIND,
    EVENT_WORDS,
    REACHES,
    CustomerPhase,
    DealState,
    EventKind,
    Outcome,
    Stage,
    previous,
)
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import (
    Passage,
    announce,
    event,
    happened,
    lock,
    note_for,
    reach_of,
    save,
)
from funnel.transitions.rereading import Standing, last_of, reread

CORRECTABLE = frozenset(
    {*REACHES, EventKind.CONTACT_ATTEMPTED, EventKind.ACTIVITY_LOGGED, EventKind.KICKOFF_SCHEDULED}
)
# Rows of their own say these too: a capture is the pass itself, a renewal a contract, a kickoff a date to be moved.
NOT_WITHDRAWN = frozenset({EventKind.LEAD_CAPTURED, EventKind.CONTRACT_RENEWED, EventKind.KICKOFF_SCHEDULED})


@transaction.atomic
def correct_time(event_id: int, by: Actor, *, now: datetime, occurred_at: datetime, reason: str) -> Event:
    """Say when an event really occurred. Counts move; finished verdicts do not.

    Raises MoveRefused("out_of_order") when it would leave its place between the stages beside it.
    """
    return _correct(event_id, by, now=now, reason=reason, to=happened(occurred_at, now))


@transaction.atomic
def withdraw(event_id: int, by: Actor, *, now: datetime, reason: str) -> Event:
    """Say that an event never occurred (undo). The lead goes back to where its ledger then leaves it."""
    return _correct(event_id, by, now=now, reason=reason, to=None)


def _correct(event_id: int, by: Actor, *, now: datetime, reason: str, to: datetime | None) -> Event:
    department = by.department_for("correct")
    wrong = Event.objects.select_related("deal").get(pk=event_id)
    if wrong.kind not in CORRECTABLE or wrong.lead_id is None:
        raise MoveRefused("not_correctable")
    lead = lock(wrong.lead_id)
    latest = wrong.corrections.order_by("-id").first()
    if latest is not None and latest.data.get("withdrawn"):
        raise MoveRefused("already_done")
    if to is None and wrong.kind in NOT_WITHDRAWN:
        raise MoveRefused("not_correctable")
    before, was_out_of_order = reach_of(lead), lead.date_conflict
    saved = save(
        [
            event(
                EventKind.EVENT_CORRECTED,
                by,
                now=now,
                department=department,
                lead=lead,
                deal=wrong.deal,
                corrects=wrong,
                note=note_for(lead, by, reason),
                data={"withdrawn": True} if to is None else {"occurred_at": to.isoformat()},
            )
        ]
    )
    standing = reread(lead)
    if lead.date_conflict and not was_out_of_order:
        raise _out_of_order(lead)
    if to is None:
        _settle(lead, wrong, standing, now=now)
    lead.save()
    announce(saved, [Passage(lead.pk, before, reach_of(lead))])
    return saved[0]


def _out_of_order(lead: Lead) -> MoveRefused:
    """The refusal that names the first pair of stages whose dates would swap."""
    reached = lead.reached()
    earlier = next(e for s, at in reached.items() if (e := previous(s)) in reached and at < reached[e])
    return MoveRefused(
        "out_of_order", field="occurred_at", neighbour=EVENT_WORDS[ENTRY_KIND[earlier]], at=reached[earlier]
    )


def _settle(lead: Lead, wrong: Event, standing: list[Standing], *, now: datetime) -> None:
    """Put stage, outcome and deal in step with what the ledger still says once `wrong` is withdrawn."""
    if wrong.kind == EventKind.MQL_CERTIFIED and lead.stage == Stage.MQL:
        last = last_of(standing, EventKind.MQL_CERTIFIED, EventKind.MQL_RETURNED)
        lead.stage = Stage.MQL if last is EventKind.MQL_CERTIFIED else Stage.LEAD
    if wrong.kind == EventKind.SQL_CERTIFIED:
        last = last_of(standing, EventKind.SQL_CERTIFIED, EventKind.SQL_RETURNED)
        if lead.sql_at is None:
            _void_deals(lead, now)
        elif lead.stage == Stage.SQL and last is EventKind.SQL_RETURNED:
            _wait_again(lead, wrong)
    if wrong.kind == EventKind.FIRST_VALUE_REACHED:
        _onboard_again(wrong)
    if wrong.kind == EventKind.DEAL_WON and lead.outcome == Outcome.WON and lead.won_at is None:
        raise MoveRefused("not_correctable")


def _void_deals(lead: Lead, now: datetime) -> None:
    """What was opened by a certification that never was; a deal already won or lost is undone otherwise."""
    if Deal.objects.filter(lead=lead, state__in=[DealState.WON, DealState.LOST]).exists():
        raise MoveRefused("not_correctable")
    unfinished = Deal.objects.filter(lead=lead, state__in=[DealState.OPEN, DealState.RETURNED])
    unfinished.update(state=DealState.VOID, closed_at=now)
    lead.stage = Stage.MQL if lead.mql_at else Stage.LEAD


def _wait_again(lead: Lead, wrong: Event) -> None:
    """A further round that was no round: the deal lies returned with Inside Sales, as before it."""
    moved = Deal.objects.filter(pk=wrong.deal_id or 0, state=DealState.OPEN).update(state=DealState.RETURNED)
    if not moved:
        raise MoveRefused("not_correctable")
    lead.stage = Stage.MQL


def _onboard_again(wrong: Event) -> None:
    """Onboarding goes on: first value was not reached."""
    customer = Customer.objects.select_for_update().get(pk=wrong.customer_id or 0)
    customer.onboarded_at = None
    if customer.phase in (CustomerPhase.ADOPTING, CustomerPhase.RENEWAL_WINDOW):
        customer.phase = CustomerPhase.ONBOARDING
    customer.save(update_fields=["onboarded_at", "phase"])
