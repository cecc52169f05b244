"""What a search shows: customers, deals, leads and people of those it found, a few of each kind."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, Subquery

from funnel.models import Customer, Deal, Lead, Person
from funnel.search.finding import Hits, hits

NAMED, RECENT = 200, 10_000
"""Of very many people a few lines need few, and the newest of the latest records: looking further back costs more."""
KINDS = ("customer", "deal", "lead", "person")


class Entry(NamedTuple):
    """One line of what was found: what it is, its name, what tells it apart, and the address of its record.

    `state` is a coded value (phase of a customer, state of a deal, stage of a lead), `closed` an outcome if any.
    """

    kind: str
    pk: int
    title: str
    detail: str
    state: str
    closed: str
    href: str


class Found(NamedTuple):
    """What a search shows, by kind. `partly` when there are more people than it looks at: ask for more letters."""

    kinds: dict[str, list[Entry]]
    partly: bool = False


def entries(text: str, *, each: int, kinds: tuple[str, ...] = KINDS) -> Found:
    """Find up to `each` of every kind, newest first, in the order of `kinds`; ten statements at most."""
    found = hits(text, named=NAMED, recent=RECENT)
    if not found.asked or found.people == ():
        return Found({kind: [] for kind in kinds})
    return Found({kind: _READ[kind](found, each) for kind in kinds}, found.partly)


def customers_found(found: Hits) -> Q | Exists:
    """The condition that a customer's company is that of people found."""
    if found.dense:
        # Met every few rows: each customer is asked in turn, and the asking ends with the page.
        return Exists(found.narrow(Lead.objects.filter(account=OuterRef("account"))))
    return Q(account__in=found.narrow(Lead.objects.filter(account__customer__isnull=False)).values("account"))


def _customers(found: Hits, each: int) -> list[Entry]:
    rows = Customer.objects.standing().filter(customers_found(found)).order_by("-pk")
    return [
        Entry("customer", one.pk, one.account.name, "", one.phase, "", f"/customers/{one.pk}/")
        for one in rows.select_related("account")[:each]
    ]


def _deals(found: Hits, each: int) -> list[Entry]:
    rows = found.narrow(Deal.objects.all(), "lead__person_id").order_by("-pk")
    return [
        Entry(
            "deal",
            one.pk,
            one.name or _company(one),
            one.lead.person.name,
            one.state,
            "",
            f"/c/{one.lead_id}/",
        )
        for one in rows.select_related("account", "lead__person")[:each]
    ]


def _leads(found: Hits, each: int) -> list[Entry]:
    rows = found.narrow(Lead.objects.all()).order_by("-pk").select_related("person", "account")
    return [
        Entry(
            "lead", one.pk, _company(one) or str(one.person), str(one.person), one.stage, one.outcome or "",
            f"/c/{one.pk}/",
        )
        for one in rows[:each]
    ]  # fmt: skip


def _people(found: Hits, each: int) -> list[Entry]:
    himself = OuterRef(OuterRef("pk"))
    same = Person.objects.filter(Q(pk=himself) | Q(merged_into=himself))
    latest = Lead.objects.filter(person__in=same).order_by("-lead_at", "-pk").values("pk")
    known = Person.objects.filter(merged_into=None, erased_at=None)
    rows = (
        found.narrow(known, "pk")
        .order_by("-pk")
        .select_related("account")
        .annotate(latest=Subquery(latest[:1]))
    )
    shown: list[Any] = list(rows[:each])
    return [
        Entry("person", one.pk, str(one), " ".join(filter(None, (_company(one), one.title, one.email, one.phone))), "", "",
              f"/c/{one.latest}/" if one.latest else "/people/")
        for one in shown
    ]  # fmt: skip


def _company(one: Any) -> str:
    return one.account.name if one.account else ""


_READ = {"customer": _customers, "deal": _deals, "lead": _leads, "person": _people}
