"""The API door of the ledger."""

from datetime import datetime

from tests.builders import a_deal
from tests.doors import Caller


def test_the_ledger_is_read_forward_from_an_event_and_backward_from_the_newest(api: Caller, now: datetime):
    lead = a_deal(now).lead_id
    forward = [e["id"] for e in api.get("events/", lead=lead, after=0)["results"]]
    assert forward == sorted(forward)
    assert [e["id"] for e in api.get("events/", lead=lead)["results"]] == forward[::-1]
    assert [e["id"] for e in api.get("events/", lead=lead, after=forward[1])["results"]] == forward[2:]
    walked, page = [], api.get("events/", lead=lead, after=0, limit=2)
    walked += [e["id"] for e in page["results"]]
    while page["next"]:
        page = api.get(page["next"])
        walked += [e["id"] for e in page["results"]]
    assert walked == forward


def test_an_event_carries_ids_and_codes_and_no_text(api: Caller, now: datetime):
    lead = a_deal(now).lead_id
    (event,) = api.get("events/", lead=lead, kind="mql_certified")["results"]
    assert (event["reason"], event["binding"], event["source"]) == ("inquiry", True, "system")
    assert api.get(f"events/{event['id']}/").body == event


def test_the_ledger_takes_no_writes(api: Caller, now: datetime):
    a_deal(now)
    event = api.get("events/")["results"][0]["id"]
    for method, address in (
        ("POST", "events/"),
        ("PATCH", f"events/{event}/"),
        ("DELETE", f"events/{event}/"),
    ):
        refused = api.send(method, address, "{}")
        assert (refused.status, refused["code"]) == (405, "method_not_allowed")


def test_what_a_problem_means_can_be_looked_up_by_anybody(stranger: Caller):
    found = stranger.get("problems/amount_negative/")
    assert (found.status, found["ja"]) == (200, "金額に負の数は入力できません。")
    assert stranger.get("problems/no-such-code/").status == 404


def test_the_reasons_on_offer_are_listed_by_act(api: Caller):
    codes = {r["code"] for r in api.get("reasons/", act="loss")["results"]}
    assert {"price", "competitor"} <= codes
    assert "spam" not in codes
