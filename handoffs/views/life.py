"""The life path: who held the record, from when, for how many days; and the relay of owners beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext

from funnel.models import Contract, Deal, Member
from funnel.stages import OUTCOME_WORDS, CustomerPhase, DealState, Department, Stage
from funnel.words import Words
from handoffs.views.speech import Speech
from handoffs.views.thread import Thread

LEAD, FIRST_CONTACT, DEAL, ONBOARDING, ADOPTION = range(5)
STEPS: tuple[tuple[Department, Words], ...] = (
    (Department.MARKETING, Words("Lead", "リード")),
    (Department.INSIDE_SALES, Words("First contact, nurture", "初回対応・育成")),
    (Department.FIELD_SALES, Words("Deal, proposal", "商談・提案")),
    (Department.CUSTOMER_SUCCESS, Words("Onboarding", "オンボーディング")),
    (Department.CUSTOMER_SUCCESS, Words("Adoption → renewal", "活用 → 更新")),
)
STANDS_AT = {Stage.LEAD: LEAD, Stage.MQL: FIRST_CONTACT, Stage.SQL: DEAL}


@dataclass
class Step:
    """One chevron: whose it is, since when, and in words how long and how it ended. `standing`: done, now, ahead."""

    label: str
    department: str
    standing: str
    at: datetime | None = None
    span: str = ""
    end: str = ""
    holder: str = ""


class Runner(NamedTuple):
    """One leg of the relay: who, for which department, until when; `current` has not handed over yet."""

    name: str
    department: str
    until: str
    current: bool


def path_of(thread: Thread, speech: Speech) -> list[Step]:
    """The five steps of a life, from the ledger's dates; only events move them."""
    starts = _starts(thread, speech)
    stands = _stands(thread)
    closed = thread.lead.closed_at if thread.lead and not thread.is_customers else None
    steps = []
    for place, (department, label) in enumerate(STEPS):
        step = Step(speech.say(label), department.value, "ahead")
        at = starts[place]
        if at is not None and place <= stands:
            after = next((s for s in starts[place + 1 : stands + 1] if s is not None), None)
            end = after or closed or speech.now
            step.standing = "now" if place == stands else "done"
            step.at, step.holder = at, _holder(thread, place)
            step.span = gettext("from %(day)s, %(days)s") % {
                "day": speech.day(at),
                "days": speech.in_days(speech.days(at, end)),
            }
            step.end = _end(thread, place, speech, step.standing == "done")
            if thread.lead and place == _passed_without_date(thread):
                step.span += f" ({gettext('inferred')})"
        steps.append(step)
    return steps


def _starts(thread: Thread, speech: Speech) -> list[datetime | None]:
    lead, customer = thread.lead, thread.customer
    starts: list[datetime | None] = [None] * len(STEPS)
    if lead is not None:
        starts[:ONBOARDING] = [lead.lead_at, lead.mql_at, lead.sql_at]
    if thread.is_customers and customer is not None:
        won = lead.won_at if lead else None
        starts[ONBOARDING] = won or speech.calendar.start_of_day(customer.since)
        starts[ADOPTION] = customer.onboarded_at
    return starts


def _stands(thread: Thread) -> int:
    if thread.is_customers and thread.customer is not None:
        return ADOPTION if thread.customer.onboarded_at else ONBOARDING
    assert thread.lead is not None
    return STANDS_AT[Stage(thread.lead.stage)]


def _passed_without_date(thread: Thread) -> int | None:
    """The latest step whose beginning was inferred, not recorded."""
    names = [Stage.LEAD.value, Stage.MQL.value, Stage.SQL.value]
    inferred = [names.index(name) for name in thread.lead.inferred if name in names] if thread.lead else []
    return max(inferred, default=None)


def _end(thread: Thread, place: int, speech: Speech, done: bool) -> str:
    """How a step came out, where there is more to say than its days."""
    if place == DEAL and done:
        contract = _sold(thread)
        deal = contract.deal if contract else None
        amount = speech.money(deal.amount, deal.currency) if deal else ""
        return gettext("won %(amount)s") % {"amount": amount} if amount else gettext("won")
    if place == ONBOARDING and done:
        return gettext("complete")
    if place == ADOPTION:
        return _renewal(thread, speech)
    lead = thread.lead
    if lead is not None and lead.outcome and not thread.is_customers and not done:
        return speech.say(OUTCOME_WORDS[lead.outcome])
    return ""


def _renewal(thread: Thread, speech: Speech) -> str:
    if thread.customer is not None and thread.customer.phase == CustomerPhase.CHURNED:
        return gettext("churned")
    running = thread.running
    if running is None or running.ends_on is None:
        return ""
    left = (running.ends_on - speech.today).days
    said = {"day": speech.day(running.ends_on), "days": speech.in_days(max(0, left))}
    return gettext("renewal %(day)s (%(days)s left)") % said


def _sold(thread: Thread) -> Contract | None:
    """The contract of the page's pass: the first that was sold."""
    sold = [c for c in thread.contracts if c.deal_id is not None and c.voided_at is None]
    return sold[-1] if sold else None


def _holder(thread: Thread, place: int) -> str:
    """Whose the record was in a step, where the step has an owner of its own."""
    owner: Member | None = None
    if place == FIRST_CONTACT and thread.lead:
        owner = thread.lead.owner
    elif place == DEAL:
        deal = _deal(thread)
        owner = deal.owner if deal else None
    elif place in (ONBOARDING, ADOPTION) and thread.customer:
        owner = thread.customer.owner
    return owner.name if owner else ""


def _deal(thread: Thread) -> Deal | None:
    """The deal that tells the third step: the won one, else the newest of the pass."""
    own = [d for d in thread.deals if thread.lead and d.lead_id == thread.lead.pk]
    return next((d for d in own if d.state == DealState.WON), own[0] if own else None)


def relay_of(steps: list[Step], speech: Speech) -> list[Runner]:
    """Who carried the record, the present owner first; two steps of one department are one leg."""
    legs: list[Runner] = []
    until: datetime | None = None
    for step in reversed([s for s in steps if s.standing != "ahead"]):
        known = legs and legs[-1].department == step.department
        if step.holder and not known:
            said = gettext("until %(day)s") % {"day": speech.day(until)} if until else gettext("holds it now")
            legs.append(Runner(step.holder, step.department, said, until is None))
        until = step.at
    return legs
