"""The API door of customers."""

from datetime import datetime, timedelta

import pytest

from funnel.models import UsageReading
from tests.builders import a_contract
from tests.doors import Caller, lead_body


@pytest.fixture
def customer(now: datetime) -> int:
    return a_contract(now).customer_id


def a_day(now: datetime, ago: int = 1) -> str:
    return (now.astimezone().date() - timedelta(days=ago)).isoformat()


def test_a_customer_shows_its_contracts_and_its_health(api: Caller, customer: int):
    (row,) = api.get("customers/", phase="onboarding")["results"]
    assert (row["id"], row["health"], len(row["contracts"])) == (customer, None, 1)
    assert api.get(f"customers/{customer}/").body == row


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"value": -1}, "value", "amount_negative"),
        ({"value": "NaN"}, "value", "amount_not_a_number"),
        ({"value": "１２"}, "value", "amount_not_a_number"),
        ({"value": None}, "value", "null"),
        ({"value": 10**15}, "value", "amount_too_large"),
        ({"day": "2026-02-30"}, "day", "bad_date"),
        ({"day": "2199-01-01"}, "day", "in_future"),
        ({"day": 20260501}, "day", "bad_date"),
        ({"metric": ""}, "metric", "blank"),
        ({"colour": 1}, "colour", "unknown_field"),
    ],
)
def test_a_reading_that_cannot_be_used_is_named(
    api: Caller, now: datetime, customer: int, change, field, code
):
    good = {"day": a_day(now), "metric": "logins", "value": 3}
    refused = api.post(f"customers/{customer}/usage/", {**good, **change})
    assert (refused.status, refused["field"], refused["code"]) == (422, field, code)


def test_of_a_list_with_one_bad_row_nothing_is_stored_and_the_row_is_named(
    api: Caller, now: datetime, customer: int
):
    rows = [{"day": a_day(now, n), "metric": "logins", "value": 1} for n in range(1, 4)]
    rows[1]["value"] = "many"
    refused = api.post(f"customers/{customer}/usage/", rows)
    assert (refused.status, refused["field"]) == (422, "1.value")
    assert not UsageReading.objects.exists()


def test_a_list_of_readings_has_a_limit(api: Caller, now: datetime, customer: int):
    refused = api.post(f"customers/{customer}/usage/", [{}] * 5_001)
    assert (refused.status, refused["code"]) == (422, "too_many")


def test_sent_again_a_reading_is_unchanged_or_replaced(api: Caller, now: datetime, customer: int):
    reading = {"day": a_day(now), "metric": "logins", "value": "3.5"}
    answers = [
        api.post(f"customers/{customer}/usage/", r).body for r in (reading, reading, {**reading, "value": 4})
    ]
    assert [[k for k, n in a.items() if n] for a in answers] == [["created"], ["unchanged"], ["updated"]]


def test_a_survey_answer_lies_in_its_range(api: Caller, now: datetime, customer: int):
    day = a_day(now)
    stored = api.post(f"customers/{customer}/surveys/", {"score": 10, "answered_on": day})
    assert (stored.status, stored["kind"], stored["score"]) == (201, "nps", 10)
    assert api.get(f"customers/{customer}/surveys/")["results"] == [stored.body]
    assert (
        api.post(f"customers/{customer}/surveys/", {"score": 11, "answered_on": day})["code"]
        == "out_of_range"
    )
    assert (
        api.post(f"customers/{customer}/surveys/", {"kind": "csat", "score": 0, "answered_on": day})["code"]
        == "score_range"
    )


def test_onboarding_is_complete_once(api: Caller, customer: int):
    assert api.post(f"customers/{customer}/onboard/")["phase"] == "adopting"
    twice = api.post(f"customers/{customer}/onboard/")
    assert (twice.status, twice["code"]) == (409, "already_done")


def test_a_contract_is_renewed_given_notice_and_ended(api: Caller, now: datetime, customer: int):
    today = now.astimezone().date()
    renewed = api.post(
        f"customers/{customer}/renew/",
        {
            "signed_on": today.isoformat(),
            "starts_on": today.isoformat(),
            "ends_on": "2099-03-31",
            "mrr": "90000",
        },
    )
    assert renewed.status == 200, renewed.body
    assert [c["mrr"] for c in renewed["contracts"]] == ["90000", None]
    assert (
        api.post(f"customers/{customer}/notice/", {"notice_on": today.isoformat()})["phase"] == "churn_notice"
    )
    early = api.post(f"customers/{customer}/end/", {"ended_on": "2099-03-31"})
    assert early["code"] == "end_in_future", early.body
    ended = api.post(f"customers/{customer}/end/", {"ended_on": today.isoformat(), "reason": "事業撤退"})
    assert (ended.status, ended["phase"]) == (200, "churned")
    assert api.post(f"customers/{customer}/end/", {"ended_on": today.isoformat()})["code"] == "no_contract"


def test_a_customer_that_agreed_refers_somebody(api: Caller, customer: int):
    assert api.post(f"customers/{customer}/advocacy/").status == 200
    (promise,) = api.get("handoffs/", boundary="advocacy", customer=customer)["results"]
    assert promise["promise"] == "open"
    lead = api.post(f"customers/{customer}/referrals/", lead_body())
    assert (lead.status, lead["referred_by"]) == (201, customer)
    assert api.get(f"handoffs/{promise['id']}/")["promise"] == "kept"


def test_a_customer_gets_an_owner(api: Caller, customer: int):
    owner = api.get("members/")["results"][0]["id"]
    assert api.patch(f"customers/{customer}/", {"owner": owner})["owner"] == owner
    assert api.patch(f"customers/{customer}/", {"owner": None})["owner"] is None


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("usage", {"day": "2026-01-01", "metric": "x", "value": 1}),
        ("surveys", {"score": 1, "answered_on": "2026-01-01"}),
        ("onboard", {}),
        ("renew", {"signed_on": "2026-01-01", "starts_on": "2026-01-01"}),
        ("notice", {"notice_on": "2026-01-01"}),
        ("end", {"ended_on": "2026-01-01"}),
        ("advocacy", {}),
        ("case", {}),
        ("referrals", {"email": "a@example.jp"}),
    ],
)
def test_an_act_on_a_customer_that_does_not_exist_is_not_found(api: Caller, act: str, body: dict):
    assert api.post(f"customers/999999/{act}/", body).status == 404


def test_lists_take_the_same_statements_for_one_row_and_for_many(
    api: Caller, now: datetime, django_assert_num_queries
):
    for _ in range(4):
        a_contract(now)
    api.get("customers/")  # The first use of a token is written down.
    with django_assert_num_queries(4):
        assert len(api.get("customers/", limit=1)["results"]) == 1
    with django_assert_num_queries(4):
        assert len(api.get("customers/")["results"]) == 4
