"""What is agreed about meetings: version after version, for those started afterwards."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from dashboards import meetings
from dashboards.cadence import RHYTHMS
from dashboards.deck import DECKS, KIND_WORDS, Kind
from dashboards.meetings import Agreed
from dashboards.models import Meeting, MeetingTerms
from dashboards.views.meetings import minutes
from funnel import moment
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import Event, Member, Organization
from funnel.stages import Department, EventKind
from funnel.transitions.acting import Actor
from tests.builders import a_member
from tests.dashboards.conftest import Company, tokyo

pytestmark = pytest.mark.django_db
SHORT = [("sla", 10), ("overall", 5), ("wrap-up", 5)]


@pytest.fixture
def boss(company: Company) -> Member:
    moment.simulate(tokyo(4, 20))
    return a_member("marketing", is_administrator=True, language="en")


def acting(member: Member) -> Actor:
    return Actor.of(member, "html", now=moment.now())


def agreed(**more: Any) -> Agreed:
    usual = Agreed("week", 1, 1, time(10), SHORT, False, ["field_sales"], [])
    return usual._replace(**more)


def test_every_installation_starts_with_the_terms_of_the_code(db: None) -> None:
    found = meetings.current()
    assert list(found) == [str(kind) for kind in KIND_WORDS]
    assert {kind: terms.deck for kind, terms in found.items()} == DECKS
    assert {kind: terms.rhythm for kind, terms in found.items()} == RHYTHMS


def test_a_change_is_for_meetings_started_afterwards(company: Company, boss: Member) -> None:
    by = company.by(Department.INSIDE_SALES)
    before, _new = meetings.start(Kind.WEEKLY, by, now=moment.now())
    made = meetings.agree(Kind.WEEKLY, agreed(), acting(boss), now=moment.now(), version=1)
    assert (made.version, made.minutes, made.by) == (2, 20, boss)
    assert meetings.show(before.pk, 99, by).slide == len(DECKS[Kind.WEEKLY]) - 1
    moment.simulate(tokyo(4, 27))
    after, _new = meetings.start(Kind.WEEKLY, by, now=moment.now())
    assert meetings.show(after.pk, 99, by).slide == len(SHORT) - 1
    with pytest.raises(BadValue):
        meetings.retitle(after.pk, "voice", "?", "", by)
    # Tuesday 28 April is the next; Wednesday 29 April, a holiday, moves to the day after it.
    organization = Organization.current()
    assert meetings.next_day(Kind.WEEKLY, organization, moment.now()) == tokyo(4, 28).date()
    meetings.agree(Kind.WEEKLY, agreed(weekday=2), acting(boss), now=moment.now())
    assert meetings.next_day(Kind.WEEKLY, organization, moment.now()) == tokyo(4, 30).date()
    meetings.agree(Kind.WEEKLY, agreed(unit=""), acting(boss), now=moment.now())
    assert meetings.next_day(Kind.WEEKLY, organization, moment.now()) is None


def test_the_same_again_is_no_new_version_and_the_ledger_says_what_changed(boss: Member) -> None:
    by = acting(boss)
    for _time in range(2):
        meetings.agree(Kind.MONTHLY, agreed(members=[boss.pk]), by, now=moment.now())
    assert meetings.of_kind(Kind.MONTHLY).version == 2
    (event,) = Event.objects.filter(kind=EventKind.SETTING_CHANGED, data__what="meeting.monthly")
    assert event.data["new"]["slides"] == [list(slide) for slide in SHORT]
    assert (event.data["old"]["at"], event.data["new"]["at"]) == ("14:00", "10:00")


def test_two_who_agree_at_once_see_each_other_and_a_member_may_not(company: Company, boss: Member) -> None:
    meetings.agree(Kind.STANDUP, agreed(), acting(boss), now=moment.now(), version=1)
    with pytest.raises(MoveRefused) as refused:
        meetings.agree(Kind.STANDUP, agreed(every=2), acting(boss), now=moment.now(), version=1)
    assert boss.name in refused.value.say("en")
    with pytest.raises(NotYours):
        meetings.agree(Kind.STANDUP, agreed(), company.by(Department.MARKETING), now=moment.now())


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"unit": "year"}, "unit"),
        ({"every": 0}, "every"),
        ({"every": 13}, "every"),
        ({"weekday": None}, "weekday"),
        ({"weekday": 7}, "weekday"),
        ({"slides": []}, "slides"),
        ({"slides": [("wrap-up", 5), ("sla", 5)]}, "slides"),
        ({"slides": [("sla", 5), ("sla", 5), ("wrap-up", 5)]}, "slides"),
        ({"slides": [("party", 5), ("wrap-up", 5)]}, "slides"),
        ({"slides": [("sla", 0), ("wrap-up", 5)]}, "slides"),
        ({"slides": [("sla", 121), ("wrap-up", 5)]}, "slides"),
        ({"departments": ["kitchen"]}, "departments"),
        ({"members": [0]}, "members"),
    ],
)
def test_what_cannot_be_held_is_refused_by_field(boss: Member, more: dict[str, Any], field: str) -> None:
    with pytest.raises(BadValue) as refused:
        meetings.agree(Kind.WEEKLY, agreed(**more), acting(boss), now=moment.now())
    assert refused.value.field == field
    assert MeetingTerms.objects.filter(kind=Kind.WEEKLY).count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dashboards_meetingterms SET every = 2",
        "DELETE FROM dashboards_meetingterms",
        "INSERT INTO dashboards_meetingterms (kind, version, unit, every, at, slides, with_leads, departments)"
        " VALUES ('weekly', 1, '', 1, '10:00', '[[1]]', true, '[]')",
        "INSERT INTO dashboards_meetingterms (kind, version, unit, every, at, slides, with_leads, departments)"
        " VALUES ('party', 1, '', 1, '10:00', '[[1]]', true, '[]')",
        "INSERT INTO dashboards_meetingterms (kind, version, unit, every, at, slides, with_leads, departments)"
        " VALUES ('weekly', 9, 'week', 1, '10:00', '[[1]]', true, '[]')",
        "INSERT INTO dashboards_meetingterms (kind, version, unit, every, at, slides, with_leads, departments)"
        " VALUES ('weekly', 9, '', 13, '10:00', '[[1]]', true, '[]')",
        "INSERT INTO dashboards_meetingterms (kind, version, unit, every, at, slides, with_leads, departments)"
        " VALUES ('weekly', 9, '', 1, '10:00', '[]', true, '[]')",
        "UPDATE dashboards_meeting SET terms_id = (SELECT id FROM dashboards_meetingterms WHERE kind = 'monthly')",
    ],
)
def test_the_database_refuses_what_cannot_be(company: Company, boss: Member, statement: str) -> None:
    meetings.start(Kind.WEEKLY, company.by(Department.INSIDE_SALES), now=moment.now())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_minutes_go_to_whom_the_terms_name(company: Company, boss: Member) -> None:
    named = a_member("customer_success")
    field, by = company.by(Department.FIELD_SALES), company.by(Department.INSIDE_SALES)
    meetings.agree(Kind.WEEKLY, agreed(members=[named.pk]), acting(boss), now=moment.now())
    meeting, _new = meetings.start(Kind.WEEKLY, by, now=moment.now())
    closed, _was = meetings.close(meeting.pk, by, now=moment.now())
    found = minutes.participants(closed, [], [], moment.now().date())
    assert set(found) == {named, field.member, by.member}


def body(client: Client, kind: str, **more: Any) -> dict[str, Any]:
    """What a browser sends when nothing was changed but `more`."""
    (row,) = [r for r in client.get("/settings/meetings/").context["rows"] if r["kind"] == kind]
    sent: dict[str, Any] = {f"{kind}-version": row["terms"].version}
    for field in row["form"]:
        value = field.value()
        if value not in (None, False):
            sent[field.html_name] = value
    return {**sent, **{f"{kind}-{name}": value for name, value in more.items()}}


def test_it_is_agreed_on_a_page_and_told_among_the_changes(company: Company, boss: Member) -> None:
    desk = Client()
    desk.force_login(boss)
    assert desk.post("/settings/meetings/weekly/", body(desk, "weekly")).status_code == 302
    assert meetings.of_kind(Kind.WEEKLY).version == 1
    sent = body(desk, "weekly", weekday="1", at="10:30", order_sla="1", order_overall="2", minutes_sla="12")
    stale = body(desk, "weekly", at="11:00")
    assert desk.post("/settings/meetings/weekly/", sent).status_code == 302
    found = meetings.of_kind(Kind.WEEKLY)
    assert (found.weekday, found.at, found.slides[0]) == (1, time(10, 30), ["sla", 12])
    page = desk.get("/settings/meetings/").content.decode()
    assert "Tuesday at 10:30" in page
    assert "SLA 12 min → Overall 5 min" in page
    refused = desk.post("/settings/meetings/weekly/", stale)
    assert (refused.status_code, boss.name in refused.content.decode()) == (422, True)
    assert 'value="11:00"' in refused.content.decode()
    changes = desk.get("/settings/history/").content.decode()
    assert "Meeting: Weekly review" in changes
    assert "10:30" in changes
    listed = desk.get("/review/").content.decode()
    assert "10:30" in listed
    assert "20260421T013000Z" in desk.get("/review/calendar.ics").content.decode()


@pytest.mark.parametrize(
    "more",
    [
        {"every": "0"},
        {"every": "x"},
        {"at": "25:00"},
        {"unit": "year"},
        {"order_sla": ""},
        {"minutes_sla": "0"},
        {"weekday": ""},
        {"members": "999999"},
        {"order_wrap-up": "1", "order_overall": "2"},
    ],
)
def test_nonsense_is_said_with_what_was_typed(company: Company, boss: Member, more: dict[str, str]) -> None:
    desk = Client()
    desk.force_login(boss)
    answer = desk.post("/settings/meetings/weekly/", body(desk, "weekly", **more))
    assert answer.status_code == 422
    assert "error" in answer.content.decode()
    assert meetings.of_kind(Kind.WEEKLY).version == 1


def test_who_leads_sees_it_and_cannot_change_it(company: Company) -> None:
    desk = Client()
    desk.force_login(a_member("marketing", role="lead"))
    page = desk.get("/settings/meetings/")
    assert (page.status_code, "<details open" in page.content.decode()) == (200, False)
    assert desk.post("/settings/meetings/weekly/", {}).status_code == 403


def test_the_month_that_begins_is_planned_on_its_slide(company: Company) -> None:
    moment.simulate(tokyo(5, 7))
    meeting, _new = meetings.start(Kind.MONTHLY, company.by(Department.MARKETING), now=moment.now())
    assert Meeting.objects.get(pk=meeting.pk).ends == tokyo(4, 30).date()
    desk = Client()
    desk.force_login(a_member("marketing", language="en"))
    place = [slide.topic for slide in meeting.terms.deck].index("next") + 1
    page = desk.get(f"/review/monthly/2026-05/?slide={place}")
    assert "Targets of 2026/05" in page.content.decode()
    assert "has no targets yet" in page.content.decode()
