"""Many new leads at once: the same rows and events as one by one, laid down with COPY."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from funnel import normalise
from funnel.models import Account, Activity, Deal, Event, Lead, Organization, Person
from funnel.stages import STAGE_DEPARTMENT, ActivityKind, Department, Direction, EventKind, Stage
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import Passage, Reach, announce

NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
FIRST_CONTACT = {
    "activity_kind": ActivityKind.CALL.value, "direction": Direction.OUTBOUND.value, "result": "", "human": True,
}  # fmt: skip
WITHOUT_SHEET = {
    "score": "0.00", "threshold": "100.00", "missing": [], "below_threshold_reason": "imported", "meeting_at": None,
}  # fmt: skip


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


class _Entry(NamedTuple):
    """One event of a new lead, and whether its stage has no date of its own."""

    kind: EventKind
    at: datetime
    inferred: bool
    department: Department
    reason: str
    data: dict[str, Any]


class Written(NamedTuple):
    """What became of one new lead."""

    lead_id: int
    inferred: bool
    date_conflict: bool


@transaction.atomic
def lay_down(leads: Sequence[NewLead], by: Actor, *, now: datetime, history: bool = False) -> list[Written]:
    """Write new leads with their persons, accounts, events, first contacts and deals; one answer per lead.

    The caller has made sure that no lead of these persons is open. With `history` no event binds.
    Nothing is judged here but the order of dates: what lies out of order is kept and marked. Raises
    NotYours, and IntegrityError when somebody else wrote one of them a moment ago.
    """
    for act in ("capture", "certify_mql", "certify_sql"):
        by.department_for(act)
    accounts = _accounts(leads)
    people = _people(leads, accounts)
    lead_ids = _reserve(Lead, len(leads))
    plans = [_plan(one, now) for one in leads]
    _copy(Lead, LEAD_COLUMNS, _lead_lines(leads, plans, lead_ids, accounts, people))
    deals = _deals(leads, plans, lead_ids, accounts)
    events = _events(plans, lead_ids, deals, by, now=now, history=history)
    _first_contacts(events)
    passages = [
        Passage(lead_id, None, Reach(one.channel_id, True, plan.inferred, plan.reached))
        for one, plan, lead_id in zip(leads, plans, lead_ids, strict=True)
    ]
    announce(events, passages)
    return [
        Written(lead_id, bool(plan.inferred), plan.date_conflict)
        for lead_id, plan in zip(lead_ids, plans, strict=True)
    ]


class _Plan(NamedTuple):
    """The stages of one new lead, and the events that say so, in their order."""

    reached: dict[Stage, datetime]
    inferred: frozenset[str]
    stage: Stage
    first_contact_at: datetime | None
    date_conflict: bool
    entries: list[_Entry]


_ORDER = (Stage.LEAD, Stage.MQL, Stage.SQL)
_KINDS = {
    Stage.LEAD: (EventKind.LEAD_CAPTURED, STAGE_DEPARTMENT[Stage.LEAD]),
    Stage.MQL: (EventKind.MQL_CERTIFIED, STAGE_DEPARTMENT[Stage.MQL]),
    Stage.SQL: (EventKind.SQL_CERTIFIED, STAGE_DEPARTMENT[Stage.SQL]),
}


def _plan(one: NewLead, now: datetime) -> _Plan:
    given = {Stage.LEAD: one.lead_at, Stage.MQL: one.mql_at, Stage.SQL: one.sql_at}
    stage = Stage.SQL if one.sql_at else Stage.MQL if one.mql_at else Stage.LEAD
    reached: dict[Stage, datetime] = {}
    following = one.first_contact_at or one.seen_at or now
    for step in reversed(_ORDER[: _ORDER.index(stage) + 1]):
        reached[step] = following = given[step] or following
    reached = dict(reversed(reached.items()))
    captured_now = stage == Stage.LEAD and following is now
    inferred = frozenset() if captured_now else frozenset(s.value for s in reached if given[s] is None)
    ordered = list(reached.values())
    conflict = any(later < earlier for earlier, later in zip(ordered, ordered[1:], strict=False))
    contact = one.first_contact_at
    return _Plan(
        reached=reached,
        inferred=inferred,
        stage=stage,
        first_contact_at=contact if contact and one.mql_at and contact >= one.mql_at else None,
        date_conflict=conflict,
        entries=_entries(one, reached, inferred),
    )


def _entries(one: NewLead, reached: dict[Stage, datetime], inferred: frozenset[str]) -> list[_Entry]:
    entries = []
    for stage, at in reached.items():
        kind, department = _KINDS[stage]
        dated = stage.value not in inferred
        reason = "other" if stage == Stage.MQL and dated else ""
        data: dict[str, Any] = {"channel": one.channel} if stage == Stage.LEAD and one.channel else {}
        if stage == Stage.SQL and dated:
            data = WITHOUT_SHEET
        if stage == Stage.SQL and one.first_contact_at:
            entries.append(_contact(one.first_contact_at))
        entries.append(_Entry(kind, at, not dated, department, reason, data))
        if stage == Stage.SQL:
            entries.append(_Entry(EventKind.DEAL_OPENED, at, False, department, "", {}))
    if one.first_contact_at and Stage.SQL not in reached:
        entries.append(_contact(one.first_contact_at))
    return entries


def _contact(at: datetime) -> _Entry:
    return _Entry(EventKind.CONTACT_ATTEMPTED, at, False, Department.INSIDE_SALES, "", FIRST_CONTACT)


ACCOUNT_COLUMNS = ("id", "name", "name_norm", "name_kana", "domain", "segment")
PERSON_COLUMNS = (
    "id", "account_id", "name", "name_norm", "name_kana", "title", "email", "email_norm", "phone", "phone_norm",
)  # fmt: skip
LEAD_COLUMNS = (
    "id", "person_id", "account_id", "pass_no", "previous_id", "external_id", "channel_id", "campaign_id", "segment",
    "owner_id", "stage", "outcome_reason", "lead_at", "mql_at", "sql_at", "first_contact_at", "inferred", "is_counted",
    "date_conflict",
)  # fmt: skip
DEAL_COLUMNS = (
    "id", "lead_id", "account_id", "name", "product", "segment", "kind", "state", "step", "currency", "opened_at",
    "reason",
)  # fmt: skip
EVENT_COLUMNS = (
    "id", "kind", "occurred_at", "recorded_at", "actor_id", "department", "source", "reason", "binding", "inferred",
    "lead_id", "deal_id", "data",
)  # fmt: skip
ACTIVITY_COLUMNS = ("id", "lead_id", "kind", "direction", "result", "is_human", "occurred_at", "event_id")


def _accounts(leads: Sequence[NewLead]) -> dict[str, int]:
    """The new accounts by normalised name."""
    names: dict[str, str] = {}
    for one in leads:
        if one.account_id is None and one.company_norm:
            names.setdefault(one.company_norm, one.company)
    made = dict(zip(names, _reserve(Account, len(names)), strict=True))
    _copy(
        Account,
        ACCOUNT_COLUMNS,
        (f"{made[norm]}\t{_text(name)}\t{_text(norm)}\t\t\t\n" for norm, name in names.items()),
    )
    return made


def _account_id(one: NewLead, accounts: dict[str, int]) -> int | None:
    return one.account_id if one.account_id is not None else accounts.get(one.company_norm)


def _people(leads: Sequence[NewLead], accounts: dict[str, int]) -> list[int]:
    """The person of every lead, made where not known."""
    fresh = iter(_reserve(Person, sum(one.person_id is None for one in leads)))
    ids = [one.person_id if one.person_id is not None else next(fresh) for one in leads]
    _copy(
        Person,
        PERSON_COLUMNS,
        (
            f"{person_id}\t{_id(_account_id(one, accounts))}\t{_text(one.name)}\t{_text(one.name_norm)}\t\t"
            f"{_text(one.title)}\t{_text(one.email)}\t{_text(one.email_norm) if one.email_norm else NULL}\t"
            f"{_text(one.phone)}\t{_text(normalise.phone(one.phone)) if one.phone else ''}\n"
            for one, person_id in zip(leads, ids, strict=True)
            if one.person_id is None
        ),
    )
    return ids


def _lead_lines(
    leads: Sequence[NewLead],
    plans: Sequence[_Plan],
    lead_ids: Sequence[int],
    accounts: dict[str, int],
    people: Sequence[int],
) -> Iterator[str]:
    for one, plan, lead_id, person_id in zip(leads, plans, lead_ids, people, strict=True):
        at = plan.reached
        inferred = "{" + ",".join(s.value for s in _ORDER if s.value in plan.inferred) + "}"
        yield (
            f"{lead_id}\t{person_id}\t{_id(_account_id(one, accounts))}\t{one.pass_no}\t{_id(one.previous_id)}\t"
            f"{_text(one.external_id) if one.external_id else NULL}\t{_id(one.channel_id)}\t{_id(one.campaign_id)}\t"
            f"{_text(one.segment)}\t{_id(one.owner_id)}\t{plan.stage.value}\t\t{at[Stage.LEAD].isoformat()}\t"
            f"{_at(at.get(Stage.MQL))}\t{_at(at.get(Stage.SQL))}\t{_at(plan.first_contact_at)}\t{inferred}\tt\t"
            f"{'t' if plan.date_conflict else 'f'}\n"
        )


def _deals(
    leads: Sequence[NewLead], plans: Sequence[_Plan], lead_ids: Sequence[int], accounts: dict[str, int]
) -> dict[int, int]:
    """The deal of every lead that stands at SQL, by lead."""
    at_sql = [i for i, plan in enumerate(plans) if plan.stage == Stage.SQL]
    if not at_sql:
        return {}
    currency = Organization.current().currency
    deal_ids = _reserve(Deal, len(at_sql))
    _copy(
        Deal,
        DEAL_COLUMNS,
        (
            f"{deal_id}\t{lead_ids[i]}\t{_id(_account_id(leads[i], accounts))}\t"
            f"{_text(leads[i].company or leads[i].name)}\t\t{_text(leads[i].segment)}\tnew\topen\tfirst_meeting\t"
            f"{currency}\t{plans[i].reached[Stage.SQL].isoformat()}\t\n"
            for i, deal_id in zip(at_sql, deal_ids, strict=True)
        ),
    )
    return dict(zip((lead_ids[i] for i in at_sql), deal_ids, strict=True))


_OF_DEAL = frozenset({EventKind.SQL_CERTIFIED, EventKind.DEAL_OPENED})


def _events(
    plans: Sequence[_Plan],
    lead_ids: Sequence[int],
    deals: dict[int, int],
    by: Actor,
    *,
    now: datetime,
    history: bool,
) -> list[Event]:
    ids = iter(_reserve(Event, sum(len(plan.entries) for plan in plans)))
    actor_id = by.member.pk if by.member else None
    recorded, source, actor = now.isoformat(), _text(by.source), _id(actor_id)
    written: list[str] = []
    events: list[Event] = []
    for plan, lead_id in zip(plans, lead_ids, strict=True):
        for kind, at, inferred, department, reason, data in plan.entries:
            event_id = next(ids)
            deal_id = deals.get(lead_id) if kind in _OF_DEAL else None
            binding = not (history or inferred)
            written.append(
                f"{event_id}\t{kind.value}\t{at.isoformat()}\t{recorded}\t{actor}\t{department.value}\t{source}\t"
                f"{reason}\t{'t' if binding else 'f'}\t{'t' if inferred else 'f'}\t{lead_id}\t{_id(deal_id)}\t"
                f"{_json(data)}\n"
            )
            # In the order of the model's columns: positional building is several times faster than by keyword.
            events.append(
                Event.from_db(
                    connection.alias,
                    _EVENT_FIELDS,
                    (
                        event_id,
                        kind.value,
                        at,
                        now,
                        actor_id,
                        department.value,
                        by.source,
                        reason,
                        binding,
                        inferred,
                        lead_id,
                        deal_id,
                        None,
                        None,
                        None,
                        None,
                        None,
                        data,
                    ),
                )  # fmt: skip
            )
    _copy(Event, EVENT_COLUMNS, written)
    return events


_EVENT_FIELDS = [field.attname for field in Event._meta.concrete_fields]


def _first_contacts(events: Iterable[Event]) -> None:
    contacts = [e for e in events if e.kind == EventKind.CONTACT_ATTEMPTED]
    _copy(
        Activity,
        ACTIVITY_COLUMNS,
        (
            f"{activity_id}\t{e.lead_id}\tcall\toutbound\t\tt\t{e.occurred_at.isoformat()}\t{e.pk}\n"
            for e, activity_id in zip(contacts, _reserve(Activity, len(contacts)), strict=True)
        ),
    )


def _reserve(model: Any, count: int) -> list[int]:
    """Take `count` ids from a table's sequence."""
    if count == 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(nextval(pg_get_serial_sequence(%s, 'id'))) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        (ids,) = cursor.fetchone()
    return list(ids)


class _Stream:
    """Lines as the file that COPY reads."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._bytes = "".join(lines).encode()
        self._at = 0

    def __bool__(self) -> bool:
        return bool(self._bytes)

    def read(self, size: int) -> bytes:
        """The next `size` bytes."""
        piece = self._bytes[self._at : self._at + size]
        self._at += len(piece)
        return piece


def _copy(model: Any, columns: Sequence[str], lines: Iterable[str]) -> None:
    stream = _Stream(lines)
    if stream:
        with connection.cursor() as cursor, connection.wrap_database_errors:
            cursor.copy_expert(
                f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN", stream, 1 << 16
            )


def copy_rows(model: Any, columns: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> None:
    """Insert rows of plain values by COPY; for tables that no rule guards."""
    _copy(
        model,
        columns,
        (
            "\t".join([NULL if v is None else v.translate(_ESCAPES) if isinstance(v, str) else str(v) for v in row]) + "\n"
            for row in rows
        ),
    )


def _text(text: str) -> str:
    return text if text.isalnum() else text.translate(_ESCAPES)


def _id(number: int | None) -> str:
    return NULL if number is None else str(number)


def _at(moment: datetime | None) -> str:
    return NULL if moment is None else moment.isoformat()


def _json(data: dict[str, Any]) -> str:
    return _text(json.dumps(data, ensure_ascii=False)) if data else "{}"
