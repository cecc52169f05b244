"""A week in words: one sentence of each department, who helped another one, and where the meetings show them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from dashboards import meetings, weekly
from dashboards.deck import Kind
from dashboards.models import Help, WeekWord
from funnel import moment
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.stages import Department
from funnel.transitions.acting import Actor
from tests.builders import a_member
from tests.dashboards.conftest import DAY, Company, tokyo
from tests.doors import Caller, a_token

pytestmark = pytest.mark.django_db
NOW = tokyo(4, 23)
MONDAY = date(2026, 4, 20)
SAID = "価格の前に事例を聞かれる。"
OURS = Department.MARKETING


def said(company: Company, text: str = SAID, seen: int = 0, week: date = MONDAY) -> WeekWord:
    moment.simulate(NOW)
    return weekly.say(OURS, week, text, seen, company.by(OURS), now=NOW)


def thanked(
    company: Company, helper: Department = Department.INSIDE_SALES, of: str = OURS, **over: Any
) -> Help:
    moment.simulate(NOW)
    given: dict[str, Any] = {"week": MONDAY, "text": "展示会の受付に入った", **over}
    pk = company.member[helper].pk
    return weekly.thank(pk, of, given["week"], given["text"], company.by(OURS), now=NOW)


def test_a_sentence_has_versions_and_the_last_one_counts(company: Company) -> None:
    assert said(company).version == 1
    assert said(company, "別の話", seen=1).version == 2
    # Sent a second time it changes nothing, whatever was seen.
    assert said(company, "別の話", seen=1).version == 2
    with pytest.raises(MoveRefused) as refused:
        said(company, "三つ目", seen=1)
    assert "別の話" in str(refused.value.params)
    assert weekly.words((MONDAY, MONDAY), NOW)[OURS].text == "別の話"
    assert weekly.words((MONDAY, MONDAY), NOW - DAY) == {}
    said(company, "", seen=2)
    assert weekly.words((MONDAY, MONDAY), NOW) == {}
    assert WeekWord.objects.count() == 3


def test_of_two_weeks_the_newer_sentence_is_shown_and_one_taken_back_uncovers_the_older(
    company: Company,
) -> None:
    before = MONDAY - weekly.ONE_WEEK
    said(company, "先週", week=before)
    said(company)
    assert weekly.words((before, MONDAY), NOW)[OURS].text == SAID
    said(company, "", seen=1)
    assert weekly.words((before, MONDAY), NOW)[OURS].text == "先週"


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 101}, "text"),
        ({"week": date(2026, 4, 6)}, "week"),
        ({"week": date(2026, 4, 21)}, "week"),
        ({"week": date(2026, 4, 27)}, "week"),
    ],
)
def test_what_cannot_be_said_is_refused_naming_the_field(
    company: Company, over: dict[str, Any], field: str
) -> None:
    for act in (said, thanked):
        with pytest.raises(BadValue) as refused:
            act(company, **over)
        assert (refused.value.field, bool(refused.value.say("ja"))) == (field, True)
    assert not WeekWord.objects.exists()
    assert not Help.objects.exists()


def test_nobody_speaks_for_another_department_nor_without_one(company: Company) -> None:
    with pytest.raises(NotYours):
        weekly.say(Department.FIELD_SALES, MONDAY, "x", 0, company.by(OURS), now=NOW)
    viewer = Actor.of(a_member(is_viewer=True), "html", now=NOW)
    with pytest.raises(NotYours):
        weekly.say(OURS, MONDAY, "x", 0, viewer, now=NOW)
    with pytest.raises(BadValue):
        weekly.say("sales", MONDAY, "x", 0, company.by(OURS), now=NOW)


def test_who_helped_belongs_to_another_department_and_can_be_taken_back_once(company: Company) -> None:
    with pytest.raises(BadValue) as refused:
        thanked(company, helper=OURS)
    assert refused.value.field == "department"
    with pytest.raises(BadValue):
        weekly.thank(0, OURS, MONDAY, "x", company.by(OURS), now=NOW)
    found = thanked(company)
    assert [each.pk for each in weekly.helps((MONDAY, MONDAY), NOW)] == [found.pk]
    weekly.withdraw(found.pk, company.by(OURS), now=NOW + DAY)
    weekly.withdraw(found.pk, company.by(OURS), now=NOW + 2 * DAY)
    assert not weekly.helps((MONDAY, MONDAY), NOW + DAY)
    # A meeting closed before still shows it.
    assert weekly.helps((MONDAY, MONDAY), NOW)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE dashboards_weekword SET text = 'x'", "said_stands"),
        ("DELETE FROM dashboards_weekword", "said_stands"),
        ("INSERT INTO dashboards_weekword (week, department, version, text, by_id, said_at) SELECT week, department,"
         " version, text, by_id, said_at FROM dashboards_weekword", "week_word_version_once"),
        ("INSERT INTO dashboards_weekword (week, department, version, text, by_id, said_at) SELECT week + 1, department,"
         " version, text, by_id, said_at FROM dashboards_weekword", "week_word_of_a_monday"),
        ("INSERT INTO dashboards_weekword (week, department, version, text, by_id, said_at) SELECT week, 'x',"
         " version, text, by_id, said_at FROM dashboards_weekword", "week_word_department"),
        ("INSERT INTO dashboards_weekword (week, department, version, text, by_id, said_at) SELECT week + 7, department,"
         " version, '', by_id, said_at FROM dashboards_weekword", "week_word_says_something"),
        ("UPDATE dashboards_help SET text = 'x'", "said_stands"),
        ("DELETE FROM dashboards_help", "said_stands"),
        ("UPDATE dashboards_help SET withdrawn_at = now()", "help_withdrawn_by_somebody"),
        ("INSERT INTO dashboards_help (week, helper_id, department, text, by_id, said_at) SELECT week + 1, helper_id,"
         " department, text, by_id, said_at FROM dashboards_help", "help_of_a_monday"),
        ("INSERT INTO dashboards_help (week, helper_id, department, text, by_id, said_at) SELECT week, helper_id,"
         " 'x', text, by_id, said_at FROM dashboards_help", "help_department_known"),
        ("INSERT INTO dashboards_help (week, helper_id, department, text, by_id, said_at) SELECT week, helper_id,"
         " department, '', by_id, said_at FROM dashboards_help", "help_says_how"),
    ],
)  # fmt: skip
def test_the_database_holds_it(company: Company, statement: str, constraint: str) -> None:
    said(company)
    thanked(company)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def signed_in(company: Company) -> Client:
    client = Client()
    client.force_login(company.member[OURS])
    moment.simulate(NOW)
    return client


def test_a_week_is_said_on_its_page_and_what_is_refused_stays_typed(company: Company) -> None:
    client = signed_in(company)
    sent = {"week": "2026-W17", "department": OURS, "text": SAID, "seen": "0"}
    assert client.post("/review/week/say/", sent)["Location"] == "/review/week/?week=2026-W17"
    page = client.get("/review/week/").content.decode()
    assert SAID in page
    stale = client.post("/review/week/say/", {**sent, "text": "あとの人", "seen": "0"})
    assert (stale.status_code, "あとの人" in stale.content.decode()) == (409, True)
    helper = company.member[Department.INSIDE_SALES]
    named = {"week": "2026-W17", "helper": helper.pk, "department": OURS, "text": "受付", "once": "a"}
    client.post("/review/week/helped/", named)
    client.post("/review/week/helped/", named)
    found = Help.objects.get()
    own = client.post("/review/week/helped/", {**named, "helper": company.member[OURS].pk, "once": "b"})
    assert (own.status_code, 'value="受付"' in own.content.decode()) == (422, True)
    client.post(f"/review/week/helped/{found.pk}/withdraw/", {"week": "2026-W17"})
    assert "受付" not in client.get("/review/week/").content.decode()
    # A week that is over can be read, not written; one that never was is not found.
    assert "<textarea" not in client.get("/review/week/?week=2026-W10").content.decode()
    for wrong in ("2026-W99", "x", "2026-W18", "9999-W01"):
        assert client.get(f"/review/week/?week={wrong}").status_code == 404


def test_the_queue_reminds_from_thursday_on_until_it_is_said(company: Company) -> None:
    client = signed_in(company)
    assert "/review/week/" in client.get("/funnel/mine/").content.decode()
    said(company)
    assert "/review/week/" not in client.get("/funnel/mine/").content.decode()


def test_a_review_shows_what_was_said_until_it_was_closed(company: Company) -> None:
    client = signed_in(company)
    said(company)
    thanked(company)
    by = company.by(OURS)
    found, _ = meetings.start(Kind.WEEKLY, by, now=NOW)
    there = f"/review/weekly/{found.label}/"
    topics = [slide.topic for slide in found.terms.deck]
    voice, last = topics.index("voice") + 1, len(topics)
    assert SAID in client.get(f"{there}?slide={voice}").content.decode()
    assert "展示会の受付に入った" in client.get(f"{there}?slide={last}").content.decode()
    meetings.close(found.pk, by, now=NOW)
    moment.simulate(NOW + DAY)
    weekly.say(OURS, MONDAY, "閉じたあとの話", 1, by, now=NOW + DAY)
    report = client.get(f"{there}print/").content.decode()
    assert SAID in report
    assert "閉じたあとの話" not in report


def test_the_api_says_and_lists(company: Company) -> None:
    moment.simulate(NOW)
    caller = Caller(a_token())
    made = caller.post("week-words/", {"week": "2026-04-20", "department": OURS, "text": SAID})
    assert (made.status, made["version"]) == (201, 1)
    assert caller.get("week-words/")["results"] == [made.body]
    assert caller.post("week-words/", {"week": "2026-04-21", "department": OURS, "text": SAID}).status == 422
    helper = company.member[Department.INSIDE_SALES].pk
    named = caller.post(
        "helps/", {"week": "2026-04-20", "department": OURS, "helper": helper, "text": "受付"}
    )
    assert named.status == 201
    assert caller.get(f"helps/?helper={helper}")["results"] == [named.body]
