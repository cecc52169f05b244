"""Deals that are not there yet, laid down together with the leads they need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.errors import Refused
from funnel.ingest.deals.known import Known
from funnel.ingest.outcomes import CREATED, Numbered, Outcome, Run
from funnel.ingest.rows import DealRow
from funnel.models import Deal, Lead, Member
from funnel.transitions import bulk, filed
from funnel.transitions.bulk import NewLead
from funnel.transitions.deals import DealFields
from funnel.transitions.filed import FiledDeal

OTHER = "other"


def lay(
    new: Sequence[tuple[Numbered, Lead | None]],
    known: Known,
    members: dict[int, Member],
    reasons: dict[str, str],
    run: Run,
) -> list[Outcome]:
    own = [n.row for n, lead in new if lead is None]
    made = iter(
        bulk.lay_down(
            [_self_sourced(row, known, run) for row in own], run.by, now=run.now, history=run.history
        )
    )
    filed_rows = []
    for numbered, lead in new:
        row: DealRow = numbered.row
        code = reasons.get(row.reason, OTHER if row.reason else "")
        filed_rows.append(
            FiledDeal(
                lead_id=lead.pk if lead else next(made).lead_id,
                fields=_fields(row, members, run),
                state=row.state, step=row.step, opened_at=row.created_at, closed_at=row.closed_at, reason=code,
                note=row.reason if code == OTHER and row.reason != OTHER else "",
                lead_owner_id=run.sources.members.get(row.inside_owner),
            )
        )  # fmt: skip
    answers = filed.lay_deals(filed_rows, run.by, now=run.now, history=run.history)
    return [
        n.rejected(answer)
        if isinstance(answer, Refused)
        else n.became(CREATED, answer.pk, flags(answer), _given_owner(lead, answer))
        for (n, lead), answer in zip(new, answers, strict=True)
    ]


def _given_owner(lead: Lead | None, deal: Deal) -> dict[str, Any]:
    """What undoing puts back on a lead that was there before: that nobody owned it."""
    if lead is None or lead.owner_id is not None or deal.lead.owner_id is None:
        return {}
    return {"owner_id": [None, deal.lead.owner_id]}


def flags(deal: Deal) -> list[str]:
    """What is to be reported of a deal: dates of its lead that are out of order, stages without a date."""
    return [
        f for f, on in (("inferred", deal.lead.inferred), ("date_conflict", deal.lead.date_conflict)) if on
    ]


def _fields(row: DealRow, members: dict[int, Member], run: Run) -> DealFields:
    return DealFields(
        product=row.product, segment=row.segment, amount=row.amount, currency=row.currency,
        owner=members.get(run.sources.members.get(row.field_owner, 0)), external_id=row.external_id,
    )  # fmt: skip


def _self_sourced(row: DealRow, known: Known, run: Run) -> NewLead:
    """The lead of a deal that sales found by themselves: there since the deal was opened, all else inferred."""
    match = known.matcher.find("", None, row.company_norm, row.name_norm)
    return NewLead(
        "", match.account_id, row.company, row.company_norm, match.person_id, match.passes + 1, None, row.name,
        row.name_norm, "", None, "", "", None, "", None, row.segment, run.sources.members.get(row.inside_owner), None,
        None, None, None,
        seen_at=row.created_at or row.closed_at or run.now,
    )  # fmt: skip
