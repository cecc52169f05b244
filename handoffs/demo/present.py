"""The demo company's staff at work now: what lies on the desks is done, on the real clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet

from funnel import moment
from funnel.calendar import add_months
from funnel.demo import care, market
from funnel.demo.acts import Act
from funnel.demo.dice import Dice
from funnel.demo.hours import Hours
from funnel.demo.names import Contact, Firm, contact, firms, reached_alone
from funnel.demo.passes import FIELD, INSIDE, MARKETING, Destiny, Passing, Teller, casting
from funnel.models import Contract, Customer, Deal, Lead, Member, Organization, Person
from funnel.stages import CustomerPhase, DealState, DealStep, Department, Stage
from handoffs.demo.desks import STEPS as STEPS_AHEAD
from handoffs.demo.player import NUMBER, Player
from handoffs.desk import Desk, passes
from handoffs.desk import care as care_desk
from handoffs.lanes import Boundary, Decision
from handoffs.models import Handoff

DESK = 25
NEGLECTED_OF = 7
"""One promise in seven is left until it is late, so that about 85 % are kept."""

Row = TypeVar("Row", bound=Model)
STEPS = tuple(step.value for step in DealStep)


class Staff:
    """Does one thing at a time, chosen by the dice among what the desks offer; a seed repeats the choices."""

    def __init__(self, seed: object) -> None:
        self.dice = Dice(f"staff {seed}")
        self.hours = Hours(Organization.current().calendar())
        self.firms = firms(self.dice)
        self.player = Player()
        self.teller = Teller(self.dice, self.hours, moment.now())
        self._desks: dict[Callable[[datetime], None], float] = {
            self._newcomer: 10, self._certify: 5, self._first_contact: 6, self._work_on: 4, self._answer: 3,
            self._sell: 4, self._kickoff: 2, self._hold_kickoff: 1, self._onboard: 0.5, self._advocate: 0.3,
            self._take_up: 0.5, self._wake: 2, self._plan: 1, self._care: 0.5, self._renew: 0.3,
        }  # fmt: skip

    def step(self) -> list[Act]:
        """Do one thing in a transaction of its own and return what was done; nothing when that desk is empty."""
        desk = self.dice.one_of(list(self._desks), list(self._desks.values()))
        with transaction.atomic():
            now = moment.now()
            self.teller.acts.clear()
            desk(now)
            return [act for act in self.teller.acts if act.at <= now and self.player.do(act, now)]

    def _subject(self, lead: Lead) -> str:
        """The name a lead goes by in the story; those that came by other doors get one."""
        number = lead.external_id or ""
        subject = number.removeprefix(NUMBER) if number.startswith(NUMBER) else f"#{lead.pk}"
        self.player.leads[subject] = lead.pk
        return subject

    def _handle(self, member: Member | None, otherwise: str) -> str:
        """The handle of a member of the staff; `otherwise` where it is somebody else."""
        known = {m.pk: email.partition("@")[0] for email, m in self.player.members.items()}
        return known.get(member.pk, otherwise) if member else otherwise

    def _one_of(self, rows: QuerySet[Row]) -> Row | None:
        """One of the first rows."""
        found = list(rows[:DESK])
        return self.dice.one_of(found) if found else None

    def _owed(self, boundary: Boundary, now: datetime) -> Handoff | None:
        """A promise to keep now: any but the neglected ones, and those once they are late."""
        owed = Handoff.objects.owed().filter(boundary=boundary).select_related("lead", "owner")
        desk = [h for h in owed.order_by("due_at")[: 2 * DESK] if h.pk % NEGLECTED_OF or h.due_at < now]
        return self.dice.one_of(desk) if desk else None

    def _passing(self, lead: Lead, field: str = "") -> Passing:
        """What the story needs to know of a lead that stands in the database."""
        person, account = lead.person, lead.account
        firm = Firm(account.name if account else "", "", lead.segment)
        somebody = Contact(firm, person.name, person.name_kana, person.email, person.phone, person.title)
        channel = lead.channel.slug if lead.channel else "organic_search"
        return Passing(
            self._subject(lead), somebody, channel if channel in market.BY_SLUG else "organic_search", "", lead.lead_at,
            Destiny.SQL, self._handle(lead.owner, INSIDE[0]), field or self.dice.one_of(FIELD),
        )  # fmt: skip

    def _newcomer(self, now: datetime) -> None:
        """Somebody fills in a form."""
        month = now.astimezone(self.hours.zone).date().replace(day=1)
        channel = self.dice.one_of(market.SOURCES, market.source_weights(month)).slug
        somebody = contact(self.dice, next(self.firms))
        area = somebody.phone.rpartition("-")[0]
        known = Person.objects.filter(phone__startswith=f"{area}-").values_list("phone", flat=True)
        somebody = reached_alone(somebody, set(known))
        campaign = market.campaigns(month).get(channel, ("", ""))[0]
        subject = f"live-{int(now.timestamp() * 1000)}"
        destiny = self.dice.one_of((Destiny.LEAD, Destiny.MQL))
        about = {"contact": somebody, "channel": channel, "campaign": campaign, "destiny": destiny}
        self.teller.capture(casting(self.dice, subject, captured_at=now, **about))

    def _leads(self, stage: Stage) -> QuerySet[Lead]:
        waiting = Lead.objects.filter(stage=stage, outcome=None)
        return waiting.select_related("person", "account", "channel", "owner").order_by("-id")

    def _certify(self, now: datetime) -> None:
        lead = self._one_of(self._leads(Stage.LEAD))
        if lead is not None:
            self.teller.certify(self._passing(lead), now)

    def _first_contact(self, now: datetime) -> None:
        handoff = self._owed(Boundary.MQL, now)
        if handoff is not None and handoff.lead is not None:
            self.teller.call(self._passing(handoff.lead), now)

    def _work_on(self, now: datetime) -> None:
        """An MQL already spoken to: hand it over, put it back to nurture, or call again."""
        lead = self._one_of(self._leads(Stage.MQL).filter(first_contact_at__isnull=False))
        if lead is None:
            return
        one = self._passing(lead)
        throw = self.dice.between(0, 1)
        if throw < 0.35:
            self.teller.submit(one, now)
        elif throw < 0.7:
            self.teller.recycle(one, now, one.inside)
        else:
            self.teller.call(one, now)

    def _answer(self, now: datetime) -> None:
        """Field sales accepts what was handed over, or sends it back."""
        pending = Handoff.objects.pending().filter(boundary=Boundary.SQL).select_related("lead", "owner")
        handoff = self._one_of(pending.order_by("id"))
        if handoff is None or handoff.lead is None or handoff.deal_id is None:
            return
        subject, by = self._subject(handoff.lead), self._handle(handoff.owner, FIELD[0])
        if self.dice.chance(0.08):
            self.teller.tell(now, subject, "give_back", by, boundary="sql", reason="incomplete")
        else:
            self.teller.tell(now, subject, "accept", by, boundary="sql")

    def _sell(self, now: datetime) -> None:
        """The next step of a deal; after the last one it is won or lost."""
        deals = Deal.objects.filter(state=DealState.OPEN, handoffs__decision=Decision.ACCEPTED).distinct()
        deal = self._one_of(deals.select_related("lead__person", "lead__account", "owner").order_by("-id"))
        if deal is None:
            return
        by = self._handle(deal.owner, FIELD[0])
        one = self._passing(deal.lead, by)
        self.player.deals[one.subject] = deal.pk
        place = STEPS.index(deal.step)
        if place + 1 < len(STEPS):
            self.teller.tell(now, one.subject, "move_step", by, step=STEPS[place + 1])
        elif self.dice.chance(0.45):
            self.teller.won(one, now.astimezone(self.hours.zone))
        else:
            reason = self.dice.one_of(("price", "competitor", "no_decision"))
            self.teller.tell(now, one.subject, "lose", by, reason=reason)

    def _kickoff(self, now: datetime) -> None:
        """Customer success takes a contract over and sets the kickoff."""
        handoff = self._owed(Boundary.WON, now)
        if handoff is None or handoff.lead is None or handoff.deal_id is None:
            return
        subject, by = self._subject(handoff.lead), self._handle(handoff.owner, care.SUCCESS[0])
        self.player.deals[subject] = handoff.deal_id
        if handoff.decision == Decision.PENDING:
            self.teller.tell(now, subject, "accept", by, boundary="won")
        self.teller.tell(
            now, subject, "kickoff", by, kickoff_at=self.hours.days_after(now, self.dice.between(3, 6))
        )

    def _hold_kickoff(self, now: datetime) -> None:
        due = Contract.objects.filter(kickoff_at__lt=now, kickoff_held_at=None, voided_at=None)
        contract = self._one_of(due.select_related("deal__lead").order_by("id"))
        if contract is not None and contract.deal:
            subject = self._subject(contract.deal.lead)
            self.player.deals[subject] = contract.deal.pk
            self.teller.tell(now, subject, "hold_kickoff", self.dice.one_of(care.SUCCESS))

    def _customer(self, now: datetime, verb: str, by: str, rows: QuerySet[Customer]) -> None:
        customer = self._one_of(rows.select_related("origin_lead"))
        if customer is not None and customer.origin_lead:
            subject = self._subject(customer.origin_lead)
            self.player.customers[subject] = customer.pk
            self.teller.tell(now, subject, verb, by)

    def _onboard(self, now: datetime) -> None:
        ready = Customer.objects.filter(
            phase=CustomerPhase.ONBOARDING, contracts__kickoff_held_at__lt=now - timedelta(days=7)
        )
        self._customer(now, "onboard", self.dice.one_of(care.SUCCESS), ready)

    def _advocate(self, now: datetime) -> None:
        busy = Handoff.objects.owed().filter(boundary=Boundary.ADVOCACY).values("customer")
        content = Customer.objects.filter(phase=CustomerPhase.ADOPTING, surveys__score__gte=9)
        self._customer(now, "agree_advocacy", care.SUCCESS[0], content.exclude(pk__in=busy).distinct())

    def _take_up(self, now: datetime) -> None:
        handoff = self._owed(Boundary.ADVOCACY, now)
        if handoff is not None and handoff.customer_id is not None:
            chosen = Customer.objects.filter(pk=handoff.customer_id)
            self._customer(now, "create_case", "marketing", chosen)

    def _today(self, now: datetime) -> date:
        return now.astimezone(self.hours.zone).date()

    def _desk(self, now: datetime) -> Desk:
        """The desk of the whole company."""
        today = self._today(now)
        return Desk(frozenset(Department), today=today, tonight=self.hours.at(today + timedelta(days=1), 0))

    def _wake(self, now: datetime) -> None:
        """Somebody put to nurture whose day has come is called again."""
        lead = self._one_of(
            passes.woken(self._desk(now)).select_related("owner").order_by("wake_up_on", "id")
        )
        if lead is not None:
            knows = INSIDE[0] if lead.mql_at else MARKETING[0]
            self.teller.tell(now, self._subject(lead), "wake", self._handle(lead.owner, knows))

    def _plan(self, now: datetime) -> None:
        """A next step that was due is done, and the one after it is planned."""
        deal = self._one_of(passes.steps_due(self._desk(now)).select_related("lead", "owner").order_by("id"))
        if deal is None:
            return
        subject, by = self._subject(deal.lead), self._handle(deal.owner, FIELD[0])
        self.player.deals[subject] = deal.pk
        day = self.hours.days_after(now, self.dice.whole(1, 6)).date()
        step = self.dice.one_of(STEPS_AHEAD[deal.step])
        self.teller.tell(now, subject, "plan", by, next_step=step, next_step_on=day)

    def _care(self, now: datetime) -> None:
        """Customer success speaks with a customer whose health has fallen."""
        customer = self._one_of(
            care_desk.falling(self._desk(now)).select_related("origin_lead").order_by("id")
        )
        if customer is not None and customer.origin_lead is not None:
            by = self.dice.one_of(care.SUCCESS)
            subject = self._subject(customer.origin_lead)
            self.teller.tell(now, subject, "log", by, kind="meeting", result="held")

    def _renew(self, now: datetime) -> None:
        """A contract that ends within a month is renewed for a year."""
        desk = replace(self._desk(now), today=self._today(now) - timedelta(days=60))
        contracts = care_desk.renewals(desk).filter(notice_on__isnull=True)
        contract = self._one_of(contracts.select_related("customer__origin_lead").order_by("ends_on", "id"))
        if contract is None or contract.ends_on is None or contract.customer.origin_lead is None:
            return
        subject = self._subject(contract.customer.origin_lead)
        self.player.customers[subject] = contract.customer_id
        starts_on = contract.ends_on + timedelta(days=1)
        self.teller.tell(
            now, subject, "renew", care.SUCCESS[0], signed_on=self._today(now), starts_on=starts_on,
            ends_on=add_months(starts_on, 12) - timedelta(days=1),
        )  # fmt: skip
