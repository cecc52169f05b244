"""The current-state sheet: the golden numbers, a tie, a pasted block, and the way into the plan."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from dashboards import sheets
from dashboards.models import SheetRow, Target
from funnel.models import Event, Note
from tests.builders import a_contract, a_member, an_mql

pytestmark = pytest.mark.django_db
GOLDEN = {
    "leads.now": "100", "sql-rate-on-leads.now": "10%", "win-rate-plan.now": "30%",
    "leads.target": "200件", "sql-rate-on-leads.target": "20", "win-rate-plan.target": "40%", "leads.measure": "展示会",
}  # fmt: skip
SEEN_REST = {"sql-rate-on-leads.seen": "1", "win-rate-plan.seen": "1"}
SEEN = SEEN_REST | {"leads.seen": "1"}


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(a_member("marketing", language="ja"))
    return client


def wins(html: str) -> list[str]:
    return re.findall(r'data-won="\w+">([^<]*)<', html)


def gains(html: str) -> list[str]:
    return re.findall(r'<td class="num"><b>([^<]*)</b>', html)


def test_three_becomes_sixteen_and_two_levers_tie(client):
    html = client.post("/targets/now/", GOLDEN).content.decode()
    assert wins(html) == ["3", "16"]
    assert gains(html) == ["+3", "+3", "+1"]
    assert html.count("ボトルネック") == 2
    assert 'value="展示会"' in html


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_block_of_a_spreadsheet_fills_the_sheet(client, end):
    block = end.join(["100\t200\t展示会", "10%\t20%\t台本", "30%\t40%\t提案書", ""])
    html = client.post("/targets/now/", {"paste": block}).content.decode()
    assert wins(html) == ["3", "16"]
    assert 'value="提案書"' in html


def test_the_sheet_grows_into_the_plan(client):
    html = client.post("/targets/now/", GOLDEN).content.decode()
    (address,) = re.findall(r'href="(/targets/plan/\?[^"]*)"', html)
    plan = client.get(address.replace("&amp;", "&")).content.decode()
    assert re.findall(r'<p class="tree-value num">([^<]*)</p>', plan)[1:5] == ["16", "40", "100", "200"]


def test_now_is_what_was_measured(client, now):
    html = client.get("/targets/now/").content.decode()
    assert 'name="leads.now" value=""' in html
    a_contract(now)
    an_mql(now)
    assert client.get("/targets/now/").status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"leads.now": "many"},
        {"leads.now": "-5"},
        {"leads.target": "9" * 30},
        {"sql-rate-on-leads.now": "0%"},
        {"win-rate-plan.target": "120%"},
        {"paste": "a\tb\tc\nd\te\tf"},
    ],
)
def test_what_cannot_be_calculated_is_named(client, changed):
    answer = client.post("/targets/now/", GOLDEN | changed)
    assert answer.status_code == 422
    assert 'class="error small"' in answer.content.decode()


@pytest.mark.parametrize("sent", [{}, {"leads.now": "100"}, {"paste": "\x00\t\n" * 900}])
def test_what_is_not_whole_yet_claims_nothing(client, sent):
    answer = client.post("/targets/now/", sent)
    assert answer.status_code == 200
    assert gains(answer.content.decode()) == []


# ---- kept


@pytest.fixture
def boss(client: Client) -> Client:
    member = a_member(is_administrator=True, language="ja")
    member.name = "管理 花子"
    member.save()
    client.force_login(member)
    return client


def numbers(slug: str) -> list[str]:
    rows = SheetRow.objects.filter(kpi=slug).order_by("version")
    return [f"{row.version}: {row.now} → {row.goal}" for row in rows]


def test_a_kept_sheet_is_there_the_next_time_with_who_kept_it(boss):
    assert boss.post("/targets/now/keep/", GOLDEN).status_code == 302
    assert numbers("leads") == ["1: 100.000000 → 200.000000"]
    html = boss.get("/targets/now/").content.decode()
    assert wins(html) == ["3", "16"]
    assert 'name="leads.target" value="200"' in html
    assert 'value="展示会"' in html
    assert "管理 花子" in html.split('id="sheet-kept"')[1]


def test_only_what_differs_becomes_a_new_version_and_the_ledger_holds_no_text(boss):
    boss.post("/targets/now/keep/", GOLDEN)
    boss.post("/targets/now/keep/", GOLDEN | {"leads.target": "300", "leads.seen": "1"} | SEEN_REST)
    assert numbers("leads") == ["1: 100.000000 → 200.000000", "2: 100.000000 → 300.000000"]
    assert SheetRow.objects.filter(kpi="win-rate-plan").count() == 1
    events = Event.objects.filter(kind="setting_changed").order_by("pk")
    assert events.last().data["old"]["goal"] == "200"
    assert "展示会" not in str([event.data for event in events])
    page = boss.get("/settings/history/").content.decode()
    assert "現状シート: リード獲得数" in page
    assert "sheet.leads" not in page


def test_who_was_slower_loses_nothing_that_he_typed(boss):
    boss.post("/targets/now/keep/", GOLDEN)
    answer = boss.post("/targets/now/keep/", GOLDEN | {"leads.target": "777", "leads.seen": "0"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert 'name="leads.target" value="777"' in html
    assert "100 → 200" in html
    assert "管理 花子" in html
    assert numbers("leads") == ["1: 100.000000 → 200.000000"]
    # The page now says which version stands: sent again, it is a decision.
    assert 'name="leads.seen" value="1"' in html


def test_the_sheet_grows_into_the_targets_of_six_months(boss, now):
    answer = boss.post("/targets/now/start/", GOLDEN)
    assert answer.status_code == 302
    found = {
        slug: [t.value.normalize() for t in Target.objects.filter(kpi=slug).order_by("first_day")]
        for slug in ("leads", "win-rate-plan")
    }
    assert found["leads"] == [117, 134, 150, 167, 184, 200]
    assert [str(v) for v in found["win-rate-plan"]] == ["0.3167", "0.3334", "0.35", "0.3667", "0.3834", "0.4"]
    page = boss.get(answer["Location"]).content.decode()
    assert 'value="117"' in page
    assert Target.objects.count() == 18


def test_a_row_of_any_kpi_is_added_and_below_zero_where_the_kpi_is(boss):
    html = boss.post("/targets/now/", {"add": "nps"}).content.decode()
    assert 'name="nps.now"' in html
    sent = {"nps.now": "−20", "nps.target": "15", "nps.measure": "初回訪問の見直し", "nps.due": "2027-03-31"}
    assert boss.post("/targets/now/start/", sent).status_code == 302
    assert numbers("nps") == ["1: -20.000000 → 15.000000"]
    assert Target.objects.filter(kpi="nps").order_by("first_day").first().value < 0
    assert Target.objects.filter(kpi="nps").order_by("first_day").last().value == 15


def test_a_pasted_line_names_its_kpi(boss):
    block = "項目\t現状\t6か月後\t施策\r\nNPS\t10\t30\t紹介の依頼\r\nリード獲得数\t１００\t２００\t展示会"
    html = boss.post("/targets/now/", {"paste": block}).content.decode()
    assert 'name="nps.target" value="30"' in html
    assert 'name="leads.now" value="１００"' in html
    boss.post("/targets/now/keep/", {"paste": block})
    assert numbers("leads") == ["1: 100.000000 → 200.000000"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"leads.target": "0"}, "何もしなくても"),
        ({"leads.target": "3.5"}, "整数"),
        ({"win-rate-plan.target": "120%"}, "100%以下"),
        ({"leads.measure": "", "leads.due": "2027-01-31"}, "施策も入力"),
        ({"leads.due": "tomorrow"}, "tomorrow"),
        ({"leads.owner": "999999"}, "在籍していません"),
        ({"nps.now": "-101", "nps.target": "10"}, "-100から100"),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_row_and_nothing_is_lost(boss, changed, words):
    answer = boss.post("/targets/now/keep/", GOLDEN | changed)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert 'value="30%"' in html
    assert not SheetRow.objects.exists()


def test_a_sheet_without_a_way_sets_nothing(boss):
    answer = boss.post("/targets/now/start/", {"leads.now": "100", "leads.measure": "展示会"})
    assert answer.status_code == 422
    assert "6か月後の数値" in answer.content.decode()
    assert not SheetRow.objects.exists()


def test_leads_keep_it_and_only_administrators_make_targets_of_it(client):
    client.force_login(a_member("marketing", role="lead"))
    assert client.post("/targets/now/keep/", GOLDEN).status_code == 302
    assert client.post("/targets/now/start/", GOLDEN | {"leads.target": "900"} | SEEN).status_code == 403
    assert numbers("leads") == ["1: 100.000000 → 200.000000"]


def test_members_calculate_and_keep_nothing(client):
    assert client.post("/targets/now/keep/", GOLDEN).status_code == 403
    assert not SheetRow.objects.exists()


def test_a_cleared_row_goes_and_its_measure_can_be_erased(boss):
    boss.post("/targets/now/keep/", GOLDEN)
    Note.objects.filter(text="展示会").update(text="", erased_at="2027-01-01T00:00Z")
    empty = {"leads.now": "", "leads.target": "", "leads.measure": "", "leads.seen": "1"}
    assert boss.post("/targets/now/keep/", GOLDEN | SEEN_REST | empty).status_code == 302
    assert sheets.is_cleared(sheets.standing()["leads"])
    assert boss.get("/targets/now/").status_code == 200
