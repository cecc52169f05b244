"""What the company calls things reaches pages, files and letters; calendar, reasons, channels and tokens."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import translation

from funnel import moment
from funnel.company import calendar_days, departments, reasons, sources, tokens, wordings
from funnel.company.changing import stamp
from funnel.errors import BadValue, MoveRefused
from funnel.models import Channel, CompanyDay, DepartmentSetting, Organization, Reason, Wording
from funnel.stages import DEPARTMENT_WORDS, STAGE_WORDS
from funnel.transitions.acting import Actor
from funnel.views.settings.telling import plainly
from handoffs.lanes import LANES, Boundary
from tests.builders import a_member, an_mql
from tests.doors import Caller
from tests.funnel.company.conftest import said

pytestmark = pytest.mark.django_db


def test_a_stage_is_called_otherwise_on_pages_and_in_files(desk: Client, by: Actor, now):
    an_mql(now)
    wordings.call("stage", "mql", by, now=now, ja="見込み客", en="Prospect")
    assert "見込み客" in desk.get("/funnel/").content.decode()
    assert "見込み客" in desk.get("/c/").content.decode()
    file = b"".join(desk.post("/c/export/").streaming_content).decode()  # type: ignore[union-attr]
    assert "見込み客" in file.splitlines()[0]
    assert STAGE_WORDS["mql"].say("en") == "Prospect"
    wordings.call("stage", "mql", by, now=now, ja="", en="")
    Organization.current()
    assert STAGE_WORDS["mql"].say("ja") == "MQL"
    assert [e["what"] for e in said("stage.mql")] == ["stage.mql"] * 2
    assert "見込み客" not in str(said())


def test_a_department_is_called_otherwise_in_arrows_and_sentences(by: Actor, now):
    wordings.call("department", "inside_sales", by, now=now, ja="IS課", en="")
    Organization.current()
    assert LANES[Boundary.MQL].words.say("ja") == "マーケティング → IS課"
    assert LANES[Boundary.MQL].words.say("en") == "Marketing → Inside Sales"
    with pytest.raises(Exception, match="not_yours") as refused:
        Actor.of(a_member("marketing"), "html", now=now).department_for("certify_sql")
    assert "IS課" in refused.value.say("ja")
    assert DEPARTMENT_WORDS["inside_sales"].ja == "インサイドセールス"


def test_the_api_keeps_its_codes(by: Actor, now, api: Caller):
    wordings.call("stage", "mql", by, now=now, ja="見込み客", en="Prospect")
    lead = an_mql(now)
    assert api.get(f"leads/{lead.pk}/")["stage"] == "mql"
    assert [s["key"] for s in api.get("funnel/")["stages"]][2] == "mql"


def test_a_name_has_versions_and_a_conflict_names_who(by: Actor, boss, now):
    wordings.call("stage", "sql", by, now=now, ja="商談", en="", version=0)
    with pytest.raises(MoveRefused) as refused:
        wordings.call("stage", "sql", by, now=now, ja="案件", en="", version=0)
    assert refused.value.params["who"] == boss.name
    wordings.call("stage", "sql", by, now=now, ja="案件", en="", version=1)
    assert [(w.version, w.ja) for w in Wording.objects.filter(what="stage.sql")] == [(2, "案件"), (1, "商談")]
    for table, code in (("stage", "nonsense"), ("event", "deal_won"), ("result", "")):
        with pytest.raises(BadValue):
            wordings.call(table, code, by, now=now, ja="x", en="")


def test_names_are_changed_on_the_page(desk: Client):
    page = desk.get("/settings/names/")
    assert page.status_code == 200
    once = page.context["tables"][1][1][0]["form"]["once"].value()
    sent = {"once": once, "version": "0", "ja": "商談", "en": "Deal"}
    assert desk.post("/settings/names/stage/sql/", sent).status_code == 302
    assert Organization.current().names == {"stage.sql": {"ja": "商談", "en": "Deal"}}
    again = {**sent, "once": "b3b1c6a0-0000-4000-8000-000000000002", "ja": "案件"}
    assert desk.post("/settings/names/stage/sql/", again).status_code == 422
    assert desk.post("/settings/names/stage/none/", sent).status_code == 404


LIST = [
    ("2026-12-29 年末", (date(2026, 12, 29), date(2026, 12, 29), "年末", "")),
    ("２０２６/12/29〜2027/1/3、年末年始", (date(2026, 12, 29), date(2027, 1, 3), "年末年始", "")),
    ("2026年8月13日(木) - 2026年8月14日(金) 夏季", (date(2026, 8, 13), date(2026, 8, 14), "夏季", "")),
    ("2026.8.13", (date(2026, 8, 13), date(2026, 8, 13), "", "")),
    ("2026-02-30 x", (None, None, "", "bad_date")),
    ("年末年始", (None, None, "", "bad_date")),
    ("2026-12-29 - 2026-12-01", (None, None, "", "bad_dates")),
    ("2026-01-01 - 2026-12-31", (None, None, "", "range_long")),
]


@pytest.mark.parametrize(("text", "expected"), LIST)
def test_a_list_of_days_is_read_as_people_write_it(text, expected):
    (line,) = calendar_days.read(f"\n{text}\n\n")
    assert (line.first, line.last, line.name, line.problem) == expected
    assert line.number == 2


def test_days_are_closed_opened_and_taken_out_and_each_is_an_event(by: Actor, now, org):
    first = date(2026, 12, 29)
    assert calendar_days.close(by, now=now, first=first, last=first + timedelta(days=5), name="年末年始") == 6
    assert calendar_days.close(by, now=now, first=first, last=first, name="年末年始") == 0
    assert not org.calendar().is_business_day(date(2026, 12, 30))
    calendar_days.close(by, now=now, first=first, last=first, name="", is_closed=False)
    assert org.calendar().is_business_day(first)
    assert calendar_days.take_away(by, now=now, days=CompanyDay.objects.values_list("pk", flat=True)) == 6
    assert len(said("calendar")) == 3
    assert "年末年始" not in str(said())


def test_the_calendar_page(desk: Client):
    page = desk.get("/settings/calendar/?year=2026")
    open_days = page.context["business_days"]
    assert 240 <= open_days <= 250
    body = {"once": page.context["list"]["once"].value(), "pasted": "2026-12-29〜2026-12-31 年末\nいつか"}
    refused = desk.post("/settings/calendar/list/?year=2026", body)
    assert refused.status_code == 422
    assert not CompanyDay.objects.exists()
    good = {**body, "pasted": "2026-12-29〜2026-12-31 年末"}
    assert desk.post("/settings/calendar/list/?year=2026", good).status_code == 302
    closing = {"once": page.context["close"]["once"].value(), "first": "2026-08-13", "is_closed": "1"}
    assert desk.post("/settings/calendar/close/?year=2026", closing).status_code == 302
    assert desk.get("/settings/calendar/?year=2026").context["business_days"] == open_days - 4
    assert desk.get("/settings/calendar/?year=9999").status_code == 200
    assert desk.get("/settings/calendar/?year=x").status_code == 200


def test_the_zone_is_fixed_once_there_are_leads(by: Actor, now, org):
    new = {**calendar_days.seen(org), "zone": "Europe/Berlin", "fiscal_year_start": 1}
    calendar_days.set_organization(by, now=now, stamp=None, **new)
    an_mql(now)
    with pytest.raises(MoveRefused) as refused:
        calendar_days.set_organization(by, now=now, stamp=None, **{**new, "zone": "Asia/Tokyo"})
    assert refused.value.code == "zone_fixed"
    with pytest.raises(MoveRefused):
        calendar_days.set_organization(by, now=now, stamp=stamp("else"), **new)


def row(**more: Any) -> dict[str, Any]:
    return {"label_ja": "新しい理由", "label_en": "", "position": 1, "is_active": True, **more}


def test_reasons_are_added_renamed_and_retired_but_stay(by: Actor, now):
    price = Reason.objects.get(act="loss", code="price")
    seen = stamp(reasons.seen("loss"))
    rows = [
        row(id=price.pk, label_ja="値段", label_en="Price", position=9, is_active=False),
        row(label_en="Too far!"),
    ]
    reasons.change("loss", rows, by, now=now, stamp=seen)
    price.refresh_from_db()
    assert (price.label_ja, price.code, price.is_active) == ("値段", "price", False)
    assert Reason.objects.get(act="loss", code="too_far").label_ja == "新しい理由"
    assert [e["what"] for e in said("reason.loss")] == ["reason.loss.price", "reason.loss.too_far"]
    assert "値段" not in str(said())
    with pytest.raises(MoveRefused):
        reasons.change("loss", rows, by, now=now, stamp=seen)
    everything = [
        row(id=r.pk, label_ja=r.label_ja, is_active=False) for r in Reason.objects.filter(act="win")
    ]
    with pytest.raises(BadValue) as refused:
        reasons.change("win", everything, by, now=now)
    assert refused.value.code == "reasons_none"


def test_the_page_of_reasons(desk: Client):
    page = desk.get("/settings/reasons/loss/")
    form = page.context["form"]
    body = {k: v for k in form.fields if (v := form[k].value()) not in (None, False)}
    last = len(form.rows) - 1
    body |= {"stamp": page.context["stamp"], f"ja_{last}": "遠い", "ja_0": ""}
    assert desk.post("/settings/reasons/loss/change/", {**body, "en_0": ""}).status_code == 422
    assert desk.post("/settings/reasons/loss/change/", {**body, "ja_0": "価格"}).status_code == 302
    assert Reason.objects.filter(act="loss", label_ja="遠い").exists()
    assert desk.get("/settings/reasons/none/").status_code == 404


def test_a_retired_channel_stays_with_its_leads(desk: Client, by: Actor, now):
    lead = an_mql(now, channel="fair")
    channel = lead.channel
    sources.edit(Channel, channel.pk, by, now=now, name="展示会", is_active=False, is_web=False)
    lead.refresh_from_db()
    assert lead.channel.name == "展示会"
    assert an_mql(now, channel="fair").channel == channel
    assert desk.get("/settings/channels/").status_code == 200
    made = {"once": "b3b1c6a0-0000-4000-8000-000000000003", "name": "紹介", "slug": "referral"}
    assert desk.post("/settings/channels/add/", made).status_code == 302
    taken = {**made, "once": "b3b1c6a0-0000-4000-8000-000000000004"}
    assert desk.post("/settings/channels/add/", taken).status_code == 422


def test_a_token_is_shown_once_and_kept_as_a_hash(desk: Client):
    page = desk.get("/settings/tokens/")
    sent = {"once": page.context["form"]["once"].value(), "name": "CRM", "scope": "write"}
    made = desk.post("/settings/tokens/", sent).context["made"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM knox_authtoken t WHERE position(%s in t::text) > 0", [made])
        assert cursor.fetchone() == (0,)
    assert made not in desk.get("/settings/tokens/").content.decode()
    caller = Caller(made)
    assert caller.get("leads/").status == 200
    (listed,) = tokens.listed()
    assert listed.last_used_at is not None
    revoked = {"once": "b3b1c6a0-0000-4000-8000-000000000005", "key": listed.key}
    assert desk.post("/settings/tokens/revoke/", revoked).status_code == 302
    assert caller.get("leads/").status == 401
    assert [e["what"] for e in said("api_token")] == ["api_token"] * 2
    assert made not in str(said())
    assert ": CRM</b>" in desk.get("/settings/history/").content.decode()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"), ({}, "–"), (0, "0"), (False, "No"), ("JPY", "JPY"), (["role", "valid_to"], "role, valid_to"),
        ({"last_on": "2026-03-31", "days": [1, 2]}, "last_on: 2026-03-31; days: 1, 2"),
    ],
)  # fmt: skip
def test_a_changed_value_is_shown_without_its_notation(value: object, words: str):
    with translation.override("en"):
        assert plainly(value) == words


def test_the_command_refuses_a_name_that_is_none():
    with pytest.raises(Exception, match="1 to 100"):
        call_command("create_token", name="\n", scope="read")


def test_covers_hold_for_new_promises_and_never_in_a_circle(by: Actor, now):
    departments.cover("marketing", by, now=now, covered_by="inside_sales")
    assert DepartmentSetting.covers()["marketing"] == "inside_sales"
    for department, covering in (
        ("inside_sales", "field_sales"),
        ("field_sales", "marketing"),
        ("field_sales", "field_sales"),
    ):
        with pytest.raises(BadValue):
            departments.cover(department, by, now=now, covered_by=covering)
    departments.cover("marketing", by, now=now, covered_by="")
    assert [e["new"]["covered_by"] for e in said("department.marketing")] == ["inside_sales", ""]
    warned = {d.department for d in departments.without_people(moment.now().date())}
    assert warned == {"inside_sales", "field_sales", "customer_success"}
