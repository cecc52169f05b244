"""Who gets a handoff, and why."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel import moment
from funnel.models import Absence, DepartmentSetting, Event, Member, Membership, Organization
from funnel.models.company import local_today
from funnel.transitions import deals, leads
from handoffs import promises, routing
from handoffs.models import Handoff, Notice
from tests.handoffs.conftest import Story, fresh, member


def test_who_already_looks_after_the_lead_gets_it(story: Story) -> None:
    theirs = member("inside_sales")
    lead = story.lead()
    leads.assign(lead.pk, story.people["inside_sales"], now=moment.now(), owner=theirs)
    owed = story.mql(lead=lead)
    assert (owed.owner, owed.routed_by) == (theirs, "owner")


def test_an_owner_from_another_department_does_not(story: Story) -> None:
    lead = story.lead()
    leads.assign(lead.pk, story.people["marketing"], now=moment.now(), owner=story.people["marketing"].member)
    owed = story.mql(lead=lead)
    assert (owed.owner, owed.routed_by) == (story.people["inside_sales"].member, "least_loaded")


def test_the_least_loaded_gets_the_next_so_that_all_get_the_same(story: Story) -> None:
    for _ in range(3):
        member("inside_sales")
    for _ in range(20):
        story.mql()
    got = [h.owner_id for h in Handoff.objects.all()]
    assert sorted(got.count(one) for one in set(got)) == [5, 5, 5, 5]


def test_what_is_done_counts_as_received_all_the_same(story: Story) -> None:
    first = story.mql()
    story.call(first)
    story.accept(first)
    other = member("inside_sales")
    assert story.mql().owner == other


def test_who_left_who_only_looks_and_who_starts_later_get_nothing(story: Story) -> None:
    today = moment.now().date()
    gone, later = member("inside_sales"), member("inside_sales")
    member("inside_sales", is_viewer=True)
    member("inside_sales", is_active=False)
    Membership.objects.filter(member=gone).update(valid_to=today - timedelta(days=1))
    Membership.objects.filter(member=later).update(valid_from=today + timedelta(days=2))
    for _ in range(3):
        assert story.mql().owner == story.people["inside_sales"].member


def test_an_empty_department_owns_it_as_a_whole(story: Story) -> None:
    Membership.objects.filter(department="inside_sales").delete()
    owed = story.mql()
    assert (owed.owner, owed.routed_by) == (None, "nobody")


def test_the_deals_owner_receives_it(story: Story) -> None:
    seller = member("field_sales")
    owed = story.sql(deal=deals.DealFields(owner=seller))
    assert (owed.owner, owed.routed_by) == (seller, "owner")


def test_every_why_has_words() -> None:
    assert set(routing.ROUTED_WORDS) == set(routing.Why)
    assert all(w.en and w.ja for w in routing.ROUTED_WORDS.values())


def away(who: Member, first: int = 0, last: int = 0) -> None:
    today = local_today()
    Absence.objects.create(
        member=who, first_on=today + timedelta(days=first), last_on=today + timedelta(days=last)
    )


def test_who_is_away_today_gets_nothing_not_even_his_own_and_is_back_the_day_after(story: Story) -> None:
    lead_of_department, colleague = story.people["inside_sales"].member, member("inside_sales")
    away(colleague, -2, 0)
    lead = story.lead()
    leads.assign(lead.pk, story.people["inside_sales"], now=moment.now(), owner=colleague)
    owed = story.mql(lead=lead)
    assert (owed.owner, owed.routed_by) == (lead_of_department, "least_loaded")
    Absence.objects.update(last_on=local_today() - timedelta(days=1))
    assert story.mql().owner == colleague


def test_the_figures_of_the_choice_are_kept_and_said(story: Story) -> None:
    Membership.objects.filter(department="inside_sales").update(daily_capacity=8)
    story.mql()
    owed = story.mql()
    assert (owed.routed_count, owed.routed_limit) == (2, 8)
    assert routing.explained(owed.routed_by, 2, 8, "ja") == "本日2件目/上限8件、出勤者のうち最少"
    assert routing.explained(owed.routed_by, 2, None, "en") == "no. 2 today, the fewest of those present"


@pytest.mark.parametrize(("everybody", "why"), [("away", "absent"), ("full", "full")])
def test_what_nobody_can_take_is_handed_out_when_somebody_can_at_the_same_due_time(
    story: Story, everybody: str, why: str
) -> None:
    only = story.people["inside_sales"].member
    if everybody == "away":
        away(only)
    else:
        Membership.objects.filter(member=only).update(daily_capacity=0)
    owed = [story.mql() for _ in range(3)]
    assert {(h.owner, h.routed_by) for h in owed} == {(None, why)}
    assert promises.hand_out() == 0
    Absence.objects.all().delete()
    Membership.objects.filter(member=only).update(daily_capacity=2)
    assert promises.hand_out() == 2
    assert promises.hand_out() == 0
    now = [fresh(h) for h in owed]
    assert [h.owner for h in now] == [only, only, None]
    assert now[2].routed_by == "full"
    assert [(h.due_at, h.opened_at, h.terms_id) for h in now] == [
        (h.due_at, h.opened_at, h.terms_id) for h in owed
    ]
    told = Event.objects.filter(kind="handoff_assigned", handoff_ref=owed[0].pk).get()
    assert told.data == {
        "from": None, "to": only.pk, "was": why, "why": "least_loaded", "count": 1, "limit": 2,
        "before": {"count": None, "limit": None, "owned_at": None},
    }  # fmt: skip
    assert Notice.objects.filter(kind="assigned", handoff=owed[0], member=only).count() == 1


def test_the_day_turns_and_a_full_day_is_a_new_one(
    story: Story, at: Callable[[datetime | None], None]
) -> None:
    at(datetime(2026, 11, 19, 14, 0, tzinfo=UTC))
    Membership.objects.filter(department="inside_sales").update(daily_capacity=1)
    assert story.mql().owner is not None
    late = story.mql()
    assert (late.owner, promises.hand_out()) == (None, 0)
    at(datetime(2026, 11, 19, 15, 0, tzinfo=UTC))
    assert promises.hand_out() == 1
    assert fresh(late).owner is not None


def test_what_a_lead_took_off_somebody_waits_for_a_person(story: Story) -> None:
    owed = story.mql()
    promises.assign(owed.pk, story.people["inside_sales"], now=moment.now(), owner=None)
    assert promises.hand_out() == 0
    assert fresh(owed).owner is None


def test_a_covered_departments_work_goes_to_those_who_cover_it(story: Story) -> None:
    DepartmentSetting.objects.update_or_create(
        department="inside_sales", defaults={"staffed": False, "covered_by": "field_sales"}
    )
    assert story.mql().owner == story.people["field_sales"].member


def test_choosing_for_one_or_for_many_members_takes_two_statements(
    story: Story, django_assert_num_queries: Any
) -> None:
    day = routing.Day.of(moment.now(), Organization.current().calendar())
    for more in (0, 6):
        for _ in range(more):
            member("inside_sales")
        owed = [story.mql() for _ in range(1 + more)]
        now = moment.now()
        with django_assert_num_queries(2):
            routing.route(owed, {}, day, now)


def test_handing_out_takes_the_same_statements_for_three_as_for_thirty(story: Story) -> None:
    only = Membership.objects.filter(department="inside_sales")
    counted = []
    for many in (3, 30):
        only.update(daily_capacity=0)
        for _ in range(many):
            story.mql()
        only.update(daily_capacity=1000)
        with CaptureQueriesContext(connection) as taken:
            assert promises.hand_out() == many
        counted.append(len(taken))
    assert counted[0] == counted[1]
