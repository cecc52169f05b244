"""People of the four departments, and handoffs that came to be through the real acts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from funnel import moment
from funnel.models import Deal, Event, Lead, Member, Membership
from funnel.signals import event_recorded
from funnel.stages import Department
from funnel.transitions import customers, deals, leads
from funnel.transitions.acting import Actor
from handoffs import promises, receivers
from handoffs.models import Handoff

SERIAL = count(1)
BANT = {"budget": "met", "authority": "met", "need": "met", "timeline": "met"}
HOUR = timedelta(hours=1)


def member(department: str, *, role: str = "member", name: str = "", **more: Any) -> Member:
    """Somebody who belongs to a department since long ago."""
    number = next(SERIAL)
    mail = f"m{number}@example.jp"
    found = Member.objects.create(username=mail, email=mail, name=name or f"M{number}", **more)
    Membership.objects.create(member=found, department=department, role=role, valid_from="2020-01-01")
    return found


def actor(of: Member) -> Actor:
    return Actor.of(of, "html", now=moment.now())


@pytest.fixture
def people(db: None) -> dict[str, Actor]:
    """The lead of each department."""
    return {d.value: actor(member(d.value, role="lead")) for d in Department}


class Story:
    """Walks leads through the funnel; every method is one real act at the database's present moment."""

    def __init__(self, people: dict[str, Actor]) -> None:
        self.people = people

    def lead(self, at: datetime | None = None, **more: Any) -> Lead:
        number = next(SERIAL)
        known = {"company": f"会社{number}", "name": f"氏名{number}", "phone": "03-0000-0000", **more}
        return leads.capture(
            self.people["marketing"], now=moment.now(), fields=leads.LeadFields(**known), occurred_at=at
        ).lead

    def mql(self, at: datetime | None = None, lead: Lead | None = None, **more: Any) -> Handoff:
        certified = self.mql_event(at, lead, **more)
        return Handoff.objects.filter(lead=certified.lead, boundary="mql").latest("round")

    def mql_event(self, at: datetime | None = None, lead: Lead | None = None, **more: Any) -> Event:
        lead = lead or self.lead(at)
        by = self.people["marketing"]
        leads.certify_mql(lead.pk, by, now=moment.now(), reason="inquiry", occurred_at=at, **more)
        return Event.objects.filter(lead=lead, kind="mql_certified").latest("id")

    def call(self, of: Handoff | Lead, at: datetime | None = None, **more: Any) -> None:
        lead_id = of.lead_id if isinstance(of, Handoff) else of.pk
        said = {"kind": "call", "result": "no_answer", "occurred_at": at, **more}
        leads.log(lead_id, self.people["inside_sales"], now=moment.now(), **said)

    def sql(self, lead: Lead | None = None, *, sheet: dict[str, str] | None = None, **more: Any) -> Handoff:
        lead = lead or self.mql().lead
        deal = promises.submit_sql(
            lead.pk, self.people["inside_sales"], now=moment.now(), **{"bant": BANT, **more},
            sheet={"note": "要点"} if sheet is None else sheet, meeting_at=moment.now() + timedelta(days=7),
        )  # fmt: skip
        return Handoff.objects.filter(deal=deal, boundary="sql").latest("round")

    def won(self, deal: Deal | None = None, **more: Any) -> Handoff:
        deal = deal or self.sql().deal
        deals.win(
            deal.pk,
            self.people["field_sales"],
            now=moment.now(),
            **{"amount": 1_000_000, "reason": "fit", **more},
        )
        return Handoff.objects.filter(deal=deal, boundary="won").latest("round")

    def kickoff(self, of: Handoff, at: datetime | None = None) -> None:
        when = moment.now() + timedelta(days=2)
        by = self.people["customer_success"]
        deals.kickoff(of.deal_id, by, now=moment.now(), kickoff_at=when, occurred_at=at)

    def advocacy(self, of: Handoff | None = None) -> Handoff:
        customer_id = (of or self.won()).customer_id
        customers.agree_advocacy(customer_id, self.people["customer_success"], now=moment.now())
        return Handoff.objects.filter(customer_id=customer_id, boundary="advocacy").latest("round")

    def case(self, of: Handoff) -> None:
        customers.create_case(of.customer_id, self.people["marketing"], now=moment.now())

    def give_back(self, of: Handoff, reason: str = "no_budget") -> Handoff:
        by = self.people[of.to_department]
        promises.give_back(of.pk, by, now=moment.now(), reason=reason)
        return fresh(of)

    def accept(self, of: Handoff) -> Handoff:
        promises.accept(of.pk, self.people[of.to_department], now=moment.now())
        return fresh(of)


@pytest.fixture
def story(people: dict[str, Actor]) -> Story:
    return Story(people)


@pytest.fixture
def at(db: None) -> Callable[[datetime | None], None]:
    """Set the database's clock for the rest of the test's transaction."""
    return moment.simulate


@contextmanager
def deaf() -> Iterator[None]:
    """Facts are recorded and promises do not hear of them."""
    assert event_recorded.disconnect(dispatch_uid="handoffs.promises")
    try:
        yield
    finally:
        event_recorded.connect(receivers.keep_promises, dispatch_uid="handoffs.promises")


def fresh(handoff: Handoff) -> Handoff:
    """The handoff as it stands in the database now, with its promise."""
    return Handoff.objects.with_promise().get(pk=handoff.pk)


def promise(handoff: Handoff) -> str:
    return fresh(handoff).promise


def events_of(handoff: Handoff, kind: str) -> int:
    return Event.objects.filter(handoff_ref=handoff.pk, kind=kind).count()
