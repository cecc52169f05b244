"""Targets as a page and as an API: fields in people's notation, saved together, taken back, and who may."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from dashboards import kpis, periods, targets
from dashboards.kpis import Frame, frame
from dashboards.models import Target
from dashboards.scope import Scope
from dashboards.targets import COMPANY, TargetError, Wish, entering, examples
from funnel import moment
from funnel.calendar import month_end
from funnel.models import Organization
from funnel.transitions.acting import SYSTEM, Actor
from tests.builders import a_contract, a_deal, a_lead, a_member, an_mql
from tests.doors import a_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(now) -> date:
    return now.astimezone(Organization.current().tz).date()


@pytest.fixture
def month(today: date) -> date:
    return today.replace(day=1)


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(a_member(is_administrator=True, language="ja"))
    return client


def put(now, slug: str, value: object, month: date, whom=COMPANY) -> Target:
    return targets.set_one(Wish(slug, "month", month, Decimal(str(value)), whom), SYSTEM, now=now)


def shown(html: str, name: str) -> str:
    """What stands in a field."""
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', html)
    assert found, name
    return found[1]


def fields(month: date, **typed: str) -> dict[str, str]:
    """A form in which some KPIs were typed over what stands (nothing)."""
    sent = {}
    for slug, text in typed.items():
        name = f"{slug.replace('_', '-')}.{month}"
        sent |= {f"t.{name}": text, f"was.{name}": "0|"}
    return sent


# ---- what people type


@pytest.mark.parametrize(
    ("slug", "text", "value"),
    [
        ("leads", "340", "340"),
        ("leads", " 340 件", "340"),
        ("leads", "1,340", "1340"),
        ("bookings", "1,000万", "10000000"),
        ("bookings", "¥10,000,000", "10000000"),
        ("bookings", "1.2億円", "120000000"),
        ("sql-rate", "20%", "0.2"),
        ("sql-rate", "20", "0.2"),
        ("sql-rate", "2.5 %", "0.025"),
        ("response-time", "4.5時間", "4.5"),
        ("sales-cycle", "30日", "30"),
        ("leads", "  ", None),
        ("leads", "", None),
    ],
)
def test_what_people_type_is_understood_and_written_back(slug, text, value):
    kpi = kpis.get(slug)
    found = entering.read(kpi, text, "JPY")
    assert found == (None if value is None else Decimal(value))
    assert entering.read(kpi, entering.write(kpi, found), "JPY") == found


@pytest.mark.parametrize(
    ("slug", "text", "code"),
    [
        ("leads", "many", "target_not_a_number"),
        ("leads", "NaN", "target_not_a_number"),
        ("leads", "-3", "target_negative"),
        ("nps", "--3", "target_negative"),
        ("leads", "3.5", "target_not_whole"),
        ("leads", "9" * 30, "target_too_large"),
        ("bookings", "99999兆", "target_too_large"),
        ("sql-rate", "twenty", "target_not_a_number"),
    ],
)
def test_what_nobody_can_read_is_refused(slug, text, code):
    with pytest.raises(TargetError) as refused:
        entering.read(kpis.get(slug), text, "JPY")
    assert refused.value.code == code


# ---- the page


def test_volume_and_quality_are_saved_together_and_read_beside_the_actual_number(admin, now, month):
    an_mql(now)
    a_deal(now)
    answer = admin.post("/targets/", fields(month, mql="170", sql_rate="20%", bookings="1,000万"))
    assert answer.status_code == 302
    found = {t.kpi: t.value for t in Target.objects.all()}
    assert found == {"mql": 170, "sql-rate": Decimal("0.2"), "bookings": 10_000_000}
    html = admin.get("/targets/").content.decode()
    assert shown(html, f"t.mql.{month}") == "170"
    assert shown(html, f"t.sql-rate.{month}") == "20%"
    assert shown(html, f"t.bookings.{month}") == "10,000,000"
    assert "50.0%" in html
    assert "3件の目標を保存しました" in html


def test_a_volume_without_its_quality_is_noticed(admin, now, month):
    put(now, "mql", 170, month)
    assert "質の目標も合わせて設定してください" in admin.get("/targets/").content.decode()
    put(now, "sql-rate", "0.2", month)
    assert "質の目標も合わせて設定してください" not in admin.get("/targets/").content.decode()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"mql": "0"}, "何もしなくても達成"),
        ({"sql_rate": "120%"}, "100%以下"),
        ({"sql_rate": "0%"}, "何もしなくても達成"),
        ({"mql": "たくさん"}, "数値として読み取れません"),
        ({"bookings": "9" * 20}, "大きすぎます"),
        ({"nonsense": "5"}, "というKPIはありません"),
    ],
)
def test_one_bad_field_is_named_and_nothing_is_saved(admin, month, typed, words):
    answer = admin.post("/targets/", fields(month, leads="340", **typed))
    assert answer.status_code == 422
    assert not Target.objects.exists()
    html = answer.content.decode()
    assert words in html or "nonsense" in str(typed)
    assert shown(html, f"t.leads.{month}") == "340"


def test_what_was_not_touched_is_left_alone_and_what_somebody_else_changed_is_said(admin, now, month):
    put(now, "mql", 170, month)
    name = f"mql.{month}"
    put(now, "mql", 180, month)
    untouched = {f"t.{name}": "170", f"was.{name}": "1|170"}
    assert admin.post("/targets/", untouched).status_code == 302
    assert Target.objects.count() == 2
    answer = admin.post("/targets/", {f"t.{name}": "190", f"was.{name}": "1|170"})
    assert answer.status_code == 409
    assert "先に変更しました" in answer.content.decode()
    assert shown(answer.content.decode(), f"t.{name}") == "190"


def test_what_was_saved_is_taken_back_once(admin, now, month):
    put(now, "mql", 170, month)
    name = f"mql.{month}"
    answer = admin.post(
        "/targets/",
        {f"t.{name}": "200", f"was.{name}": "1|170", **fields(month, sql="34")},
        headers={"HX-Request": "true"},
    )
    made = re.findall(r'<input type="hidden" name="made" value="(\d+)">', answer.content.decode())
    assert len(made) == 2
    assert admin.post("/targets/undo/", {"made": made}).status_code == 302
    values = [t.value for t in targets.history(COMPANY, "mql", "month", month)]
    assert values == [170, 200, 170]
    assert targets.history(COMPANY, "sql", "month", month)[0].value is None
    again = admin.post("/targets/undo/", {"made": made})
    assert again.status_code == 409
    assert admin.post("/targets/undo/", {"made": ["x", "9" * 30, "999999"]}).status_code == 302


def test_the_history_says_who_from_what_to_what_and_why(admin, now, month):
    put(now, "mql", 170, month)
    admin.post("/targets/", {f"t.mql.{month}": "200", f"was.mql.{month}": "1|170", "note": "展示会のため"})
    html = admin.get("/targets/").content.decode()
    assert "170 → <b>200</b>" in html
    assert "展示会のため" in html


@pytest.mark.parametrize(
    "query",
    ["for=nobody", "for=member:999999", "for=department:ops", "at=2026-13-01", "at=0001-01-01", "at=x%00",
     "at=9999-12-01", "for=member:%00", "for=" + "9" * 4000],
)  # fmt: skip
def test_an_edited_address_gets_an_answer(admin, query):
    answer = admin.get(f"/targets/?{query}")
    assert answer.status_code == 400
    assert "error-summary" in answer.content.decode()


@pytest.mark.parametrize("kind", ["month", "quarter", "weird"])
@pytest.mark.parametrize("whom", ["company", "department:inside_sales"])
def test_every_tab_and_kind_is_shown(admin, now, kind, whom):
    html = admin.get(f"/targets/?for={whom}&kind={kind}&at=2026-11-01")
    assert html.status_code == 200


def test_a_member_has_his_own_targets_and_numbers(admin, now, month):
    caller = a_member("inside_sales")
    an_mql(now)
    whom = targets.Whom("member", member_id=caller.pk)
    put(now, "sql", 12, month, whom)
    html = admin.get(f"/targets/?for={whom.key()}").content.decode()
    assert shown(html, f"t.sql.{month}") == "12"
    assert "t.bookings." not in html


def test_leads_set_their_own_and_others_look(client, now, month):
    lead = a_member("marketing", role="lead")
    client.force_login(lead)
    mine = "/targets/?for=department:marketing"
    assert client.post(mine, fields(month, mql="170")).status_code == 302
    assert client.post("/targets/", fields(month, mql="170")).status_code == 403
    html = client.get("/targets/").content.decode()
    assert 'name="t.mql' not in html
    client.force_login(a_member("marketing"))
    assert client.get(mine).status_code == 200
    assert client.post(mine, fields(month, mql="180")).status_code == 403
    assert Target.objects.count() == 1


@pytest.mark.parametrize("size", [1, 12])
def test_the_table_takes_as_many_statements_for_many_rows_as_for_few(
    admin, now, month, size, django_assert_max_num_queries
):
    for _ in range(size):
        a_contract(now)
        a_lead(now)
    for slug in ("leads", "mql", "sql", "won", "bookings"):
        put(now, slug, 100, month)
    for slug in ("mql-rate", "sql-rate", "win-rate-plan"):
        put(now, slug, "0.2", month)
    with django_assert_max_num_queries(22):
        admin.get("/targets/")


def test_a_new_company_without_anything_has_the_page(admin, month):
    html = admin.get("/targets/").content.decode()
    assert shown(html, f"t.mql.{month}") == ""
    assert "この期間の目標はまだ設定されていません" in html


# ---- the API


def call(
    client: Client, method: str, body: object = None, query: str = "", token: str = ""
) -> tuple[int, dict]:
    headers = {"Authorization": f"Bearer {token or a_token()}", "Accept-Language": "en"}
    if method == "GET":
        answer = client.get(f"/api/v1/targets/{query}", headers=headers)
    else:
        answer = client.post("/api/v1/targets/", body, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def test_a_program_sets_and_reads_targets(client, month):
    body = [
        {"kpi": "mql", "kind": "month", "first_day": f"{month}", "value": 170},
        {
            "kpi": "sql-rate",
            "kind": "month",
            "first_day": f"{month}",
            "value": "0.2",
            "for": "department:marketing",
        },
    ]
    status, answer = call(client, "POST", body)
    assert status == 200
    assert [(r["kpi"], r["for"], r["value"], r["version"]) for r in answer["results"]] == [
        ("mql", "company", "170", 1),
        ("sql-rate", "department:marketing", "0.2", 1),
    ]
    assert [r["kpi"] for r in call(client, "GET")[1]["results"]] == ["mql"]
    assert (
        len(call(client, "GET", query="?for=department:marketing&kpi=sql-rate&kind=month")[1]["results"]) == 1
    )
    assert call(client, "POST", body[0] | {"value": None, "version": 1})[0] == 200
    assert call(client, "GET")[1]["results"] == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kpi": "nonsense"}, "target_unknown_kpi"),
        ({"value": 0}, "target_zero"),
        ({"value": "-1"}, "target_negative"),
        ({"value": "1e99"}, "target_too_large"),
        ({"value": "x"}, "amount_not_a_number"),
        ({"value": True}, "amount_not_a_number"),
        ({"kpi": "sql-rate", "value": 20}, "target_over_one"),
        ({"kind": "week"}, "target_bad_kind"),
        ({"first_day": "2026-11-02"}, "target_not_first"),
        ({"first_day": "soon"}, "target_not_first"),
        ({"first_day": "2099-01-01"}, "target_too_far"),
        ({"for": "me"}, "target_for_whom"),
        ({"color": "red"}, "unknown_field"),
    ],
)
def test_bad_input_is_a_problem_with_a_code(client, month, changed, code):
    body = {"kpi": "mql", "kind": "month", "first_day": f"{month}", "value": 5} | changed
    status, answer = call(client, "POST", body)
    assert (status, answer["code"]) == (422, code)
    assert not Target.objects.exists()


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?for=me", 422, "target_for_whom"),
        ("?kind=week", 422, "target_bad_kind"),
        ("?kpi=x", 422, "target_unknown_kpi"),
        ("?from=1980-01-01&to=2030-01-01", 400, "span_too_long"),
        ("?from=2026-01-01&to=2029-12-31", 400, "span_too_long"),
        ("?from=x", 400, "bad_date"),
        ("?colour=red", 422, "unknown_field"),
    ],
)
def test_a_bad_question_is_a_problem_with_a_code(client, query, status, code):
    found, answer = call(client, "GET", query=query)
    assert (found, answer["code"]) == (status, code)


def test_a_token_that_reads_sets_nothing(client, month):
    body = {"kpi": "mql", "kind": "month", "first_day": f"{month}", "value": 5}
    status, _ = call(client, "POST", body, token=a_token("read"))
    assert status == 403


# ---- the demo company


def test_the_demo_company_agrees_on_targets_before_each_quarter(now):
    assert examples.furnish(now) == 0
    Organization.objects.update(is_demo=True)
    a_member(is_administrator=True, email="admin@demo.example.jp")
    caller = a_member("inside_sales", email="inside@demo.example.jp")
    written = examples.furnish(now)
    assert written == Target.objects.count() > 200
    moment.simulate(None)
    assert Target.objects.filter(set_at__gt=now).count() == 0
    today = now.astimezone(Organization.current().tz).date()
    found = targets.current(
        Frame.of_scope(Scope(today.replace(day=1), month_end(today)), Organization.current(), now),
        examples.OF_COMPANY,
    )
    assert found == {slug: Decimal(value) for slug, value in examples.OF_COMPANY.items()}
    assert Target.objects.filter(member=caller, kpi="sql").exists()
    assert examples.furnish(now) == 0


def test_a_month_says_what_it_takes_from_its_quarter_and_whose_that_is(admin, now, today, month):
    first = periods.around("quarter", today, Organization.current().fiscal_year_start).start
    someone = a_member(is_administrator=True)
    by = Actor.of(someone, "html", now=now)
    targets.set_one(Wish("leads", "quarter", first, Decimal(900)), by, now=now)
    html = admin.get("/targets/").content.decode()
    assert html.count("四半期から算出") == 3
    assert html.count(f"900, {someone.name}") == 3
    share = targets.current(frame(Scope(month, month_end(month))), ["leads"])["leads"]
    assert f'<b class="num">{share:,.0f}</b>' in html
    # A month's own target stands instead of the share.
    put(now, "leads", 250, month)
    assert admin.get("/targets/").content.decode().count("四半期から算出") == 2
    assert "四半期から算出" not in admin.get("/targets/?kind=quarter").content.decode()
    assert "四半期から算出" not in admin.get("/targets/?for=department:marketing").content.decode()


def test_the_table_can_be_sent_whole(admin: Client, now, settings) -> None:
    """Django refuses a form of more fields than this; the catalogue may grow."""
    html = admin.get("/targets/").content.decode()
    assert html.count(' name="') < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS * 0.75
