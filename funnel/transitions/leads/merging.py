"""Two records of one human being become one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from funnel.errors import BadValue, MoveRefused
from funnel.models import Lead, Person
from funnel.stages import EventKind, Outcome
from funnel.transitions import people
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import check_act, event, reach_of, record, write

FIELDS = ("name", "name_kana", "title", "role", "email", "phone", "account")
"""What one of the two records can give the other."""
_WITH = {"name": ("name", "name_norm"), "email": ("email", "email_norm"), "phone": ("phone", "phone_norm")}


@transaction.atomic
def merge_people(
    keep_id: int, absorb_id: int, by: Actor, *, now: datetime, take: Collection[str] = ()
) -> Person:
    """Make two records of one person one: the younger open pass closes MERGED and leaves all counts.

    The record kept takes the details named in `take` from the other one, and those it did not know. Passes of the
    absorbed record follow by `merged_into`, resolved on read. It cannot be undone. Open promises of the closed pass
    are cancelled, verdicts stay. Raises NotYours("leads_only") for those who lead no department, BadValue
    ("same_person", "bad_choice"), MoveRefused("already_done", or where the younger pass cannot close).
    """
    if keep_id == absorb_id:
        raise BadValue("same_person", field="absorb")
    for name in take:
        if name not in FIELDS:
            raise BadValue("bad_choice", field="take", value=name, choices=", ".join(FIELDS))
    department = by.department_for("merge")
    mailboxes = Person.objects.filter(pk__in=[keep_id, absorb_id]).values_list("email_norm", flat=True)
    # Whoever captures one of the two by his mailbox waits, and then finds the one that stands.
    people.serialise(*(f"email:{mailbox}" for mailbox in mailboxes if mailbox))
    passes, keep, absorb = _locked(keep_id, absorb_id)
    younger = max(passes, key=lambda p: (p.lead_at, p.pk)) if len(passes) == 2 else None
    taken = _given(keep, absorb, take)
    facts = {"kept": keep.pk, "absorbed": absorb.pk, "taken": taken}
    _give(keep, absorb, taken)
    if younger is None:
        record(EventKind.RECORDS_MERGED, by, now=now, department=department, data=facts)
        return keep
    check_act("merge", younger)
    before = reach_of(younger)
    younger.outcome, younger.closed_at, younger.is_counted = Outcome.MERGED, now, False
    younger.save(update_fields=["outcome", "closed_at", "is_counted"])
    merged = event(EventKind.RECORDS_MERGED, by, now=now, department=department, lead=younger, data=facts)
    write(younger, before, [merged])
    return keep


def _locked(keep_id: int, absorb_id: int) -> tuple[list[Lead], Person, Person]:
    """The open passes of both, then both, locked; raises MoveRefused if one of them was merged before."""
    everybody = [keep_id, absorb_id, *people.absorbed_by([keep_id, absorb_id])]
    passes = list(
        Lead.objects.select_for_update().filter(person_id__in=everybody, outcome=None).order_by("id")
    )
    rows = Person.objects.select_for_update().filter(pk__in=[keep_id, absorb_id]).order_by("id")
    both = {person.pk: person for person in rows}
    if len(both) < 2 or any(p.merged_into_id or p.erased_at for p in both.values()):
        raise MoveRefused("already_done")
    return passes, both[keep_id], both[absorb_id]


def _given(keep: Person, absorb: Person, take: Collection[str]) -> list[str]:
    """The fields that go over: those asked for, and those only the absorbed record knows."""

    def known(person: Person, name: str) -> object:
        return person.account_id if name == "account" else getattr(person, name)

    return [f for f in FIELDS if known(absorb, f) and (f in take or not known(keep, f))]


def _give(keep: Person, absorb: Person, taken: Collection[str]) -> None:
    """Exchange the two values: what was not chosen stays with the absorbed record, and still finds the person."""
    columns = [column for name in taken for column in _WITH.get(name, (name,))]
    for column in columns:
        mine, theirs = getattr(keep, column), getattr(absorb, column)
        setattr(keep, column, theirs)
        setattr(absorb, column, mine)
    absorb.merged_into = keep
    # The absorbed first: of two standing records only one can have a mailbox.
    absorb.save(update_fields=["merged_into", *columns])
    if columns:
        keep.save(update_fields=columns)
