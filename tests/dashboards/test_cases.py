"""Cases shared: of deals won and lost and of customers who left, found again by words and tags, once each."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from dashboards import meetings, sharing
from dashboards.deck import Kind
from dashboards.models import CaseKind, SharedCase
from funnel import moment
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import Customer, Deal, Member, Note
from funnel.stages import Department
from funnel.transitions import customers, erasing
from funnel.transitions.acting import Actor
from tests.builders import a_member
from tests.dashboards.conftest import DAY, Company, tokyo
from tests.doors import Caller, a_token

NOW = tokyo(5, 20, 18)
LESSON = "決裁者に早く会えたのが決め手。"
OURS = Department.FIELD_SALES


def deal(state: str) -> Deal:
    return Deal.objects.filter(state=state).earliest("pk")


def shared(
    company: Company, state: str = "won", lesson: str = LESSON, tags: str = "価格, 決裁者"
) -> SharedCase:
    return sharing.share_deal(deal(state).pk, lesson, [tags], company.by(OURS), now=NOW)


def left(company: Company) -> Customer:
    """A customer whose only contract has ended."""
    found = Customer.objects.earliest("pk")
    by = company.by(Department.CUSTOMER_SUCCESS)
    customers.end_contract(found.pk, by, now=NOW, ended_on=NOW.date(), reason="budget")
    return found


def signed_in(company: Company) -> Client:
    client = Client()
    client.force_login(company.member[OURS])
    moment.simulate(NOW)
    return client


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        ("価格、競合，展示会", ["価格", "競合", "展示会"]),
        ("#Price, ＰＲＩＣＥ , trade  fair,,", ["price", "trade fair"]),
        ("", []),
    ],
)
def test_tags_are_read_as_people_type_them(typed: str, tags: list[str]) -> None:
    assert sharing.tags_of(typed) == tags


def test_a_deal_is_shared_once_and_waits_no_longer(spring: Company) -> None:
    before = sharing.deals_unshared(NOW).count()
    found = shared(spring)
    assert (found.kind, found.tags, found.lesson.lead_id) == (
        CaseKind.WON,
        ["価格", "決裁者"],
        deal("won").lead_id,
    )
    assert sharing.deals_unshared(NOW).count() == before - 1
    notes = Note.objects.count()
    with pytest.raises(MoveRefused):
        shared(spring)
    assert Note.objects.count() == notes


def test_only_what_is_over_is_shared(spring: Company) -> None:
    with pytest.raises(BadValue) as refused:
        sharing.share_customer(Customer.objects.earliest("pk").pk, LESSON, [], spring.by(OURS), now=NOW)
    assert refused.value.field == "customer"
    found = left(spring)
    assert found in sharing.customers_unshared()
    case = sharing.share_customer(found.pk, LESSON, [], spring.by(OURS), now=NOW)
    assert (case.kind, case.customer_id) == (CaseKind.CHURNED, found.pk)
    assert found not in sharing.customers_unshared()


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"lesson": " "}, "lesson"),
        ({"lesson": "x" * 501}, "lesson"),
        ({"tags": "a,b,c,d,e,f"}, "tags"),
        ({"tags": "x" * 21}, "tags"),
    ],
)
def test_what_cannot_be_is_refused_naming_the_field(
    spring: Company, over: dict[str, str], field: str
) -> None:
    with pytest.raises(BadValue) as refused:
        shared(spring, **over)
    assert (refused.value.field, bool(refused.value.say("ja"))) == (field, True)
    assert not SharedCase.objects.exists()
    viewer = Actor.of(a_member(is_viewer=True), "html", now=NOW)
    with pytest.raises(NotYours):
        sharing.share_deal(deal("won").pk, LESSON, [], viewer, now=NOW)


def test_it_is_found_by_words_tags_and_company(spring: Company) -> None:
    won = shared(spring)
    lost = shared(spring, "lost", "価格だけで比べられた。", "競合")
    company = won.deal.account.name if won.deal and won.deal.account else ""
    assert company
    for text, expected in (
        ("", [lost, won]),
        ("価格", [lost, won]),
        ("決め手", [won]),
        ("#競合", [lost]),
        (company, [won]),
        ("決裁者 比べ", []),
        ("%", []),
    ):
        assert list(sharing.found_by(text).order_by("-pk")) == expected, text
    assert sharing.tags_used(5) == ["価格", "決裁者", "競合"]


def test_it_is_said_in_other_words_unless_another_was_quicker(spring: Company) -> None:
    found, by = shared(spring), spring.by(OURS)
    first = found.lesson_id
    sharing.change(found.pk, "別の学び", ["新規"], 0, by)
    with pytest.raises(MoveRefused):
        sharing.change(found.pk, "あとから", [], 0, by)
    found.refresh_from_db()
    assert (found.lesson.text, found.tags, found.version) == ("別の学び", ["新規"], 1)
    assert Note.objects.get(pk=first).text == LESSON


def test_it_goes_with_the_person_it_came_from(spring: Company) -> None:
    found = shared(spring)
    person = deal("won").lead.person
    admin = Member.objects.create(username="boss@example.jp", is_administrator=True)
    erasing.erase(person.pk, Actor.of(admin, "html", now=NOW), now=NOW, confirmed=person.name)
    found.refresh_from_db()
    assert found.lesson.text == ""
    assert "消去" in signed_in(spring).get("/cases/").content.decode()


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE dashboards_sharedcase SET kind = 'lost', version = 9", "said_stands"),
        ("UPDATE dashboards_sharedcase SET tags = '{x}'", "said_stands"),
        ("DELETE FROM dashboards_sharedcase", "said_stands"),
        ("INSERT INTO dashboards_sharedcase (kind, deal_id, lesson_id, tags, by_id, shared_at, version) SELECT kind,"
         " deal_id, lesson_id, tags, by_id, shared_at, 0 FROM dashboards_sharedcase", "case_of_deal_once"),
        ("INSERT INTO dashboards_sharedcase (kind, deal_id, lesson_id, tags, by_id, shared_at, version) SELECT 'churned',"
         " deal_id, lesson_id, tags, by_id, shared_at, 0 FROM dashboards_sharedcase", "case_of_one_record"),
        ("INSERT INTO dashboards_sharedcase (kind, customer_id, lesson_id, tags, by_id, shared_at, version) SELECT"
         " 'churned', (SELECT min(id) FROM funnel_customer), lesson_id, tags, by_id, shared_at, 0 FROM"
         " dashboards_sharedcase, generate_series(1, 2)", "case_of_customer_once"),
    ],
)  # fmt: skip
def test_the_database_holds_it(spring: Company, statement: str, constraint: str) -> None:
    shared(spring)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_it_is_shared_found_and_changed_on_its_pages(spring: Company) -> None:
    client = signed_in(spring)
    won = deal("won")
    waiting = client.get("/cases/?show=waiting").content.decode()
    assert f"/cases/new/?deal={won.pk}" in waiting
    there = f"/cases/new/?deal={won.pk}"
    wrong = client.post(there, {"lesson": "長い話", "tags": "a,b,c,d,e,f"})
    assert (wrong.status_code, "長い話" in wrong.content.decode()) == (422, True)
    assert client.post(there, {"lesson": LESSON, "tags": "価格"})["Location"] == "/cases/"
    found = SharedCase.objects.get()
    assert client.get(there)["Location"] == f"/cases/{found.pk}/edit/"
    for query in ("", "?q=決め手", "?tag=価格", "?kind=won", "?kind=x", "?q=%00決め手"):
        assert LESSON in client.get(f"/cases/{query}").content.decode(), query
    assert LESSON not in client.get("/cases/?kind=lost").content.decode()
    client.post(f"/cases/{found.pk}/edit/", {"lesson": "変えた", "tags": "", "version": "0"})
    late = client.post(f"/cases/{found.pk}/edit/", {"lesson": "遅れた", "tags": "", "version": "0"})
    assert (late.status_code, "遅れた" in late.content.decode()) == (422, True)
    for gone in (
        "/cases/new/",
        "/cases/new/?deal=x",
        "/cases/new/?deal=999999",
        "/cases/new/?customer=999999",
    ):
        assert client.get(gone).status_code == 404
    open_deal = Deal.objects.exclude(state__in=["won", "lost"]).first()
    if open_deal is not None:
        assert client.post(f"/cases/new/?deal={open_deal.pk}", {"lesson": "x"}).status_code == 422


def test_the_list_costs_the_same_however_long(spring: Company, django_assert_max_num_queries: Any) -> None:
    client = signed_in(spring)
    shared(spring)
    with django_assert_max_num_queries(20) as few:
        client.get("/cases/")
    shared(spring, "lost", "二つ目")
    with django_assert_max_num_queries(len(few)):
        client.get("/cases/")


def test_the_monthly_shows_what_was_shared_until_it_was_closed(spring: Company) -> None:
    client = signed_in(spring)
    shared(spring)
    by = spring.by(OURS)
    found, _ = meetings.start(Kind.MONTHLY, by, now=NOW)
    at = [slide.topic for slide in found.terms.deck].index("cases") + 1
    there = f"/review/monthly/{found.label}/?slide={at}"
    assert LESSON in client.get(there).content.decode()
    meetings.close(found.pk, by, now=NOW)
    moment.simulate(NOW + DAY)
    sharing.share_deal(deal("lost").pk, "あとから共有", [], by, now=NOW + DAY)
    assert "あとから共有" not in client.get(there).content.decode()
    moment.simulate(NOW)


def test_the_api_shares_and_lists(spring: Company) -> None:
    moment.simulate(NOW)
    caller = Caller(a_token())
    made = caller.post("cases/", {"deal": deal("won").pk, "lesson": LESSON, "tags": "価格"})
    assert (made.status, made["kind"], made["tags"]) == (201, "won", "価格")
    assert caller.get("cases/?kind=won")["results"] == [made.body]
    assert caller.post("cases/", {"lesson": LESSON}).status == 422
    assert caller.post("cases/", {"deal": 999999, "lesson": LESSON}).status in (404, 422)
