"""The API door of leads."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import Account, Event, Lead, Person
from tests.doors import Caller, lead_body


def test_a_new_person_is_a_new_lead_and_a_known_one_is_the_open_lead(api: Caller):
    body = lead_body(external_id="crm-1", campaign="autumn")
    first = api.post("leads/", body)
    again = api.post("leads/", body)
    by_mail = api.post("leads/", {"email": body["email"].upper(), "name": "別名"})
    assert [first.status, again.status, by_mail.status] == [201, 200, 200]
    assert first["id"] == again["id"] == by_mail["id"]
    assert Event.objects.filter(kind="lead_captured").count() == 1
    for field in ("company", "name", "email", "phone", "title", "channel", "campaign", "external_id"):
        assert first[field] == body[field]


def test_a_lead_known_by_its_external_id_alone_is_taken_in(api: Caller):
    taken = api.post("leads/", {"external_id": "only-an-id"})
    assert (taken.status, taken["name"], taken["company"]) == (201, "", "")


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"email": "not a mail"}, "email", "bad_email"),
        ({"company": 3}, "company", "not_text"),
        ({"company": None}, "company", "null"),
        ({"company": "x" * 201}, "company", "too_long"),
        ({"name": "a\x00b"}, "name", "bad_characters"),
        ({"stage": "won"}, "stage", "unknown_field"),
        ({"is_counted": False}, "is_counted", "unknown_field"),
        ({"owner": "me"}, "owner", "not_a_number"),
        ({"owner": 2**63}, "owner", "out_of_range"),
        ({"owner": 999_999}, "owner", "unknown_record"),
        ({"referred_by": 999_999}, "referred_by", "unknown_record"),
        ({"occurred_at": "2026-11-20"}, "occurred_at", "bad_moment"),
        ({"occurred_at": "2026-02-30T10:00:00+09:00"}, "occurred_at", "bad_moment"),
        ({"occurred_at": "0001-01-01T00:00:00+09:00"}, "occurred_at", "out_of_range"),
        ({"occurred_at": "2199-01-01T00:00:00+09:00"}, "occurred_at", "in_future"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_and_nothing_is_written(
    api: Caller, change: dict, field: str, code: str
):
    refused = api.post("leads/", {**lead_body(), **change})
    assert (refused.status, refused["field"], refused["code"]) == (422, field, code)
    assert not Lead.objects.exists()
    assert not Person.objects.exists()
    assert not Account.objects.exists()


def test_a_lone_surrogate_is_refused_and_named(api: Caller):
    refused = api.send("POST", "leads/", '{"name": "\\ud800", "company": "x", "\\udfff": 1}')
    assert refused.status == 422
    assert [e["code"] for e in refused["errors"]] == ["unknown_field", "bad_characters"]


def test_every_fault_is_listed_at_once(api: Caller):
    refused = api.post("leads/", {"company": 1, "name": [], "colour": "red"})
    assert (refused.status, refused["code"]) == (422, "invalid")
    assert {e["field"]: e["code"] for e in refused["errors"]} == {
        "company": "not_text", "name": "not_text", "colour": "unknown_field",
    }  # fmt: skip


def test_nobody_in_particular_is_not_a_lead(api: Caller):
    refused = api.post("leads/", {"company": "株式会社匿名"})
    assert (refused.status, refused["code"]) == (422, "identity_required")


def test_creating_a_lead_takes_few_statements(api: Caller):
    api.post("leads/", lead_body(), key="warm")
    with CaptureQueriesContext(connection) as seen:
        assert api.post("leads/", lead_body(), key="counted").status == 201
    told = [q["sql"] for q in seen.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(told) <= 16, "\n".join(told)


def test_what_a_capture_answers_is_what_can_be_read_afterwards(api: Caller):
    created = api.post("leads/", lead_body(campaign="autumn", external_id="same", segment="製造"))
    assert api.get(f"leads/{created['id']}/").body == created.body


def test_the_list_is_searched_by_name_company_mail_and_external_id(api: Caller):
    wanted = api.post("leads/", lead_body(company="青空食品株式会社", name="高橋 美咲", external_id="x-77"))
    api.post("leads/", lead_body())
    for text in ("高橋美咲", "高橋 美", "青空", "㈱青空食品", wanted["email"].upper(), "x-77"):
        assert [r["id"] for r in api.get("leads/", q=text)["results"]] == [wanted["id"]], text
    assert api.get("leads/", q="nobody@example.jp")["results"] == []


def test_a_search_text_has_a_length(api: Caller):
    refused = api.get("leads/", q="x" * 50_000)
    assert (refused.status, refused["field"], refused["code"]) == (422, "q", "too_long")


def test_the_list_is_narrowed_by_stage_outcome_and_channel(api: Caller):
    plain = api.post("leads/", lead_body(channel="seminar"))["id"]
    certified = api.post("leads/", lead_body())["id"]
    closed = api.post("leads/", lead_body())["id"]
    api.post(f"leads/{certified}/qualify/", {"to": "mql", "reason": "inquiry"})
    api.post(f"leads/{closed}/disqualify/", {"reason": "competitor"})

    def ids(**query) -> set[int]:
        return {r["id"] for r in api.get("leads/", **query)["results"]}

    assert ids(stage="mql") == {certified}
    assert ids(channel="seminar") == {plain}
    assert ids(outcome="open") == {plain, certified}
    assert ids(outcome="open,disqualified") == {plain, certified, closed}
    assert ids(outcome="open", stage="lead") == {plain}


def test_side_facts_change_and_stages_do_not(api: Caller):
    lead = api.post("leads/", lead_body())["id"]
    changed = api.patch(f"leads/{lead}/", {"title": "執行役員", "channel": "展示会", "segment": "製造"})
    assert (changed.status, changed["title"], changed["channel"], changed["segment"]) == (
        200,
        "執行役員",
        "展示会",
        "製造",
    )
    refused = api.patch(f"leads/{lead}/", {"stage": "won"})
    assert (refused.status, refused["field"], refused["code"]) == (422, "stage", "unknown_field")
    assert api.get(f"leads/{lead}/")["stage"] == "lead"


def test_activities_are_written_and_read_back(api: Caller):
    lead = api.post("leads/", lead_body())["id"]
    said = {"kind": "call", "direction": "outbound", "result": "connected", "note": "折り返し希望"}
    logged = api.post(f"leads/{lead}/activities/", said)
    assert logged.status == 201
    assert {k: logged[k] for k in said} == said
    assert api.get(f"leads/{lead}/activities/")["results"] == [logged.body]
    refused = api.post(f"leads/{lead}/activities/", {"kind": "telepathy"})
    assert (refused.status, refused["field"], refused["code"]) == (422, "kind", "bad_choice")


def test_a_lead_goes_back_to_nurture_until_a_day(api: Caller):
    lead = api.post("leads/", lead_body())["id"]
    recycled = api.post(f"leads/{lead}/recycle/", {"reason": "timing", "wake_up_on": "2099-01-10"})
    assert (recycled["outcome"], recycled["wake_up_on"]) == ("recycled", "2099-01-10")
    again = api.post(f"leads/{lead}/recycle/", {"reason": "timing", "wake_up_on": "2099-01-10"})
    assert (again.status, again["code"]) == (409, "lead_closed")


def test_companies_and_persons_can_be_read(api: Caller):
    lead = api.post("leads/", lead_body(company="株式会社読取"))
    assert api.get(f"persons/{lead['person']}/")["email"] == lead["email"]
    assert [r["id"] for r in api.get("accounts/", q="読取")["results"]] == [lead["account"]]
    assert api.get(f"accounts/{lead['account']}/")["name"] == "株式会社読取"
    assert len(api.get("persons/", account=lead["account"])["results"]) == 1


@pytest.mark.parametrize(
    "address", ["leads/999999/", "leads/99999999999999999999999/", "accounts/999999/", "persons/999999/",
                "leads/999999/activities/"],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(api: Caller, address: str):
    missing = api.get(address)
    assert (missing.status, missing["code"]) == (404, "not_found")


@pytest.mark.parametrize("act", ["qualify", "activities", "recycle", "disqualify"])
def test_an_act_on_a_lead_that_does_not_exist_is_not_found(api: Caller, act: str):
    body = {
        "qualify": {"to": "mql", "reason": "inquiry"},
        "activities": {"kind": "call"},
        "recycle": {"reason": "timing", "wake_up_on": "2099-01-01"},
        "disqualify": {"reason": "spam"},
    }[act]
    assert api.post(f"leads/999999/{act}/", body).status == 404


def test_lists_take_the_same_statements_for_one_row_and_for_many(api: Caller, django_assert_num_queries):
    for _ in range(12):
        api.post("leads/", lead_body())
    with CaptureQueriesContext(connection) as one:
        assert len(api.get("leads/", limit=1)["results"]) == 1
    assert len(one) <= 8
    with django_assert_num_queries(len(one)):
        assert len(api.get("leads/")["results"]) == 12
