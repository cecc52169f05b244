"""One row at a time: what is taken, what is rejected, and why."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from funnel.ingest.cells import BadRow, Setting, written
from funnel.ingest.columns import FIELDS
from funnel.ingest.reasons import sentence
from funnel.ingest.rows import READERS

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 5, 1, 3, tzinfo=UTC)
SETTING = Setting(TOKYO, "JPY", NOW)


def read(kind, /, **cells):
    return READERS[kind]([cells.get(field, "") for field in FIELDS[kind]], SETTING)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-04-01", "2026-03-31T15:00:00"),
        ("2026/4/1", "2026-03-31T15:00:00"),
        ("2026年4月1日", "2026-03-31T15:00:00"),
        ("２０２６/０４/０１ ９:３０", "2026-04-01T00:30:00"),
        ("2026-04-01 09:30:15", "2026-04-01T00:30:15"),
        ("2026年4月1日 9時30分", "2026-04-01T00:30:00"),
        ("2026-04-01T09:30:00Z", "2026-04-01T09:30:00"),
        ("2026-04-01T09:30:00+02:00", "2026-04-01T07:30:00"),
        ("20260401", "2026-03-31T15:00:00"),
    ],
)
def test_dates_are_read_as_people_and_systems_write_them(text, utc):
    assert written(text, TOKYO) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30", "2026-13-01", "令和8年2月30日", "2026-04-01 24:00", "0001-01-01", "9999-12-31", "46113", "=TODAY()",
        "yesterday", "2026-04-01 25:00", "04/2026", "-", "NaN",
    ],
)  # fmt: skip
def test_impossible_dates_are_rejected_and_never_crash(text):
    with pytest.raises(BadRow) as bad:
        read("leads", external_id="1", mql_at=text)
    assert bad.value.code == "bad_date"


def test_a_date_in_the_future_is_rejected():
    with pytest.raises(BadRow) as bad:
        read("leads", external_id="1", mql_at="2026-05-01 12:00:01")
    assert (bad.value.code, bad.value.params) == ("in_future", {"field": "mql_at"})


@pytest.mark.parametrize(
    ("cells", "taken"),
    [
        ({"external_id": "1"}, True),
        ({"email": "a@example.jp"}, True),
        ({"company": "甲", "name": "乙"}, True),
        ({"company": "甲"}, False),
        ({"name": "乙"}, False),
        ({"phone": "03-1234-5678"}, False),
        ({}, False),
    ],
)
def test_a_lead_needs_something_to_know_it_by(cells, taken):
    if taken:
        assert read("leads", **cells)
    else:
        with pytest.raises(BadRow) as bad:
            read("leads", **cells)
        assert bad.value.code == "identity_required"


def test_a_missing_name_is_made_of_its_parts_in_the_order_of_its_language():
    assert read("leads", company="甲", last_name="山田", first_name="太郎").name == "山田 太郎"
    assert read("leads", company="Acme", last_name="Smith", first_name="Ann").name == "Ann Smith"


def test_formulas_stay_text():
    row = read("leads", company='=HYPERLINK("http://example.jp")', name="+81", external_id="1")
    assert row.company == '=HYPERLINK("http://example.jp")'
    assert row.name == "+81"


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("-1", "amount_negative"), ("NaN", "amount_not_a_number"), ("１２０万", "amount_not_a_number"),
        ("=1+1", "amount_not_a_number"), ("1e400", "amount_not_a_number"), ("1,000", "amount_not_a_number"),
        ("0.5", "amount_fraction"), ("9" * 30, "amount_too_large"), ("", "amount_required"),
    ],
)  # fmt: skip
def test_amounts_that_are_none(amount, code):
    with pytest.raises(BadRow) as bad:
        read("deals", lead_external_id="1", won_at="2026-04-01", amount=amount)
    assert bad.value.code == code


def test_an_amount_of_zero_is_an_amount():
    assert read("deals", lead_external_id="1", won_at="2026-04-01", amount="0").amount == Decimal(0)


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({"won_at": "2026-04-01"}, ("won", "")),
        ({"lost_at": "2026-04-01"}, ("lost", "")),
        ({"stage": "Closed Won", "closed_at": "2026-04-01"}, ("won", "")),
        ({"stage": "失注", "closed_at": "2026-04-01"}, ("lost", "")),
        ({"stage": "提案", "closed_at": "2026-12-01"}, ("open", "proposal")),
        ({"stage": "negotiation"}, ("open", "negotiation")),
        ({"stage": "first-meeting"}, ("open", "first_meeting")),
        ({}, ("open", "")),
    ],
)
def test_stage_and_dates_say_where_a_deal_stands(cells, state):
    row = read("deals", lead_external_id="1", amount="1", **cells)
    assert (row.state, row.step) == state


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"won_at": "2026-04-01", "lost_at": "2026-04-02"}, "dates_contradict"),
        ({"won_at": "2026-04-01", "stage": "失注"}, "dates_contradict"),
        ({"stage": "won"}, "field_required"),
        ({"stage": "somewhere"}, "bad_choice"),
        ({"currency": "yen"}, "bad_currency"),
        ({"product": "x" * 101}, "too_long"),
    ],
)
def test_a_deal_that_contradicts_itself_is_rejected(cells, code):
    with pytest.raises(BadRow) as bad:
        read("deals", lead_external_id="1", amount="1", **cells)
    assert bad.value.code == code


def test_activities_are_read_in_both_languages():
    japanese = read("activities", email="A@example.jp", kind="電話", direction="発信", result="不在",
                    occurred_at="2026/4/30 10:00")  # fmt: skip
    english = read("activities", email="a@example.jp", kind="Call", direction="outbound", result="No answer",
                   occurred_at="2026-04-30T01:00:00Z")  # fmt: skip
    assert japanese == english


@pytest.mark.parametrize(
    ("kind", "cells", "code"),
    [
        ("activities", {"email": "a@example.jp"}, "field_required"),
        ("activities", {"email": "a@example.jp", "kind": "fax", "occurred_at": "2026-04-01"}, "bad_choice"),
        ("activities", {"email": "no address", "occurred_at": "2026-04-01"}, "bad_email"),
        ("usage", {"day": "2026-04-01", "metric": "logins", "value": "1"}, "identity_required"),
        ("usage", {"company": "甲", "day": "2026-04-01", "value": "1"}, "field_required"),
        ("usage", {"company": "甲", "day": "2026-04-01", "metric": "logins", "value": "-1"}, "bad_number"),
        (
            "usage",
            {"company": "甲", "day": "2026-04-01", "metric": "logins", "value": "Infinity"},
            "bad_number",
        ),
        ("spend", {"day": "2026-04-01", "amount": "-5"}, "amount_negative"),
        ("spend", {"amount": "5"}, "field_required"),
        ("traffic", {"day": "2026-04-01", "visits": "1.5"}, "bad_number"),
        ("traffic", {"day": "2026-06-01", "visits": "1"}, "in_future"),
    ],
)
def test_other_kinds_say_what_is_wrong_with_them(kind, cells, code):
    with pytest.raises(BadRow) as bad:
        read(kind, **cells)
    assert bad.value.code == code
    assert sentence(code, bad.value.params, "ja") != sentence(code, bad.value.params, "en")
