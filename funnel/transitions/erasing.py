"""Erasing a person for good: what he is called and what was said of him goes; that it happened, and every count, stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from funnel import normalise
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import Lead, Note, Person
from funnel.stages import EventKind
from funnel.transitions import people
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import record

SHORTEST = 2
"""A single letter is no name: it would be found in every text."""
EMPTY = {
    "name": "", "name_norm": "", "name_kana": "", "title": "", "role": "", "email": "", "email_norm": None, "phone": "",
    "phone_norm": "",
}  # fmt: skip


class Held(NamedTuple):
    """What is held of a person: his records (he may have been merged), his passes, and words about him."""

    records: list[int]
    leads: list[int]
    notes: int


def held(person_id: int) -> Held:
    """Count what erasing would take and what it would leave."""
    records = [person_id, *people.absorbed_by([person_id])]
    leads = list(Lead.objects.filter(person__in=records).order_by("pk").values_list("pk", flat=True))
    return Held(records, leads, Note.objects.filter(lead__in=leads).exclude(text="").count())


@transaction.atomic
def erase(person_id: int, by: Actor, *, now: datetime, confirmed: str) -> Person:
    """Erase a person, under all the records he was merged from; nothing brings it back.

    `confirmed` is his name as typed once more (his mail, or his number, where he has no name). His names, mails, phones
    and titles go, every note about his passes, rejected rows of files and kept answers that name him, and his name in
    texts about his company. Passes, deals, events and totals stay. Raises NotYours for who is no administrator,
    BadValue("erase_not_confirmed"), MoveRefused("already_done", "erase_the_kept_one").
    """
    if not by.is_administrator:
        raise NotYours("administrators_only")
    known = held(person_id)
    list(Lead.objects.select_for_update().filter(pk__in=known.leads).order_by("pk").values_list("pk"))
    rows = list(Person.objects.select_for_update().filter(pk__in=known.records).order_by("pk"))
    person = next((one for one in rows if one.pk == person_id), None)
    if person is None:
        raise Person.DoesNotExist
    if person.erased_at is not None:
        raise MoveRefused("already_done")
    if person.merged_into_id is not None:
        raise MoveRefused("erase_the_kept_one")
    if normalise.person_name(confirmed) != normalise.person_name(to_confirm(person)):
        raise BadValue("erase_not_confirmed", field="confirm")
    accounts = {one.account_id for one in rows if one.account_id}
    accounts |= set(Lead.objects.filter(pk__in=known.leads).values_list("account_id", flat=True)) - {None}
    named, reached = _words(rows)
    _forget_texts(known, sorted(accounts), named, reached, now)
    for one in rows:
        for column, nothing in EMPTY.items():
            setattr(one, column, nothing)
        one.erased_at = now
        one.save()
    record(
        EventKind.PERSON_ERASED, by, now=now, binding=False,
        lead=Lead.objects.filter(pk__in=known.leads).order_by("-pk").first(),
        data={"person": person_id, "records": known.records, "notes": known.notes},
    )  # fmt: skip
    person.refresh_from_db()
    return person


def to_confirm(person: Person) -> str:
    """What is typed to confirm that this person is meant."""
    return person.name or person.email or f"#{person.pk}"


def _words(rows: Iterable[Person]) -> tuple[list[str], list[str]]:
    """What he is called, and where he is reached: in every spelling that is known."""
    named = {one for p in rows for one in (p.name, p.name_norm, p.name_kana) if len(one) >= SHORTEST}
    reached = {one for p in rows for one in (p.email, p.email_norm or "", p.phone, p.phone_norm) if one}
    return sorted(named, key=len, reverse=True), sorted(reached, key=len, reverse=True)


# Passes of his: all of it. Of his company: his name in it. Elsewhere: where he is reached, which is nobody else's.
OWN = """
UPDATE funnel_note SET text = '', erased_at = %(now)s WHERE lead_id = ANY(%(leads)s::bigint[]) AND erased_at IS NULL
"""
OTHERS = """
UPDATE funnel_note SET text = revops_without(text, %(all)s::text[])
WHERE text <> '' AND lead_id IN (SELECT id FROM funnel_lead WHERE account_id = ANY(%(accounts)s::bigint[]))
  AND revops_names(text, %(all)s::text[]);
UPDATE funnel_note SET text = revops_without(text, %(reached)s::text[])
WHERE text <> '' AND revops_names(text, %(reached)s::text[]);
UPDATE funnel_deal SET name = revops_without(name, %(all)s::text[])
WHERE (lead_id = ANY(%(leads)s::bigint[]) OR account_id = ANY(%(accounts)s::bigint[]))
  AND revops_names(name, %(all)s::text[]);
UPDATE funnel_customer SET plan = revops_without(plan, %(all)s::text[]),
  growth = revops_without(growth, %(all)s::text[]), note = revops_without(note, %(all)s::text[])
WHERE account_id = ANY(%(accounts)s::bigint[]) AND revops_names(plan || growth || note, %(all)s::text[]);
UPDATE funnel_lead SET external_id = NULL
WHERE id = ANY(%(leads)s::bigint[]) AND revops_names(external_id, %(all)s::text[])
"""
# What files and programs sent, and what was answered: kept for a while, for nothing but looking at it again.
SENT = """
UPDATE funnel_importrow SET raw = '' WHERE raw <> '' AND revops_names(raw, %(all)s::text[]);
UPDATE funnel_importrow SET params = '{}' WHERE params <> '{}' AND revops_names(params::text, %(all)s::text[]);
UPDATE funnel_importrow SET before = '{}' WHERE before <> '{}' AND revops_names(before::text, %(all)s::text[]);
UPDATE funnel_idempotencykey SET body = '{}' WHERE revops_names(body::text, %(all)s::text[]);
UPDATE funnel_savedview SET query = '' WHERE query <> '' AND revops_names(revops_unquoted(query), %(all)s::text[]);
UPDATE django_admin_log SET object_repr = '', change_message = ''
WHERE revops_names(object_repr || change_message, %(all)s::text[])
"""


def _forget_texts(
    known: Held, accounts: list[int], named: list[str], reached: list[str], now: datetime
) -> None:
    values: dict[str, Any] = {
        "leads": known.leads,
        "accounts": accounts,
        "all": [*named, *reached],
        "reached": reached,
        "now": now,
    }
    with connection.cursor() as cursor:
        for statements in (OWN, OTHERS, SENT):
            for statement in statements.split(";\n"):
                cursor.execute(statement, values)
