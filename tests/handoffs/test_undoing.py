"""A promise kept by an act that never was: judged by what else was done, and no miss is ever lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from funnel import moment
from funnel.errors import MoveRefused, Refused
from funnel.models import DepartmentSetting, Event, Lead
from funnel.transitions import corrections, customers, leads
from handoffs import promises
from handoffs.models import Handoff, Notice
from tests.handoffs.conftest import HOUR, Story, deaf, fresh, promise
from tests.handoffs.faults import at_once

START = datetime(2026, 5, 1, 0, 30, tzinfo=UTC)
DUE = START + 24 * HOUR
Clock = Callable[[datetime | None], None]


def undo(story: Story, event_id: int | None) -> None:
    assert event_id is not None
    by = story.people["inside_sales"]
    corrections.withdraw(event_id, by, now=moment.now(), reason="押し間違い")


def undo_call(story: Story, owed: Handoff) -> Handoff:
    undo(story, fresh(owed).kept_by_id)
    return fresh(owed)


def test_a_call_logged_by_mistake_is_owed_again(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    story.call(owed)
    assert not Handoff.objects.owed().exists()
    now = undo_call(story, owed)
    assert (now.promise, now.kept_at, now.kept_by_id, now.completed_at) == ("open", None, None, None)
    assert list(Handoff.objects.owed()) == [owed]
    assert Lead.objects.get(pk=owed.lead_id).first_contact_at is None
    at(DUE)
    story.call(owed)
    assert promise(owed) == "kept"


def test_withdrawn_after_the_due_moment_it_is_missed_at_once_and_told_once(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    story.call(owed)
    at(DUE + HOUR)
    now = undo_call(story, owed)
    assert (now.promise, now.missed_as_of) == ("missed", DUE)
    assert list(Handoff.objects.overdue()) == [owed]
    promises.sweep()
    promises.sweep()
    assert fresh(owed).missed_at == DUE
    assert Notice.objects.filter(key=f"missed:{owed.pk}").count() == 1
    story.call(owed)
    assert promise(owed) == "kept_late"
    rows = Handoff.objects.compliance("mql", DUE - HOUR, DUE)
    assert [h.promise for h in rows] == ["kept_late"]


def test_a_miss_stays_when_the_late_act_is_withdrawn(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    at(DUE + HOUR)
    story.call(owed, DUE - HOUR)
    assert promise(owed) == "kept_late"
    now = undo_call(story, owed)
    assert (now.promise, now.missed_at, now.kept_at) == ("missed", DUE, None)
    assert Notice.objects.filter(key=f"missed:{owed.pk}").count() == 1


@pytest.mark.parametrize(
    ("second", "verdict"), [(DUE - HOUR, "kept"), (DUE, "kept"), (DUE + HOUR, "kept_late")]
)
@pytest.mark.parametrize("accepted", [False, True])
def test_the_next_act_keeps_it_as_it_was_recorded(
    story: Story, at: Clock, second: datetime, verdict: str, accepted: bool
) -> None:
    at(START)
    owed = story.mql()
    if accepted:
        story.accept(owed)
    story.call(owed)
    assert (fresh(owed).closed_at is not None) == accepted
    at(second)
    story.call(owed)
    at(DUE + 40 * HOUR)
    story.call(owed)
    now = undo_call(story, owed)
    assert (now.promise, now.kept_at, now.kept_recorded_at) == (verdict, second, second)
    assert (now.completed_at, now.closed_at) == (second, second if accepted else None)


def test_automatic_mail_and_withdrawn_calls_do_not_keep_it_instead(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    for hours in (1, 2, 3):
        at(START + hours * HOUR)
        story.call(owed)
    story.call(owed, kind="mail", is_human=False)
    story.call(owed, history=True)
    calls = Event.objects.filter(lead=owed.lead_id, kind="contact_attempted").order_by("id")
    undo(story, calls[1].pk)
    assert fresh(owed).kept_at == START + HOUR
    undo(story, calls[0].pk)
    assert fresh(owed).kept_at == START + 3 * HOUR
    undo(story, calls[2].pk)
    assert promise(owed) == "open"
    with pytest.raises(MoveRefused):
        undo(story, calls[2].pk)


@pytest.mark.parametrize(("late", "verdict"), [(False, "cancelled"), (True, "missed")])
def test_returned_after_a_contact_that_never_was_is_returned_without(
    story: Story, at: Clock, late: bool, verdict: str
) -> None:
    at(START)
    owed = story.mql()
    story.call(owed)
    at(DUE + HOUR if late else START + HOUR)
    story.give_back(owed)
    assert (promise(owed), fresh(owed).returned_after_contact) == ("kept", True)
    at(DUE + 5 * HOUR)
    now = undo_call(story, owed)
    assert (now.promise, now.decision, now.returned_after_contact) == (verdict, "returned", False)


def test_a_round_that_was_done_ends_where_it_would_have_ended_without_the_act(
    story: Story, at: Clock
) -> None:
    at(START)
    owed = story.mql()
    story.accept(owed)
    story.call(owed)
    at(START + HOUR)
    inside = story.people["inside_sales"]
    leads.send_back(owed.lead_id, inside, now=moment.now(), boundary="mql", reason="no_budget")
    at(START + 2 * HOUR)
    again = story.mql(lead=owed.lead)
    story.call(again)
    now = undo_call(story, owed)
    assert (now.promise, now.decision, now.closed_at) == ("cancelled", "accepted", START + HOUR)
    assert (again.round, promise(again)) == (2, "kept")


def test_a_handoff_to_oneself_stays_accepted(story: Story, at: Clock) -> None:
    DepartmentSetting.objects.filter(department="inside_sales").update(staffed=False, covered_by="marketing")
    at(START)
    owed = story.mql()
    story.call(owed)
    assert fresh(owed).closed_at == START
    now = undo_call(story, owed)
    assert (now.promise, now.decision, now.is_self, now.closed_at) == ("open", "accepted", True, None)


def test_a_referral_that_never_was_is_owed_again_and_was_not_accepted(story: Story, at: Clock) -> None:
    at(START)
    owed = story.advocacy()
    at(START + HOUR)
    fields = leads.LeadFields(company="紹介先", name="紹介 太郎")
    customers.receive_referral(owed.customer_id, story.people["marketing"], now=moment.now(), fields=fields)
    assert (promise(owed), fresh(owed).decision) == ("kept", "accepted")
    now = undo_call(story, owed)
    assert (now.promise, now.decision, now.decided_at, now.closed_at) == ("open", "pending", None, None)
    story.case(owed)
    assert (promise(owed), fresh(owed).decision) == ("kept", "accepted")


def test_a_gate_whose_submission_never_was_is_no_kept_promise(story: Story, at: Clock) -> None:
    at(START)
    owed = story.sql()
    story.accept(owed)
    now = undo_call(story, owed)
    assert (now.promise, now.kept_at, now.closed_at) == ("cancelled", None, START)


def test_a_withdrawal_not_heard_is_made_up_for_and_keeps_nothing_again(story: Story, at: Clock) -> None:
    at(START)
    done, kept = story.mql(), story.mql()
    story.accept(done)
    story.call(done)
    story.call(kept)
    at(START + HOUR)
    story.call(kept)
    with deaf():
        for owed in (done, kept):
            undo(story, fresh(owed).kept_by_id)
    assert sum(promises.forgotten().values()) == 2
    promises.reconcile(within=HOUR)
    assert (promise(done), fresh(done).closed_at, fresh(done).decision) == ("open", None, "accepted")
    assert (promise(kept), fresh(kept).kept_at) == ("kept", START + HOUR)
    assert not any(promises.forgotten().values())
    before = list(Handoff.objects.order_by("id").values_list())
    assert not any(promises.reconcile().values())
    assert list(Handoff.objects.order_by("id").values_list()) == before


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_logged_withdrawn_and_swept_the_verdict_is_what_survives(
    story: Story, at: Clock, seed: int
) -> None:
    dice, now = random.Random(seed), START
    at(START)
    owed = story.mql()
    if dice.random() < 0.5:
        story.accept(owed)
    ever_missed = False
    for _ in range(30):
        now += timedelta(minutes=dice.choice([0, 20, 240, 900]), microseconds=dice.randrange(2))
        at(now)
        calls = list(Event.objects.filter(lead=owed.lead_id, kind="contact_attempted").order_by("id"))
        act = dice.choice(["call", "call", "undo", "undo", "sweep", "reconcile"])
        if act == "call":
            story.call(owed, now - timedelta(minutes=dice.choice([0, 0, 30, 2000])))
        elif act == "undo" and calls:
            try:
                undo(story, dice.choice(calls).pk)
            except Refused:
                continue
        elif act == "sweep":
            promises.sweep()
        elif act == "reconcile":
            assert not any(promises.reconcile().values())
        said = promise(owed)
        assert said == _by_what_survives(owed, now), (seed, act)
        assert not (ever_missed and said in ("open", "kept")), (seed, act)
        ever_missed = ever_missed or said in ("missed", "kept_late")
        assert not any(promises.forgotten().values())


def _by_what_survives(owed: Handoff, now: datetime) -> str:
    facts = Event.objects.filter(lead=owed.lead_id, kind="contact_attempted", occurred_at__gte=owed.opened_at)
    first = facts.exclude(corrections__data__withdrawn=True).order_by("recorded_at", "id").first()
    if first is None:
        return "missed" if now > owed.due_at else "open"
    return "kept" if max(first.occurred_at, first.recorded_at) <= owed.due_at else "kept_late"


@pytest.mark.django_db(transaction=True)
def test_withdrawing_calling_and_sweeping_at_once_leave_one_verdict(story: Story) -> None:
    for _ in range(4):
        owed = story.mql(moment.now() - 24 * HOUR - timedelta(seconds=30))
        story.call(owed)
        call = fresh(owed).kept_by_id

        def work(number: int, owed: Handoff = owed, call: int | None = call) -> str:
            if number % 4 == 0:
                promises.sweep()
            elif number % 4 == 1:
                promises.reconcile(within=HOUR)
            else:
                with transaction.atomic():
                    undo(story, call) if number % 4 == 2 else story.call(owed)
            return "done"

        results = at_once(8, work)
        assert sum(isinstance(r, MoveRefused) for r in results) == 1
        assert sum(r == "done" for r in results) == 7
        now = fresh(owed)
        assert now.promise == "kept_late"
        assert now.kept_by_id != call
        assert not any(promises.forgotten().values())
        assert Notice.objects.filter(key=f"missed:{owed.pk}").count() == 1
