"""Two records of one company become one: everything that hung on the other hangs on the one that stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from funnel.errors import BadValue, MoveRefused
from funnel.models import Account, Customer, Deal, Lead, Person
from funnel.stages import EventKind
from funnel.transitions import people
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import record

FIELDS = (
    "name", "name_kana", "domain", "segment", "industry", "employees", "region", "website", "external_id",
)  # fmt: skip
"""What one of the two records can give the other."""


@transaction.atomic
def merge(keep_id: int, absorb_id: int, by: Actor, *, now: datetime, take: Collection[str] = ()) -> Account:
    """Make two records of one company one: people, leads, deals and the customer go over to the one that is kept.

    It takes the details named in `take` from the other one, and those it did not know. The other record stands for it
    from then on: its name and its external id still find the company, at every door. It cannot be undone. Raises
    NotYours("leads_only") for those who lead no department, BadValue ("same_company", "bad_choice"), MoveRefused
    ("already_done"; "two_customers" where both have contracts, whose figures would have to be added up).
    """
    if keep_id == absorb_id:
        raise BadValue("same_company", field="absorb")
    for name in take:
        if name not in FIELDS:
            raise BadValue("bad_choice", field="take", value=name, choices=", ".join(FIELDS))
    department = by.department_for("merge")
    names = Account.objects.filter(pk__in=[keep_id, absorb_id]).values_list("name_norm", flat=True)
    # Whoever captures somebody of one of the two waits, and then finds the one that stands.
    people.serialise(*(f"account:{name}" for name in names if name))
    keep, absorb, customer = _locked(keep_id, absorb_id)
    taken = [f for f in FIELDS if getattr(absorb, f) and (f in take or not getattr(keep, f))]
    moved = {
        "leads": Lead.objects.filter(account=absorb).update(account=keep),
        "deals": Deal.objects.filter(account=absorb).update(account=keep),
        "people": Person.objects.filter(account=absorb).update(account=keep),
        "customers": Customer.objects.filter(account=absorb).update(account=keep),
    }
    # One step from any merged record to the one that stands, however often it is merged.
    Account.objects.filter(merged_into=absorb).update(merged_into=keep)
    _give(keep, absorb, taken)
    facts = {"of": "account", "kept": keep.pk, "absorbed": absorb.pk, "taken": taken, "moved": moved}
    record(EventKind.RECORDS_MERGED, by, now=now, department=department, customer=customer, data=facts)
    return keep


def _locked(keep_id: int, absorb_id: int) -> tuple[Account, Account, Customer | None]:
    """Both, and the customer among them, locked after their leads and deals, in the order everybody takes them."""
    ids = (keep_id, absorb_id)
    for rows in (Lead.objects, Deal.objects):
        list(rows.select_for_update().filter(account__in=ids).order_by("id").values_list("id"))
    customers = list(Customer.objects.select_for_update().filter(account__in=ids).order_by("id"))
    list(Person.objects.select_for_update().filter(account__in=ids).order_by("id").values_list("id"))
    both = {one.pk: one for one in Account.objects.select_for_update().filter(pk__in=ids).order_by("id")}
    if len(both) < 2 or any(one.merged_into_id for one in both.values()):
        raise MoveRefused("already_done")
    if len(customers) == 2:
        raise MoveRefused("two_customers")
    return both[keep_id], both[absorb_id], customers[0] if customers else None


def _give(keep: Account, absorb: Account, taken: Collection[str]) -> None:
    """Exchange the two values: what was not chosen stays with the absorbed record, and still finds the company."""
    columns = [column for name in taken for column in (("name", "name_norm") if name == "name" else (name,))]
    given = [(column, getattr(keep, column), getattr(absorb, column)) for column in columns]
    # Twice: of two records only one can have an external id at a time.
    for column, mine, _theirs in given:
        setattr(absorb, column, None if column == "external_id" else mine)
    absorb.merged_into = keep
    absorb.save(update_fields=["merged_into", *columns])
    for column, _mine, theirs in given:
        setattr(keep, column, theirs)
    if given:
        keep.save(update_fields=columns)
    if "external_id" in columns:
        absorb.external_id = next(mine for column, mine, _theirs in given if column == "external_id")
        absorb.save(update_fields=["external_id"])


def named(norms: Iterable[str]) -> dict[str, int]:
    """The company of each of these normalised names: the oldest standing one, else what a merged one now is."""
    rows = Account.objects.filter(name_norm__in={norm for norm in norms if norm})
    columns = ("name_norm", "id", "merged_into_id")
    # One statement, each half by an index of its own; the oldest of a name comes last, and stays.
    standing = rows.filter(merged_into=None).values_list(*columns)
    merged = rows.filter(merged_into__isnull=False).values_list(*columns)
    both = sorted(standing.union(merged, all=True), key=lambda row: (row[2] is None, -row[1]))
    return {norm: into or pk for norm, pk, into in both}
