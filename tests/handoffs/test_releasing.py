"""What a leaver owed goes to others at the same due time, or is visibly nobody's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from funnel import moment
from funnel.company import members
from funnel.models import Event, Membership
from funnel.transitions.acting import SYSTEM
from handoffs import promises
from handoffs.models import Handoff
from tests.handoffs.conftest import Story, fresh, member


@pytest.fixture
def owed(story: Story) -> list[Handoff]:
    """Four handoffs of inside sales, two of them somebody's who will go."""
    member("inside_sales", name="gone")
    return [story.mql() for _ in range(4)]


def test_a_leavers_promises_go_on_with_others(owed: list[Handoff]) -> None:
    gone = Membership.objects.get(member__name="gone").member
    before = {h.pk: (h.due_at, h.opened_at, h.terms_id) for h in owed}
    theirs = [h.pk for h in owed if h.owner_id == gone.pk]
    assert len(theirs) == 2
    members.leave(gone.pk, SYSTEM, now=moment.now())
    now = {h.pk: fresh(h) for h in owed}
    assert {pk: (h.due_at, h.opened_at, h.terms_id) for pk, h in now.items()} == before
    assert gone.pk not in {h.owner_id for h in now.values()}
    assert all(now[pk].owner_id and now[pk].routed_by == "least_loaded" for pk in theirs)
    events = Event.objects.filter(kind="handoff_assigned", handoff_ref__in=theirs)
    assert {(e.data["from"], e.data["to"]) for e in events} == {(gone.pk, now[theirs[0]].owner_id)}


def test_where_nobody_is_left_it_is_nobodys_and_says_so(owed: list[Handoff], story: Story) -> None:
    for membership in Membership.objects.filter(department="inside_sales"):
        members.leave(membership.member_id, SYSTEM, now=moment.now())
    assert {(h.owner_id, h.routed_by) for h in map(fresh, owed)} == {(None, "nobody")}
    assert {h.promise for h in map(fresh, owed)} == {"open"}


def test_who_moves_to_another_department_leaves_his_promises_there(owed: list[Handoff]) -> None:
    gone = Membership.objects.get(member__name="gone")
    today = members.today_of(moment.now())
    members.change_membership(gone.pk, SYSTEM, now=moment.now(), role="member", valid_to=today)
    assert gone.member_id not in {fresh(h).owner_id for h in owed}


def test_a_membership_that_simply_ended_is_noticed_by_the_clock(owed: list[Handoff]) -> None:
    Membership.objects.filter(member__name="gone").update(valid_to=moment.now().date() - timedelta(days=1))
    assert promises.release() == 2
    assert promises.release() == 0
