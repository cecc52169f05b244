"""The API door of deals."""

from datetime import datetime, timedelta

import pytest

from funnel.models import Contract, Customer
from tests.builders import a_deal, a_lead
from tests.doors import Caller


def test_a_deal_is_listed_read_and_described(api: Caller, now: datetime):
    deal = a_deal(now)
    assert [r["id"] for r in api.get("deals/", state="open", lead=deal.lead_id)["results"]] == [deal.pk]
    changed = api.patch(
        f"deals/{deal.pk}/", {"amount": 1200000, "name": "基幹刷新", "expected_close_on": "2099-03-31"}
    )
    assert changed.status == 200
    assert (changed["amount"], changed["name"], changed["expected_close_on"]) == (
        "1200000",
        "基幹刷新",
        "2099-03-31",
    )
    assert api.get(f"deals/{deal.pk}/").body == changed.body
    assert api.patch(f"deals/{deal.pk}/", {"amount": None})["amount"] is None
    assert api.patch(f"deals/{deal.pk}/", {"state": "won"})["code"] == "unknown_field"


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (-1, "amount_negative"),
        ("-1", "amount_negative"),
        ("NaN", "amount_not_a_number"),
        ("Infinity", "amount_not_a_number"),
        ("１２０万", "amount_not_a_number"),
        ("1,200,000", "amount_not_a_number"),
        ("", "amount_blank"),
        (True, "amount_not_a_number"),
        ([1], "amount_not_a_number"),
        (10**16, "amount_too_large"),
        ("9" * 60, "amount_too_large"),
        ("1.5", "amount_fraction"),
        (1.5, "amount_fraction"),
        ("0.001", "amount_fraction"),
    ],
)
def test_an_amount_that_is_none_is_refused_and_nothing_is_won(
    api: Caller, now: datetime, amount: object, code: str
):
    deal = a_deal(now)
    refused = api.post(f"deals/{deal.pk}/win/", {"amount": amount, "reason": "fit"})
    assert (refused.status, refused["field"], refused["code"]) == (422, "amount", code)
    assert api.get(f"deals/{deal.pk}/")["state"] == "open"
    assert not Contract.objects.exists()
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    "raw", ["NaN", "Infinity", "-Infinity", "1e400", "1e-400", "1e99999999999999999999", "1e999999999"]
)
def test_a_number_json_does_not_have_is_no_amount(api: Caller, now: datetime, raw: str):
    deal = a_deal(now)
    refused = api.send("POST", f"deals/{deal.pk}/win/", f'{{"amount": {raw}, "reason": "fit"}}')
    assert (refused.status, refused["field"]) == (422, "amount")


@pytest.mark.parametrize("amount", [1000000, "1000000", "1000000.00", 1000000.0])
def test_an_amount_is_a_number_or_digits(api: Caller, now: datetime, amount: object):
    won = api.post(f"deals/{a_deal(now).pk}/win/", {"amount": amount, "reason": "fit"})
    assert (won.status, won["amount"]) == (200, "1000000")


def test_the_kickoff_is_set_and_held(api: Caller, now: datetime):
    deal = a_deal(now).pk
    api.post(f"deals/{deal}/win/", {"amount": 0, "reason": "fit"})
    at = (now + timedelta(days=3)).isoformat()
    assert api.post(f"deals/{deal}/kickoff/", {"kickoff_at": at})["contract"]["kickoff_at"] == at
    held = api.post(f"deals/{deal}/hold-kickoff/")
    assert (held.status, held["contract"]["kickoff_held_at"] is not None) == (200, True)
    assert api.post(f"deals/{deal}/hold-kickoff/")["code"] == "already_done"


def test_a_kickoff_in_the_past_is_refused(api: Caller, now: datetime):
    deal = a_deal(now).pk
    api.post(f"deals/{deal}/win/", {"amount": 1, "reason": "fit"})
    refused = api.post(f"deals/{deal}/kickoff/", {"kickoff_at": (now - timedelta(days=3)).isoformat()})
    assert (refused.status, refused["code"]) == (422, "kickoff_past")


def test_a_deal_is_lost_with_a_reason_and_taken_up_again(api: Caller, now: datetime):
    deal = a_deal(now).pk
    assert api.post(f"deals/{deal}/lose/", {})["code"] == "required"
    lost = api.post(f"deals/{deal}/lose/", {"reason": "price", "note": "競合が3割安い"})
    assert (lost["state"], lost["reason"]) == ("lost", "price")
    twice = api.post(f"deals/{deal}/lose/", {"reason": "price"})
    assert (twice.status, twice["code"]) == (409, "deal_not_open")
    again = api.post(f"deals/{deal}/reopen/", {"reason": "予算が付いた"})
    assert (again.status, again["state"]) == (200, "open")


def test_a_deal_moves_along_its_steps(api: Caller, now: datetime):
    deal = a_deal(now).pk
    assert api.post(f"deals/{deal}/step/", {"step": "proposal"})["step"] == "proposal"
    assert api.post(f"deals/{deal}/step/", {"step": "won"})["code"] == "bad_choice"


def test_a_further_deal_opens_on_a_lead_past_sql(api: Caller, now: datetime):
    lead = a_deal(now).lead_id
    opened = api.post(
        "deals/", {"lead": lead, "product": "分析オプション", "kind": "cross_sell", "amount": "300000"}
    )
    assert (opened.status, opened["kind"], opened["amount"], opened["state"]) == (
        201,
        "cross_sell",
        "300000",
        "open",
    )
    early = api.post("deals/", {"lead": a_lead(now).pk, "product": "x"})
    assert (early.status, early["code"]) == (409, "move_not_allowed")
    assert api.post("deals/", {"lead": 999_999})["code"] == "unknown_record"


def test_a_currency_is_three_capital_letters(api: Caller, now: datetime):
    deal = a_deal(now).pk
    assert (
        api.post(f"deals/{deal}/win/", {"amount": 5, "currency": "yen", "reason": "fit"})["code"]
        == "bad_currency"
    )
    assert (
        api.post(f"deals/{deal}/win/", {"amount": "5.25", "currency": "USD", "reason": "fit"})["amount"]
        == "5.25"
    )


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("win", {"amount": 1, "reason": "fit"}),
        ("lose", {"reason": "price"}),
        ("step", {"step": "proposal"}),
        ("kickoff", {"kickoff_at": "2099-01-01T00:00:00Z"}),
        ("hold-kickoff", {}),
        ("resend", {}),
        ("reopen", {"reason": "x"}),
    ],
)
def test_an_act_on_a_deal_that_does_not_exist_is_not_found(api: Caller, act: str, body: dict):
    assert api.post(f"deals/999999/{act}/", body).status == 404


def test_lists_take_the_same_statements_for_one_row_and_for_many(
    api: Caller, now: datetime, django_assert_num_queries
):
    for _ in range(5):
        api.post(f"deals/{a_deal(now).pk}/win/", {"amount": 1, "reason": "fit"})
    with django_assert_num_queries(2):
        assert len(api.get("deals/", limit=1)["results"]) == 1
    with django_assert_num_queries(2):
        assert len(api.get("deals/")["results"]) == 5


def test_a_next_step_is_said_changed_and_taken_back(api: Caller, now: datetime):
    deal = a_deal(now)
    said = api.patch(f"deals/{deal.pk}/", {"next_step": "見積を送る", "next_step_on": "2027-05-10"})
    assert (said.status, said["next_step"], said["next_step_on"]) == (200, "見積を送る", "2027-05-10")
    moved = api.patch(f"deals/{deal.pk}/", {"next_step_on": "2027-05-12"})
    assert (moved["next_step"], moved["next_step_on"]) == ("見積を送る", "2027-05-12")
    gone = api.patch(f"deals/{deal.pk}/", {"next_step": ""})
    assert (gone["next_step"], gone["next_step_on"]) == ("", None)
    refused = api.patch(f"deals/{deal.pk}/", {"next_step_on": "2027-05-12"})
    assert (refused.status, refused["code"]) == (422, "next_step_required")


def test_a_further_deal_can_say_its_next_step(api: Caller, now: datetime):
    lead = a_deal(now).lead_id
    opened = api.post(
        "deals/", {"lead": lead, "kind": "upsell", "next_step": "提案", "next_step_on": "2027-05-10"}
    )
    assert (opened.status, opened["next_step"], opened["next_step_on"]) == (201, "提案", "2027-05-10")
    before = api.get("deals/")["results"]
    refused = api.post("deals/", {"lead": lead, "kind": "upsell", "next_step_on": "2027-05-10"})
    assert refused["code"] == "next_step_required"
    assert api.get("deals/")["results"] == before


@pytest.mark.parametrize(
    ("sent", "code"),
    [({}, "required"), ({"reason": ""}, "blank"), ({"reason": "not_recorded"}, "reason_required")],
)
def test_how_a_deal_ended_is_not_recorded_without_a_reason(
    api: Caller, now: datetime, sent: dict[str, str], code: str
):
    deal = a_deal(now)
    for act, more in (("win", {"amount": 1}), ("lose", {})):
        refused = api.post(f"deals/{deal.pk}/{act}/", {**more, **sent})
        assert (refused.status, refused["code"]) == (422, code) or code in str(refused.body)
        assert api.get(f"deals/{deal.pk}/")["state"] == "open"
    assert api.post(f"deals/{deal.pk}/win/", {"amount": 1, "reason": "speed"})["reason"] == "speed"
