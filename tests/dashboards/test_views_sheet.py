"""The current-state sheet: the golden numbers, a tie, a pasted block, and the way into the plan."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.builders import a_contract, a_member, an_mql

pytestmark = pytest.mark.django_db
GOLDEN = {
    "leads.now": "100", "opportunity_rate.now": "10%", "win_rate.now": "30%",
    "leads.target": "200件", "opportunity_rate.target": "20", "win_rate.target": "40%", "leads.measure": "展示会",
}  # fmt: skip


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
        {"opportunity_rate.now": "0%"},
        {"win_rate.target": "120%"},
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
