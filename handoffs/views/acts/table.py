"""The table of acts: each one's form, its verb, and what is said when it is done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from funnel.forms import (
    ActForm,
    DisqualifyForm,
    KickoffForm,
    LogForm,
    LoseForm,
    MqlForm,
    RecycleForm,
    StepForm,
    WinForm,
    WithdrawForm,
)
from funnel.models import Lead, Member
from funnel.transitions import corrections, customers, deals, leads
from funnel.transitions.acting import Actor
from handoffs import promises
from handoffs.forms import AssignForm, BantForm, ReturnForm, SqlForm
from handoffs.sheets import PASSED_WITH_WON
from handoffs.views.acts.care import CARE_ACTS

Cleaned = dict[str, Any]


class PageAct(NamedTuple):
    """One act: the form it needs, the verb it calls, and what is said when it is done."""

    form: type[ActForm]
    perform: Callable[[Actor, datetime, int, Cleaned], object]
    done: Any


def _log(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    kind, result = LogForm.WHAT[said["what"]]
    return leads.log(
        pk, by, now=now, kind=kind, result=result, note=said["note"], occurred_at=said["occurred_at"],
        direction="internal" if kind == "note" else "outbound", expects_note=True,
    )  # fmt: skip


def _bant(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return leads.record_bant(pk, by, now=now, bant=said["bant"])


def _sql(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return promises.submit_sql(
        pk, by, now=now, bant=said["bant"], sheet=said["sheet"], meeting_at=said["meeting_at"],
        below_threshold_reason=said["below_threshold_reason"], note=said["sheet"].get("note", ""),
    )  # fmt: skip


def _win(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return promises.hand_over_won(
        pk, by, now=now, amount=said["amount"], signed_on=said["signed_on"], starts_on=said["starts_on"],
        ends_on=said["ends_on"], mrr=said["mrr"], seats=said["seats"],
        passed={item.key: said[item.key] for item in PASSED_WITH_WON},
        reason=said["reason"], kickoff_at=said["kickoff_at"],
    )  # fmt: skip


def _lose(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return deals.lose(
        pk, by, now=now, reason=said["reason"], note=said["note"], wake_up_on=said["wake_up_on"]
    )


def _recycle(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return leads.recycle(
        pk, by, now=now, reason=said["reason"], note=said["note"], wake_up_on=said["wake_up_on"]
    )


def _wake(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    person = Lead.objects.values_list("person_id", flat=True).get(pk=pk)
    woken = leads.reopen_pass(person, by, now=now)
    # Whoever wakes it looks after it, unless somebody does already.
    return woken if woken.owner_id else leads.assign(woken.pk, by, now=now, owner=by.member)


def _reasoned(verb: Callable[..., object]) -> Callable[[Actor, datetime, int, Cleaned], object]:
    return lambda by, now, pk, said: verb(pk, by, now=now, reason=said["reason"], note=said["note"])


def _bare(verb: Callable[..., object]) -> Callable[[Actor, datetime, int, Cleaned], object]:
    return lambda by, now, pk, said: verb(pk, by, now=now)


def _step(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return deals.move_step(pk, by, now=now, step=said["step"])


def _withdraw(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return corrections.withdraw(pk, by, now=now, reason=said["note"])


def _kickoff(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return deals.kickoff(pk, by, now=now, kickoff_at=said["kickoff_at"])


def _take(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return promises.assign(pk, by, now=now, owner=by.member)


def _assign(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    owner = Member.objects.get(pk=said["owner"]) if said["owner"] else None
    return promises.assign(pk, by, now=now, owner=owner)


ACTS: dict[tuple[str, str], PageAct] = {
    ("lead", "log"): PageAct(LogForm, _log, _("Recorded")),
    ("lead", "mql"): PageAct(MqlForm, _reasoned(leads.certify_mql), _("Certified MQL")),
    ("lead", "bant"): PageAct(BantForm, _bant, _("Kept what was heard")),
    ("lead", "sql"): PageAct(SqlForm, _sql, _("Handed over to Field Sales")),
    ("lead", "recycle"): PageAct(RecycleForm, _recycle, _("Put back to nurture")),
    ("lead", "disqualify"): PageAct(DisqualifyForm, _reasoned(leads.disqualify), _("Closed as not a fit")),
    ("lead", "wake"): PageAct(ActForm, _wake, _("Started again")),
    ("handoff", "accept"): PageAct(ActForm, _bare(promises.accept), _("Accepted")),
    ("handoff", "return"): PageAct(ReturnForm, _reasoned(promises.give_back), _("Handoff returned")),
    ("handoff", "take"): PageAct(ActForm, _take, _("It is yours now; the deadline stays")),
    ("handoff", "assign"): PageAct(AssignForm, _assign, _("Assigned; the deadline stays")),
    ("deal", "step"): PageAct(StepForm, _step, _("Step recorded")),
    ("deal", "win"): PageAct(WinForm, _win, _("Recorded as won")),
    ("deal", "lose"): PageAct(LoseForm, _lose, _("Recorded as lost")),
    ("deal", "kickoff"): PageAct(KickoffForm, _kickoff, _("Kickoff set")),
    ("deal", "hold"): PageAct(ActForm, _bare(deals.hold_kickoff), _("Recorded that the kickoff was held")),
    ("deal", "resend"): PageAct(ActForm, _bare(deals.resend_won), _("Handed over again")),
    ("event", "withdraw"): PageAct(WithdrawForm, _withdraw, _("Undone")),
    ("customer", "onboard"): PageAct(
        ActForm, _bare(customers.onboard), _("Recorded that first value was reached")
    ),
    ("customer", "case"): PageAct(
        ActForm, _bare(customers.create_case), _("Recorded that the case was taken up")
    ),
    **{address: PageAct(*act) for address, act in CARE_ACTS.items()},
}
