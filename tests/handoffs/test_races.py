"""Many at once: one acceptance, and every verdict by the rule, whoever writes and sweeps at that moment."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import transaction

from funnel import moment
from funnel.company import members as company
from funnel.errors import MoveRefused
from funnel.models import Event, Membership
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM
from handoffs import promises
from handoffs.models import Handoff
from tests.handoffs.conftest import Story, actor, member
from tests.handoffs.faults import (
    assigned_at_once,
    at_once,
    contacts_around_the_deadline,
    killed_while_sweeping,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_fifty_who_accept_at_once_one_does_and_49_are_told(story: Story) -> None:
    owed = story.mql()
    by = story.people["inside_sales"]

    def accept(_: int) -> str:
        with transaction.atomic():
            promises.accept(owed.pk, by, now=moment.now())
        return "accepted"

    results = at_once(50, accept)
    told = Counter(r.code if isinstance(r, MoveRefused) else r for r in results)
    assert told == {"accepted": 1, "not_pending": 49}
    assert Event.objects.filter(handoff_ref=owed.pk, kind="handoff_accepted").count() == 1


def test_of_accepting_and_returning_at_once_one_happens(story: Story) -> None:
    by = story.people["inside_sales"]
    for _ in range(5):
        owed = story.mql()

        def decide(number: int, owed: Handoff = owed) -> str:
            with transaction.atomic():
                if number % 2:
                    return promises.accept(owed.pk, by, now=moment.now()).decision
                return promises.give_back(owed.pk, by, now=moment.now(), reason="other").decision

        results = at_once(8, decide)
        owed.refresh_from_db()
        assert [r for r in results if isinstance(r, str)] == [owed.decision]
        assert sum(isinstance(r, MoveRefused) for r in results) == 7


def test_eight_who_certify_at_once_open_one_promise(story: Story) -> None:
    lead = story.lead()
    by = story.people["marketing"]

    def certify(_: int) -> None:
        with transaction.atomic():
            leads.certify_mql(lead.pk, by, now=moment.now(), reason="inquiry")

    results = at_once(8, certify)
    assert Counter(type(r) for r in results) == {MoveRefused: 7, type(None): 1}
    assert Handoff.objects.filter(lead=lead).count() == 1


def test_eight_who_open_at_once_share_the_work_evenly_and_nobody_absent_gets_any(story: Story) -> None:
    got, waiting = assigned_at_once(story, leads=140, reps=7, assigners=8)
    assert (sum(got.values()), waiting) == (140, 0)
    assert (len(got), max(got.values()) - min(got.values())) == (7, 0)


def test_no_limit_is_passed_by_eight_at_once_and_the_rest_is_visibly_nobodys(story: Story) -> None:
    got, waiting = assigned_at_once(story, leads=60, reps=4, assigners=8, limit=10)
    assert (sorted(got.values()), waiting) == ([10] * 4, 20)
    assert set(Handoff.objects.unassigned().values_list("routed_by", flat=True)) == {"full"}
    Membership.objects.filter(daily_capacity=10).update(daily_capacity=15)
    assert promises.hand_out() == 20
    assert sorted(Counter(Handoff.objects.values_list("owner_id", flat=True)).values()) == [15] * 4


def test_who_leaves_while_all_choose_has_nothing_afterwards(story: Story) -> None:
    """Before him or after him, whole: whoever chose him first is found by his leaving, nobody chooses him after."""
    reps = [story.people["inside_sales"].member, *(member("inside_sales") for _ in range(3))]
    waiting = [story.lead().pk for _ in range(56)]
    by = story.people["marketing"]

    def act(number: int) -> None:
        if number == 0:
            company.leave(reps[-1].pk, SYSTEM, now=moment.now())
            return
        for lead_id in waiting[number - 1 :: 7]:
            with transaction.atomic():
                leads.certify_mql(lead_id, by, now=moment.now(), reason="inquiry")

    assert at_once(8, act) == [None] * 8
    promises.hand_out()
    got = Counter(Handoff.objects.values_list("owner_id", flat=True))
    assert (sum(got.values()), got[reps[-1].pk], got[None]) == (56, 0, 0)


def test_of_eight_who_take_what_nobody_has_one_has_it(story: Story) -> None:
    owed = story.mql()
    promises.assign(owed.pk, story.people["inside_sales"], now=moment.now(), owner=None)
    takers = [actor(member("inside_sales")) for _ in range(8)]

    def take(number: int) -> str:
        with transaction.atomic():
            promises.assign(owed.pk, takers[number], now=moment.now(), owner=takers[number].member)
        return "taken"

    results = at_once(8, take)
    assert Counter(r.code if isinstance(r, MoveRefused) else r for r in results) == {
        "taken": 1,
        "already_taken": 7,
    }
    assert Event.objects.filter(handoff_ref=owed.pk, data__why="taken").count() == 1


def test_contacts_within_30_ms_of_the_deadline_are_judged_by_the_rule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verdicts = contacts_around_the_deadline(200, 8, monkeypatch)
    assert sum(verdicts.values()) == 200
    assert min(verdicts["kept"], verdicts["kept_late"]) > 0


def test_a_thousand_due_and_ten_kills_are_a_thousand_misses_each_told_once() -> None:
    killed_while_sweeping(1000, 10, batch=2)
