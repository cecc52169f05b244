"""The API door of promises, and the whole thread through the API alone."""

from datetime import datetime, timedelta

import pytest

from tests.doors import Caller, lead_body

BANT = {"budget": "met", "authority": "met", "need": "met", "timeline": "unknown"}
SHEET = {"note": "来期の予算を確保済み。決裁者は小山様。", "timeline": "x"}
ROW = {
    "id", "boundary", "round", "lead", "deal", "customer", "from_department", "to_department", "owner", "decision",
    "promise", "opened_at", "due_at", "kept_at", "missed_at", "completed_at",
}  # fmt: skip


def an_mql(api: Caller) -> int:
    lead = api.post("leads/", lead_body())["id"]
    assert api.post(f"leads/{lead}/qualify/", {"to": "mql", "reason": "inquiry"}).status == 200
    return lead


def an_sql(api: Caller, now: datetime, **more) -> tuple[int, int]:
    lead = an_mql(api)
    answer = api.post(f"leads/{lead}/qualify/", sql_body(now, **more))
    assert answer.status == 200, answer.body
    return lead, answer["deal"]["id"]


def sql_body(now: datetime, **more) -> dict:
    return {
        "to": "sql",
        "bant": {**BANT, "timeline": "met"},
        "sheet": {"note": "来期の予算を確保済み"},
        "meeting_at": (now + timedelta(days=2)).isoformat(),
        **more,
    }


def only(api: Caller, **query) -> dict:
    (row,) = api.get("handoffs/", **query)["results"]
    return row


def test_the_whole_thread_from_a_form_to_a_healthy_customer(api: Caller, now: datetime):
    captured = api.post("leads/", lead_body(company="株式会社明星", channel="展示会"))
    assert captured.status == 201
    lead = captured["id"]
    assert (captured["stage"], captured["company"], captured["channel"]) == ("lead", "株式会社明星", "展示会")

    qualified = api.post(f"leads/{lead}/qualify/", {"to": "mql", "reason": "資料請求が3回"})
    assert (qualified["lead"]["stage"], qualified["deal"]) == ("mql", None)
    promise = only(api, lead=lead)
    assert set(promise) == ROW
    assert (promise["boundary"], promise["promise"], promise["decision"]) == ("mql", "open", "pending")
    assert datetime.fromisoformat(promise["due_at"]) - datetime.fromisoformat(
        promise["opened_at"]
    ) == timedelta(hours=24)

    called = api.post(
        f"leads/{lead}/activities/", {"kind": "call", "direction": "outbound", "result": "no_answer"}
    )
    assert called.status == 201
    assert only(api, lead=lead)["promise"] == "kept"

    sold = api.post(f"leads/{lead}/qualify/", sql_body(now))
    deal = sold["deal"]["id"]
    assert (sold["lead"]["stage"], sold["deal"]["state"]) == ("sql", "open")
    gate = only(api, deal=deal, boundary="sql")
    assert (gate["promise"], gate["due_at"], gate["missed_at"]) == ("kept", None, None)
    accepted = api.post(f"handoffs/{gate['id']}/accept/")
    assert (accepted.status, accepted["decision"]) == (200, "accepted")
    sheet = api.get(f"handoffs/{gate['id']}/sheet/")
    assert (sheet["score"], sheet["values"]["note"]) == ("100.00", "来期の予算を確保済み")

    kickoff = (now + timedelta(days=5)).isoformat()
    won = api.post(
        f"deals/{deal}/win/", {"amount": "1000000", "reason": "fit", "mrr": 80000, "kickoff_at": kickoff}
    )
    assert won.status == 200, won.body
    assert (won["state"], won["amount"], won["contract"]["mrr"]) == ("won", "1000000", "80000")
    owed = only(api, deal=deal, boundary="won")
    assert (owed["promise"], owed["customer"]) == ("kept", won["customer"])
    assert api.post(f"deals/{deal}/hold-kickoff/").status == 200

    customer = won["customer"]
    assert api.post(f"customers/{customer}/onboard/")["phase"] == "adopting"
    today = now.astimezone().date()
    readings = [
        {"day": (today - timedelta(days=n)).isoformat(), "metric": "active_users", "value": 20 + n % 3}
        for n in range(1, 40)
    ]
    assert api.post(f"customers/{customer}/usage/", readings).body == {
        "created": 39,
        "updated": 0,
        "unchanged": 0,
    }
    assert api.post(f"customers/{customer}/usage/", readings[0] | {"value": "99"})["updated"] == 1
    survey = {"score": 9, "answered_on": today.isoformat()}
    assert api.post(f"customers/{customer}/surveys/", survey).status == 201
    health = api.get(f"customers/{customer}/health/")["results"][0]
    assert health["band"] in ("healthy", "watch")
    assert sum(float(f["points"]) for f in health["factors"]) == pytest.approx(health["score"], abs=1)
    assert api.get(f"customers/{customer}/")["health"] == health

    kinds = [e["kind"] for e in api.get("events/", lead=lead, after=0)["results"]]
    assert kinds[:3] == ["lead_captured", "mql_certified", "contact_attempted"]
    assert {"sql_certified", "handoff_accepted", "deal_won", "contract_signed", "kickoff_held"} <= set(kinds)
    reached = api.get(f"leads/{lead}/")["reached"]
    assert all(reached[stage] for stage in ("lead", "mql", "sql", "won", "onboarded"))


def test_a_returned_handoff_comes_again_as_its_second_round(api: Caller, now: datetime):
    lead, deal = an_sql(api, now)
    first = only(api, deal=deal, boundary="sql")
    returned = api.post(
        f"handoffs/{first['id']}/return/", {"reason": "no_decision_maker", "note": "決裁者の同席を"}
    )
    assert (returned.status, returned["decision"]) == (200, "returned")
    assert api.get(f"deals/{deal}/")["state"] == "returned"
    assert api.get(f"leads/{lead}/")["stage"] == "mql"

    again = api.post(f"leads/{lead}/qualify/", sql_body(now))
    assert (again.status, again["deal"]["id"], again["deal"]["state"]) == (200, deal, "open")
    rounds = api.get("handoffs/", deal=deal, boundary="sql")["results"]
    assert [(r["round"], r["decision"]) for r in rounds] == [(2, "pending"), (1, "returned")]
    assert api.post(f"handoffs/{rounds[0]['id']}/accept/").status == 200


def test_an_incomplete_sheet_needs_a_reason_and_misses_the_gate(api: Caller, now: datetime):
    lead = an_mql(api)
    thin = sql_body(now, bant=BANT, sheet={})
    refused = api.post(f"leads/{lead}/qualify/", thin)
    assert (refused.status, refused["code"]) == (422, "sheet_reason_required")
    assert api.get(f"leads/{lead}/")["stage"] == "mql"
    taken = api.post(f"leads/{lead}/qualify/", {**thin, "below_threshold_reason": "meeting_soon"})
    assert taken.status == 200
    gate = only(api, deal=taken["deal"]["id"], boundary="sql")
    assert (gate["promise"], gate["missed_at"]) == ("missed", gate["opened_at"])


def test_what_was_agreed_can_be_read_and_fills_a_complete_sheet(api: Caller, now: datetime):
    lanes = {lane["boundary"]: lane for lane in api.get("lanes/")["results"]}
    assert (lanes["mql"]["target"], lanes["mql"]["unit"]) == (24, "elapsed_hours")
    assert (lanes["sql"]["target"], lanes["sql"]["threshold"]) == (None, "100.00")
    sheet = {item["key"]: 1 for item in lanes["sql"]["items"]}
    taken = api.post(
        f"leads/{an_mql(api)}/qualify/", sql_body(now, sheet={**sheet, "seats": 40, "pilot": True})
    )
    gate = only(api, deal=taken["deal"]["id"], boundary="sql")
    values = api.get(f"handoffs/{gate['id']}/sheet/")["values"]
    assert (gate["promise"], values["seats"], values["pilot"], values["budget"]) == (
        "kept",
        "40",
        "true",
        "met",
    )


def test_the_second_to_accept_is_told_so(api: Caller, now: datetime):
    _, deal = an_sql(api, now)
    handoff = only(api, deal=deal, boundary="sql")["id"]
    assert api.post(f"handoffs/{handoff}/accept/").status == 200
    second = api.post(f"handoffs/{handoff}/accept/")
    assert (second.status, second["code"]) == (409, "not_pending")
    assert len(api.get("events/", deal=deal, kind="handoff_accepted")["results"]) == 1


def test_a_return_needs_its_reason(api: Caller, now: datetime):
    lead = an_mql(api)
    handoff = only(api, lead=lead)["id"]
    refused = api.post(f"handoffs/{handoff}/return/", {"reason": " "})
    assert (refused.status, refused["code"], refused["field"]) == (422, "blank", "reason")
    assert only(api, lead=lead)["decision"] == "pending"


def test_only_a_miss_can_be_excused(api: Caller, now: datetime):
    handoff = only(api, lead=an_mql(api))["id"]
    refused = api.post(f"handoffs/{handoff}/excuse/", {"reason": "system"})
    assert (refused.status, refused["code"]) == (409, "not_missed")


def test_filters_take_several_values_and_narrow_together(api: Caller, now: datetime):
    lead, deal = an_sql(api, now)
    other = an_mql(api)
    both = api.get("handoffs/", lead=f"{lead},{other}")["results"]
    assert {r["lead"] for r in both} == {lead, other}
    assert len(both) == 3
    assert {r["boundary"] for r in api.get("handoffs/", boundary="mql,won")["results"]} == {"mql"}
    kept = api.get("handoffs/", lead=lead, promise="kept,missed")["results"]
    assert [r["boundary"] for r in kept] == ["sql"]
    assert {r["id"] for r in api.get("handoffs/", boundary="", promise="", lead=lead)["results"]} == {
        r["id"] for r in both if r["lead"] == lead
    }


@pytest.mark.parametrize(
    ("query", "field"),
    [({"promise": "broken"}, "promise"), ({"lead": "x"}, "lead"), ({"stage": "mql"}, "stage")],
)
def test_a_filter_that_cannot_be_read_is_refused_by_name(api: Caller, query: dict, field: str):
    refused = api.get("handoffs/", **query)
    assert (refused.status, refused["field"]) == (422, field)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "to", "required"),
        ({"to": "won"}, "to", "bad_choice"),
        ({"to": "mql"}, "reason", "required"),
        ({"to": "mql", "reason": "inquiry", "bant": {}}, "bant", "unknown_field"),
        ({"to": "sql"}, "bant", "required"),
        ({"to": "sql", "bant": {"money": "met"}}, "bant.money", "unknown_field"),
        ({"to": "sql", "bant": {"need": "yes"}}, "bant.need", "bad_choice"),
        ({"to": "sql", "bant": {}, "sheet": {"note": [3]}}, "sheet.note", "not_text"),
        ({"to": "sql", "bant": {}, "meeting_at": "2026-12-01"}, "meeting_at", "bad_moment"),
        ({"to": "sql", "bant": {}, "deal": {"amount": "１２０万"}}, "deal.amount", "amount_not_a_number"),
    ],
)
def test_a_qualification_of_the_wrong_shape_is_refused_by_field(
    api: Caller, body: dict, field: str, code: str
):
    lead = api.post("leads/", lead_body())["id"]
    refused = api.post(f"leads/{lead}/qualify/", body)
    assert (refused.status, refused["field"], refused["code"]) == (422, field, code)
    assert api.get(f"leads/{lead}/")["stage"] == "lead"


def test_lists_take_the_same_statements_for_one_row_and_for_many(
    api: Caller, now: datetime, django_assert_max_num_queries
):
    for _ in range(4):
        an_sql(api, now)
    with django_assert_max_num_queries(4):
        assert len(api.get("handoffs/", limit=1)["results"]) == 1
    with django_assert_max_num_queries(4):
        assert len(api.get("handoffs/")["results"]) == 8


def test_what_goes_over_with_a_win_can_be_sent_with_it(api: Caller, now: datetime):
    _, deal = an_sql(api, now)
    said = {"requirements": "倉庫2拠点から開始", "promised": "初月は週次で訪問", "cautions": "情シスは慎重"}
    won = api.post(f"deals/{deal}/win/", {"amount": 10, "reason": "fit", **said})
    assert (won.status, won["state"]) == (200, "won")
    handoff = only(api, deal=deal, boundary="won")
    assert api.get(f"handoffs/{handoff['id']}/sheet/")["values"] == said
    too_much = api.post(f"deals/{deal}/win/", {"amount": 10, "reason": "fit", "promised": "長" * 4001})
    assert (too_much.status, too_much["field"], too_much["code"]) == (422, "promised", "too_long")


def test_a_win_without_words_has_no_sheet(api: Caller, now: datetime):
    _, deal = an_sql(api, now)
    assert api.post(f"deals/{deal}/win/", {"amount": 10, "reason": "fit", "promised": " "}).status == 200
    handoff = only(api, deal=deal, boundary="won")
    assert api.get(f"handoffs/{handoff['id']}/sheet/").status == 404
