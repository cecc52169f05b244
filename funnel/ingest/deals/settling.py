"""Deals that are there already: moved on, closed and corrected as far as a row says something else."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from funnel.errors import MoveRefused
from funnel.ingest.deals.laying import flags
from funnel.ingest.outcomes import UNCHANGED, UPDATED, Numbered, Outcome, Run
from funnel.ingest.rows import DealRow
from funnel.models import Deal, Event, Member
from funnel.stages import DEAL_STATE_WORDS, DealState, DealStep, EventKind
from funnel.transitions import corrections, deals, filed, leads

STEPS = [step.value for step in DealStep]
ENDS = (DealState.WON, DealState.LOST)


class _Change(NamedTuple):
    """What a row states that is not so yet."""

    facts: dict[str, Any]
    step: str
    ends: bool
    moved_to: datetime | None
    lead_owner: int | None


def settle(
    numbered: Numbered, deal: Deal, members: dict[int, Member], reasons: dict[str, str], run: Run
) -> Outcome:
    row: DealRow = numbered.row
    if run.skip_known:
        return numbered.became(UNCHANGED, deal.pk, ["skipped"])
    if _contradicts(row, deal):
        return numbered.rejected(MoveRefused("deal_not_open", state=DEAL_STATE_WORDS[deal.state]))
    unowned = deal.lead.owner_id is None
    change = _Change(
        facts=_facts(row, deal, members, run),
        step=row.step if deal.state == DealState.OPEN and _is_further(row.step, deal.step) else "",
        ends=deal.is_open and row.state in ENDS,
        moved_to=row.closed_at if _ended_at_another_time(row, deal) else None,
        lead_owner=run.sources.members.get(row.inside_owner) if unowned else None,
    )
    if not any(change):
        return numbered.became(UNCHANGED, deal.pk, flags(deal))

    def act() -> Outcome:
        _apply(change, row, deal, reasons, run)
        return numbered.became(UPDATED, deal.pk)

    return run.settle(numbered, act)


def _apply(change: _Change, row: DealRow, deal: Deal, reasons: dict[str, str], run: Run) -> None:
    run.check_age([row.closed_at] if row.closed_at and (change.ends or change.moved_to) else [])
    if change.facts:
        filed.restate(deal.pk, run.by, now=run.now, **change.facts)
    if change.lead_owner:
        leads.assign(deal.lead_id, run.by, now=run.now, owner=Member.objects.get(pk=change.lead_owner))
    if change.step:
        deals.move_step(deal.pk, run.by, now=run.now, step=change.step, history=run.history)
    if change.ends:
        _end(row, deal, reasons, run)
    if change.moved_to:
        _end_at(deal, change.moved_to, run)


def _contradicts(row: DealRow, deal: Deal) -> bool:
    """A file cannot turn a win into a loss or the other way round; that is done by a person."""
    return (
        row.state in ENDS and not deal.is_open and row.state != deal.state
    ) or deal.state == DealState.VOID


def _ended_at_another_time(row: DealRow, deal: Deal) -> bool:
    return row.state == deal.state and row.closed_at is not None and row.closed_at != deal.closed_at


def _is_further(step: str, standing: str) -> bool:
    return bool(step) and STEPS.index(step) > STEPS.index(standing)


def _facts(row: DealRow, deal: Deal, members: dict[int, Member], run: Run) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if deal.is_open or row.state == deal.state:
        if row.amount is not None and row.amount != deal.amount:
            facts["amount"] = row.amount
        if row.amount is not None and row.currency != deal.currency:
            facts["currency"] = row.currency
    for name, said in (("product", row.product), ("segment", row.segment), ("external_id", row.external_id)):
        if said and said != (getattr(deal, name) or ""):
            facts[name] = said
    owner = run.sources.members.get(row.field_owner)
    if owner is not None and owner != deal.owner_id:
        facts["owner"] = members[owner]
    return facts


def _end(row: DealRow, deal: Deal, reasons: dict[str, str], run: Run) -> None:
    at = row.closed_at
    if row.state == DealState.WON:
        deals.win(deal.pk, run.by, now=run.now, amount=row.amount, currency=row.currency, occurred_at=at,
                  history=run.history)  # fmt: skip
    else:
        reason = reasons.get(row.reason, row.reason) or "not_recorded"
        deals.lose(deal.pk, run.by, now=run.now, reason=reason, occurred_at=at, history=run.history)


def _end_at(deal: Deal, at: Any, run: Run) -> None:
    won = Event.objects.filter(deal=deal, kind=EventKind.DEAL_WON).order_by("id").last()
    if deal.state == DealState.WON and won is not None:
        corrections.correct_time(won.pk, run.by, now=run.now, occurred_at=at, reason="")
    filed.restate(deal.pk, run.by, now=run.now, closed_at=at)
