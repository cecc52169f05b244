"""Side facts of persons, accounts and customers, changed by hand: nothing is overwritten that was not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q

from funnel import normalise
from funnel.errors import Refused
from funnel.models import Account, Customer, Event, Lead, Person
from funnel.stages import EventKind
from funnel.transitions import people
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import record
from funnel.words import Words

WORDS: dict[str, dict[str, Words]] = {
    "person": {
        "name": Words("Name", "氏名"),
        "name_kana": Words("Name in kana", "フリガナ"),
        "title": Words("Title", "役職"),
        "role": Words("Role in the decision", "立場"),
        "phone": Words("Phone", "電話番号"),
        "email": Words("E-mail", "メールアドレス"),
    },
    "account": {
        "name": Words("Company", "会社名"),
        "industry": Words("Industry", "業種"),
        "employees": Words("Employees", "従業員数"),
        "region": Words("Prefecture, city", "所在地"),
        "website": Words("Website", "ウェブサイト"),
    },
    "customer": {
        "plan": Words("Plan", "プラン"),
        "growth": Words("Room to grow", "拡大の余地"),
        "note": Words("Notes", "メモ"),
    },
    "deal": {
        "name": Words("Name", "商談名"),
        "product": Words("Product", "商材"),
        "segment": Words("Segment", "セグメント"),
        "amount": Words("Amount", "金額"),
        "owner": Words("Owner", "担当"),
        "expected_close_on": Words("Expected to close", "受注予定日"),
        "next_step": Words("Next step", "次のステップ"),
        "next_step_on": Words("Day of the next step", "次のステップの期日"),
    },
}
"""The facts of each kind of record that a person may change in place, and their names."""


class Conflict(NamedTuple):
    """A fact that somebody else changed since it was read: what it is now, who changed it, and when."""

    field: str
    now: str
    name: str
    at: datetime | None


class Overtaken(Refused):
    """Somebody else changed the same facts in between. Nothing was written; `conflicts` says what stands now."""

    def __init__(self, conflicts: list[Conflict]) -> None:
        super().__init__("conflict", field=conflicts[0].field)
        self.conflicts = conflicts


class Side(NamedTuple):
    """A kind of record with side facts: its table, the writer of its facts, and the events that are about it."""

    model: type[Person | Account | Customer]
    rewrite: Callable[[Any, Mapping[str, Any]], list[str]]
    about: Callable[[int], Q]


SIDES: dict[str, Side] = {
    "person": Side(Person, people.rewrite, lambda pk: Q(lead__person=pk)),
    "account": Side(
        Account, people.rewrite_account, lambda pk: Q(lead__account=pk) | Q(customer__account=pk)
    ),
    "customer": Side(Customer, people.rewrite_customer, lambda pk: Q(customer=pk)),
}


def said(value: object) -> str:
    """A fact as a form shows it; blank when not known."""
    return "" if value is None else str(value)


@transaction.atomic
def revise(
    what: str, pk: int, by: Actor, *, now: datetime, seen: Mapping[str, str], facts: Mapping[str, Any]
) -> list[str]:
    """Write those of `facts` that differ from what was `seen`; returns the names of the facts changed.

    A fact left as it was seen is left alone, whatever it is by now. Raises Overtaken when a fact to be
    changed was changed by somebody else in between, BadValue for what cannot be used, NotYours.
    """
    department = by.department_for("edit")
    side = SIDES[what]
    if email := normalise.email(str(facts.get("email") or "")):
        # The same gate as at the doors where persons come in: an address belongs to one of them.
        people.serialise(f"email:{email}")
    subject = side.model._default_manager.select_for_update(of=("self",)).get(pk=pk)
    wanted = {
        name: value
        for name, value in facts.items()
        if name in WORDS[what] and said(value) not in (seen.get(name, ""), said(getattr(subject, name)))
    }
    overtaken = [name for name in wanted if said(getattr(subject, name)) != seen.get(name, "")]
    if overtaken:
        raise Overtaken([_conflict(what, subject, name) for name in overtaken])
    changed = side.rewrite(subject, wanted)
    if changed:
        lead, customer = _thread_of(subject)
        record(
            EventKind.DETAILS_CHANGED,
            by,
            now=now,
            department=department,
            lead=lead,
            customer=customer,
            binding=False,
            data={"what": what, "id": pk, "fields": changed},
        )
    return changed


def _conflict(what: str, subject: Any, name: str) -> Conflict:
    """Who changed a fact last is in the ledger; what an import filled in has no one's name."""
    written = Event.objects.filter(
        SIDES[what].about(subject.pk),
        kind=EventKind.DETAILS_CHANGED,
        data__what=what,
        data__id=subject.pk,
        data__fields__contains=[name],
    )
    last = written.select_related("actor").order_by("-id").first()
    actor = last.actor.name if last and last.actor else ""
    return Conflict(name, said(getattr(subject, name)), actor, last.recorded_at if last else None)


def _thread_of(subject: Person | Account | Customer) -> tuple[Lead | None, Customer | None]:
    """The pass and the customer in whose timeline the change is told."""
    if isinstance(subject, Customer):
        return subject.origin_lead, subject
    if isinstance(subject, Person):
        return Lead.objects.filter(person=subject).order_by("-pass_no").first(), None
    customer = Customer.objects.filter(account=subject).first()
    return Lead.objects.filter(account=subject).order_by("-id").first(), customer
