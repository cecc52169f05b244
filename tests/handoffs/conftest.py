"""People of the four departments, and handoffs that came to be through the real acts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from funnel import moment
from funnel.models import Customer, Deal, Event, Lead, Member, Membership
from funnel.stages import Department
from funnel.transitions import customers, deals, leads
from funnel.transitions.acting import Actor
from handoffs import promises
from handoffs.models import Handoff

SERIAL = count(1)
BANT = {"budget": "met", "authority": "met", "need": "met", "timeline": "met"}


def member(department: str, *, role: str = "member", name: str = "", **more: Any) -> Member:
    """Somebody who belongs to a department since long ago."""
    number = next(SERIAL)
    mail = f"m{number}@example.jp"
    found = Member.objects.create(username=mail, email=mail, name=name or f"M{number}", **more)
    Membership.objects.create(member=found, department=department, role=role, valid_from="2020-01-01")
    return found


def actor(of: Member, at: datetime | None = None) -> Actor:
    return Actor.of(of, "html", now=at or moment.now())


@pytest.fixture
def people(db: None) -> dict[str, Actor]:
    """One lead of each department."""
    return {d.value: actor(member(d.value, role="lead")) for d in Department}


class Story:
    """Walks a lead through the funnel; every method is one real act, `ago` is business time before now."""

    def __init__(self, people: dict[str, Actor]) -> None:
        self.people = people

    def at(self, ago: timedelta | None) -> datetime | None:
        return None if ago is None else moment.now() - ago

    def lead(self, ago: timedelta | None = None) -> Lead:
        number = next(SERIAL)
        fields = leads.LeadFields(company=f"会社{number}", name=f"氏名{number}", phone="03-0000-0000")
        return leads.capture(
            self.people["marketing"], now=moment.now(), fields=fields, occurred_at=self.at(ago)
        ).lead

    def mql(self, ago: timedelta | None = None, lead: Lead | None = None) -> Handoff:
        lead = lead or self.lead(ago)
        leads.certify_mql(
            lead.pk, self.people["marketing"], now=moment.now(), reason="inquiry", occurred_at=self.at(ago)
        )
        return Handoff.objects.filter(lead=lead, boundary="mql").latest("round")

    def call(self, handoff: Handoff, ago: timedelta | None = None, **more: Any) -> Handoff:
        arguments = {"kind": "call", "result": "no_answer", **more}
        leads.log(
            handoff.lead_id,
            self.people["inside_sales"],
            now=moment.now(),
            occurred_at=self.at(ago),
            **arguments,
        )
        return fresh(handoff)

    def sql(self, lead: Lead | None = None, *, note: str = "要点", **more: Any) -> Handoff:
        lead = lead or self.mql().lead
        deal = promises.submit_sql(
            lead.pk, self.people["inside_sales"], now=moment.now(), bant=BANT, sheet={"note": note},
            meeting_at=moment.now() + timedelta(days=7), **more,
        )  # fmt: skip
        return Handoff.objects.filter(deal=deal, boundary="sql").latest("round")

    def won(self, deal: Deal | None = None, **more: Any) -> Handoff:
        deal = deal or self.sql().deal
        deals.win(deal.pk, self.people["field_sales"], now=moment.now(), amount=1_000_000, **more)
        return Handoff.objects.filter(deal=deal, boundary="won").latest("round")

    def advocacy(self) -> Handoff:
        customer: Customer = self.won().customer
        customers.agree_advocacy(customer.pk, self.people["customer_success"], now=moment.now())
        return Handoff.objects.filter(customer=customer, boundary="advocacy").latest("round")


@pytest.fixture
def story(people: dict[str, Actor]) -> Story:
    return Story(people)


@pytest.fixture
def elsewhen(db: None) -> Callable[[datetime | None], None]:
    """Set the database's clock for the rest of the test's transaction."""
    return moment.simulate


def fresh(handoff: Handoff) -> Handoff:
    """The handoff as it stands in the database now, with its promise."""
    return Handoff.objects.with_promise().get(pk=handoff.pk)


def events_of(handoff: Handoff, kind: str) -> int:
    return Event.objects.filter(handoff_ref=handoff.pk, kind=kind).count()
