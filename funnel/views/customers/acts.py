"""Acts on a customer as a table: who may, what is asked, when it is offered, and the verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from funnel.forms import ActForm, KickoffForm
from funnel.models import Contract, Customer
from funnel.transitions import customers, deals
from funnel.transitions.acting import Actor
from funnel.transitions.leads import LeadFields
from funnel.views.access import PageRequest
from funnel.views.customers import forms

Given = Mapping[str, Any]


class Subject(NamedTuple):
    """The customer an act is about, the contract that runs, and the contract its kickoff belongs to."""

    customer: Customer
    running: Contract | None
    sold: Contract | None

    @classmethod
    def of(cls, customer: Customer) -> Subject:
        """Read the contracts of a customer."""
        standing = [c for c in customer.contracts.select_related("deal") if c.voided_at is None]
        running = next((c for c in standing if c.ended_on is None), None)
        return cls(customer, running, next((c for c in standing if c.deal_id is not None), None))


class CustomerAct(NamedTuple):
    """One act: its name in `ACTS`, its form, when it is offered, the verb, and what is said when done."""

    act: str
    form: type[ActForm]
    offered: Callable[[Subject], bool]
    verb: Callable[[Subject, Actor, datetime, Given], object]
    done: Any


def _kickoff(subject: Subject, by: Actor, now: datetime, given: Given) -> object:
    assert subject.sold is not None
    assert subject.sold.deal_id is not None
    return deals.kickoff(subject.sold.deal_id, by, now=now, kickoff_at=given["kickoff_at"])


def _held(subject: Subject, by: Actor, now: datetime, given: Given) -> object:
    assert subject.sold is not None
    assert subject.sold.deal_id is not None
    return deals.hold_kickoff(subject.sold.deal_id, by, now=now, held_at=given["held_at"])


def _onboard(subject: Subject, by: Actor, now: datetime, given: Given) -> object:
    return customers.onboard(subject.customer.pk, by, now=now, occurred_at=given["occurred_at"])


def _survey(subject: Subject, by: Actor, now: datetime, given: Given) -> object:
    score, on = int(given["score"]), given["answered_on"]
    return customers.record_survey(subject.customer.pk, by, now=now, score=score, answered_on=on)


def _advocacy(subject: Subject, by: Actor, now: datetime, given: Given) -> object:
    return customers.agree_advocacy(subject.customer.pk, by, now=now)


def _referral(subject: Subject, by: Actor, now: datetime, given: Given) -> object:
    fields = LeadFields(company=given["company"], name=given["name"], email=given["email"])
    return customers.receive_referral(subject.customer.pk, by, now=now, fields=fields)


def _renew(subject: Subject, by: Actor, now: datetime, given: Given) -> object:
    dates = {key: given[key] for key in ("signed_on", "starts_on", "ends_on", "mrr")}
    return customers.renew(subject.customer.pk, by, now=now, **dates)


def _notice(subject: Subject, by: Actor, now: datetime, given: Given) -> object:
    return customers.give_notice(subject.customer.pk, by, now=now, notice_on=given["notice_on"])


def _end(subject: Subject, by: Actor, now: datetime, given: Given) -> object:
    return customers.end_contract(
        subject.customer.pk, by, now=now, ended_on=given["ended_on"], reason=given["reason"]
    )


def _runs(subject: Subject) -> bool:
    return subject.running is not None


def _awaits_kickoff(subject: Subject) -> bool:
    done = subject.customer.onboarded_at is not None
    return subject.sold is not None and subject.sold.kickoff_held_at is None and not done and _runs(subject)


ACTS: dict[str, CustomerAct] = {
    "kickoff": CustomerAct("kickoff", KickoffForm, _awaits_kickoff, _kickoff, _("The kickoff is set.")),
    "kickoff-held": CustomerAct(
        "hold_kickoff",
        forms.HeldForm,
        lambda s: _awaits_kickoff(s) and s.sold is not None and s.sold.kickoff_at is not None,
        _held,
        _("The kickoff is recorded as held."),
    ),
    "first-value": CustomerAct(
        "onboard",
        forms.OnboardForm,
        lambda s: s.customer.onboarded_at is None,
        _onboard,
        _("Onboarding is complete."),
    ),
    "survey": CustomerAct(
        "record_survey", forms.SurveyForm, lambda s: True, _survey, _("The answer is recorded.")
    ),
    "advocacy": CustomerAct(
        "agree_advocacy", forms.AdvocacyForm, _runs, _advocacy, _("Handed over to Marketing.")
    ),
    "referral": CustomerAct(
        "receive_referral", forms.ReferralForm, lambda s: True, _referral, _("The referred lead was added.")
    ),
    "renew": CustomerAct("renew", forms.RenewForm, _runs, _renew, _("The renewal is recorded.")),
    "notice": CustomerAct("give_notice", forms.NoticeForm, _runs, _notice, _("The notice is recorded.")),
    "end": CustomerAct("end_contract", forms.EndForm, _runs, _end, _("The contract is recorded as ended.")),
}


def form_of(name: str, subject: Subject, request: PageRequest, data: Any = None) -> ActForm:
    """The form of an act, filled in with what is known, or with what was sent."""
    return ACTS[name].form(
        data,
        # Several forms of one page must not share the ids of their fields.
        auto_id=f"{name}_%s",
        subject=subject.running,
        organization=request.organization,
        now=request.now,
    )
