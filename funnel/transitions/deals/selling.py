"""Opening deals, moving them on, losing them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from funnel.amounts import AmountError, parse_amount
from funnel.errors import BadValue, MoveRefused
from funnel.models import Deal, Lead, Member, Organization
from funnel.stages import (
    DEAL_STATE_WORDS,
    DealKind,
    DealState,
    DealStep,
    EventKind,
    Outcome,
)
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import (
    given_reason,
    happened,
    lock,
    note_for,
    record,
)


@dataclass(frozen=True)
class DealFields:
    """What a door knows of a deal; None and blank mean not said. `amount` is excluding tax."""

    name: str = ""
    product: str = ""
    segment: str = ""
    amount: Decimal | None = None
    currency: str = ""
    owner: Member | None = None
    external_id: str = ""
    kind: str = DealKind.NEW
    expected_close_on: date | None = None


def checked_amount(amount: Decimal | int | str | None, currency: str) -> Decimal | None:
    """The amount if it is one; raises BadValue for negative, NaN, decimals of yen, too large."""
    if amount is None:
        return None
    try:
        return parse_amount(str(amount), currency=currency)
    except AmountError as error:
        raise error.refused() from error


def make_deal(
    lead: Lead, fields: DealFields, *, at: datetime, meeting_at: datetime | None, standing: Deal | None = None
) -> Deal:
    """Create the deal row of a certified lead, or take up the one that was returned. Called within a verb."""
    currency = fields.currency or (standing.currency if standing else Organization.current().currency)
    if standing is None:
        return Deal.objects.create(
            lead=lead,
            account=lead.account,
            name=fields.name or (lead.account.name if lead.account else str(lead.person)),
            product=fields.product,
            segment=fields.segment or lead.segment,
            kind=fields.kind,
            owner=fields.owner,
            amount=checked_amount(fields.amount, currency),
            currency=currency,
            opened_at=at,
            meeting_at=meeting_at,
            expected_close_on=fields.expected_close_on,
            external_id=fields.external_id or None,
        )
    standing.state, standing.meeting_at = DealState.OPEN, meeting_at or standing.meeting_at
    if fields.amount is not None:
        standing.amount = checked_amount(fields.amount, currency)
    standing.owner = fields.owner or standing.owner
    standing.save()
    return standing


@transaction.atomic
def open_deal(
    lead_id: int,
    by: Actor,
    *,
    now: datetime,
    fields: DealFields,
    occurred_at: datetime | None = None,
    history: bool = False,
) -> Deal:
    """Open a further deal on a lead that has passed SQL (upsell, cross-sell, a second product)."""
    department = by.department_for("open_deal")
    at = happened(occurred_at, now)
    lead = lock(lead_id)
    if lead.sql_at is None:
        raise MoveRefused("move_not_allowed", stage=lead.stage)
    deal = make_deal(lead, fields, at=at, meeting_at=None)
    record(
        EventKind.DEAL_OPENED,
        by,
        now=now,
        department=department,
        lead=lead,
        deal=deal,
        occurred_at=at,
        binding=not history,
    )
    return deal


def lock_deal(deal_id: int) -> tuple[Lead, Deal]:
    """Lock the lead, then the deal; the order every writer keeps."""
    lead = lock(Deal.objects.values_list("lead_id", flat=True).get(pk=deal_id))
    return lead, Deal.objects.select_for_update().get(pk=deal_id)


def demand_open(deal: Deal) -> None:
    if deal.state != DealState.OPEN:
        raise MoveRefused("deal_not_open", state=DEAL_STATE_WORDS[deal.state])


@transaction.atomic
def move_step(
    deal_id: int,
    by: Actor,
    *,
    now: datetime,
    step: str,
    seen: str | None = None,
    occurred_at: datetime | None = None,
    history: bool = False,
) -> Deal:
    """Move an open deal to another step; back as well as forward is an event like any other.

    `seen` is the step from which the mover took it: raises MoveRefused("conflict") when somebody else moved it since.
    """
    department = by.department_for("step_deal")
    if step not in list(DealStep):
        raise BadValue("bad_choice", field="step", value=step, choices=", ".join(DealStep))
    at = happened(occurred_at, now)
    lead, deal = lock_deal(deal_id)
    demand_open(deal)
    if deal.step == step:
        return deal
    if seen is not None and seen != deal.step:
        raise MoveRefused("conflict")
    old, deal.step = deal.step, DealStep(step)
    deal.save(update_fields=["step"])
    record(
        EventKind.DEAL_STEP_CHANGED,
        by,
        now=now,
        department=department,
        lead=lead,
        deal=deal,
        occurred_at=at,
        binding=not history,
        data={"from": old, "to": step},
    )
    return deal


@transaction.atomic
def lose(
    deal_id: int,
    by: Actor,
    *,
    now: datetime,
    reason: str,
    note: str = "",
    wake_up_on: date | None = None,
    occurred_at: datetime | None = None,
    history: bool = False,
) -> Deal:
    """Lose a deal, with a reason. The lead closes LOST when no other deal of it is open or won."""
    department = by.department_for("lose")
    at = happened(occurred_at, now)
    lead, deal = lock_deal(deal_id)
    demand_open(deal)
    code, typed = given_reason("loss", reason, by, history=history, required=not history)
    deal.state, deal.closed_at, deal.reason = DealState.LOST, max(at, deal.opened_at), code
    deal.save(update_fields=["state", "closed_at", "reason"])
    others = Deal.objects.filter(lead=lead, state__in=[DealState.OPEN, DealState.RETURNED, DealState.WON])
    if lead.is_open and not others.exists():
        lead.outcome, lead.closed_at, lead.outcome_reason = Outcome.LOST, at, deal.reason
        lead.wake_up_on = wake_up_on
        lead.save(update_fields=["outcome", "closed_at", "outcome_reason", "wake_up_on"])
    record(
        EventKind.DEAL_LOST,
        by,
        now=now,
        department=department,
        lead=lead,
        deal=deal,
        occurred_at=at,
        reason=deal.reason,
        note=note_for(lead, by, typed, note),
        binding=not history,
        data={"wake_up_on": wake_up_on.isoformat()} if wake_up_on else {},
    )
    return deal
