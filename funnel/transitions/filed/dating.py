"""Stages of a known lead that a file dates: entered now, given the date they lacked, or corrected."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from funnel.errors import MoveRefused
from funnel.models import Deal, Event, Lead, Organization
from funnel.stages import (
    ENTRY_KIND,
    OUTCOME_WORDS,
    DealState,
    Department,
    EventKind,
    Stage,
)
from funnel.transitions import corrections, people
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import (
    enter,
    event,
    lock,
    reach_of,
    write,
)
from funnel.transitions.rereading import effective_at

ENTRY_ACTS = {Stage.LEAD: "capture", Stage.MQL: "certify_mql", Stage.SQL: "certify_sql"}
CERTIFIED_BY = {
    Stage.LEAD: Department.MARKETING, Stage.MQL: Department.MARKETING, Stage.SQL: Department.INSIDE_SALES,
}  # fmt: skip


@transaction.atomic
def date_stage(
    lead_id: int, stage: Stage, by: Actor, *, now: datetime, at: datetime, history: bool = False
) -> bool:
    """Say when a lead entered LEAD, MQL or SQL: enter it now, give an inferred entry its date, or correct one.

    Returns whether anything changed. Raises MoveRefused (lead_closed, out_of_order), NotYours.
    """
    by.department_for(ENTRY_ACTS[stage])
    lead = lock(lead_id)
    entered = getattr(lead, f"{stage}_at")
    if entered == at and stage.value not in lead.inferred:
        return False
    if entered is not None and stage.value not in lead.inferred:
        _correct(lead, stage, by, now=now, at=at)
        return True
    if entered is None and not lead.is_open:
        raise MoveRefused("lead_closed", outcome=OUTCOME_WORDS[str(lead.outcome)])
    before = reach_of(lead)
    skipped = enter(lead, stage, by, now=now, at=at, history=True)
    if entered is None:
        lead.stage = stage
    lead.save()
    deal, opened = _deal_at_sql(lead, at) if stage == Stage.SQL and entered is None else (None, [])
    certified = event(
        ENTRY_KIND[stage], by, now=now, department=CERTIFIED_BY[stage], lead=lead, deal=deal, occurred_at=at,
        binding=not history, reason="other" if stage == Stage.MQL else "", data=_evidence(stage),
    )  # fmt: skip
    follow = [
        event(kind, by, now=now, department=CERTIFIED_BY[stage], lead=lead, deal=deal, occurred_at=at,
              binding=not history)
        for kind in opened
    ]  # fmt: skip
    write(lead, before, [*skipped, certified, *follow])
    return True


def _evidence(stage: Stage) -> dict[str, Any]:
    if stage != Stage.SQL:
        return {}
    return {"score": "0.00", "threshold": "100.00", "missing": [], "below_threshold_reason": "imported",
            "meeting_at": None}  # fmt: skip


def _deal_at_sql(lead: Lead, at: datetime) -> tuple[Deal, list[EventKind]]:
    standing = Deal.objects.filter(lead=lead, state=DealState.RETURNED).order_by("id").first()
    if standing is not None:
        standing.state = DealState.OPEN
        standing.save(update_fields=["state"])
        return standing, []
    currency = Organization.current().currency
    made = Deal.objects.create(
        lead=lead,
        account=lead.account,
        name=called(lead),
        segment=lead.segment,
        currency=currency,
        opened_at=at,
    )
    return made, [EventKind.DEAL_OPENED]


def _correct(lead: Lead, stage: Stage, by: Actor, *, now: datetime, at: datetime) -> None:
    entries = Event.objects.filter(lead=lead, kind=ENTRY_KIND[stage], inferred=False).order_by("id")
    for entry in entries:
        if effective_at(entry, entry.corrections.order_by("-id").first()) == getattr(lead, f"{stage}_at"):
            corrections.correct_time(entry.pk, by, now=now, occurred_at=at, reason="")
            return
    raise MoveRefused("not_correctable")


@transaction.atomic
def place(lead_id: int, by: Actor, *, now: datetime, company: str) -> bool:
    """Say which company a lead's person works for, where none is known yet; returns whether that was new."""
    by.department_for("edit")
    lead = lock(lead_id)
    if lead.account_id is not None or lead.person.erased_at is not None:
        return False
    lead.account = lead.person.account or people.account(company)
    lead.save(update_fields=["account"])
    if lead.person.account_id is None:
        lead.person.account = lead.account
        lead.person.save(update_fields=["account"])
    return lead.account is not None


def called(lead: Lead) -> str:
    """What a deal of this lead is called when nobody named it."""
    name = (
        (lead.account.name if lead.account else "") or lead.person.name or lead.external_id or f"#{lead.pk}"
    )
    return name[:200]
