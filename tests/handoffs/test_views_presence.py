"""Absences and limits on their page; who has what, and why, on the queue and the record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from funnel.models import Absence, Event, Membership
from funnel.models.company import local_today
from handoffs import promises
from handoffs.models import Handoff
from tests import builders
from tests.handoffs.test_views import companies, once, signed_in, text

pytestmark = pytest.mark.django_db
PAGE = "/settings/absences/"


def days(first: int, last: int) -> dict[str, str]:
    today = local_today()
    return {
        "first_on": (today + timedelta(days=first)).isoformat(),
        "last_on": (today + timedelta(days=last)).isoformat(),
        "once": once(),
    }


def test_a_member_enters_and_takes_back_his_own_days():
    browser = signed_in("inside_sales")
    assert browser.post(PAGE, {**days(3, 3), "last_on": ""}).status_code == 302
    absence = Absence.objects.get(member=browser.member)
    assert absence.first_on == absence.last_on == local_today() + timedelta(days=3)
    event = Event.objects.get(kind="setting_changed", data__what=f"absence.{browser.member.pk}")
    assert event.data["new"] == {
        "first_on": absence.first_on.isoformat(),
        "last_on": absence.last_on.isoformat(),
    }
    browser.post(reverse("absence-remove", args=[absence.pk]), {"once": once()})
    assert not Absence.objects.exists()


def test_an_absence_that_has_begun_ends_today_and_keeps_its_past():
    browser = signed_in("inside_sales")
    browser.post(PAGE, days(-2, 4))
    absence = Absence.objects.get()
    browser.post(reverse("absence-remove", args=[absence.pk]), {"once": once()})
    absence.refresh_from_db()
    assert absence.last_on == local_today() - timedelta(days=1)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (2, 1, "The end lies before the start"),
        (-3, -2, "The last day lies in the past"),
        (0, 2000, "three years at most"),
        (4, 9, "already an absence on some of these days"),
    ],
)
def test_days_that_cannot_be_are_said_beside_what_was_typed(first: int, last: int, said: str):
    browser = signed_in("inside_sales")
    browser.post(PAGE, days(5, 6))
    answer = browser.post(PAGE, days(first, last))
    assert answer.status_code in (409, 422)
    assert said in text(answer)
    assert Absence.objects.count() == 1


def test_a_lead_enters_his_peoples_days_and_limits_and_nobody_elses():
    browser = signed_in("inside_sales", role="lead")
    own, other = builders.a_member("inside_sales"), builders.a_member("marketing")
    said = text(browser.get(PAGE))
    assert own.name in said
    assert other.name not in said
    browser.post(reverse("absences-others"), {**days(0, 1), "member": own.pk})
    refused = browser.post(reverse("absences-others"), {**days(0, 1), "member": other.pk})
    assert refused.status_code == 422
    assert [a.member_id for a in Absence.objects.all()] == [own.pk]
    ours, theirs = (Membership.objects.get(member=m).pk for m in (own, other))
    browser.post(reverse("capacity", args=[ours]), {"capacity": "8", "once": once()})
    assert (
        browser.post(reverse("capacity", args=[theirs]), {"capacity": "8", "once": once()}).status_code == 422
    )
    assert (
        browser.post(reverse("capacity", args=[ours]), {"capacity": "-1", "once": once()}).status_code == 422
    )
    assert [Membership.objects.get(pk=pk).daily_capacity for pk in (ours, theirs)] == [8, None]
    assert "Away today" in text(browser.get(PAGE))


def test_a_member_takes_back_nobody_elses_days():
    absence = Absence.objects.create(
        member=builders.a_member("inside_sales"), first_on=local_today(), last_on=local_today()
    )
    browser = signed_in("inside_sales")
    answer = browser.post(reverse("absence-remove", args=[absence.pk]), {"once": once()})
    assert answer.status_code == 422
    assert Absence.objects.exists()


def test_what_nobody_can_take_stands_apart_and_is_taken_with_one_press(now):
    browser = signed_in("inside_sales")
    Membership.objects.update(daily_capacity=1)
    builders.an_mql(now, company="みなと物流")
    late = builders.an_mql(now, company="あおい商会")
    owed = Handoff.objects.get(lead=late)
    assert owed.owner is None
    page = browser.get("/?unassigned=1")
    assert companies(page) == ["あおい商会"]
    assert "Everybody there has reached the day’s limit" in text(page)
    assert "1 unassigned" in text(page)
    take = reverse("handoff-take", args=[owed.pk])
    assert take in page.content.decode()
    assert browser.post(take, {"once": once()}).status_code == 302
    taken = Handoff.objects.get(pk=owed.pk)
    assert (taken.owner, taken.due_at, taken.opened_at) == (browser.member, owed.due_at, owed.opened_at)
    assert companies(browser.get("/?unassigned=1")) == []
    record = text(browser.get(f"/c/{late.pk}/"))
    assert f"Assigned to {browser.member.name}: Took it" in record
    assert "Unassigned: Everybody there has reached the day’s limit" in record


def test_a_lead_assigns_by_form_and_a_member_is_refused(now):
    lead, colleague = signed_in("inside_sales", role="lead"), signed_in("inside_sales")
    owed = Handoff.objects.get(lead=builders.an_mql(now))
    url = reverse("handoff-assign", args=[owed.pk])
    other = next(m for m in (lead.member, colleague.member) if m.pk != owed.owner_id)
    assert f"{other.name} (0 today)" in text(lead.get(url))
    third = builders.a_member("inside_sales")
    assert colleague.post(url, {"owner": third.pk, "once": once()}).status_code == 403
    assert lead.post(url, {"owner": builders.a_member("marketing").pk, "once": once()}).status_code == 422
    assert lead.post(url, {"owner": other.pk, "once": once()}).status_code == 302
    now_owed = Handoff.objects.get(pk=owed.pk)
    assert (now_owed.owner, now_owed.due_at) == (other, owed.due_at)


def test_the_record_explains_the_choice_in_japanese_with_its_figures(now):
    browser = signed_in("inside_sales", language="ja")
    Membership.objects.update(daily_capacity=8)
    mql = builders.an_mql(now)
    said = text(browser.get(f"/c/{mql.pk}/"))
    assert f"{browser.member.name}さんに割り当て:本日1件目/上限8件、出勤者のうち最少" in said


def test_marketing_and_the_lead_see_more_than_can_be_taken_and_others_do_not(now):
    marketing, lead = signed_in("marketing"), signed_in("inside_sales", role="lead", language="ja")
    stranger = signed_in("field_sales", role="lead")
    Membership.objects.filter(department="inside_sales").update(daily_capacity=1)
    builders.an_mql(now)
    assert "can be taken by those present" not in text(marketing.get("/"))
    builders.an_mql(now)
    assert "2 handed over today, 1 can be taken by those present" in text(marketing.get("/"))
    assert "本日の受け入れ上限1件に対し2件" in text(lead.get("/"))
    assert "can be taken by those present" not in text(stranger.get("/"))


def test_the_page_takes_the_same_statements_for_two_people_as_for_twelve(now):
    browser = signed_in("inside_sales", role="lead")
    counted = []
    for more in (1, 10):
        for _ in range(more):
            member = builders.a_member("inside_sales")
            Absence.objects.create(member=member, first_on=local_today(), last_on=local_today())
            builders.an_mql(now)
        promises.hand_out()
        with CaptureQueriesContext(connection) as taken:
            assert browser.get(PAGE).status_code == 200
        counted.append(len(taken))
    assert counted[0] == counted[1]


def test_what_nobody_has_shows_how_to_take_it_beside_the_likeliest_acts(now):
    browser = signed_in("inside_sales")
    Membership.objects.update(daily_capacity=0)
    builders.an_mql(now)
    row = browser.get("/").context["groups"][0]["rows"][0]
    assert "day’s limit" in row.nobody
    shown = [button for run in row.inline for button in run]
    assert [(b.slug, b.key) for b in shown if b.slug == "take"] == [("take", "o")]
    assert shown[0].slug == "log"
    Membership.objects.update(daily_capacity=None)
    promises.hand_out()
    row = browser.get("/").context["groups"][0]["rows"][0]
    assert "take" not in [button.slug for button in row.buttons]


def test_who_has_received_what_he_takes_is_told_so_and_nobody_else(now):
    browser, colleague = signed_in("inside_sales"), signed_in("inside_sales")
    Membership.objects.filter(member=browser.member).update(daily_capacity=1)
    assert "your limit" not in text(browser.get("/"))
    for _ in range(2):
        builders.an_mql(now)
    said = text(browser.get("/"))
    assert "You have 1 open; 1 received today, your limit is 1 a day" in said
    assert "your limit is" not in text(colleague.get("/"))


def test_a_department_without_members_says_how_to_mend_it(now):
    marketing, success = signed_in("marketing"), signed_in("customer_success")
    administrator = signed_in(is_administrator=True)
    assert "No members" not in text(marketing.get("/"))
    builders.an_mql(now)
    assert "1 handoff waits and nobody can take it. An administrator adds a member" in text(
        marketing.get("/")
    )
    page = administrator.get("/")
    assert "1 handoff waits and nobody can take it. Add a member" in text(page)
    assert reverse("settings-departments") in page.content.decode()
    assert "No members" not in text(success.get("/"))
    builders.a_member("inside_sales")
    promises.hand_out()
    assert "No members" not in text(marketing.get("/"))
