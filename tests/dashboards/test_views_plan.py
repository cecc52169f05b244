"""The planner as a page: from one number to the targets of every node."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.test import Client

from dashboards.models import Target
from funnel.models import Organization
from tests.builders import a_contract, a_lead, a_member

pytestmark = pytest.mark.django_db
GOLDEN = {
    "revenue": "1,000万", "deal_size": "1,000,000円", "win_rate": "30%", "sql_rate": "20", "mql_rate": "50%",
    "visitor_rate": "2%",
}  # fmt: skip


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(a_member(is_administrator=True, language="ja"))
    return client


def values(html: str) -> list[str]:
    """The large numbers of the tree."""
    return re.findall(r'<p class="tree-value num">([^<]*)</p>', html)


@pytest.mark.parametrize("is_fragment", [False, True])
def test_ten_million_yen_take_17000_visitors_with_and_without_a_script(admin, is_fragment):
    headers = {"HX-Request": "true"} if is_fragment else {}
    html = admin.post("/targets/plan/", GOLDEN, headers=headers).content.decode()
    assert values(html) == ["1000万円", "10", "34", "170", "340", "17,000"] or values(html) == [
        "1,000万円", "10", "34", "170", "340", "17,000"
    ]  # fmt: skip
    assert '<b class="num">10.2</b>' in html
    assert "20万円" in html
    assert ("<html" in html) != is_fragment
    assert not Target.objects.exists()


def test_a_count_of_ones_own_says_what_it_lacks(admin):
    html = admin.post("/targets/plan/", GOLDEN | {"lead": "300"}).content.decode()
    assert values(html)[1:] == ["10", "34", "170", "300", "15,000"]
    assert "目標に100万円足りません" in html


def test_an_empty_company_is_asked_for_a_revenue_and_shown_the_example(admin):
    html = admin.get("/targets/plan/").content.decode()
    assert 'name="revenue" value=""' in html
    assert 'name="win_rate" value="30%"' in html
    assert values(html) == []
    html = admin.post("/targets/plan/", GOLDEN).content.decode()
    assert "データが足りません" in html


@pytest.mark.parametrize(
    "changed",
    [
        {"revenue": "0"},
        {"revenue": "-5"},
        {"revenue": "lots"},
        {"revenue": ""},
        {"win_rate": "0%"},
        {"win_rate": "120%"},
        {"sql_rate": ""},
        {"deal_size": "0"},
        {"mql_rate": "0.00000001%"},
        {"revenue": "9999999999999999", "deal_size": "1", "win_rate": "0.0001%"},
        {"lead": "3.5"},
        {"lead": "0"},
        {"won": "9" * 39},
    ],
)
def test_what_nothing_can_be_planned_from_is_named(admin, changed):
    for address in ("/targets/plan/", "/targets/plan/start/"):
        answer = admin.post(address, GOLDEN | changed)
        html = answer.content.decode()
        assert answer.status_code == 422, address
        assert "error-summary" in html
        assert values(html) == []
        # What was typed is still there.
        for name, text in changed.items():
            assert f'name="{name}" value="{text}"' in html
    assert not Target.objects.exists()


@pytest.mark.parametrize("months", [1, 3])
def test_start_with_this_plan_sets_every_node_of_the_months_chosen(admin, now, months):
    today = now.astimezone(Organization.current().tz).date()
    first = today.replace(day=1)
    sent = GOLDEN | {"month": first.isoformat(), "months": str(months)}
    answer = admin.post("/targets/plan/start/", sent)
    assert answer.status_code == 302
    found = {t.kpi: t.value for t in Target.objects.filter(first_day=first)}
    assert found == {
        "bookings": 10_000_000, "deal-size": 1_000_000, "won": 10, "sql": 34, "mql": 170, "leads": 340,
        "visitors": 17_000, "win-rate-plan": Decimal("0.3"), "sql-rate": Decimal("0.2"), "mql-rate": Decimal("0.5"),
    }  # fmt: skip
    assert Target.objects.count() == 10 * months
    # The same again changes nothing.
    admin.post("/targets/plan/start/", sent)
    assert Target.objects.count() == 10 * months
    html = admin.get("/targets/plan/").content.decode()
    assert 'name="revenue" value="10,000,000"' in html


def test_others_calculate_and_administrators_start(client, now):
    client.force_login(a_member("marketing", role="lead"))
    assert values(client.post("/targets/plan/", GOLDEN).content.decode())
    assert client.post("/targets/plan/start/", GOLDEN).status_code == 403
    client.force_login(a_member(is_viewer=True))
    assert client.post("/targets/plan/", GOLDEN).status_code == 200
    assert client.post("/targets/plan/start/", GOLDEN).status_code == 403
    assert not Target.objects.exists()


@pytest.mark.parametrize(
    "query", ["month=x&months=99&revenue=%00", "win_rate=" + "9" * 3000, "lead=%F0%9F%98%80"]
)
def test_an_edited_address_gets_an_answer(admin, query):
    assert admin.get(f"/targets/plan/?{query}").status_code in (200, 422)


@pytest.mark.parametrize("size", [1, 10])
def test_the_planner_takes_as_many_statements_for_many_rows_as_for_few(
    admin, now, size, django_assert_max_num_queries
):
    for _ in range(size):
        a_contract(now)
        a_lead(now)
    with django_assert_max_num_queries(32):
        admin.post("/targets/plan/", GOLDEN)


EXISTING = {
    "base": "500万",
    "churn": "3%",
    "expansion": "1%",
    "logo_churn": "2%",
    "expansion_rate": "5",
    "nps": "30",
}


def test_visitors_set_by_hand_run_forward_through_the_tree(admin):
    html = admin.post("/targets/plan/", GOLDEN | {"visitor": "10,000"}).content.decode()
    assert values(html)[1:] == ["10", "34", "170", "340", "10,000"]
    assert '<b class="num">6</b>' in html
    assert "目標に400万円足りません" in html
    assert html.count("入力した件数からの見込み") == 4


def test_churn_and_expansion_change_how_much_is_to_be_won(admin):
    html = admin.post("/targets/plan/", GOLDEN | EXISTING).content.decode()
    assert values(html)[:2] == ["510万円", "6"]
    text = re.sub(r"<[^>]+>", "", html)
    assert "継続 485万円 + 増額 5万円 + 新規 510万円" in text
    worse = admin.post("/targets/plan/", GOLDEN | EXISTING | {"churn": "23%"}).content.decode()
    assert values(worse)[:2] == ["610万円", "7"]


def test_the_goals_of_existing_customers_become_targets_too(admin, now):
    first = now.astimezone(Organization.current().tz).date().replace(day=1)
    assert (
        admin.post("/targets/plan/start/", GOLDEN | EXISTING | {"month": first.isoformat()}).status_code
        == 302
    )
    found = {t.kpi: t.value for t in Target.objects.filter(first_day=first)}
    assert found["bookings"] == 5_100_000
    assert {slug: found[slug] for slug in ("mrr-churn", "nrr", "logo-churn", "expansion-rate", "nps")} == {
        "mrr-churn": Decimal("0.03"), "nrr": Decimal("0.98"), "logo-churn": Decimal("0.02"),
        "expansion-rate": Decimal("0.05"), "nps": 30,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"base": "500万"}, "churn"),
        ({"base": "500万", "churn": "120%"}, "churn"),
        ({"churn": "120%"}, "churn"),
        ({"base": "500万", "churn": "3%", "expansion": "200%"}, "expansion"),
        ({"base": "9,000万", "churn": "3%"}, "revenue"),
        ({"nps": "130"}, "nps"),
        ({"logo_churn": "120%"}, "logo_churn"),
        ({"revenue": "1" + "0" * 30}, "revenue"),
        ({"revenue": "0"}, "revenue"),
        ({"win_rate": "0%"}, "win_rate"),
        ({"visitor": "1" + "0" * 30}, "visitor"),
    ],
)
@pytest.mark.parametrize("is_fragment", [False, True])
def test_the_sentence_stands_at_the_field_that_is_wrong(admin, changed, field, is_fragment):
    headers = {"HX-Request": "true"} if is_fragment else {}
    answer = admin.post("/targets/plan/", GOLDEN | changed, headers=headers)
    html = answer.content.decode()
    said = re.search(rf'<p class="error small" id="pe-{field}"[^>]*>([^<]+)</p>', html)
    assert answer.status_code == 422
    assert said is not None
    assert said[1].endswith("。")
    assert values(html) == []


@pytest.mark.parametrize(
    ("slug", "field"),
    [("visitors", "visitor"), ("sql-rate", "sql_rate"), ("nps", "nps"), ("mrr-churn", "churn")],
)
def test_the_planner_opens_at_the_field_of_a_kpi(admin, slug, field):
    html = admin.get("/targets/plan/", {"kpi": slug}).content.decode()
    assert re.findall(r'<input class="input num" id="p-(\w+)"[^>]* autofocus', html) == [field]


def test_a_kpi_outside_the_tree_opens_its_target(admin, now):
    answer = admin.get("/targets/plan/", {"kpi": "csat"}, follow=True)
    first = now.astimezone(Organization.current().tz).date().replace(day=1)
    assert answer.redirect_chain == [("/targets/?kpi=csat", 302)]
    focused = re.findall(r'<input class="input num" id="t-([^"]+)"[^>]* autofocus', answer.content.decode())
    assert focused == [f"csat.{first.isoformat()}"]
    unknown = admin.get("/targets/plan/", {"kpi": "<b>x"}, follow=True)
    assert unknown.status_code == 400
    assert "「&lt;b&gt;x」というKPIはありません" in unknown.content.decode()


def test_the_card_of_a_kpi_leads_to_its_target(admin):
    assert 'href="/targets/plan/?kpi=csat"' in admin.get("/numbers/csat/").content.decode()


def test_every_field_that_is_wrong_is_named_at_once(admin):
    wrong = {"revenue": "0", "win_rate": "130%", "lead": "x", "churn": "120%"}
    html = admin.post("/targets/plan/", GOLDEN | wrong).content.decode()
    assert set(re.findall(r'<p class="error small" id="pe-([a-z_]+)"[^>]*>[^<]+</p>', html)) == set(wrong)
