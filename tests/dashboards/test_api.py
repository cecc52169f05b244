"""The API of readings: shapes that stay, refusals with a code, few statements."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboards import counts
from funnel.models import Lead
from tests.dashboards.conftest import tokyo
from tests.doors import Caller, a_token

SPRING = {"from": "2026-03-01", "to": "2026-05-31"}


@pytest.fixture
def api(spring) -> Caller:
    return Caller(a_token("read"))


def stages(answer) -> dict[str, int]:
    return {stage["key"]: stage["count"] for stage in answer["stages"]}


def test_the_funnel_answers_the_agreed_shape(api):
    answer = api.get("funnel/", **SPRING)
    assert answer.status == 200
    assert (answer["basis"], answer["from"], answer["to"]) == ("period", "2026-03-01", "2026-05-31")
    assert answer["as_of"] == "2026-05-20T09:00:00+00:00"
    assert [stage["key"] for stage in answer["stages"]] == [
        "visitor", "lead", "mql", "sql", "won", "onboarded", "renewed", "referred"
    ]  # fmt: skip
    assert list(stages(answer).values())[:5] == [8070, 11, 9, 3, 2]
    assert [(rate["from"], rate["to"]) for rate in answer["rates"]] == [
        ("visitor", "lead"), ("lead", "mql"), ("mql", "sql"), ("sql", "won"),
        ("won", "onboarded"), ("won", "renewed"), ("won", "referred"),
    ]  # fmt: skip
    step = answer["rates"][2]
    assert (step["numerator"], step["denominator"], step["value"]) == (3, 9, 3 / 9)
    assert answer["groups"] == []


def test_a_cohort_says_its_window_and_who_still_has_time(api):
    rates = {rate["to"]: rate for rate in api.get("funnel/", basis="cohort", **SPRING)["rates"]}
    assert (rates["mql"]["window_days"], rates["mql"]["mature"]) == (30, False)
    # The lead of 13 May, and the one of today, are not MQL yet and have time.
    assert rates["mql"]["still_open"] == 2
    april = {"from": "2026-03-01", "to": "2026-04-19"}
    mature = {rate["to"]: rate for rate in api.get("funnel/", basis="cohort", **april)["rates"]}
    assert (mature["mql"]["mature"], mature["mql"]["still_open"]) == (True, 0)


@pytest.mark.parametrize("basis", ["period", "cohort"])
@pytest.mark.parametrize("group_by", ["channel", "month", "owner"])
def test_groups_have_the_same_shape_and_add_up(api, basis, group_by):
    answer = api.get("funnel/", basis=basis, group_by=group_by, **SPRING)
    for group in answer["groups"]:
        assert set(group) == {"key", "label", "stages", "rates"}
    for key, count in stages(answer).items():
        assert sum(stages(group)[key] for group in answer["groups"]) == count
    keys = [group["key"] for group in answer["groups"]]
    assert {
        "channel": ["expo", "web", None],
        "month": ["2026-03", "2026-04", "2026-05"],
    }.get(group_by, keys) == keys
    assert (None, "(none)") in {(g["key"], g["label"]) for g in answer["groups"]} or group_by == "month"


def test_the_won_can_be_asked_for_with_amounts_owners_and_days(api, spring):
    won = api.get("funnel/", include="won", **SPRING)["won"]
    assert won == {
        "leads": 2,
        "amounts": {"JPY": "1000000", "USD": "9800.50"},
        "median_days_from_mql": 15.0,
        "lead_owners": 1,
        "deal_owners": 1,
        "date_conflicts": 0,
    }


def test_the_whole_board_takes_at_most_six_statements(api):
    for query in (
        {},
        {"group_by": "channel"},
        {"basis": "cohort", "group_by": "month"},
        {"group_by": "owner"},
    ):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            api.get("funnel/", **SPRING, **query)
        assert len(readings(asked)) <= 6


def readings(asked) -> list[str]:
    """Statements but those that find out who is calling."""
    return [
        q["sql"] for q in asked.captured_queries if "knox" not in q["sql"] and "SAVEPOINT" not in q["sql"]
    ]


@pytest.mark.parametrize(
    ("query", "status", "code", "field"),
    [
        ({"from": "2026-02-30"}, 400, "bad_date", "from"),
        ({"from": "2026-03-01", "to": "2026-02-01"}, 400, "bad_dates", "to"),
        ({"from": "1999-01-01", "to": "2026-02-01"}, 400, "span_too_long", "from"),
        ({"basis": "both"}, 400, "bad_choice", "basis"),
        ({"group_by": "weather"}, 400, "bad_choice", "group_by"),
        ({"owner": "me"}, 400, "bad_id", "owner"),
        ({"include": "all"}, 422, "bad_choice", "include"),
        ({"chanel": "web"}, 422, "unknown_field", "chanel"),
    ],
)
def test_a_query_that_names_no_scope_is_refused_with_a_sentence_in_both_languages(
    api, query, status, code, field
):
    for language in ("en", "ja"):
        api.headers["Accept-Language"] = language
        answer = api.get("funnel/", **query)
        assert (answer.status, answer["code"], answer["field"]) == (status, code, field)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer["detail"].isascii() is (language == "en") or "“" in answer["detail"]


PLAN = {"revenue": 10_000_000, "deal_size": 1_000_000, "win_rate": 0.3, "sql_rate": 0.2, "mql_rate": 0.5,
        "visitor_rate": 0.02}  # fmt: skip


def test_the_plan_is_exact_and_rounds_up(api):
    found = api.post("plan/", PLAN)
    assert found.status == 200
    nodes = ("won", "sql", "mql", "lead", "visitor")
    assert [found[node] for node in nodes] == [10, 34, 170, 340, 17000]
    assert (found["expected_won"], found["surplus"]) == ("10.20", "200000.00")
    # 21 ÷ 0.35 is 60; in binary it would be 61.
    exact = api.post("plan/", {**PLAN, "revenue": "21", "deal_size": 1, "win_rate": 0.35})
    assert exact["sql"] == 60


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"win_rate": 0}, "plan_not_positive"),
        ({"win_rate": "0.0"}, "plan_not_positive"),
        ({"mql_rate": -0.1}, "plan_not_positive"),
        ({"mql_rate": 1.01}, "plan_over_one"),
        ({"revenue": "many"}, "plan_not_a_number"),
        ({"revenue": True}, "amount_not_a_number"),
        ({"revenue": None}, "null"),
        ({"revenue": [1]}, "amount_not_a_number"),
        ({"visitor_rate": "1e-400"}, "plan_too_small"),
        ({"deal_size": "1e400"}, "plan_too_large"),
        ({"profit": 1}, "unknown_field"),
    ],
)
def test_what_cannot_be_planned_is_a_problem_that_names_the_field(api, change, code):
    answer = api.post("plan/", {**PLAN, **change})
    assert (answer.status, answer["code"], answer["field"]) == (422, code, next(iter(change)))
    assert answer["detail"]


def test_what_customers_bring_anyway_need_not_be_won(api):
    known = {"base": 5_000_000, "churn": "0.03", "expansion": "0.01"}
    found = api.post("plan/", {**PLAN, **known})
    assert (found["to_win"], found["retained"], found["expansion"]) == (
        "5100000.00",
        "4850000.00",
        "50000.00",
    )
    assert (found["won"], found["sql"], found["mql"], found["lead"]) == (6, 20, 100, 200)
    assert api.post("plan/", PLAN)["to_win"] == "10000000"
    assert api.post("plan/", {**PLAN, "base": 0})["won"] == 10
    for change, code, field in (
        ({"churn": None}, "null", "churn"),
        ({"churn": 1.2}, "plan_part_over_one", "churn"),
        ({"base": "x"}, "plan_not_a_number", "base"),
        ({"base": ""}, "plan_not_a_number", "base"),
        ({"base": 50_000_000}, "plan_nothing_to_win", "revenue"),
    ):
        answer = api.post("plan/", {**PLAN, **known, **change})
        assert (answer.status, answer["code"], answer["field"]) == (422, code, field)
    without = api.post("plan/", {**PLAN, "base": 5_000_000})
    assert (without["code"], without["field"]) == ("plan_churn_missing", "churn")


def test_not_a_number_and_a_missing_rate_are_refused(api):
    body = '{"revenue": NaN, "deal_size": 1, "win_rate": 1, "sql_rate": 1, "mql_rate": 1, "visitor_rate": 1}'
    assert api.send("POST", "plan/", body).status == 422
    del (short := dict(PLAN))["sql_rate"]
    missing = api.post("plan/", short)
    assert (missing.status, missing["code"], missing["field"]) == (422, "required", "sql_rate")


def test_kpis_are_listed_in_the_callers_language(api):
    found = {row["slug"]: row for row in api.get("numbers/")["results"]}
    assert found["bookings"]["name"] == "Bookings"
    api.headers["Accept-Language"] = "ja"
    found = {row["slug"]: row for row in api.get("numbers/")["results"]}
    assert found["bookings"]["name"] == "受注金額"
    assert found["mql-rate"]["parts"] == ["numerator", "denominator"]


def test_money_is_digits_by_currency(api):
    found = api.get("numbers/bookings/", **SPRING)
    assert (found["value"], found["currency"]) == ("1000000", "JPY")
    assert found["more"]["by_currency"]["USD"] == {"value": "9800.50", "deals": 1}


def test_rows_come_in_pages_without_a_gap(api):
    seen, address = [], "numbers/leads/rows/"
    query = {"limit": 4, **SPRING}
    while address:
        page = api.get(address, **query)
        seen += [row["id"] for row in page["results"]]
        address, query = page["next"], {}
    assert len(seen) == len(set(seen)) == 11
    assert set(seen) == set(Lead.objects.values_list("pk", flat=True))


def test_what_is_not_there_is_a_problem(api):
    assert api.get("numbers/profit/")["code"] == "not_found"
    assert api.get("numbers/mql-rate/rows/", part="rest")["code"] == "bad_choice"
    assert api.get("numbers/overdue/rows/", **SPRING)["results"][0]["promise"] == "missed"
    assert Caller(None).get("funnel/").status == 401


def test_a_new_lead_is_in_the_funnel_at_once(api, spring):
    before = stages(api.get("funnel/", **SPRING))["lead"]
    spring.lead(tokyo(5, 20, 18))
    assert stages(api.get("funnel/", **SPRING))["lead"] == before + 1
    counts.fold()
    assert stages(api.get("funnel/", **SPRING))["lead"] == before + 1


ODD = [
    "\0",
    "a\0b",
    "%00",
    "%(channel0)s",
    "{value}",
    "\ufffe",
    "\U0010ffff" * 200,
    "x" * 201,
    "'",
    "\\",
    "(none)",
]


@pytest.mark.parametrize("channel", ODD, ids=ascii)
@pytest.mark.parametrize("path", ["funnel/", "numbers/won/", "numbers/won/rows/"])
def test_a_strange_channel_is_empty_or_refused_with_a_code(api, path, channel):
    answer = api.get(path, channel=channel, **SPRING)
    assert answer.status in (200, 400)
    if answer.status == 400:
        assert answer["code"] in ("bad_choice", "unknown_channel")
    elif path == "funnel/" and channel != "(none)":
        assert set(stages(answer).values()) == {0}


STRANGE = [
    "", " ", "\0", "a\0b", "%00", "é", "😀", "{", "{0}", "{value.__class__}", "'", "0001-01-01", "9999-12-31",
    "1970-01-01", "2199-12-31", "2026-02-30", "2026-05-01T00:00", "-1", "0", "9" * 19, "9" * 400, "٣", "x" * 5000, "nan",
    "period", "cohort", "month",
]  # fmt: skip


@pytest.mark.parametrize(
    "key", ["from", "to", "basis", "channel", "owner", "group_by", "exclude_inferred", "\0"]
)
def test_whatever_is_asked_is_answered_or_refused_by_name(api, key):
    for value in STRANGE:
        for also in ({}, {"group_by": "month"}, {"basis": "cohort", "group_by": "owner"}):
            answer = api.get("funnel/", **{**also, key: value})
            assert answer.status in (200, 400, 422), (key, value, answer.raw[:300])
            assert answer.status == 200 or answer["code"], (key, value)


@pytest.mark.parametrize(
    "raw", ["from=%ff", "channel=%ed%a0%80", "%00=1", "from=2026-05-01&from=x", "&&&=", "channel=%"]
)
def test_a_query_string_that_is_no_text_is_answered_or_refused(api, raw):
    assert api.send("GET", f"funnel/?{raw}", b"").status in (200, 400, 422)
