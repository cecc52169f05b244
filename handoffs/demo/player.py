"""Plays acts of a script through the writers, each at its own moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from funnel import moment
from funnel.demo import care, staff
from funnel.demo.acts import Act
from funnel.errors import Refused
from funnel.models import Contract, Customer, Deal, Lead, Member
from funnel.transitions import customers, deals, leads
from funnel.transitions.acting import SYSTEM, Actor
from funnel.transitions.deals import DealFields
from funnel.transitions.people import LeadFields
from handoffs import promises
from handoffs.demo import facts
from handoffs.models import Handoff
from handoffs.sheets import score

SOURCE = "demo"
NUMBER = "D-"


class NoRecord(Exception):
    """The story speaks of a subject that has not become the record it needs."""


class Known(dict[str, int]):
    """Ids of records by the subject of the story they belong to."""

    def __missing__(self, subject: str) -> int:
        raise NoRecord(subject)


class Player:
    """Knows which records the subjects of the script have become; a subject is the lead's external id.

    What the rules refuse is counted in `refused` and left out: the story goes on, as it would in life.
    """

    def __init__(self) -> None:
        self.members = {
            m.username: m for m in Member.objects.filter(username__in=[one.email for one in staff.STAFF])
        }
        self.refused: Counter[tuple[str, str]] = Counter()
        self.leads, self.deals, self.customers = Known(), Known(), Known()
        self._actors: dict[str, Actor] = {"": replace(SYSTEM, source=SOURCE)}

    def recall(self) -> None:
        """Learn what earlier runs have made."""
        started = len(NUMBER)
        numbered = Lead.objects.filter(external_id__startswith=NUMBER).values_list("external_id", "pk")
        self.leads.update({str(number)[started:]: pk for number, pk in numbered})
        subjects = {pk: subject for subject, pk in self.leads.items()}
        for pk, lead_id in (
            Deal.objects.filter(lead__in=subjects).order_by("-id").values_list("pk", "lead_id")
        ):
            self.deals[subjects[lead_id]] = pk
        for lead_id, pk in Contract.objects.filter(deal__lead__in=subjects).values_list(
            "deal__lead_id", "customer_id"
        ):
            self.customers[subjects[lead_id]] = pk

    def play(self, acts: Iterable[Act]) -> int:
        """Play acts in order inside the caller's transaction, each at its own simulated moment. Returns how many."""
        played = 0
        for act in acts:
            moment.simulate(act.at)
            played += self.do(act, act.at)
        return played

    def do(self, act: Act, now: datetime) -> bool:
        """Play one act at `now`; False when the rules refuse it."""
        try:
            _VERBS[act.verb](self, act, self.actor(act.by, now), now)
        except (Refused, NoRecord) as refusal:
            code = refusal.code if isinstance(refusal, Refused) else "no_record"
            self.refused[act.verb, code] += 1
            return False
        return True

    def member(self, handle: str) -> Member | None:
        """The member of a handle; None for the system."""
        return self.members[staff.BY_HANDLE[handle].email] if handle else None

    def actor(self, handle: str, now: datetime) -> Actor:
        """Who acts; the memberships of the staff do not change during the story."""
        if handle not in self._actors:
            self._actors[handle] = Actor.of(self.members[staff.BY_HANDLE[handle].email], SOURCE, now=now)
        return self._actors[handle]

    def handoff(self, subject: str, boundary: str) -> int:
        """The handoff of a subject that waits for its receiver. Raises NoRecord when there is none."""
        found = Handoff.objects.filter(lead_id=self.leads[subject], boundary=boundary, decision="pending")
        last = found.order_by("-id").values_list("pk", flat=True).first()
        if last is None:
            raise NoRecord(subject)
        return last


Verb = Callable[[Player, Act, Actor, datetime], object]
_VERBS: dict[str, Verb] = {}


def _verb(play: Callable[..., None]) -> Callable[..., None]:
    _VERBS[play.__name__.strip("_")] = play
    return play


def _fields(player: Player, act: Act) -> LeadFields:
    owner = player.member(str(act.facts.get("owner", "")))
    return LeadFields(**act.facts["fields"], owner=owner, external_id=f"{NUMBER}{act.subject}")


@_verb
def capture(player: Player, act: Act, by: Actor, now: datetime) -> None:
    about = {key: act.facts[key] for key in ("occurred_at", "history") if key in act.facts}
    captured = leads.capture(by, now=now, fields=_fields(player, act), **about)
    player.leads[act.subject] = captured.lead.pk


@_verb
def wake(player: Player, act: Act, by: Actor, now: datetime) -> None:
    """The next pass of somebody who slept, with whoever woke him."""
    person = Lead.objects.values_list("person_id", flat=True).get(pk=player.leads[act.subject])
    woken = leads.reopen_pass(person, by, now=now)
    if woken.owner_id is None:
        leads.assign(woken.pk, by, now=now, owner=by.member)


@_verb
def receive_referral(player: Player, act: Act, by: Actor, now: datetime) -> None:
    giver = player.customers[act.facts["giver"]]
    captured = customers.receive_referral(giver, by, now=now, fields=_fields(player, act))
    player.leads[act.subject] = captured.lead.pk


def _of_lead(write: Callable[..., Any]) -> Verb:
    """A writer whose arguments are the lead and the facts as they stand."""
    return lambda player, act, by, now: write(player.leads[act.subject], by, now=now, **act.facts)


def _of_deal(write: Callable[..., Any]) -> Verb:
    return lambda player, act, by, now: write(player.deals[act.subject], by, now=now, **act.facts)


def _of_customer(write: Callable[..., Any]) -> Verb:
    return lambda player, act, by, now: write(player.customers[act.subject], by, now=now, **act.facts)


_OF_LEAD: dict[str, Callable[..., Any]] = {
    "log": leads.log, "certify_mql": leads.certify_mql, "recycle": leads.recycle, "disqualify": leads.disqualify,
}  # fmt: skip
_OF_DEAL: dict[str, Callable[..., Any]] = {
    "move_step": deals.move_step, "lose": deals.lose, "kickoff": deals.kickoff,
    "hold_kickoff": deals.hold_kickoff, "resend_won": deals.resend_won, "plan": deals.plan,
}  # fmt: skip
_OF_CUSTOMER: dict[str, Callable[..., Any]] = {
    "onboard": customers.onboard, "renew": customers.renew, "give_notice": customers.give_notice,
    "end_contract": customers.end_contract, "survey": customers.record_survey,
    "agree_advocacy": customers.agree_advocacy, "create_case": customers.create_case,
}  # fmt: skip
_VERBS.update({name: _of_lead(write) for name, write in _OF_LEAD.items()})
_VERBS.update({name: _of_deal(write) for name, write in _OF_DEAL.items()})
_VERBS.update({name: _of_customer(write) for name, write in _OF_CUSTOMER.items()})


@_verb
def join(player: Player, act: Act, by: Actor, now: datetime) -> None:
    leads.join(player.leads[act.subject], player.deals[act.facts["deal_of"]], by, now=now)


@_verb
def submit_sql(player: Player, act: Act, by: Actor, now: datetime) -> None:
    facts = dict(act.facts)
    deal = DealFields(**facts.pop("deal"), owner=player.member(facts.pop("owner")))
    submitted = promises.submit_sql(player.leads[act.subject], by, now=now, deal=deal, **facts)
    player.deals[act.subject] = submitted.pk


@_verb
def certify_sql(player: Player, act: Act, by: Actor, now: datetime) -> None:
    """History: nothing was passed over then, so nothing is judged."""
    nothing = score({})
    certified = leads.certify_sql(
        player.leads[act.subject], by, now=now, bant={}, completeness=nothing, **act.facts
    )
    player.deals[act.subject] = certified.pk


@_verb
def accept(player: Player, act: Act, by: Actor, now: datetime) -> None:
    promises.accept(player.handoff(act.subject, act.facts["boundary"]), by, now=now)


@_verb
def give_back(player: Player, act: Act, by: Actor, now: datetime) -> None:
    handoff = player.handoff(act.subject, act.facts["boundary"])
    promises.give_back(handoff, by, now=now, reason=act.facts["reason"])


@_verb
def win(player: Player, act: Act, by: Actor, now: datetime) -> None:
    passed = facts.passed_with(act.subject)
    contract = promises.hand_over_won(player.deals[act.subject], by, now=now, passed=passed, **act.facts)
    player.customers[act.subject] = contract.customer_id


@_verb
def assign_customer(player: Player, act: Act, by: Actor, now: datetime) -> None:
    owner = player.member(act.facts["owner"])
    customers.assign(player.customers[act.subject], by, now=now, owner=owner)


@_verb
def usage(player: Player, act: Act, by: Actor, now: datetime) -> None:
    customer = Customer.objects.get(pk=player.customers[act.subject])
    seats = customer.contracts.order_by("-id").values_list("seats", flat=True)[0] or 10
    facts = dict(act.facts)
    until = facts.pop("until")
    readings = care.usage(facts["dice"], facts["feeling"], seats=seats, since=facts["since"], until=until)
    customers.record_usage(customer.pk, by, now=now, readings=[(d, m, Decimal(v)) for d, m, v in readings])
