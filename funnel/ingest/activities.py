"""Rows of activities into transitions: new ones recorded together, known ones recognised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.ingest.cells import BadRow
from funnel.ingest.matching import Matcher
from funnel.ingest.outcomes import CREATED, UNCHANGED, UPDATED, Numbered, Outcome, Run, in_waves
from funnel.ingest.rows import ActivityRow
from funnel.models import Activity, Lead
from funnel.transitions import corrections, filed
from funnel.transitions.filed import FiledActivity


def write(rows: Sequence[Numbered], run: Run) -> list[Outcome]:
    """Take a batch of activities in; one outcome a row, in any order."""
    return in_waves(rows, lambda row: [row.external_id or row], lambda wave: _write_wave(wave, run))


def met(rows: Sequence[Numbered]) -> list[Numbered]:
    """The rows whose activity is there already by its external id."""
    known = _by_id([n.row for n in rows])
    return [n for n in rows if n.row.external_id in known]


def _write_wave(wave: Sequence[Numbered], run: Run) -> tuple[list[Outcome], list[Numbered]]:
    typed: list[ActivityRow] = [n.row for n in wave]
    matcher = Matcher((r.lead_external_id for r in typed), (r.email_norm for r in typed), ())
    by_id = _by_id(typed)
    leads = {n.line: _lead(n.row, matcher) for n in wave}
    recorded = _recorded([lead.pk for lead in leads.values() if lead], typed)
    outcomes: list[Outcome] = []
    new: list[Numbered] = []
    again: list[Numbered] = []
    laid: list[FiledActivity] = []
    touched: set[tuple[Any, ...]] = set()
    for numbered in wave:
        row, lead = numbered.row, leads[numbered.line]
        if lead is not None and not row.external_id:
            if _signature(lead.pk, row) in touched:
                again.append(numbered)
                continue
            touched.add(_signature(lead.pk, row))
        known = by_id.get(row.external_id)
        if known is not None:
            outcomes.append(_settle_known(numbered, known, run))
        elif lead is None:
            outcomes.append(
                numbered.rejected(BadRow("unknown_lead", value=row.lead_external_id or row.email_norm))
            )
        elif not row.external_id and _signature(lead.pk, row) in recorded:
            outcomes.append(numbered.became(UNCHANGED, recorded[_signature(lead.pk, row)]))
        else:
            try:
                run.check_age(row.dates())
            except BadRow as problem:
                outcomes.append(numbered.rejected(problem))
                continue
            new.append(numbered)
            laid.append(FiledActivity(lead.pk, row.kind, row.direction, row.result, row.note, row.occurred_at,
                                      row.external_id))  # fmt: skip
    made = filed.log_many(laid, run.by, now=run.now, history=run.history)
    outcomes += [n.became(CREATED, activity.pk) for n, activity in zip(new, made, strict=True)]
    return outcomes, again


def _lead(row: ActivityRow, matcher: Matcher) -> Lead | None:
    if row.lead_external_id:
        return matcher.leads.get(row.lead_external_id)
    return matcher.find("", row.email_norm, "", "").lead


def _by_id(rows: Sequence[ActivityRow]) -> dict[str, Activity]:
    found = Activity.objects.filter(external_id__in={r.external_id for r in rows if r.external_id})
    return {str(a.external_id): a for a in found}


def _signature(lead_id: int, row: ActivityRow) -> tuple[Any, ...]:
    return lead_id, row.kind, row.direction, row.result, row.occurred_at


def _recorded(leads: list[int], rows: Sequence[ActivityRow]) -> dict[tuple[Any, ...], int]:
    """Activities of these leads at these moments, by what tells one from another when it has no id."""
    if all(row.external_id for row in rows):
        return {}
    found = Activity.objects.filter(lead_id__in=leads, occurred_at__in={row.occurred_at for row in rows})
    return {
        tuple(rest): pk
        for pk, *rest in found.values_list("id", "lead_id", "kind", "direction", "result", "occurred_at")
    }


def _settle_known(numbered: Numbered, known: Activity, run: Run) -> Outcome:
    row: ActivityRow = numbered.row
    said = {"kind": row.kind, "direction": row.direction, "result": row.result}
    facts = {name: value for name, value in said.items() if value and value != getattr(known, name)}
    moved = row.occurred_at != known.occurred_at
    if run.skip_known or not (facts or moved):
        return numbered.became(UNCHANGED, known.pk)

    def act() -> Outcome:
        if moved:
            run.check_age(row.dates())
            corrections.correct_time(
                known.event_id, run.by, now=run.now, occurred_at=row.occurred_at, reason=""
            )
            filed.relate(known.pk, run.by, now=run.now, occurred_at=row.occurred_at)
        if facts:
            filed.relate(known.pk, run.by, now=run.now, **facts)
        return numbered.became(UPDATED, known.pk)

    return run.settle(numbered, act)
