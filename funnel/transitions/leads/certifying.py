"""Certifying MQL and SQL, what was heard, and sending back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from funnel import qualification
from funnel.errors import BadValue, MoveRefused
from funnel.models import Deal, Event, Lead, Qualification
from funnel.stages import (
    BANT_FIELDS,
    DEAL_STATE_WORDS,
    Bant,
    DealState,
    EventKind,
    Stage,
)
from funnel.transitions.acting import Actor
from funnel.transitions.deals import DealFields, make_deal
from funnel.transitions.leads.capturing import one_of
from funnel.transitions.ledger import (
    announce,
    check_act,
    enter,
    event,
    happened,
    lock,
    note_for,
    reach_of,
    reason_code,
    record,
    save,
    write,
)


@transaction.atomic
def certify_mql(
    lead_id: int,
    by: Actor,
    *,
    now: datetime,
    reason: str,
    note: str = "",
    occurred_at: datetime | None = None,
    history: bool = False,
) -> Lead:
    """Certify a lead MQL: the promise of a first contact opens with this event.

    `reason` is a code of the reasons for MQL, or free text. Raises MoveRefused, BadValue, NotYours.
    """
    department = by.department_for("certify_mql")
    at = happened(occurred_at, now)
    lead = lock(lead_id)
    check_act("certify_mql", lead)
    code, typed = reason_code("mql", reason, required=not history)
    has_person = bool(lead.person.name or lead.person.email_norm or lead.external_id)
    _demand(qualification.mql(has_person=has_person, reason=code or "history"))
    before = reach_of(lead)
    skipped = enter(lead, Stage.MQL, by, now=now, at=at, history=history)
    lead.stage = Stage.MQL
    lead.first_contact_at = None
    lead.save()
    certified = event(
        EventKind.MQL_CERTIFIED,
        by,
        now=now,
        department=department,
        lead=lead,
        occurred_at=at,
        reason=code,
        note=note_for(lead, by, typed, note),
        binding=not history,
    )
    write(lead, before, [*skipped, certified])
    return lead


def _demand(verdict: qualification.Verdict) -> None:
    if not verdict.ok:
        raise BadValue(verdict.code, field=None, **verdict.params)


@transaction.atomic
def record_bant(
    lead_id: int, by: Actor, *, now: datetime, bant: Mapping[str, str], note: str = "", history: bool = False
) -> Qualification:
    """Record what was heard of budget, authority, need and timeline, as a new row."""
    department = by.department_for("record_bant")
    lead = lock(lead_id)
    check_act("record_bant", lead)
    (saved,) = save(
        [_bant_event(lead, by, now=now, department=department, bant=bant, at=now, history=history)]
    )
    heard = _bant_row(lead, by, saved, bant, note)
    announce([saved])
    return heard


def answers(bant: Mapping[str, str]) -> dict[str, str]:
    """The four answers, unknown where not said; raises BadValue for another field or answer."""
    for field, value in bant.items():
        one_of("bant", field, dict.fromkeys(BANT_FIELDS))
        one_of(field, value, dict.fromkeys(Bant))
    return {field: str(bant.get(field, Bant.UNKNOWN)) for field in BANT_FIELDS}


def _bant_event(
    lead: Lead,
    by: Actor,
    *,
    now: datetime,
    department: str,
    bant: Mapping[str, str],
    at: datetime,
    history: bool,
) -> Event:
    return event(
        EventKind.QUALIFICATION_RECORDED,
        by,
        now=now,
        department=department,
        lead=lead,
        occurred_at=at,
        binding=not history,
        data=answers(bant),
    )


def _bant_row(lead: Lead, by: Actor, of: Event, bant: Mapping[str, str], note: str) -> Qualification:
    return Qualification.objects.create(lead=lead, event=of, note=note_for(lead, by, note), **answers(bant))


@transaction.atomic
def certify_sql(
    lead_id: int,
    by: Actor,
    *,
    now: datetime,
    bant: Mapping[str, str],
    completeness: qualification.Sheet,
    missing: tuple[str, ...] = (),
    threshold: Decimal = Decimal(100),
    below_threshold_reason: str = "",
    meeting_at: datetime | None = None,
    occurred_at: datetime | None = None,
    note: str = "",
    deal: DealFields | None = None,
    history: bool = False,
) -> Deal:
    """Certify an MQL as SQL and open its deal, or hand a returned deal over again as a new round.

    Writes qualification_recorded, meeting_booked, sql_certified (with the sheet's frozen score) and
    deal_opened. Raises MoveRefused, BadValue (bant, meeting, sheet below threshold without reason).
    """
    department = by.department_for("certify_sql")
    at = happened(occurred_at, now)
    lead = lock(lead_id)
    check_act("certify_sql", lead)
    heard = answers(bant)
    why, typed = reason_code("below_threshold", below_threshold_reason, required=False)
    if not history:
        _demand(
            qualification.sql(
                bant=heard,
                meeting_at=meeting_at,
                now=now,
                sheet=completeness,
                threshold=threshold,
                below_threshold_reason=why,
            )
        )
    before = reach_of(lead)
    skipped = enter(lead, Stage.SQL, by, now=now, at=at, history=history)
    lead.stage = Stage.SQL
    lead.save()
    standing = (
        Deal.objects.select_for_update().filter(lead=lead, state=DealState.RETURNED).order_by("id").first()
    )
    opened = make_deal(lead, deal or DealFields(), at=at, meeting_at=meeting_at, standing=standing)

    def about(kind: EventKind, **more: Any) -> Event:
        return event(
            kind, by, now=now, department=department, lead=lead, occurred_at=at, binding=not history, **more
        )

    events = [*skipped, about(EventKind.QUALIFICATION_RECORDED, data=heard)]
    if meeting_at is not None:
        events.append(
            about(EventKind.MEETING_BOOKED, deal=opened, data={"meeting_at": meeting_at.isoformat()})
        )
    events.append(
        about(
            EventKind.SQL_CERTIFIED,
            deal=opened,
            note=note_for(lead, by, note, typed),
            data={
                "score": str(completeness.percent),
                "threshold": str(threshold),
                "missing": list(missing),
                "below_threshold_reason": why,
                "meeting_at": meeting_at.isoformat() if meeting_at else None,
            },
        )
    )
    if standing is None:
        events.append(about(EventKind.DEAL_OPENED, deal=opened))
    saved = write(lead, before, events)
    _bant_row(lead, by, next(e for e in saved if e.kind == EventKind.QUALIFICATION_RECORDED), bant, "")
    return opened


@transaction.atomic
def send_back(
    lead_id: int,
    by: Actor,
    *,
    now: datetime,
    boundary: str,
    reason: str,
    note: str = "",
    occurred_at: datetime | None = None,
    deal_id: int | None = None,
    handoff_ref: int | None = None,
) -> Event:
    """Send a lead back over the mql or sql boundary with a reason; the counts of the month stay.

    mql: the lead stands at LEAD again. sql: the deal waits as returned and the lead stands at MQL.
    """
    act, kind, to = {
        "mql": ("return_mql", EventKind.MQL_RETURNED, Stage.LEAD),
        "sql": ("return_sql", EventKind.SQL_RETURNED, Stage.MQL),
    }[boundary]
    department = by.department_for(act)
    at = happened(occurred_at, now)
    lead = lock(lead_id)
    check_act(act, lead)
    code, typed = reason_code("return", reason)
    deal = None
    if boundary == "sql":
        deal = lead.deals.select_for_update().get(pk=deal_id or 0)
        if deal.state != DealState.OPEN:
            raise MoveRefused("move_not_allowed", stage=DEAL_STATE_WORDS[deal.state])
        deal.state = DealState.RETURNED
        deal.save(update_fields=["state"])
    lead.stage = to
    lead.save(update_fields=["stage"])
    return record(
        kind,
        by,
        now=now,
        department=department,
        lead=lead,
        deal=deal,
        occurred_at=at,
        reason=code,
        handoff_ref=handoff_ref,
        note=note_for(lead, by, typed, note),
    )
