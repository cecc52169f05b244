"""The pages of the explorers answer every address, in statements that do not grow; the bridge of recurring revenue."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboards import kpis
from dashboards.explorers import recurring
from dashboards.scope import Scope
from dashboards.views.explore import EXPLORERS
from funnel.demo import synthetic
from funnel.models import Channel, Contract
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(builders.a_member("marketing", language="en"))
    return client


def paid(now, mrr: str, start: date, end: date | None, *, of: Contract | None = None) -> Contract:
    contract = builders.a_contract(now) if of is None else of
    fields = {"mrr": Decimal(mrr), "starts_on": start, "ends_on": end, "signed_on": start, "currency": "JPY"}
    if of is None:
        Contract.objects.filter(pk=contract.pk).update(**fields)
        return contract
    return Contract.objects.create(customer=of.customer, **fields)


def test_the_bridge_goes_from_revenue_to_revenue(now, django_assert_num_queries) -> None:
    today = now.date()
    first, long_ago, soon = (
        today - timedelta(days=30),
        today - timedelta(days=300),
        today + timedelta(days=300),
    )
    stays = paid(now, "100", long_ago, soon)
    paid(now, "50", first + timedelta(days=5), soon, of=stays)
    shrinks = paid(now, "80", long_ago, first + timedelta(days=5))
    paid(now, "30", first + timedelta(days=5), soon, of=shrinks)
    paid(now, "70", long_ago, first + timedelta(days=9))
    paid(now, "40", first + timedelta(days=3), soon)
    back = paid(now, "20", long_ago, first - timedelta(days=60))
    paid(now, "25", first + timedelta(days=2), soon, of=back)
    paid(now, "999", long_ago, soon)
    Contract.objects.filter(mrr=999).update(mrr=None)
    at = kpis.frame(Scope(first, today))
    with django_assert_num_queries(1):
        found = recurring.read(at)
    assert found is not None
    amounts = {name: int(value) for name, value in found._asdict().items()}
    assert amounts == {
        "opening": 250, "new": 40, "reactivation": 25, "expansion": 50, "contraction": 50, "churn": 70,
        "closing": 245, "customers": 5, "unknown": 1,
    }  # fmt: skip
    assert found.closing == kpis.get("mrr").value(at.scope).value


def test_a_bridge_of_the_future_is_none(now) -> None:
    ahead = now.date() + timedelta(days=40)
    assert recurring.read(kpis.frame(Scope(ahead, ahead + timedelta(days=9)))) is None


@pytest.mark.parametrize("name", EXPLORERS)
def test_an_empty_period_is_said_in_words(client: Client, name: str) -> None:
    page = client.get(f"/explore/{name}/", {"from": "2001-01-01", "to": "2001-02-28"})
    assert page.status_code == 200
    html = page.content.decode()
    assert "Nothing to draw in this period." in html
    assert "plotly" not in html
    assert client.get(f"/explore/{name}.csv", {"from": "2001-01-01", "to": "2001-02-28"}).status_code == 200


@pytest.mark.parametrize("name", EXPLORERS)
@pytest.mark.parametrize(
    "edited", [{"from": "1971-01-01", "to": "2026-01-01"}, {"from": "no"}, {"owner": "x"}, {"basis": "x"}]
)
def test_an_edited_address_gets_a_clear_answer(client: Client, name: str, edited: dict[str, str]) -> None:
    page = client.get(f"/explore/{name}/", edited)
    assert page.status_code == 400
    assert "The latest months are shown instead." in page.content.decode()
    file = client.get(f"/explore/{name}.csv", edited)
    assert (file.status_code, file["Content-Type"]) == (400, "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    ("name", "edited", "words"),
    [
        ("trend", {"kpi": "nothing"}, "There is no number “nothing”."),
        ("trend", {"kpi": "overdue"}, "has no past to show"),
        ("trend", {"by": "year"}, "“year” is neither month nor week."),
        ("cohorts", {"step": "a-b"}, "There is no step “a-b”."),
    ],
)
def test_what_is_not_there_is_named(client: Client, name: str, edited: dict[str, str], words: str) -> None:
    page = client.get(f"/explore/{name}/", edited)
    assert page.status_code == 400
    assert words in page.content.decode()
    assert client.get(f"/explore/{name}.csv", edited).status_code == 400


def test_the_statements_of_a_page_do_not_grow_with_the_rows(client: Client, now) -> None:
    def statements() -> dict[str, int]:
        found = {}
        for name in EXPLORERS:
            with CaptureQueriesContext(connection) as asked:
                assert client.get(f"/explore/{name}/").status_code == 200
            found[name] = len(asked.captured_queries)
        return found

    builders.a_contract(now)
    statements()
    few = statements()
    for _laid in synthetic.generate(leads=200, months=3, seed=1, now=now):
        pass
    assert statements() == few
    assert max(few.values()) <= 14, few


@pytest.mark.parametrize("name", EXPLORERS)
def test_the_file_holds_what_the_table_shows(client: Client, now, name: str) -> None:
    builders.a_contract(now, mrr="50000", starts_on=now.date())
    called = builders.an_mql(now, at=now - timedelta(hours=3))
    leads.log(called.pk, SYSTEM, now=now, kind="call", direction="outbound", result="connected")
    page = client.get(f"/explore/{name}/")
    assert page.status_code == 200
    file = client.get(page.context["file"])
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    drawn = page.context["drawn"]
    assert len(rows) == len(drawn.rows) > 1
    assert all(len(row) == len(rows[0]) for row in rows)
    assert all(len(row) == len(drawn.heads) for row in drawn.cells)


def test_names_that_people_typed_are_no_markup(client: Client, now) -> None:
    builders.an_mql(now, channel="odd")
    Channel.objects.filter(slug="odd").update(name="<b>Odd</b>")
    page = client.get("/explore/channels/")
    assert page.context["drawn"].figure["layout"]["yaxis"]["ticktext"] == ["&lt;b&gt;Odd&lt;/b&gt;"]


def test_a_filter_narrows_every_explorer(client: Client, now) -> None:
    builders.an_mql(now, channel="web")
    builders.an_mql(now, channel="expo")
    for name in ("channels", "hours", "first-contact", "cohorts"):
        whole = client.get(f"/explore/{name}/").context["drawn"].rows
        narrow = client.get(f"/explore/{name}/", {"channel": "web"}).context["drawn"].rows
        assert whole != narrow, name
