"""Accepting, excusing and assigning: who may, once."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import transaction

from funnel import moment
from funnel.errors import BadValue, MoveRefused, NotYours, Refused
from funnel.models import DepartmentSetting, Event, Member, Membership
from funnel.transitions.acting import Actor
from handoffs import promises
from handoffs.models import Handoff, Notice
from tests.handoffs.conftest import HOUR, Story, actor, events_of, fresh, member, promise

START = datetime(2026, 5, 1, 0, 30, tzinfo=UTC)
Clock = Callable[[datetime | None], None]


@pytest.mark.parametrize("boundary", ["mql", "sql", "won", "advocacy"])
def test_the_receiver_accepts_once(story: Story, boundary: str) -> None:
    owed = {"mql": story.mql, "sql": story.sql, "won": story.won, "advocacy": story.advocacy}[boundary]()
    before = promise(owed)
    now = story.accept(owed)
    assert (now.decision, now.promise) == ("accepted", before)
    assert now.decided_by == story.people[owed.to_department].member
    with pytest.raises(MoveRefused) as refused, transaction.atomic():
        story.accept(owed)
    assert refused.value.code == "not_pending"
    assert events_of(owed, "handoff_accepted") == 1


def test_accepting_a_deal_completes_its_handoff_and_accepting_a_lead_does_not(story: Story) -> None:
    lead, deal = story.accept(story.mql()), story.accept(story.sql())
    assert (lead.completed_at, lead.closed_at) == (None, None)
    assert (deal.completed_at is not None, deal.closed_at is not None) == (True, True)


def test_accepting_does_not_stop_the_clock(story: Story, at: Clock) -> None:
    at(START)
    owed = story.accept(story.mql())
    at(START + 25 * HOUR)
    assert (promise(owed), fresh(owed).due_at) == ("missed", START + 24 * HOUR)


def test_others_do_not_accept(story: Story) -> None:
    owed = story.mql()
    looker = Member.objects.create(username="v@example.jp", name="V", is_viewer=True)
    outsider = Member.objects.create(username="o@example.jp", name="O")
    for by, code in [
        (story.people["marketing"], "not_yours"),
        (actor(looker), "read_only"),
        (actor(outsider), "read_only"),
    ]:
        with pytest.raises(NotYours) as refused, transaction.atomic():
            promises.accept(owed.pk, by, now=moment.now())
        assert refused.value.code == code
    assert fresh(owed).decision == "pending"
    assert not events_of(owed, "handoff_accepted")


def test_a_service_accepts_for_the_receiver(story: Story) -> None:
    owed = story.mql()
    service = Member.objects.create(username="api", name="API", is_service=True)
    promises.accept(owed.pk, Actor.of(service, "api", now=moment.now()), now=moment.now())
    assert Event.objects.get(kind="handoff_accepted").department == "inside_sales"


def test_accepting_what_one_sent_is_a_handoff_to_oneself(story: Story) -> None:
    both = member("marketing")
    Membership.objects.create(member=both, department="inside_sales", valid_from="2020-01-01")
    story.people["marketing"] = actor(both)
    owed = story.mql()
    assert owed.is_self is False
    promises.accept(owed.pk, actor(both), now=moment.now())
    assert fresh(owed).is_self is True


def test_a_department_that_covers_both_sides_hands_to_itself_and_still_owes(story: Story, at: Clock) -> None:
    at(START)
    DepartmentSetting.objects.filter(department="inside_sales").update(staffed=False, covered_by="marketing")
    owed = story.mql()
    assert (owed.is_self, owed.decision, owed.done_by_department) == (True, "accepted", "marketing")
    assert (owed.from_department, owed.to_department) == ("marketing", "inside_sales")
    assert owed.owner == story.people["marketing"].member
    assert Handoff.objects.for_departments(["marketing"]).owed().filter(pk=owed.pk).exists()
    at(START + 25 * HOUR)
    assert promise(owed) == "missed"


def test_the_covering_department_receives_for_another(story: Story) -> None:
    DepartmentSetting.objects.filter(department="inside_sales").update(
        staffed=False, covered_by="field_sales"
    )
    owed = story.mql()
    assert (owed.is_self, owed.decision, owed.done_by_department) == (False, "pending", "field_sales")
    promises.accept(owed.pk, actor(member("field_sales")), now=moment.now())
    assert fresh(owed).decision == "accepted"


def test_a_miss_is_excused_by_the_receiving_lead_and_stays_a_miss(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    at(START + 25 * HOUR)
    by = story.people["inside_sales"]
    promises.excuse(owed.pk, by, now=moment.now(), reason="customer_side")
    now = fresh(owed)
    assert (now.promise, now.excuse_reason, now.excused_by) == ("missed", "customer_side", by.member)
    assert now.missed_at == owed.due_at
    assert Notice.objects.filter(key=f"missed:{owed.pk}").count() == 1
    with pytest.raises(MoveRefused) as refused, transaction.atomic():
        promises.excuse(owed.pk, by, now=moment.now(), reason="system")
    assert refused.value.code == "already_done"
    story.call(owed)
    assert promise(owed) == "kept_late"


@pytest.mark.parametrize("called", [False, True], ids=["open", "kept"])
def test_only_a_miss_is_excused(story: Story, called: bool) -> None:
    owed = story.mql()
    if called:
        story.call(owed)
    with pytest.raises(MoveRefused) as refused:
        promises.excuse(owed.pk, story.people["inside_sales"], now=moment.now(), reason="system")
    assert refused.value.code == "not_missed"


def test_members_and_other_leads_do_not_excuse(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    at(START + 25 * HOUR)
    for by in (actor(member("inside_sales")), story.people["marketing"]):
        with pytest.raises(NotYours), transaction.atomic():
            promises.excuse(owed.pk, by, now=moment.now(), reason="system")
    with pytest.raises(Refused) as refused:
        promises.excuse(owed.pk, story.people["inside_sales"], now=moment.now(), reason=" ")
    assert refused.value.code == "reason_required"
    assert fresh(owed).excused_at is None


def test_a_lead_assigns_a_member_of_the_department_and_the_clock_goes_on(story: Story) -> None:
    owed = story.mql()
    colleague = member("inside_sales")
    promises.assign(owed.pk, story.people["inside_sales"], now=moment.now(), owner=colleague)
    now = fresh(owed)
    assert (now.owner, now.routed_by, now.due_at) == (colleague, "assigned", owed.due_at)
    assert Event.objects.get(kind="handoff_assigned").data == {
        "from": owed.owner_id, "to": colleague.pk, "was": "least_loaded", "why": "assigned", "count": None, "limit": None,
        "before": {"count": owed.routed_count, "limit": owed.routed_limit, "owned_at": owed.owned_at.isoformat()},
    }  # fmt: skip
    assert (now.opened_at, now.terms_id, now.promise) == (owed.opened_at, owed.terms_id, "open")


def test_nobody_outside_the_department_is_assigned(story: Story) -> None:
    owed = story.mql()
    stranger = member("marketing", name="部外")
    with pytest.raises(BadValue) as refused:
        promises.assign(owed.pk, story.people["inside_sales"], now=moment.now(), owner=stranger)
    assert "部外" in refused.value.say("ja")
    assert fresh(owed).owner == owed.owner


def test_a_member_takes_what_nobody_has_and_leaves_what_another_has(story: Story) -> None:
    owed = story.mql()
    by = actor(member("inside_sales"))
    with pytest.raises(MoveRefused) as refused, transaction.atomic():
        promises.assign(owed.pk, by, now=moment.now(), owner=by.member)
    assert refused.value.code == "already_taken"
    promises.assign(owed.pk, story.people["inside_sales"], now=moment.now(), owner=None)
    promises.assign(owed.pk, by, now=moment.now(), owner=by.member)
    now = fresh(owed)
    assert (now.owner, now.routed_by) == (by.member, "taken")
    assert (now.due_at, now.opened_at, now.terms_id, now.promise) == (
        owed.due_at, owed.opened_at, owed.terms_id, "open",
    )  # fmt: skip


def test_a_stranger_takes_nothing_and_what_is_over_needs_nobody(story: Story) -> None:
    owed = story.mql()
    promises.assign(owed.pk, story.people["inside_sales"], now=moment.now(), owner=None)
    by = actor(member("marketing"))
    with pytest.raises(NotYours), transaction.atomic():
        promises.assign(owed.pk, by, now=moment.now(), owner=by.member)
    story.give_back(owed)
    lead = story.people["inside_sales"]
    with pytest.raises(MoveRefused) as refused, transaction.atomic():
        promises.assign(owed.pk, lead, now=moment.now(), owner=lead.member)
    assert refused.value.code == "handoff_over"
