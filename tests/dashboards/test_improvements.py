"""What was decided is followed up: written once, owned, done or dropped, and measured by the product itself."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from dashboards import effects, improving, kpis, meetings
from dashboards.deck import Kind
from dashboards.effects import State, compared, weeks_since, windows
from dashboards.improving import Plan
from dashboards.intervals import difference
from dashboards.kpis import Value
from dashboards.models import Improvement
from funnel import moment
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import Organization
from funnel.stages import Department
from funnel.transitions.acting import Actor
from tests.builders import a_member
from tests.dashboards.conftest import DAY, Company, tokyo

pytestmark = pytest.mark.django_db
NOW = tokyo(4, 20)


def plan(company: Company, **over: Any) -> Plan:
    owner = company.member[Department.MARKETING].pk
    return Plan("電話番号の欄を足す", owner, date(2026, 5, 1))._replace(**over)


def decided(company: Company, **over: Any) -> Improvement:
    moment.simulate(NOW)
    return improving.decide(plan(company, **over), company.by(Department.INSIDE_SALES), now=NOW)


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "x" * 201}, "text"),
        ({"hypothesis": "x" * 501}, "hypothesis"),
        ({"due": date(2026, 4, 19)}, "due_on"),
        ({"due": date(2029, 1, 1)}, "due_on"),
        ({"kpi": "nothing"}, "kpi"),
        ({"owner": 0}, "owner"),
        ({"cause": "nothing"}, "cause"),
    ],
)
def test_what_cannot_be_is_refused_naming_the_field(
    company: Company, over: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadValue) as refused:
        decided(company, **over)
    assert refused.value.field == field
    assert refused.value.say("ja")
    assert not Improvement.objects.exists()


def test_who_only_looks_decides_nothing(company: Company) -> None:
    viewer = Actor.of(a_member(is_viewer=True), "html", now=NOW)
    with pytest.raises(NotYours):
        improving.decide(plan(company), viewer, now=NOW)


def test_it_is_done_opened_again_and_dropped(company: Company) -> None:
    by, found = company.by(Department.MARKETING), decided(company)
    with pytest.raises(BadValue):
        improving.finish(found.pk, by, now=NOW, on=date(2026, 4, 21))
    assert improving.finish(found.pk, by, now=NOW).done_on == date(2026, 4, 20)
    with pytest.raises(MoveRefused):
        improving.drop(found.pk, "なし", by, now=NOW)
    improving.reopen(found.pk, by)
    with pytest.raises(BadValue):
        improving.drop(found.pk, "  ", by, now=NOW)
    assert improving.drop(found.pk, "別の方法にした", by, now=NOW).dropped_why == "別の方法にした"
    assert improving.counts() == (0, 0, 1)


def test_two_who_change_it_at_once_see_each_other(company: Company) -> None:
    by, found = company.by(Department.MARKETING), decided(company)
    improving.change(found.pk, plan(company, text="先"), 0, by, now=NOW)
    with pytest.raises(MoveRefused):
        improving.change(found.pk, plan(company, text="後"), 0, by, now=NOW)
    assert Improvement.objects.get().text == "先"
    # A day that has passed meanwhile may stay where it was.
    late = NOW + 30 * DAY
    assert improving.change(found.pk, plan(company, text="遅い"), 1, by, now=late).due_on == date(2026, 5, 1)


def test_the_homework_of_a_meeting_comes_late_ones_first_and_done_ones_last(company: Company) -> None:
    moment.simulate(tokyo(4, 13))
    by = company.by(Department.INSIDE_SALES)
    first, _ = meetings.start(Kind.WEEKLY, by, now=tokyo(4, 13))
    done = meetings.decide(first.pk, plan(company, text="済んだ"), by, now=tokyo(4, 13))
    late = meetings.decide(
        first.pk, plan(company, text="遅れた", due=date(2026, 4, 15)), by, now=tokyo(4, 13)
    )
    ahead = meetings.decide(first.pk, plan(company, text="これから"), by, now=tokyo(4, 13))
    improving.finish(done.pk, by, now=tokyo(4, 14))
    assert [each.pk for each in improving.homework(first, 9)] == [late.pk, ahead.pk, done.pk]
    assert [each.pk for each in improving.homework(None, 9)] == [late.pk, ahead.pk]
    meetings.close(first.pk, by, now=tokyo(4, 13))
    with pytest.raises(MoveRefused):
        meetings.decide(first.pk, plan(company), by, now=tokyo(4, 13))


# Newcombe 1998, table II, method 10, contrasts (a), (b), (c), (f), (g), (h).
@pytest.mark.parametrize(
    ("now", "then", "expected"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_the_interval_of_a_difference_is_the_published_one(now: Any, then: Any, expected: Any) -> None:
    found = difference(*now, *then)
    assert found is not None
    assert [round(bound, 4) for bound in found] == pytest.approx(expected, abs=2e-4)


def test_nothing_is_compared_with_nothing() -> None:
    assert difference(0, 0, 1, 2) is None


def test_the_days_compared_are_whole_weeks_on_both_sides() -> None:
    done = date(2026, 4, 15)
    assert [weeks_since(done, done + timedelta(days=n)) for n in (0, 6, 7, 13, 14, 28, 90)] == [
        0,
        0,
        1,
        1,
        2,
        4,
        4,
    ]
    before, after = windows(done, 2)
    assert (before.start, before.end) == (date(2026, 4, 1), date(2026, 4, 14))
    assert (after.start, after.end) == (date(2026, 4, 16), date(2026, 4, 29))
    assert before.days == after.days == 14


@pytest.mark.parametrize(
    ("before", "after", "state", "sure", "better"),
    [
        ((30, 48), (38, 52), State.MEASURED, False, True),
        ((10, 50), (30, 50), State.MEASURED, True, True),
        ((30, 50), (10, 50), State.MEASURED, True, False),
        ((30, 50), (30, 50), State.MEASURED, False, None),
        ((3, 4), (30, 50), State.TOO_FEW, False, None),
        ((0, 0), (30, 50), State.TOO_FEW, False, None),
    ],
)
def test_what_can_be_said_of_a_rate(before: Any, after: Any, state: State, sure: bool, better: Any) -> None:
    kpi = kpis.get("mql-compliance")
    values = [Value(k / n if n else None, k, n) for k, n in (before, after)]
    found = compared(kpi, 4, *values)
    assert (found.state, found.is_sure, found.is_better) == (state, sure, better)


def test_the_effect_is_that_of_the_catalogues_number(company: Company) -> None:
    """Two of five calls were in time before, all of six after."""
    for n in range(5):
        lead = company.lead(tokyo(4, 1 + n))
        company.mql(lead, tokyo(4, 1 + n))
        if n < 2:
            company.call(lead, tokyo(4, 1 + n, 12))
    found = decided(company, kpi="mql-compliance")
    by = company.by(Department.MARKETING)
    moment.simulate(tokyo(4, 10))
    Improvement.objects.filter(pk=found.pk).update(version=1)
    improving.finish(found.pk, by, now=NOW, on=date(2026, 4, 8))
    for n in range(6):
        lead = company.lead(tokyo(4, 9 + n))
        company.mql(lead, tokyo(4, 9 + n))
        company.call(lead, tokyo(4, 9 + n, 12))
    now = tokyo(4, 16)
    moment.simulate(now)
    found.refresh_from_db()
    effect = effects.of(found, Organization.current(), now)
    assert effect.before is not None
    assert effect.after is not None
    assert (effect.weeks, effect.before.numerator, effect.before.denominator) == (1, 2, 5)
    assert (effect.after.numerator, effect.after.denominator) == (6, 6)
    assert effect.change == pytest.approx(0.6)
    assert effects.of(found, Organization.current(), tokyo(4, 14)).state is State.TOO_EARLY


def test_a_number_defined_anew_in_between_is_not_compared(company: Company, monkeypatch: Any) -> None:
    found = decided(company, kpi="mql")
    improving.finish(found.pk, company.by(Department.MARKETING), now=NOW)
    found.refresh_from_db()
    anew = dataclasses.replace(kpis.get("mql"), changed_on=date(2026, 4, 22))
    monkeypatch.setattr(kpis, "get", lambda slug: anew)
    assert effects.of(found, Organization.current(), tokyo(5, 4)).state is State.REDEFINED


def test_without_a_number_or_with_one_of_the_moment_nothing_is_measured(company: Company) -> None:
    by = company.by(Department.MARKETING)
    of_now = next(kpi.slug for kpi in kpis.ALL if kpi.is_now)
    for slug, state in (("", State.NO_KPI), ("gone", State.NO_KPI), (of_now, State.NOT_BY_PERIOD)):
        found = decided(company, kpi="" if slug == "gone" else slug)
        improving.finish(found.pk, by, now=NOW)
        Improvement.objects.filter(pk=found.pk).update(kpi=slug, version=2)
        found.refresh_from_db()
        assert effects.of(found, Organization.current(), tokyo(5, 4)).state is state


def test_the_homework_of_a_meeting_that_is_over_is_as_it_closed(company: Company) -> None:
    by = company.by(Department.MARKETING)
    kept, dropped = decided(company, text="のこる"), decided(company, text="あとで中止")
    moment.simulate(NOW + DAY)
    later, _ = meetings.start(Kind.WEEKLY, by, now=NOW + DAY)
    page = f"/review/weekly/{later.label}/"
    meetings.close(later.pk, by, now=NOW + DAY)
    client = signed_in(company)

    def shown() -> list[tuple[str, bool]]:
        homework = client.get(page).context["homework"]
        return [(each["text"], each["is_done"]) for each in homework]

    before = shown()
    assert before == [("のこる", False), ("あとで中止", False)]
    moment.simulate(NOW + 5 * DAY)
    improving.finish(kept.pk, by, now=NOW + 5 * DAY)
    improving.drop(dropped.pk, "中止", by, now=NOW + 5 * DAY)
    improving.decide(plan(company, text="新しい"), by, now=NOW + 5 * DAY)
    assert shown() == before


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE dashboards_improvement SET text = '', version = version + 1", "improvement_says_what"),
        (
            "UPDATE dashboards_improvement SET done_on = '2026-05-01', version = 9",
            "improvement_done_by_somebody",
        ),
        (
            "UPDATE dashboards_improvement SET dropped_at = now(), version = 9",
            "improvement_dropped_with_reason",
        ),
        (
            "UPDATE dashboards_improvement SET dropped_at = now(), dropped_by_id = owner_id, dropped_why = 'x',"
            " done_on = '2026-05-01', done_by_id = owner_id, version = 9",
            "improvement_one_end",
        ),
        ("UPDATE dashboards_improvement SET text = 'x'", "improvement_stands"),
        ("UPDATE dashboards_improvement SET decided_at = now(), version = 9", "improvement_stands"),
        ("DELETE FROM dashboards_improvement", "improvement_stands"),
    ],
)
def test_the_database_holds_it(company: Company, statement: str, constraint: str) -> None:
    decided(company)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def signed_in(company: Company) -> Client:
    client = Client()
    client.force_login(company.member[Department.INSIDE_SALES])
    moment.simulate(NOW)
    return client


def test_it_is_decided_changed_done_and_undone_on_its_pages(company: Company) -> None:
    client = signed_in(company)
    owner = company.member[Department.MARKETING]
    page = client.get("/improvements/new/?kpi=sql-rate&text=架電").content.decode()
    assert 'value="架電"' in page
    sent = {
        "text": "架電を早める",
        "owner": owner.pk,
        "due_on": "2026-05-01",
        "kpi": "sql-rate",
        "expected": "５%",
    }
    there = client.post("/improvements/new/", sent)["Location"]
    found = Improvement.objects.get()
    assert (found.expected, found.kpi, found.owner_id) == (Decimal("0.05"), "sql-rate", owner.pk)
    assert "+5.0pt" in client.get(there).content.decode()
    changed = {**sent, "text": "もっと早める", "version": "0"}
    client.post(f"{there}edit/", changed)
    again = client.post(f"{there}edit/", {**changed, "text": "あとから"})
    assert (again.status_code, "あとから" in again.content.decode()) == (422, True)
    assert client.post(f"{there}done/", {"done_on": "2026-04-30", "result": "書いた"}).status_code == 422
    client.post(f"{there}done/", {"done_on": "2026-04-20", "result": "速くなった"})
    assert "速くなった" in client.get(there).content.decode()
    assert "もっと早める" in client.get("/improvements/?state=done").content.decode()
    client.post(f"{there}reopen/")
    assert client.post(f"{there}drop/", {"why": ""}).status_code == 422
    client.post(f"{there}drop/", {"why": "やめた"})
    assert "やめた" in client.get("/improvements/?state=dropped").content.decode()


@pytest.mark.parametrize(
    "over",
    [{"text": ""}, {"owner": "x"}, {"due_on": "昨日"}, {"due_on": "2020-01-01"}, {"kpi": "x"}, {"expected": "たくさん"},
     {"expected": "9" * 20}],
)  # fmt: skip
def test_what_cannot_be_read_is_said_beside_its_field_and_stays(
    company: Company, over: dict[str, str]
) -> None:
    client = signed_in(company)
    sent = {
        "text": "架電",
        "owner": company.member[Department.MARKETING].pk,
        "due_on": "2026-05-01",
        "kpi": "mql",
    }
    page = client.post("/improvements/new/", {**sent, **over, "hypothesis": "長い説明"})
    assert page.status_code == 422
    assert "長い説明" in page.content.decode()
    assert 'class="error"' in page.content.decode()
    assert not Improvement.objects.exists()


def test_the_list_bears_any_address_and_its_statements_do_not_grow(
    company: Company, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(company)
    for query in (
        "state=x",
        "owner=x",
        "owner=99999999999999999999",
        "kpi=x",
        "page=x",
        "page=99999",
        "state=done",
    ):
        assert client.get(f"/improvements/?{query}").status_code == 200
    decided(company)
    with django_assert_max_num_queries(20) as few:
        client.get("/improvements/")
    for n in range(12):
        decided(company, text=f"施策{n}")
    with django_assert_max_num_queries(len(few)):
        client.get("/improvements/")


def test_a_decision_typed_in_a_meeting_becomes_an_improvement_once(company: Company) -> None:
    client = signed_in(company)
    here = client.post("/review/weekly/start/")["Location"]
    name = company.member[Department.MARKETING].name
    for _ in range(2):
        client.post(f"{here}decide/", {"decision": f"架電を早める @{name} 来週金曜", "once": "one"})
    found = Improvement.objects.get()
    assert (found.text, found.due_on, found.meeting and found.meeting.label) == (
        "架電を早める", date(2026, 5, 1), "2026-W17",
    )  # fmt: skip
    page = client.post(f"{here}decide/", {"decision": "架電 @誰か 昨日"})
    assert page.status_code == 422
    assert 'value="架電 @誰か 昨日"' in page.content.decode()
    assert "誰か" in page.content.decode().split('id="decision-help"')[1]
    assert Improvement.objects.count() == 1


def test_what_somebody_still_has_to_do_lies_beside_his_queue_late_first(company: Company) -> None:
    client = Client()
    client.force_login(company.member[Department.MARKETING])
    decided(company, text="これから", due=date(2026, 5, 1))
    decided(company, text="遅れた", due=date(2026, 4, 21))
    done = decided(company, text="済んだ")
    improving.finish(done.pk, company.by(Department.MARKETING), now=NOW)
    moment.simulate(tokyo(4, 23))
    said = client.get("/funnel/mine/").content.decode()
    assert said.index("遅れた") < said.index("2日遅れ") < said.index("これから")
    assert "済んだ" not in said
