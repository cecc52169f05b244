"""Rows of deals into transitions: new ones laid down together, known ones moved on, closed and corrected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from funnel.ingest.cells import BadRow
from funnel.ingest.deals.known import Known, loss_reasons, met
from funnel.ingest.deals.laying import lay
from funnel.ingest.deals.settling import settle
from funnel.ingest.outcomes import Numbered, Outcome, Run, in_waves
from funnel.ingest.rows import DealRow
from funnel.models import Lead, Member

__all__ = ["met", "write"]


def write(rows: Sequence[Numbered], run: Run) -> list[Outcome]:
    """Take a batch of deals in; one outcome a row, in any order."""
    run.sources.meet((), (), (name for n in rows for name in (n.row.inside_owner, n.row.field_owner)))
    return in_waves(rows, _keys, lambda wave: _write_wave(wave, run))


def _keys(row: DealRow) -> Iterable[Any]:
    if row.external_id:
        yield "id", row.external_id
    # One lead at a time: what the first row makes of a lead, the next one has to see.
    yield ("lead", row.lead_external_id) if row.lead_external_id else (row.company_norm, row.name_norm)


def _write_wave(wave: Sequence[Numbered], run: Run) -> tuple[list[Outcome], list[Numbered]]:
    known = Known([n.row for n in wave])
    members = Member.objects.in_bulk(
        {run.sources.members[o] for n in wave for o in (n.row.field_owner,) if o}
    )
    reasons = loss_reasons()
    outcomes: list[Outcome] = []
    new: list[tuple[Numbered, Lead | None]] = []
    again: list[Numbered] = []
    touched: set[int] = set()
    for numbered in wave:
        row: DealRow = numbered.row
        try:
            deal = known.by_id.get(row.external_id) if row.external_id else None
            lead = deal.lead if deal else known.lead(row)
            if lead is not None and lead.pk in touched:
                again.append(numbered)
                continue
            touched |= {lead.pk} if lead else set()
            deal = deal or known.deal(row, lead)
            if deal is None:
                run.check_age(row.dates())
        except BadRow as problem:
            outcomes.append(numbered.rejected(problem))
            continue
        if deal is None:
            new.append((numbered, lead))
        else:
            outcomes.append(settle(numbered, deal, members, reasons, run))
    return outcomes + lay(new, known, members, reasons, run), again
