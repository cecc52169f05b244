"""The board and the rows behind its numbers, as pages."""

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from dashboards import kpis
from dashboards.scope import Scope
from funnel.models import Event, TrafficReading
from tests.builders import a_contract, a_deal, a_lead, a_member, an_mql

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(a_member("marketing", role="lead", language="en"))
    return client


def number(html: str, name: str) -> str:
    """The text shown under a number's name."""
    found = re.search(rf'data-n="{re.escape(name)}"[^>]*>([^<]*)<', html)
    assert found, name
    return found[1]


def test_the_board_shows_what_the_counts_say(client: Client, now) -> None:
    a_lead(now)
    an_mql(now)
    a_deal(now)
    a_contract(now, amount="1200000")
    html = client.get("/funnel/").content.decode()
    shown = [number(html, f"stage:{key}") for key in ("lead", "mql", "sql", "won")]
    assert shown == ["4", "3", "2", "1"]
    assert number(html, "rate:mql") == "75.0%"
    assert number(html, "bookings") == "¥1.2M"
    assert number(html, "low:mql") == "30–95%"


def test_every_count_of_the_board_is_the_number_of_rows_it_leads_to(client: Client, now) -> None:
    an_mql(now)
    a_contract(now)
    html = client.get("/funnel/").content.decode()
    links = re.findall(
        r'<p class="figure"><a href="([^"]+)"[^>]*><span class="num" data-n="stage:(\w+)"', html
    )
    assert len(links) == 8
    for card, stage in links:
        said = client.get(card.replace("&amp;", "&")).content.decode()
        rows = re.findall(r'href="(/funnel/[a-z-]+/rows/[^"]+)"', said)
        assert rows, stage
        page = client.get(rows[0].replace("&amp;", "&"))
        assert page.status_code == 200
        assert str(len(page.context["page"].rows)) == number(html, f"stage:{stage}"), stage


@pytest.mark.parametrize("kpi", kpis.ALL, ids=lambda kpi: kpi.slug)
def test_every_kpi_has_a_page_of_rows_and_a_file(client: Client, now, kpi: kpis.Kpi) -> None:
    a_contract(now, kickoff_at=now + timedelta(days=1))
    an_mql(now)
    for part in kpi.part_names:
        page = client.get(f"/funnel/{kpi.slug}/rows/", {"part": part})
        assert page.status_code == 200
        rows = kpi.rows(page.context["scope"], part).count()
        assert len(page.context["page"].rows) == rows
        file = client.post(f"/funnel/{kpi.slug}/rows.csv?part={part}")
        lines = b"".join(file.streaming_content).decode().splitlines()
        assert len(lines) == rows + 1
    assert Event.objects.filter(kind="data_exported").count() == len(kpi.part_names)


def test_a_member_sees_the_rows_but_takes_no_file(client: Client, now) -> None:
    client.force_login(a_member("marketing"))
    assert client.get("/funnel/leads/rows/").status_code == 200
    assert client.post("/funnel/leads/rows.csv").status_code == 403


def test_the_numbers_for_polling_are_those_of_the_page(client: Client, now) -> None:
    an_mql(now, channel="seminar")
    page = client.get("/funnel/")
    polled = client.get("/funnel/numbers/").json()
    html = page.content.decode()
    assert polled["stage:mql"] == 1
    assert polled["stage:mql@seminar"] == 1
    named = set(re.findall(r'data-n="([^"]+)"', html))
    assert named <= set(polled)


def test_a_wrong_address_is_said_and_the_month_shown(client: Client, now) -> None:
    page = client.get("/funnel/", {"from": "2026-02-30", "owner": "x"})
    assert page.status_code == 400
    assert "not a date" in page.content.decode()
    assert client.get("/funnel/numbers/", {"from": "2026-02-30"}).status_code == 400
    assert client.get("/funnel/nothing/rows/").status_code == 404


def test_filters_reach_every_number(client: Client, now) -> None:
    owner = a_member("inside_sales")
    an_mql(now, channel="seminar", owner=owner)
    an_mql(now, channel="web")
    TrafficReading.objects.create(day=now.astimezone(ZoneInfo("Asia/Tokyo")).date(), visits=10)
    html = client.get("/funnel/", {"channel": "seminar"}).content.decode()
    assert number(html, "stage:mql") == "1"
    html = client.get("/funnel/", {"owner": owner.pk}).content.decode()
    assert number(html, "stage:mql") == "1"
    assert number(html, "stage:visitor") == "0"


def test_the_cohort_basis_changes_the_rates_and_not_the_counts(client: Client, now) -> None:
    an_mql(now)
    html = client.get("/funnel/", {"basis": "cohort"}).content.decode()
    assert number(html, "stage:mql") == "1"
    assert "30 days" in html
    assert 'data-n="rate:lead"' not in html


@pytest.mark.parametrize("period", ["week", "month", "quarter", "year"])
def test_a_period_is_the_current_one_and_the_period_before_as_many_days(
    client: Client, now, period: str
) -> None:
    page = client.get("/funnel/", {"period": period})
    scope: Scope = page.context["scope"]
    today = page.context["board"].reading.today
    assert scope.start <= today <= scope.end
    before = page.context["board"].before_scope
    assert before.end < scope.start
    assert before.days <= (today - scope.start).days + 1
    assert page.context["period"]["kind"] == period
    assert page.context["live_period"] == period


def test_a_past_period_stands_still_and_compares_with_the_whole_one_before(client: Client, now) -> None:
    page = client.get("/funnel/", {"from": "2026-03-01", "to": "2026-03-31"})
    assert page.context["live_period"] == ""
    assert page.context["is_running"] is False
    before = page.context["board"].before_scope
    assert (before.start, before.end) == (date(2026, 2, 1), date(2026, 2, 28))


@pytest.mark.parametrize("query", ["", "?basis=cohort", "?channel=channel-0", "?basis=cohort&owner={owner}"])
@pytest.mark.parametrize("leads", [1, 12])
def test_the_board_takes_eighteen_statements_whatever_there_is(
    client: Client, now, leads: int, query: str, django_assert_max_num_queries
) -> None:
    for n in range(leads):
        an_mql(now, channel=f"channel-{n}")
    query = query.replace("{owner}", str(a_member("inside_sales").pk))
    with django_assert_max_num_queries(18):
        assert client.get(f"/funnel/{query}").status_code == 200
    with django_assert_max_num_queries(13):
        assert client.get(f"/funnel/numbers/{query}").status_code == 200


@pytest.mark.parametrize("rows", [2, 20])
def test_rows_take_the_same_statements_whatever_there_is(
    client: Client, now, rows: int, django_assert_max_num_queries
) -> None:
    for _ in range(rows):
        an_mql(now, owner=a_member("inside_sales"))
    for slug in ("mql", "mql-compliance", "overdue", "win-rate"):
        with django_assert_max_num_queries(10):
            client.get(f"/funnel/{slug}/rows/")


def test_the_board_is_whole_in_japanese(client: Client, now) -> None:
    client.force_login(a_member("marketing", language="ja"))
    a_contract(now, amount="12000000")
    html = client.get("/funnel/").content.decode()
    assert number(html, "bookings") == "1,200万円"
    assert all(words in html for words in ("商談化率", "目標ペース", "受け渡しSLA"))
