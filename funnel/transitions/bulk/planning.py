"""Pure. What a new lead of a file has passed, and the events that say so, in their order."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from funnel.stages import STAGE_DEPARTMENT, ActivityKind, Department, Direction, EventKind, Stage

LEAD, MQL, SQL = Stage.LEAD, Stage.MQL, Stage.SQL
FIRST_CONTACT: dict[str, Any] = {
    "activity_kind": ActivityKind.CALL.value,
    "direction": Direction.OUTBOUND.value,
    "result": "",
    "human": True,
}
WITHOUT_SHEET: dict[str, Any] = {
    "score": "0.00",
    "threshold": "100.00",
    "missing": [],
    "below_threshold_reason": "imported",
    "meeting_at": None,
}
"""What a certification says of its customer sheet when a file brought none."""


class NewLead(NamedTuple):
    """A lead to lay down. Ids name what is known; without one, account and person are made from the texts.

    Two rows with the same `company_norm` share the new account. A date left out was not reached or, for an
    earlier stage, counts as reached together with the first later one (flagged inferred). `seen_at` says that
    the lead was there by then, whenever it came.
    """

    external_id: str
    account_id: int | None
    company: str
    company_norm: str
    person_id: int | None
    pass_no: int
    previous_id: int | None
    name: str
    name_norm: str
    email: str
    email_norm: str | None
    phone: str
    title: str
    channel_id: int | None
    channel: str
    campaign_id: int | None
    segment: str
    owner_id: int | None
    lead_at: datetime | None
    mql_at: datetime | None
    first_contact_at: datetime | None
    sql_at: datetime | None
    seen_at: datetime | None = None


class Entry(NamedTuple):
    """One event of a new lead; `inferred` when its stage has no date of its own."""

    kind: str
    at: datetime
    inferred: bool
    department: str
    reason: str
    data: dict[str, Any]
    of_deal: bool = False


class Plan(NamedTuple):
    """The stages of one new lead, and the events that say so."""

    reached: dict[Stage, datetime]
    inferred: frozenset[str]
    stage: str
    first_contact_at: datetime | None
    date_conflict: bool
    entries: list[Entry]


# Plain strings: a member of an enumeration costs a function call each time it is written out.
_NAMES = {stage: stage.value for stage in (LEAD, MQL, SQL)}
_KINDS = {
    LEAD: (EventKind.LEAD_CAPTURED.value, STAGE_DEPARTMENT[LEAD].value),
    MQL: (EventKind.MQL_CERTIFIED.value, STAGE_DEPARTMENT[MQL].value),
    SQL: (EventKind.SQL_CERTIFIED.value, STAGE_DEPARTMENT[SQL].value),
}
_OPENED = EventKind.DEAL_OPENED.value
_CONTACT = EventKind.CONTACT_ATTEMPTED.value
_INSIDE_SALES = Department.INSIDE_SALES.value
_NONE: frozenset[str] = frozenset()
_NOTHING: dict[str, Any] = {}


def plan(one: NewLead, now: datetime) -> Plan:
    """Work out a lead's stages. A lead without any date was captured `now`."""
    contact = one.first_contact_at
    mql_at = one.mql_at or one.sql_at
    lead_at = one.lead_at or mql_at or contact or one.seen_at
    inferred = _NONE if lead_at is None or one.lead_at else frozenset({_NAMES[LEAD]})
    reached = {LEAD: lead_at or now}
    stage = LEAD
    if mql_at is not None:
        reached[MQL] = mql_at
        stage = MQL
        if one.mql_at is None:
            inferred |= {_NAMES[MQL]}
    if one.sql_at is not None:
        reached[SQL] = one.sql_at
        stage = SQL
    conflict = mql_at is not None and (
        mql_at < reached[LEAD] or (one.sql_at is not None and one.sql_at < mql_at)
    )
    return Plan(
        reached=reached,
        inferred=inferred,
        stage=_NAMES[stage],
        first_contact_at=contact if contact and one.mql_at and contact >= one.mql_at else None,
        date_conflict=conflict,
        entries=_entries(one, reached, inferred),
    )


def _entries(one: NewLead, reached: dict[Stage, datetime], inferred: frozenset[str]) -> list[Entry]:
    entries: list[Entry] = []
    for stage, at in reached.items():
        kind, department = _KINDS[stage]
        if stage is SQL:
            break
        undated = _NAMES[stage] in inferred
        if stage is LEAD:
            data = {"channel": one.channel} if one.channel else _NOTHING
            entries.append(Entry(kind, at, undated, department, "", data))
        else:
            entries.append(Entry(kind, at, undated, department, "" if undated else "other", _NOTHING))
    if one.first_contact_at is not None:
        entries.append(Entry(_CONTACT, one.first_contact_at, False, _INSIDE_SALES, "", FIRST_CONTACT))
    if one.sql_at is not None:
        entries.append(Entry(*_kind_of_sql(one.sql_at), "", WITHOUT_SHEET, of_deal=True))
        entries.append(Entry(_OPENED, one.sql_at, False, _INSIDE_SALES, "", _NOTHING, of_deal=True))
    return entries


def _kind_of_sql(at: datetime) -> tuple[str, datetime, bool, str]:
    kind, department = _KINDS[SQL]
    return kind, at, False, department
