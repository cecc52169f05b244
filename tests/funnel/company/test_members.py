"""Members: rights, departments from a day to a day, leaving, coming back, and the last administrator."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from funnel import moment
from funnel.company import members
from funnel.company.changing import stamp
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import Member, Membership
from funnel.transitions.acting import Actor
from tests.builders import a_member
from tests.funnel.company.conftest import said

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_only_an_administrator_changes_members(now):
    lead = Actor.of(a_member("marketing", role="lead"), "html", now=now)
    somebody = a_member("marketing")
    for act in (
        lambda: members.set_roles(somebody.pk, lead, now=now, is_administrator=True, is_viewer=False),
        lambda: members.join(somebody.pk, lead, now=now, department="field_sales"),
        lambda: members.leave(somebody.pk, lead, now=now),
        lambda: members.come_back(somebody.pk, lead, now=now),
        lambda: members.set_password(somebody.pk, lead, now=now, password="x" * 20),
    ):
        with pytest.raises(NotYours) as refused:
            act()
        assert refused.value.code == "administrators_only"


def test_the_last_administrator_can_neither_step_down_nor_leave(by, boss, now):
    for act in (
        lambda: members.set_roles(boss.pk, by, now=now, is_administrator=False, is_viewer=False),
        lambda: members.leave(boss.pk, by, now=now),
        lambda: members.leave(boss.pk, by, now=now, on=members.today_of(now) + DAY),
    ):
        with pytest.raises(MoveRefused) as refused, transaction.atomic():
            act()
        assert refused.value.code == "last_administrator"
    boss.refresh_from_db()
    assert boss.is_administrator
    assert boss.is_active
    assert said() == []


def test_rights_are_an_event_without_a_name(by, boss, now):
    other = a_member("marketing")
    members.set_roles(other.pk, by, now=now, is_administrator=True, is_viewer=False)
    assert said("member.") == [
        {
            "what": f"member.{other.pk}",
            "old": {"is_administrator": False},
            "new": {"is_administrator": True},
        }
    ]
    with pytest.raises(BadValue):
        members.set_roles(other.pk, by, now=now, is_administrator=True, is_viewer=True)


def test_memberships_are_dated_and_never_overlap(by, now):
    somebody = a_member("marketing")
    today = members.today_of(now)
    made = members.join(somebody.pk, by, now=now, department="inside_sales", role="lead")
    assert (made.valid_from, made.valid_to) == (today, None)
    with pytest.raises(MoveRefused) as refused:
        members.join(somebody.pk, by, now=now, department="inside_sales", valid_from=today + DAY)
    assert refused.value.code == "membership_overlap"
    with pytest.raises(BadValue):
        members.join(somebody.pk, by, now=now, department="field_sales", valid_from=today, valid_to=today)
    assert [e["new"]["department"] for e in said(f"member.{somebody.pk}.membership")] == ["inside_sales"]


def test_a_new_role_begins_today_and_the_days_before_keep_the_old(by, now):
    somebody = a_member("marketing")
    today = members.today_of(now)
    old = somebody.memberships.get()
    members.change_membership(old.pk, by, now=now, role="lead", valid_to=None)
    rows = list(somebody.memberships.order_by("valid_from").values_list("role", "valid_from", "valid_to"))
    assert rows == [("member", old.valid_from, today), ("lead", today, None)]


def test_a_membership_that_would_never_begin_is_taken_away(by, now):
    somebody = a_member()
    today = members.today_of(now)
    made = members.join(somebody.pk, by, now=now, department="field_sales", valid_from=today + 7 * DAY)
    assert members.change_membership(made.pk, by, now=now, role="member", valid_to=today + 7 * DAY) is None
    assert said(f"member.{somebody.pk}.membership")[-1]["new"] is None
    began = a_member("marketing").memberships.get()
    with pytest.raises(BadValue):
        members.change_membership(began.pk, by, now=now, role="member", valid_to=began.valid_from)


def test_who_leaves_is_dated_and_signed_in_nowhere(by, now, client):
    somebody = a_member("marketing", "field_sales")
    client.force_login(somebody)
    members.leave(somebody.pk, by, now=now)
    somebody.refresh_from_db()
    today = members.today_of(now)
    assert (somebody.is_active, somebody.leaves_on) == (False, today)
    assert set(somebody.memberships.values_list("valid_to", flat=True)) == {today}
    assert client.get("/")["Location"].startswith("/sign-in/")
    members.come_back(somebody.pk, by, now=now)
    somebody.refresh_from_db()
    assert somebody.is_active
    assert members.of_today(somebody, today) == []
    assert [e["new"] for e in said(f"member.{somebody.pk}")] == [
        {"leaves_on": today.isoformat()},
        {"is_active": True, "leaves_on": None},
    ]


def test_who_leaves_next_week_stays_until_then(by, now):
    somebody = a_member("marketing")
    day = members.today_of(now) + 7 * DAY
    members.leave(somebody.pk, by, now=now, on=day)
    assert members.carry_out_leavings(by=by, now=now) == []
    moment.simulate(now + 8 * DAY)
    assert members.carry_out_leavings(by=by, now=moment.now()) == [somebody.pk]
    somebody.refresh_from_db()
    assert not somebody.is_active
    assert somebody.memberships.get().valid_to == day


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(by, boss, now):
    somebody = a_member("marketing")
    seen = stamp(members.seen(somebody))
    members.join(somebody.pk, by, now=now, department="field_sales", stamp=seen)
    with pytest.raises(MoveRefused) as refused:
        members.set_roles(somebody.pk, by, now=now, is_administrator=True, is_viewer=False, stamp=seen)
    assert (refused.value.code, refused.value.params["who"]) == ("setting_conflict", boss.name)


def test_a_new_password_is_an_event_without_the_password(by, now):
    somebody = a_member("marketing")
    members.set_password(somebody.pk, by, now=now, password="correct horse battery")
    somebody.refresh_from_db()
    assert somebody.check_password("correct horse battery")
    assert said(f"member.{somebody.pk}.password")[0]["new"] == "set"


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_demote_each_other_one_stays():
    pair = [a_member("marketing", is_administrator=True) for _ in range(2)]
    now = moment.now()
    actors = [Actor.of(m, "html", now=now) for m in pair]
    gate, codes = threading.Barrier(2), []

    def demote(whom: Member, by: Actor) -> None:
        try:
            gate.wait(10)
            members.set_roles(whom.pk, by, now=now, is_administrator=False, is_viewer=False)
        except MoveRefused as refused:
            codes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=(pair[1 - n], actors[n])) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert Member.objects.filter(is_administrator=True, is_active=True).count() == 1
    assert codes == ["last_administrator"]


def test_the_list_asks_the_database_the_same_number_of_times_for_many(desk, django_assert_max_num_queries):
    for _ in range(3):
        a_member("marketing", "field_sales")
    with django_assert_max_num_queries(12):
        assert desk.get("/settings/members/").status_code == 200
    for _ in range(30):
        a_member("marketing", "field_sales")
    with django_assert_max_num_queries(12):
        answer = desk.get("/settings/members/")
    assert answer.content.decode().count("@example.jp") >= 34


def test_a_member_is_changed_on_his_page(desk, boss):
    somebody = a_member("marketing")
    page = desk.get(f"/settings/members/{somebody.pk}/")
    once, seen = page.context["forms"]["join"]["once"].value(), page.context["stamp"]
    joined = {"once": once, "stamp": seen, "department": "inside_sales", "role": "lead"}
    assert desk.post(f"/settings/members/{somebody.pk}/join/", joined).status_code == 302
    assert Membership.objects.filter(member=somebody, department="inside_sales", role="lead").exists()
    again = desk.post(
        f"/settings/members/{somebody.pk}/roles/",
        {**joined, "once": "b3b1c6a0-0000-4000-8000-000000000001", "rights": "is_viewer"},
    )
    assert again.status_code == 422
    assert boss.name in again.content.decode()


def test_a_lead_of_a_department_reads_members_and_changes_none(client):
    lead = a_member("marketing", role="lead", language="en")
    client.force_login(lead)
    page = client.get(f"/settings/members/{lead.pk}/").content.decode()
    assert "Add a department" not in page
    assert client.post(f"/settings/members/{lead.pk}/roles/", {}).status_code == 403


def test_everybody_has_a_profile_and_a_password(client):
    somebody = a_member("marketing")
    somebody.set_password("correct horse battery")
    somebody.save()
    client.force_login(somebody)
    page = client.get("/settings/profile/")
    once = page.context["form"]["once"].value()
    sent = {"once": once, "name": "新 氏名", "language": "en", "theme": "dark", "shortcuts": "off"}
    assert client.post("/settings/profile/", sent).status_code == 302
    somebody.refresh_from_db()
    assert (somebody.name, somebody.language, somebody.theme, somebody.shortcuts_off) == (
        "新 氏名", "en", "dark", True,
    )  # fmt: skip
    assert said(f"member.{somebody.pk}.profile")[0]["new"] == ["name", "language", "theme", "shortcuts_off"]
    new = {
        "once": page.context["password"]["once"].value(),
        "password": "staple battery horse",
        "again": "staple battery horse",
    }
    assert client.post("/settings/profile/password/", {**new, "current": "wrong"}).status_code == 422
    assert (
        client.post(
            "/settings/profile/password/", {**new, "current": "correct horse battery", "again": "other"}
        ).status_code
        == 422
    )
    assert (
        client.post(
            "/settings/profile/password/",
            {**new, "current": "correct horse battery", "password": "short", "again": "short"},
        ).status_code
        == 422
    )
    assert (
        client.post("/settings/profile/password/", {**new, "current": "correct horse battery"}).status_code
        == 302
    )
    assert client.get("/settings/").status_code == 200
    somebody.refresh_from_db()
    assert somebody.check_password("staple battery horse")


def test_the_chosen_colours_reach_every_page(client):
    client.force_login(a_member("marketing", theme="dark"))
    assert 'data-theme="dark"' in client.get("/settings/").content.decode()
    client.force_login(a_member("marketing"))
    assert "data-theme" not in client.get("/settings/").content.decode()
