"""A small company's spring, lived through the real acts on a simulated clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from dashboards import counts
from funnel import moment
from funnel.models import Campaign, Channel, Lead, Member, Membership, TrafficReading
from funnel.stages import Department
from funnel.transitions import customers, deals, leads
from funnel.transitions.acting import Actor
from handoffs import promises
from handoffs.models import Handoff

TOKYO = ZoneInfo("Asia/Tokyo")
BANT = {"budget": "met", "authority": "met", "need": "met", "timeline": "met"}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SERIAL = count(1)


def tokyo(month: int, day: int, hour: int = 10, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=TOKYO)


class Company:
    """People of four departments who do one act after another, each at its own moment."""

    def __init__(self) -> None:
        moment.simulate(tokyo(3, 1))
        self.member = {d: self._member(d) for d in Department}
        self.web = Channel.objects.create(slug="web", name="自社サイト")
        self.expo = Channel.objects.create(slug="expo", name="展示会", is_web=False)

    def _member(self, department: Department) -> Member:
        mail = f"{department}{next(SERIAL)}@example.jp"
        found = Member.objects.create(username=mail, email=mail, name=department)
        Membership.objects.create(member=found, department=department, role="lead", valid_from="2020-01-01")
        return found

    def by(self, department: Department) -> Actor:
        return Actor.of(self.member[department], "html", now=moment.now())

    def lead(self, at: datetime, channel: str = "web", **more: object) -> Lead:
        moment.simulate(at)
        n = next(SERIAL)
        known = {
            "company": f"株式会社春{n}",
            "name": f"春 {n}子",
            "email": f"haru{n}@example.jp",
            "channel": channel,
        }
        fields = leads.LeadFields(**{**known, **more})
        return leads.capture(self.by(Department.MARKETING), now=at, fields=fields).lead

    def mql(self, lead: Lead, at: datetime) -> Handoff:
        moment.simulate(at)
        leads.certify_mql(lead.pk, self.by(Department.MARKETING), now=at, reason="inquiry")
        return Handoff.objects.filter(lead=lead, boundary="mql").latest("round")

    def call(self, lead: Lead, at: datetime, occurred_at: datetime | None = None) -> None:
        moment.simulate(at)
        by = self.by(Department.INSIDE_SALES)
        leads.log(lead.pk, by, now=at, kind="call", result="connected", occurred_at=occurred_at)

    def sql(self, lead: Lead, at: datetime, reason: str = "", **sheet: str) -> Handoff:
        moment.simulate(at)
        deal = promises.submit_sql(
            lead.pk, self.by(Department.INSIDE_SALES), now=at, bant=BANT, meeting_at=at + 3 * DAY,
            sheet={"note": "予算は今期中", "phone": "03-1234-5678", **sheet}, below_threshold_reason=reason,
            deal=deals.DealFields(owner=self.member[Department.FIELD_SALES]),
        )  # fmt: skip
        return Handoff.objects.filter(deal=deal, boundary="sql").latest("round")

    def give_back(self, handoff: Handoff, at: datetime) -> None:
        moment.simulate(at)
        by = self.by(Department(handoff.to_department))
        promises.give_back(handoff.pk, by, now=at, reason="no_budget")

    def accept(self, handoff: Handoff, at: datetime) -> None:
        moment.simulate(at)
        promises.accept(handoff.pk, self.by(Department(handoff.to_department)), now=at)

    def win(self, handoff: Handoff, at: datetime, amount: str, **more: object) -> Handoff:
        moment.simulate(at)
        deals.win(
            handoff.deal_id,
            self.by(Department.FIELD_SALES),
            now=at,
            amount=amount,
            **{"reason": "fit", **more},
        )
        return Handoff.objects.filter(deal=handoff.deal_id, boundary="won").latest("round")

    def lose(self, handoff: Handoff, at: datetime) -> None:
        moment.simulate(at)
        deals.lose(handoff.deal_id, self.by(Department.FIELD_SALES), now=at, reason="price")

    def kickoff(self, handoff: Handoff, at: datetime) -> None:
        moment.simulate(at)
        deals.kickoff(handoff.deal_id, self.by(Department.CUSTOMER_SUCCESS), now=at, kickoff_at=at + 3 * DAY)

    def onboard(self, handoff: Handoff, at: datetime) -> None:
        moment.simulate(at)
        customers.onboard(handoff.customer_id, self.by(Department.CUSTOMER_SUCCESS), now=at)

    def advocate(self, handoff: Handoff, at: datetime) -> None:
        moment.simulate(at)
        customers.agree_advocacy(handoff.customer_id, self.by(Department.CUSTOMER_SUCCESS), now=at)


@pytest.fixture
def company(db: None) -> Company:
    return Company()


@pytest.fixture(scope="module")
def lived_once(django_db_setup: None, django_db_blocker) -> Iterator[Company]:
    """The spring, lived once for a module in a transaction that is rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield live_through_spring(Company())
        transaction.set_rollback(True)


@pytest.fixture
def spring(lived_once: Company, db: None) -> Company:
    """March to May: kept and missed, returned and sent again, won and lost; now it is 20 May, 18:00."""
    return lived_once


def live_through_spring(company: Company) -> Company:
    for day in (1, 15):
        TrafficReading.objects.create(day=f"2026-04-{day:02}", channel=company.web, visits=500 * day)
    TrafficReading.objects.create(day="2026-05-02", visits=70)
    Campaign.objects.create(slug="lp", name="LP")
    for live in (_won_in_april, _called_late, _recorded_late, _returned, _lost, _won_in_dollars):
        live(company)
    for n in range(4):
        lead = company.lead(tokyo(5, 10 + n), "expo" if n % 2 else "web")
        if n != 3:
            company.mql(lead, tokyo(5, 19, 12 + 4 * n) if n else tokyo(5, 12))
    moment.simulate(tokyo(5, 20, 18))
    promises.sweep()
    counts.fold()
    company.lead(tokyo(5, 20, 18), channel="")
    return company


def _won_in_april(company: Company) -> None:
    lead = company.lead(tokyo(3, 30))
    company.mql(lead, tokyo(4, 1))
    company.call(lead, tokyo(4, 1, 15))
    handed = company.sql(lead, tokyo(4, 3))
    company.accept(handed, tokyo(4, 3, 12))
    won = company.win(handed, tokyo(4, 20), "1000000")
    company.kickoff(won, tokyo(4, 21))
    company.onboard(won, tokyo(5, 15))
    company.advocate(won, tokyo(5, 16))


def _called_late(company: Company) -> None:
    lead = company.lead(tokyo(4, 5), "expo", segment="製造", campaign="lp")
    company.mql(lead, tokyo(4, 6))
    company.call(lead, tokyo(4, 8))


def _recorded_late(company: Company) -> None:
    lead = company.lead(tokyo(4, 7))
    company.mql(lead, tokyo(4, 7))
    company.call(lead, tokyo(4, 9), occurred_at=tokyo(4, 7, 16))


def _returned(company: Company) -> None:
    lead = company.lead(tokyo(4, 10))
    company.give_back(company.mql(lead, tokyo(4, 10)), tokyo(4, 10, 15))
    again = company.mql(lead, tokyo(4, 13))
    company.call(lead, tokyo(4, 13, 11))
    company.accept(again, tokyo(4, 13, 12))


def _lost(company: Company) -> None:
    lead = company.lead(tokyo(4, 14), "expo")
    company.mql(lead, tokyo(4, 14))
    company.call(lead, tokyo(4, 14, 12))
    handed = company.sql(lead, tokyo(4, 28), "meeting_soon", note="")
    company.give_back(handed, tokyo(4, 28, 15))
    handed = company.sql(lead, tokyo(4, 30))
    company.accept(handed, tokyo(4, 30, 15))
    company.lose(handed, tokyo(5, 11))


def _won_in_dollars(company: Company) -> None:
    lead = company.lead(tokyo(4, 20), "expo")
    company.mql(lead, tokyo(4, 20))
    company.call(lead, tokyo(4, 20, 12))
    handed = company.sql(lead, tokyo(4, 22))
    company.accept(handed, tokyo(4, 22, 15))
    company.win(handed, tokyo(5, 1), "9800.50", currency="USD")
