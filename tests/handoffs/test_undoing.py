"""A promise kept by an act that never was: judged by what else was done, and no miss is ever lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from funnel import moment
from funnel.errors import MoveRefused, Refused
from funnel.models import Activity, DepartmentSetting, Event, Lead
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


def earlier(story: Story, event_id: int | None, at: datetime) -> Activity:
    """Say of a contact just logged that it was at another moment, as the chips beside it do."""
    said = Activity.objects.get(event_id=event_id)
    return leads.put_back_in_time(said.pk, story.people["inside_sales"], now=moment.now(), occurred_at=at)


@pytest.mark.parametrize(
    ("first", "told", "verdict"),
    [
        (DUE - HOUR, DUE - 2 * HOUR, "kept"),
        (DUE, DUE - HOUR, "kept"),
        (DUE + timedelta(microseconds=1), DUE - HOUR, "kept_late"),
        (DUE - HOUR, DUE + timedelta(minutes=30), "kept_late"),
    ],
)
def test_a_moment_mended_past_due_is_judged_by_the_first_recording(
    story: Story, at: Clock, first: datetime, told: datetime, verdict: str
) -> None:
    at(START)
    owed = story.mql()
    at(first)
    story.call(owed)
    at(DUE + HOUR)
    mended = earlier(story, fresh(owed).kept_by_id, told)
    now = fresh(owed)
    assert (now.promise, now.kept_at, now.kept_recorded_at) == (verdict, told, first)
    assert now.kept_by_id == mended.event_id
    promises.sweep()
    assert not any(promises.reconcile().values())
    again = earlier(story, mended.event_id, told - timedelta(minutes=5))
    now = fresh(owed)
    assert (now.promise, now.kept_recorded_at, now.kept_by_id) == (verdict, first, again.event_id)
    assert Notice.objects.filter(key=f"missed:{owed.pk}").count() == (verdict == "kept_late")
    # Undone, it never was: what is not done by then is missed.
    assert undo_call(story, owed).promise == "missed"


def test_a_second_call_past_due_does_not_take_the_place_of_the_first_whose_moment_is_mended(
    story: Story, at: Clock
) -> None:
    at(START)
    owed = story.mql()
    at(DUE - HOUR)
    story.call(owed)
    first = fresh(owed).kept_by_id
    at(DUE + HOUR)
    story.call(owed)
    with deaf():
        mended = earlier(story, first, DUE - 3 * HOUR)
    assert promises.forgotten()
    promises.reconcile()
    now = fresh(owed)
    assert (now.promise, now.kept_by_id) == ("kept", mended.event_id)


def test_a_round_that_is_done_stays_done_when_the_moment_of_its_contact_is_mended(
    story: Story, at: Clock
) -> None:
    at(START)
    owed = story.mql()
    at(DUE - HOUR)
    story.call(owed)
    call = fresh(owed).kept_by_id
    deal = story.sql(owed.lead)
    closed = fresh(owed).closed_at
    assert closed is not None
    at(DUE + HOUR)
    mended = earlier(story, call, DUE - 2 * HOUR)
    now = fresh(owed)
    assert (now.promise, now.kept_by_id, now.closed_at) == ("kept", mended.event_id, closed)
    assert fresh(deal).closed_at is None


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
        act = dice.choice(["call", "call", "undo", "undo", "earlier", "sweep", "reconcile"])
        if act == "call":
            story.call(owed, now - timedelta(minutes=dice.choice([0, 0, 30, 2000])))
        elif act in ("undo", "earlier") and calls:
            try:
                _correct(
                    story, act, dice.choice(calls).pk, now - timedelta(minutes=dice.choice([0, 30, 2000]))
                )
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


def _correct(story: Story, act: str, event_id: int, moment: datetime) -> None:
    if act == "undo":
        undo(story, event_id)
    else:
        earlier(story, event_id, moment)


def _by_what_survives(owed: Handoff, now: datetime) -> str:
    facts = Event.objects.filter(lead=owed.lead_id, kind="contact_attempted", occurred_at__gte=owed.opened_at)
    standing = facts.exclude(corrections__data__withdrawn=True)
    first = min(standing, key=lambda e: (e.first_recorded_at, e.occurred_at, e.pk), default=None)
    if first is None:
        return "missed" if now > owed.due_at else "open"
    return "kept" if max(first.occurred_at, first.first_recorded_at) <= owed.due_at else "kept_late"


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


@pytest.mark.django_db(transaction=True)
def test_mending_the_moment_while_others_sweep_call_and_reconcile_keeps_what_was_kept(story: Story) -> None:
    for _ in range(4):
        with transaction.atomic():
            moment.simulate(START)
            owed = story.mql()
            story.call(owed)
        call = fresh(owed).kept_by_id
        assert promise(owed) == "kept"

        def work(number: int, owed: Handoff = owed, call: int | None = call) -> str:
            if number % 4 == 0:
                promises.sweep()
            elif number % 4 == 1:
                promises.reconcile(within=HOUR)
            elif number % 4 == 2:
                story.call(owed)
            else:
                earlier(story, call, owed.due_at - HOUR)
            return "done"

        results = at_once(8, work)
        assert sum(isinstance(r, MoveRefused) for r in results) == 1, results
        assert sum(r == "done" for r in results) == 7, results
        promises.sweep()
        now = fresh(owed)
        assert (now.promise, now.kept_at) == ("kept", owed.due_at - HOUR)
        assert not any(promises.forgotten().values())
        assert not Notice.objects.filter(key=f"missed:{owed.pk}").exists()
