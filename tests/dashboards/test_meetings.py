"""A meeting over the numbers: started once, frozen, moved by anybody, lost by nobody."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from dashboards import counts, improving, live, meetings
from dashboards.deck import DECKS, Kind
from dashboards.models import KpiAnswer, Meeting
from dashboards.scope import Scope
from funnel import moment
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import Organization
from funnel.spreadsheet import XLSX
from funnel.stages import STAGE_WORDS, Department
from funnel.transitions.acting import Actor
from handoffs import notices
from tests.builders import a_member
from tests.dashboards.conftest import DAY, HOUR, Company, tokyo
from tests.funnel.test_workbook import opened

pytestmark = pytest.mark.django_db


def a_week(company: Company) -> None:
    """Some leads of April, of which two became MQL and one was called."""
    for n in range(4):
        company.lead(tokyo(4, 7 + n))
    for n in range(2):
        lead = company.lead(tokyo(4, 13 + n))
        company.mql(lead, tokyo(4, 13 + n))
        if n:
            company.call(lead, tokyo(4, 13 + n) + HOUR)
    moment.simulate(tokyo(4, 20))


def started(company: Company, kind: str = Kind.WEEKLY) -> Meeting:
    return meetings.start(kind, company.by(Department.INSIDE_SALES), now=moment.now())[0]


def test_it_is_started_once_whoever_starts_it_again(company: Company) -> None:
    a_week(company)
    first = started(company)
    moment.simulate(tokyo(4, 21))
    company.lead(tokyo(4, 21))
    again, is_new = meetings.start(Kind.WEEKLY, company.by(Department.MARKETING), now=moment.now())
    assert (again.pk, is_new, again.snapshot) == (first.pk, False, first.snapshot)
    moment.simulate(tokyo(4, 27))
    other, is_new = meetings.start(Kind.WEEKLY, company.by(Department.MARKETING), now=moment.now())
    assert (other.label, is_new, other.since_id) == ("2026-W18", True, first.pk)


@pytest.mark.django_db(transaction=True)
def test_two_who_start_it_at_once_share_one(company: Company) -> None:
    a_week(company)
    by, now, found = company.by(Department.INSIDE_SALES), moment.now(), []
    gate = threading.Barrier(4)

    def press() -> None:
        gate.wait()
        found.append(meetings.start(Kind.WEEKLY, by, now=now))
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({meeting.pk for meeting, _ in found}) == 1
    assert [is_new for _, is_new in found].count(True) == 1


def test_its_numbers_stay_to_the_digit_whatever_is_recorded_later(company: Company) -> None:
    a_week(company)
    meeting = started(company)
    kept = Meeting.objects.get(pk=meeting.pk).snapshot
    at = meeting.started_at
    for n in range(40):
        company.lead(tokyo(4, 21) + n * HOUR)
    # Back-dated into the days the meeting looked at, and a correction of what it counted.
    late = company.lead(tokyo(4, 25))
    company.mql(late, tokyo(4, 25))
    assert Meeting.objects.get(pk=meeting.pk).snapshot == kept
    known = counts.funnels([Scope(meeting.starts, meeting.ends)], at)[0]
    for stage in ("lead", "mql", "sql", "won"):
        assert kept["numbers"][f"stage:{stage}"] == known.count(stage), stage
    live_now = meetings.collect(Scope(meeting.starts, meeting.ends), Organization.current(), moment.now())
    assert live_now["numbers"]["stage:lead"] == kept["numbers"]["stage:lead"] + 41
    assert meetings.moved(live_now, kept)["lead"] == 41


def test_a_snapshot_takes_the_same_statements_whatever_there_is(
    company: Company, django_assert_max_num_queries: Any
) -> None:
    scope = Scope(tokyo(4, 1).date(), tokyo(4, 30).date())
    a_week(company)
    organization = Organization.current()
    with django_assert_max_num_queries(40) as few:
        meetings.collect(scope, organization, moment.now())
    for n in range(12):
        lead = company.lead(tokyo(4, 20) + n * HOUR)
        company.mql(lead, tokyo(4, 20) + n * HOUR)
    with django_assert_max_num_queries(len(few)):
        meetings.collect(scope, organization, moment.now())


def test_everybody_who_writes_may_move_it_and_who_looks_may_not(company: Company) -> None:
    meeting = started(company)
    viewer = Actor.of(a_member(is_viewer=True), "html", now=moment.now())
    with pytest.raises(NotYours):
        meetings.show(meeting.pk, 2, viewer)
    by = company.by(Department.FIELD_SALES)
    assert meetings.show(meeting.pk, 3, by).slide == 3
    assert meetings.show(meeting.pk, 99, by).slide == len(DECKS[Kind.WEEKLY]) - 1
    assert meetings.show(meeting.pk, -5, by).slide == 0
    with pytest.raises(BadValue):
        meetings.start("party", by, now=moment.now())


def test_two_who_write_the_claim_at_once_see_each_other(company: Company) -> None:
    meeting, by = started(company), company.by(Department.FIELD_SALES)
    assert meetings.retitle(meeting.pk, "sla", "  電話が  遅い ", "", by).titles == {"sla": "電話が 遅い"}
    with pytest.raises(MoveRefused) as refused:
        meetings.retitle(meeting.pk, "sla", "別の言葉", "", by)
    assert "電話が 遅い" in refused.value.say("ja")
    assert meetings.retitle(meeting.pk, "sla", "", "電話が 遅い", by).titles == {}
    with pytest.raises(BadValue):
        meetings.retitle(meeting.pk, "sla", "x" * 81, "", by)
    with pytest.raises(BadValue):
        meetings.retitle(meeting.pk, "kpis", "x", "", by)


def test_the_timer_counts_while_it_runs_and_stands_at_the_end(company: Company) -> None:
    moment.simulate(tokyo(4, 20))
    meeting, by = started(company), company.by(Department.FIELD_SALES)
    assert meetings.spent(meeting, tokyo(4, 20) + HOUR / 2) == 1800
    meeting = meetings.run_timer(meeting.pk, by, now=tokyo(4, 20) + HOUR / 2)
    assert meetings.spent(meeting, tokyo(4, 20) + HOUR) == 1800
    meetings.run_timer(meeting.pk, by, now=tokyo(4, 20) + HOUR)
    meeting, was_open = meetings.close(meeting.pk, by, now=tokyo(4, 20) + HOUR * 1.5)
    assert (was_open, meetings.spent(meeting, tokyo(4, 20) + DAY)) == (True, 3600)
    assert meetings.close(meeting.pk, by, now=tokyo(4, 21))[1] is False
    with pytest.raises(MoveRefused):
        meetings.show(meeting.pk, 1, by)
    assert meetings.show(meetings.reopen(meeting.pk, by).pk, 1, by).slide == 1


def test_every_change_is_told_to_the_screens(company: Company) -> None:
    meeting, by = started(company), company.by(Department.FIELD_SALES)
    seen = [dict(Meeting.running())[meeting.pk]]
    for change in (
        lambda: meetings.show(meeting.pk, 1, by),
        lambda: meetings.show_live(meeting.pk, by, is_live=True),
        lambda: meetings.retitle(meeting.pk, "sla", "x", "", by),
        lambda: meetings.run_timer(meeting.pk, by, now=moment.now()),
        lambda: meetings.changed(meeting.pk),
    ):
        change()
        seen.append(dict(Meeting.running())[meeting.pk])
    assert seen == sorted(set(seen))
    assert live.frame(moment.now())["meetings"] == {str(meeting.pk): seen[-1]}
    meetings.close(meeting.pk, by, now=moment.now())
    assert Meeting.running() == []


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE dashboards_meeting SET snapshot = '{}'", "meeting_stands"),
        ("UPDATE dashboards_meeting SET label = 'x'", "meeting_stands"),
        ("UPDATE dashboards_meeting SET version = version - 1", "meeting_stands"),
        ("DELETE FROM dashboards_meeting", "meeting_stands"),
        ("UPDATE dashboards_meeting SET closed_at = now()", "meeting_closed_by_somebody"),
        (
            "INSERT INTO dashboards_meeting (kind, label, held_on, starts, ends, started_at, started_by_id, terms_id,"
            " snapshot, slide, is_live, titles, timer_spent, version) SELECT kind, label, held_on, starts, ends, started_at,"
            " started_by_id, terms_id, '{}', 0, false, '{}', 0, 0 FROM dashboards_meeting",
            "meeting_once",
        ),
        (
            "INSERT INTO dashboards_meeting (kind, label, held_on, starts, ends, started_at, started_by_id, terms_id,"
            " snapshot, slide, is_live, titles, timer_spent, version) SELECT 'party', 'x', held_on, starts, ends,"
            " started_at, started_by_id, terms_id, '{}', 0, false, '{}', 0, 0 FROM dashboards_meeting",
            "meeting_kind_known",
        ),
        (
            "INSERT INTO dashboards_meeting (kind, label, held_on, starts, ends, started_at, started_by_id, terms_id,"
            " snapshot, slide, is_live, titles, timer_spent, version) SELECT kind, 'x', held_on, ends, starts, started_at,"
            " started_by_id, terms_id, '{}', 0, false, '{}', 0, 0 FROM dashboards_meeting",
            "meeting_scope_runs_forward",
        ),
    ],
)
def test_the_database_holds_it(company: Company, statement: str, constraint: str) -> None:
    meetings.show(started(company).pk, 1, company.by(Department.MARKETING))
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def signed_in(company: Company) -> Client:
    client = Client()
    client.force_login(company.member[Department.INSIDE_SALES])
    return client


@pytest.mark.parametrize("kind", [*DECKS])
def test_every_slide_of_every_kind_is_shown_from_an_empty_company_and_a_full_one(
    company: Company, kind: str
) -> None:
    client = signed_in(company)
    moment.simulate(tokyo(3, 2))
    empty = client.post(f"/review/{kind}/start/")["Location"]
    for n in range(len(DECKS[kind])):
        assert client.get(f"{empty}?slide={n + 1}").status_code == 200
    a_week(company)
    full = client.post(f"/review/{kind}/start/")["Location"]
    client.post(f"{full}live/", {"live": "1"})
    for n in range(len(DECKS[kind])):
        assert client.get(f"{full}?slide={n + 1}").status_code == 200
    assert client.get(f"{full}print/").status_code == 200
    for name in meetings.TABLES:
        lines = client.get(f"{full}{name}.csv").content.decode("utf-8-sig").splitlines()
        assert len(lines) >= 1
    assert client.get(f"{full}nothing.csv").status_code == 404


def test_a_meeting_follows_the_room_by_the_stream(company: Company) -> None:
    client = signed_in(company)
    page = client.get(client.post("/review/weekly/start/")["Location"]).content.decode()
    # Deferred scripts run in the order they stand in; without the stream the page only asks every few seconds.
    assert 0 < page.index("revops/live.js") < page.index("revops/meeting.js")


def test_addresses_that_name_no_meeting_are_not_found(company: Company) -> None:
    client = signed_in(company)
    for path in ("/review/weekly/2026-W01/", "/review/party/x/", "/review/weekly/2026-W01/print/"):
        assert client.get(path).status_code == 404
    assert client.post("/review/party/start/").status_code == 404
    assert client.post("/review/weekly/2026-W01/show/", {"slide": "2"}).status_code == 404


def test_a_refusal_is_said_and_what_was_typed_stays(company: Company) -> None:
    client = signed_in(company)
    here = client.post("/review/weekly/start/")["Location"]
    client.post(f"{here}title/", {"topic": "sla", "title": "先に書いた", "seen": ""})
    page = client.post(f"{here}title/", {"topic": "sla", "title": "後から書いた", "seen": ""})
    assert page.status_code == 409
    assert "先に書いた" in page.content.decode()
    assert "後から書いた" in page.content.decode()
    client.post(f"{here}close/")
    assert client.post(f"{here}show/", {"slide": "2"}).status_code == 409
    assert client.post(f"{here}show/", {"slide": "えっ"}).status_code == 409


def test_the_list_pages_through_what_was_held(company: Company) -> None:
    client, begun = signed_in(company), time.monotonic()
    for n in range(33):
        moment.simulate(tokyo(3, 1) + n * DAY)
        client.post("/review/standup/start/")
    first = client.get("/review/").content.decode()
    assert first.count('class="row-link"') == 30
    older = client.get(
        f"/review/?kind=standup&after={Meeting.objects.order_by('-pk')[29].pk}"
    ).content.decode()
    assert older.count('class="row-link"') == 3
    assert client.get("/review/?kind=nothing&after=x").status_code == 200
    assert time.monotonic() - begun < 600


def test_whether_a_kpi_still_serves_is_asked_and_kept(company: Company) -> None:
    moment.simulate(tokyo(4, 2))
    by = company.by(Department.INSIDE_SALES)
    meeting = started(company, Kind.QUARTERLY)
    meetings.answer(meeting.pk, "mql", "change", by, now=moment.now())
    assert meetings.answer(meeting.pk, "mql", "keep", by, now=moment.now()).answer == "keep"
    assert KpiAnswer.objects.count() == 1
    for slug, said in (("nothing", "keep"), ("mql", "perhaps")):
        with pytest.raises(BadValue):
            meetings.answer(meeting.pk, slug, said, by, now=moment.now())
    meetings.close(meeting.pk, by, now=moment.now())
    with pytest.raises(MoveRefused):
        meetings.answer(meeting.pk, "mql", "drop", by, now=moment.now())


@pytest.mark.parametrize(
    ("values", "constraint"), [("'mql', 'keep'", "kpi_answered_once"), ("'sql', 'maybe'", "kpi_answer_known")]
)
def test_the_database_holds_answers(company: Company, values: str, constraint: str) -> None:
    moment.simulate(tokyo(4, 2))
    meeting = started(company, Kind.QUARTERLY)
    meetings.answer(meeting.pk, "mql", "keep", company.by(Department.INSIDE_SALES), now=moment.now())
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO dashboards_kpianswer (meeting_id, kpi, answer, answered_at, answered_by_id)"  # noqa: S608
            f" SELECT id, {values}, now(), started_by_id FROM dashboards_meeting"
        )


def test_closing_sends_the_minutes_once_in_each_readers_language(
    company: Company, settings: Any, mailoutbox: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client = signed_in(company)
    a_week(company)
    english = company.member[Department.MARKETING]
    type(english).objects.filter(pk=english.pk).update(language="en")
    here = client.post("/review/weekly/start/")["Location"]
    client.post(f"{here}title/", {"topic": "sla", "title": "電話が遅い", "seen": ""})
    client.post(f"{here}decide/", {"decision": f"架電を早める @{english.name} 来週金曜"})
    for _ in range(2):
        client.post(f"{here}close/")
    notices.spread()
    notices.deliver()
    letters = {message.to[0]: message for message in mailoutbox}
    assert len(mailoutbox) == len(letters) == len(Department)
    said = letters[english.email]
    assert said.subject.startswith("Minutes: Weekly review Week 17, 2026")
    assert "- 架電を早める (marketing, Fri 1 May)" in said.body
    assert "- SLA: 電話が遅い" in said.body
    assert here in said.body
    other = letters[company.member[Department.FIELD_SALES].email]
    assert other.subject.startswith("議事録: 週次レビュー 2026年第17週")
    assert here in client.get("/notices/").content.decode()


def test_all_its_tables_are_one_excel_file_in_the_readers_language(company: Company) -> None:
    a_week(company)
    meeting, by = started(company), company.by(Department.INSIDE_SALES)
    assert by.member is not None
    plan = improving.Plan("=朝礼で確認する", by.member.pk, tokyo(4, 24).date())
    meetings.decide(meeting.pk, plan, by, now=moment.now())
    for language, stage in (("ja", STAGE_WORDS["lead"].ja), ("en", STAGE_WORDS["lead"].en)):
        client = Client()
        client.force_login(a_member("marketing", language=language))
        answer = client.get(f"/review/weekly/{meeting.label}/tables.xlsx")
        assert (answer.status_code, answer["Content-Type"]) == (200, XLSX)
        books = opened(answer.content)
        assert len(books) == 6
        _name, stages = books[0]
        (row,) = [each for each in stages if each[0] == stage]
        assert meeting.snapshot["numbers"]["stage:lead"] in row
        assert ["=朝礼で確認する", by.member.name] == books[4][1][1][:2]
