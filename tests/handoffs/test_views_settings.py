"""The pages of lanes, sheet items and the agreement."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from funnel import moment
from funnel.company import departments
from funnel.models import Member
from funnel.transitions.acting import Actor
from handoffs import terms
from handoffs.models import LaneTerms
from tests.builders import a_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(db: None) -> Member:
    return a_member("marketing", is_administrator=True, language="en")


@pytest.fixture
def desk(boss: Member) -> Client:
    client = Client()
    client.force_login(boss)
    return client


def sent(desk: Client, boundary: str, **more: Any) -> dict[str, Any]:
    rows = desk.get("/settings/lanes/").context["rows"]
    (row,) = [r for r in rows if r["boundary"] == boundary]
    body = {
        "once": row["form"]["once"].value(), "version": row["form"].stands_on, "target": "２４",
        "unit": "elapsed_hours", "warnings": "75", **more,
    }  # fmt: skip
    return {f"{boundary}-{name}": value for name, value in body.items()}


def test_a_lane_is_tried_out_and_then_agreed(desk: Client) -> None:
    body = sent(desk, "mql", target="4", warnings="50、 90%")
    tried = desk.post("/settings/lanes/mql/", {**body, "preview": "1"})
    assert tried.status_code == 200
    assert "Nothing is saved yet" in tried.content.decode()
    assert LaneTerms.objects.filter(boundary="mql").count() == 1
    assert desk.post("/settings/lanes/mql/", body).status_code == 302
    assert (terms.current()["mql"].target, terms.current()["mql"].warn_at_percent) == (4, [50, 90])


@pytest.mark.parametrize(
    "more",
    [{"target": "soon"}, {"target": "0"}, {"warnings": "a"}, {"warnings": "120"}, {"unit": "weeks"}, {"target": "9" * 30}],
)  # fmt: skip
def test_nonsense_is_said_and_nothing_saved(desk: Client, more: dict[str, str]) -> None:
    answer = desk.post("/settings/lanes/mql/", sent(desk, "mql", **more))
    assert answer.status_code == 422
    assert LaneTerms.objects.filter(boundary="mql").count() == 1


def test_a_conflict_shows_who_and_what_stands_now(desk: Client, boss: Member) -> None:
    mine = sent(desk, "mql", target="6")
    other = a_member(is_administrator=True)
    terms.agree(
        "mql", Actor.of(other, "html", now=moment.now()), now=moment.now(), target=9, unit="elapsed_hours"
    )
    answer = desk.post("/settings/lanes/mql/", mine)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert other.name in page
    assert "within 9 hours" in page
    assert 'value="6"' in page
    assert 'name="mql-version" value="2"' in page
    assert desk.post("/settings/lanes/mql/", {**mine, "mql-version": "2"}).status_code == 302
    assert terms.current()["mql"].target == 6


def test_the_gate_takes_a_percentage(desk: Client) -> None:
    assert desk.post("/settings/lanes/sql/", sent(desk, "sql", threshold="８０%")).status_code == 302
    assert terms.current()["sql"].threshold == 80
    for wrong in ("much", "101", "NaN", "-1"):
        assert desk.post("/settings/lanes/sql/", sent(desk, "sql", threshold=wrong)).status_code == 422


def test_items_are_renamed_ordered_retired_and_added(desk: Client) -> None:
    form = desk.get("/settings/sheet/").context["form"]
    body = {name: form[name].value() for name in form.fields}
    body = {k: v for k, v in body.items() if v not in (None, False)}
    body |= {"version": 1, "ja_0": "企業名", "position_0": "99", "weight_1": "３"}
    del body["use_2"]
    new = len(terms.current()["sql"].items)
    body |= {f"ja_{new}": "競合", f"en_{new}": "Competitors"}
    assert desk.post("/settings/sheet/save/", body).status_code == 302
    agreed = terms.current()["sql"].items
    assert [i["key"] for i in agreed][-1] == "company"
    assert agreed[-1]["label_ja"] == "企業名"
    assert "contact" not in {i["key"] for i in agreed}
    assert {"competitors": 1, "name": 3}.items() <= {i["key"]: i["weight"] for i in agreed}.items()
    shown = desk.get("/settings/sheet/").content.decode()
    assert "contact" in shown


def test_a_lead_reads_and_a_member_does_not(client: Client) -> None:
    client.force_login(a_member("marketing", role="lead", language="en"))
    page = client.get("/settings/lanes/").content.decode()
    assert "Save as a new version" not in page
    assert client.post("/settings/lanes/mql/", {}).status_code == 403
    client.force_login(a_member("marketing"))
    assert client.get("/settings/lanes/").status_code == 403


def test_everybody_reads_the_agreement_as_it_stands(client: Client, boss: Member) -> None:
    by = Actor.of(boss, "html", now=moment.now())
    departments.cover("customer_success", by, now=moment.now(), covered_by="field_sales")
    terms.agree("mql", by, now=moment.now(), target=7, unit="workday_hours", warn_at_percent=[])
    client.force_login(a_member("field_sales"))
    page = client.get("/agreement/").content.decode()
    assert "7時間以内(土日祝・会社の休業日は時計を止めます)" in page
    assert (
        "7時間以内"
        in page[page.index('<svg class="flow"') : page.index("</svg>", page.index('<svg class="flow"'))]
    )
    assert "カスタマーサクセス: フィールドセールスが担当" in page
    assert client.get("/agreement/", {"on": "not a day"}).status_code == 200
    assert client.get("/agreement/", {"on": "0001-01-01"}).status_code == 200
    before = client.get("/agreement/", {"on": "2020-01-01"}).content.decode()
    assert "24時間以内" in before
    assert "7時間以内(土日祝" not in before[: before.index('id="versions"')]


def test_the_agreement_asks_the_same_whatever_its_history(
    client: Client, boss: Member, django_assert_max_num_queries
) -> None:
    client.force_login(boss)
    by = Actor.of(boss, "html", now=moment.now())
    with django_assert_max_num_queries(11):
        client.get("/agreement/")
    for target in range(1, 20):
        terms.agree("mql", by, now=moment.now(), target=target, unit="elapsed_hours")
    with django_assert_max_num_queries(11):
        client.get("/agreement/")
    with django_assert_max_num_queries(11):
        client.get("/settings/lanes/")
