"""Side facts of a deal, and what is to be done next with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from funnel.errors import BadValue, MoveRefused
from funnel.models import Deal, Lead
from funnel.stages import DEAL_STATE_WORDS, EventKind
from funnel.transitions.acting import Actor
from funnel.transitions.deals.selling import checked_amount, lock_deal
from funnel.transitions.ledger import note_for, record

SIDE_FACTS = ("name", "product", "segment", "amount", "owner", "expected_close_on")
TOLD = ("amount", "owner", "expected_close_on")
"""Facts that are figures, ids and days: the ledger keeps their values."""
NEXT_STEP = ("next_step", "next_step_on")


@transaction.atomic
def describe(deal_id: int, by: Actor, *, now: datetime, **facts: Any) -> Deal:
    """Change side facts: name, product, segment, owner, expected_close_on, the amount until it closes, the next step.

    What is not given stays. The ledger keeps which facts changed, and amount, owner and expected day as they were and
    became, never the words. Of the next step, see `plan`.
    """
    department = by.department_for("edit")
    lead, deal = lock_deal(deal_id)
    if not deal.is_open and "amount" in facts:
        raise MoveRefused("deal_not_open", state=DEAL_STATE_WORDS[deal.state])
    if "amount" in facts:
        facts["amount"] = checked_amount(facts["amount"], deal.currency)
    before = {name: _stored(deal, name) for name in SIDE_FACTS}
    for name in SIDE_FACTS:
        if name in facts:
            setattr(deal, name, facts[name])
    changed = [name for name in SIDE_FACTS if _stored(deal, name) != before[name]]
    if changed:
        deal.save(update_fields=changed)
        told = {name: {"from": before[name], "to": _stored(deal, name)} for name in TOLD if name in changed}
        record(
            EventKind.DETAILS_CHANGED,
            by,
            now=now,
            department=department,
            lead=lead,
            deal=deal,
            binding=False,
            data={"what": "deal", "id": deal.pk, "fields": changed, **told},
        )
    if any(name in facts for name in NEXT_STEP):
        _plan(lead, deal, by, now=now, department=department, facts=facts)
    return deal


def _stored(deal: Deal, name: str) -> Any:
    """A side fact as the ledger writes it down; two spellings of one amount are the same."""
    value = getattr(deal, "owner_id" if name == "owner" else name)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else value


@transaction.atomic
def plan(
    deal_id: int,
    by: Actor,
    *,
    now: datetime,
    next_step: str,
    next_step_on: date | None = None,
    seen: str | None = None,
) -> Deal:
    """Say what is to be done next with a deal that is not closed, and by which day; blank takes the plan back.

    `seen` is `Deal.next_step_seen` as the planner read it: raises MoveRefused("conflict") when somebody else planned
    otherwise since. A day without a step is a BadValue. The ledger keeps that it changed and the day, not the words.
    """
    department = by.department_for("edit")
    lead, deal = lock_deal(deal_id)
    facts = {"next_step": next_step, "next_step_on": next_step_on}
    if seen is not None and seen != deal.next_step_seen and not _says(deal, facts):
        raise MoveRefused("conflict")
    _plan(lead, deal, by, now=now, department=department, facts=facts)
    return deal


def _says(deal: Deal, facts: Mapping[str, Any]) -> bool:
    return deal.next_step_text == facts["next_step"].strip() and deal.next_step_on == facts["next_step_on"]


def _plan(
    lead: Lead, deal: Deal, by: Actor, *, now: datetime, department: str, facts: Mapping[str, Any]
) -> None:
    """Write the next step of a locked deal; what `facts` leaves out stays, the day goes with its step."""
    text = str(facts.get("next_step", deal.next_step_text) or "").strip()
    on = facts.get("next_step_on", deal.next_step_on if text else None)
    if not deal.is_open:
        raise MoveRefused("deal_not_open", state=DEAL_STATE_WORDS[deal.state])
    if on is not None and not text:
        raise BadValue("next_step_required", field="next_step")
    changed = [
        name
        for name, is_other in (
            ("next_step", text != deal.next_step_text),
            ("next_step_on", on != deal.next_step_on),
        )
        if is_other
    ]
    if not changed:
        return
    if "next_step" in changed:
        deal.next_step = note_for(lead, by, text)
    deal.next_step_on = on
    deal.save(update_fields=[*NEXT_STEP])
    record(
        EventKind.DETAILS_CHANGED,
        by,
        now=now,
        department=department,
        lead=lead,
        deal=deal,
        note=deal.next_step,
        binding=False,
        data={
            "what": "deal",
            "id": deal.pk,
            "fields": changed,
            **({"next_step_on": on.isoformat()} if on else {}),
        },
    )
