"""One thread: everything the company knows of a person or an account, over all passes, as one record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.shortcuts import get_object_or_404

from funnel.models import Account, Contract, Customer, Deal, Event, Lead, Person
from funnel.querysets import customers_in_fact
from funnel.stages import Department, PersonRole
from handoffs.models import Handoff
from handoffs.querysets import HandoffQuerySet

# A page shows what fits a page; an address book of thousands under one company would not.
MOST_PASSES = 200
MOST_PEOPLE = 30
SHOWN = ("person__merged_into", "account", "channel", "campaign", "owner", "referred_by__account")


@dataclass(frozen=True)
class Thread:
    """The pass a page is about (`lead`), all passes of the account or person, newest first, and the customer.

    `lead` is None only for a customer that came without a pass (an import of contracts).
    """

    lead: Lead | None
    passes: list[Lead]
    account: Account | None
    customer: Customer | None
    contracts: list[Contract]
    deals: list[Deal]

    @property
    def name(self) -> str:
        """What the record is called: the company, else the person, else the id another system knows it by."""
        if self.account is not None:
            return self.account.name
        return (self.lead.person.name or self.lead.external_id or str(self.lead.pk)) if self.lead else ""

    @property
    def is_customers(self) -> bool:
        """Whether the page speaks of a customer: always at a customer's address, else once the pass is won."""
        return self.customer is not None and (self.lead is None or self.lead.won_at is not None)

    @property
    def running(self) -> Contract | None:
        """The contract in force."""
        return next((c for c in self.contracts if c.ended_on is None and c.voided_at is None), None)

    @property
    def open_deal(self) -> Deal | None:
        """The newest deal of the page's pass that can still be won or lost."""
        own = [d for d in self.deals if self.lead is not None and d.lead_id == self.lead.pk]
        return next((d for d in own if d.is_open), None)

    def events(self) -> QuerySet[Event]:
        """Everything recorded about the passes and the customer."""
        about = Q(lead__in=[lead.pk for lead in self.passes])
        return Event.objects.filter(about | Q(customer=self.customer) if self.customer else about)

    def handoffs(self) -> HandoffQuerySet:
        """Every round of the passes and the customer."""
        about = Q(lead__in=[lead.pk for lead in self.passes])
        rows: HandoffQuerySet = Handoff.objects.filter(
            about | Q(customer=self.customer) if self.customer else about
        )
        return rows

    def people(self) -> list[Person]:
        """Whom we know there: those with a part in the decision first."""
        if self.account is None:
            return [root(self.lead.person)] if self.lead else []
        known = self.account.people.filter(merged_into=None, erased_at=None)
        return list(known.order_by(_by_role(), "pk")[:MOST_PEOPLE])


def _by_role() -> Case:
    roles = [When(role=role, then=Value(place)) for place, role in enumerate(PersonRole)]
    return Case(*roles, default=Value(len(roles)), output_field=IntegerField())


def root(person: Person) -> Person:
    """The person somebody was merged into, or himself."""
    return person.merged_into or person


def of_lead(pk: int) -> Thread:
    """The thread of one pass. Raises Http404."""
    lead = get_object_or_404(Lead.objects.select_related(*SHOWN), pk=pk)
    customer = (
        customers_in_fact(Customer.objects.filter(account=lead.account_id))
        .select_related("account", "owner")
        .first()
        if lead.account_id
        else None
    )
    return _thread(lead, lead.account, customer)


def of_customer(pk: int) -> Thread:
    """The thread of a customer, told from the pass that won it. Raises Http404."""
    customer = get_object_or_404(
        Customer.objects.select_related("account", "owner", *[f"origin_lead__{name}" for name in SHOWN]),
        pk=pk,
    )
    return _thread(customer.origin_lead, customer.account, customer)


def _thread(lead: Lead | None, account: Account | None, customer: Customer | None) -> Thread:
    who = Q(pk=lead.pk) if lead else Q(pk__in=[])
    if lead:
        same = root(lead.person)
        who |= Q(person=same) | Q(person__merged_into=same)
    if account:
        who |= Q(account=account)
    passes = list(Lead.objects.filter(who).select_related(*SHOWN).order_by("-lead_at", "-pk")[:MOST_PASSES])
    if lead and lead.pk not in {one.pk for one in passes}:
        passes.append(lead)
    contracts = list(customer.contracts.select_related("deal").order_by("-id")) if customer else []
    # As the queue shows them, so that the same acts can be offered.
    shown = [f"lead__{name}" for name in ("person", "account", "channel", "campaign", "owner")]
    deals = Deal.objects.filter(lead__in=[one.pk for one in passes])
    deals = deals.select_related("owner", "account", "contract", *shown).order_by("-id")
    return Thread(lead, passes, account, customer, contracts, list(deals))


def held_by(lead: Lead | None, at: datetime) -> str:
    """The department that held a pass at a moment; after the win, or without a pass, Customer Success."""
    if lead is None:
        return Department.CUSTOMER_SUCCESS.value
    held = Department.MARKETING
    for since, department in (
        (lead.mql_at, Department.INSIDE_SALES),
        (lead.sql_at, Department.FIELD_SALES),
        (lead.won_at, Department.CUSTOMER_SUCCESS),
    ):
        if since is not None and at > since:
            held = department
    return held.value
