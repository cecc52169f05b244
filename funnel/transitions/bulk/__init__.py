"""Many new leads at once: the same rows and events as one by one, laid down with COPY."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models.base import ModelState

from funnel import normalise
from funnel.models import Account, Activity, Deal, Event, Lead, Organization, Person
from funnel.stages import EventKind, Stage
from funnel.transitions.acting import Actor
from funnel.transitions.bulk.copying import NULL, copy, document, moment, number, reserve, text
from funnel.transitions.bulk.planning import NewLead, Plan, plan
from funnel.transitions.ledger import Passage, Reach, announce


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
    by.department_for("capture")
    if any(one.mql_at for one in leads):
        by.department_for("certify_mql")
    if any(one.sql_at for one in leads):
        by.department_for("certify_sql")
    accounts = _accounts(leads)
    people = _people(leads, accounts)
    lead_ids = reserve(Lead, len(leads))
    plans = [plan(one, now) for one in leads]
    copy(Lead, LEAD_COLUMNS, _lead_lines(leads, plans, lead_ids, accounts, people))
    deals = _deals(leads, plans, lead_ids, accounts)
    events = _events(plans, lead_ids, deals, by, now=now, history=history)
    _first_contacts(events)
    passages = [
        Passage(lead_id, None, Reach(one.channel_id, True, its.inferred, its.reached))
        for one, its, lead_id in zip(leads, plans, lead_ids, strict=True)
    ]
    announce(events, passages)
    return [
        Written(lead_id, bool(its.inferred), its.date_conflict)
        for lead_id, its in zip(lead_ids, plans, strict=True)
    ]


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
    made = dict(zip(names, reserve(Account, len(names)), strict=True))
    copy(
        Account,
        ACCOUNT_COLUMNS,
        (f"{made[norm]}\t{text(name)}\t{text(norm)}\t\t\t\n" for norm, name in names.items()),
    )
    return made


def _account_id(one: NewLead, accounts: dict[str, int]) -> int | None:
    return one.account_id if one.account_id is not None else accounts.get(one.company_norm)


def _people(leads: Sequence[NewLead], accounts: dict[str, int]) -> list[int]:
    """The person of every lead, made where not known."""
    fresh = iter(reserve(Person, sum(one.person_id is None for one in leads)))
    ids = [one.person_id if one.person_id is not None else next(fresh) for one in leads]
    copy(
        Person,
        PERSON_COLUMNS,
        (
            f"{person_id}\t{number(_account_id(one, accounts))}\t{text(one.name)}\t{text(one.name_norm)}\t\t"
            f"{text(one.title)}\t{text(one.email)}\t{text(one.email_norm) if one.email_norm else NULL}\t"
            f"{text(one.phone)}\t{text(normalise.phone(one.phone)) if one.phone else ''}\n"
            for one, person_id in zip(leads, ids, strict=True)
            if one.person_id is None
        ),
    )
    return ids


_ARRAYS = {
    frozenset(names): "{" + ",".join(names) + "}" for names in ((), ("lead",), ("mql",), ("lead", "mql"))
}


def _lead_lines(
    leads: Sequence[NewLead],
    plans: Sequence[Plan],
    lead_ids: Sequence[int],
    accounts: dict[str, int],
    people: Sequence[int],
) -> Iterator[str]:
    for one, its, lead_id, person_id in zip(leads, plans, lead_ids, people, strict=True):
        at = its.reached
        inferred = _ARRAYS[its.inferred]
        yield (
            f"{lead_id}\t{person_id}\t{number(_account_id(one, accounts))}\t{one.pass_no}\t{number(one.previous_id)}\t"
            f"{text(one.external_id) if one.external_id else NULL}\t{number(one.channel_id)}\t{number(one.campaign_id)}\t"
            f"{text(one.segment)}\t{number(one.owner_id)}\t{its.stage}\t\t{at[Stage.LEAD].isoformat()}\t"
            f"{moment(at.get(Stage.MQL))}\t{moment(at.get(Stage.SQL))}\t{moment(its.first_contact_at)}\t{inferred}\tt\t"
            f"{'t' if its.date_conflict else 'f'}\n"
        )


def _deals(
    leads: Sequence[NewLead], plans: Sequence[Plan], lead_ids: Sequence[int], accounts: dict[str, int]
) -> dict[int, int]:
    """The deal of every lead that stands at SQL, by lead."""
    at_sql = [i for i, its in enumerate(plans) if its.stage == Stage.SQL]
    if not at_sql:
        return {}
    currency = Organization.current().currency
    deal_ids = reserve(Deal, len(at_sql))
    copy(
        Deal,
        DEAL_COLUMNS,
        (
            f"{deal_id}\t{lead_ids[i]}\t{number(_account_id(leads[i], accounts))}\t"
            f"{text(leads[i].company or leads[i].name)}\t\t{text(leads[i].segment)}\tnew\topen\tfirst_meeting\t"
            f"{currency}\t{plans[i].reached[Stage.SQL].isoformat()}\t\n"
            for i, deal_id in zip(at_sql, deal_ids, strict=True)
        ),
    )
    return dict(zip((lead_ids[i] for i in at_sql), deal_ids, strict=True))


def _events(
    plans: Sequence[Plan],
    lead_ids: Sequence[int],
    deals: dict[int, int],
    by: Actor,
    *,
    now: datetime,
    history: bool,
) -> list[Event]:
    ids = iter(reserve(Event, sum(len(its.entries) for its in plans)))
    actor_id = by.member.pk if by.member else None
    recorded, source, actor = now.isoformat(), text(by.source), number(actor_id)
    written: list[str] = []
    events: list[Event] = []
    documents: dict[str, str] = {}
    for its, lead_id in zip(plans, lead_ids, strict=True):
        for kind, at, inferred, department, reason, data, of_deal in its.entries:
            event_id = next(ids)
            deal_id = deals.get(lead_id) if of_deal else None
            binding = not (history or inferred)
            said = repr(data)
            if said not in documents:
                documents[said] = document(data)
            written.append(
                f"{event_id}\t{kind}\t{at.isoformat()}\t{recorded}\t{actor}\t{department}\t{source}\t{reason}\t"
                f"{'t' if binding else 'f'}\t{'t' if inferred else 'f'}\t{lead_id}\t{number(deal_id)}\t"
                f"{documents[said]}\n"
            )
            events.append(
                _saved(
                    event_id, kind, at, now, actor_id, department, by.source, reason, binding, inferred, lead_id,
                    deal_id, None, None, None, None, None, data,
                )
            )  # fmt: skip
    copy(Event, EVENT_COLUMNS, written)
    return events


_EVENT_FIELDS = [field.attname for field in Event._meta.concrete_fields]


def _saved(*values: Any) -> Event:
    """The row just written as an event, from its columns in order; a tenth of what the constructor takes."""
    made = Event.__new__(Event)
    made.__dict__ = dict(zip(_EVENT_FIELDS, values, strict=True))
    made._state = ModelState()
    made._state.adding = False
    made._state.db = connection.alias
    return made


def _first_contacts(events: Iterable[Event]) -> None:
    contacts = [e for e in events if e.kind == EventKind.CONTACT_ATTEMPTED]
    copy(
        Activity,
        ACTIVITY_COLUMNS,
        (
            f"{activity_id}\t{e.lead_id}\tcall\toutbound\t\tt\t{e.occurred_at.isoformat()}\t{e.pk}\n"
            for e, activity_id in zip(contacts, reserve(Activity, len(contacts)), strict=True)
        ),
    )


__all__ = ["NewLead", "Written", "lay_down"]
