"""Addresses that somebody edited, over the whole catalogue: card, rows, file, explorer and API give a clear answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from dashboards import kpis
from dashboards.kpis import Unit
from dashboards.views.explore import EXPLORERS
from tests.builders import a_contract, a_member, an_mql
from tests.doors import Caller, a_token

pytestmark = pytest.mark.django_db
SLUGS = [kpi.slug for kpi in kpis.ALL]
DATES = {"from": "2026-04-01", "to": "2026-04-30"}
BAD = {
    "fifty years": ({"from": "1976-01-01", "to": "2026-01-01"}, "from", "開始日"),
    "end before start": ({"from": "2026-05-01", "to": "2026-04-01"}, "to", "終了日"),
    "unreadable from": ({"from": "32nd", "to": "2026-04-30"}, "from", "開始日"),
    "unreadable to": ({"from": "2026-04-01", "to": "2026-02-30"}, "to", "終了日"),
    "null byte": ({"from": "2026-04-01\0"}, "from", "開始日"),
    "unknown channel": (DATES | {"channel": "nonesuch"}, "channel", "流入経路"),
    "unknown campaign": (DATES | {"campaign": "nonesuch"}, "campaign", "キャンペーン"),
    "owner no number": (DATES | {"owner": "me"}, "owner", "担当者"),
    "unknown owner": (DATES | {"owner": "9" * 18}, "owner", "担当者"),
    "unknown group": (DATES | {"group_by": "weekday"}, "group_by", "内訳"),
    "unknown basis": (DATES | {"basis": "both"}, "basis", "集計の基準"),
}
EMPTY = [
    {"from": "2001-01-01", "to": "2001-01-31"},
    {"from": "2199-01-01", "to": "2199-12-31"},
    {"from": "1970-01-01", "to": "1970-01-01"},
]
NOT_ENOUGH = "データが足りません"
CURSORS = ["x", "1,2,3", "-1", "9" * 40, "2026-99-99|1", "\0", "eyJhIjoxfQ==", "１２"]


def in_turn(cases: list[Any], slug: str, many: int) -> list[Any]:
    """So many of the cases, other ones for each number: all numbers together go through all of them many times."""
    first = SLUGS.index(slug) * many
    return [cases[(first + n) % len(cases)] for n in range(many)]


@pytest.fixture
def lead(client: Client) -> Client:
    client.force_login(a_member("marketing", role="lead", language="ja"))
    return client


@pytest.fixture
def program() -> Caller:
    return Caller(a_token("read"), "ja")


@pytest.fixture
def a_company(now) -> None:
    for days in (1, 3):
        an_mql(now - timedelta(days=days), at=now - timedelta(days=days))
    a_contract(now, mrr="50000", starts_on=now.date())


@pytest.mark.parametrize("slug", SLUGS)
def test_a_bad_address_of_a_number_names_what_is_wrong_with_it(lead, program, slug):
    for n, (what, (query, key, name)) in enumerate(in_turn(list(BAD.items()), slug, 4), SLUGS.index(slug)):
        # Every door reads the address by one parser: by turns, every case comes to every door.
        address = (f"/numbers/{slug}/", f"/funnel/{slug}/rows/")[n % 2]
        page = lead.get(address, query)
        assert (page.status_code, f"{name}: " in page.content.decode()) == (400, True), (what, address)
        file = lead.post(f"/funnel/{slug}/rows.csv?{urlencode(query)}")
        assert (file.status_code, name in file.content.decode()) == (400, True), what
        door = (f"numbers/{slug}/rows/", f"numbers/{slug}/")[n % 2]
        answer = program.get(door, **query)
        assert (answer.status, answer["field"]) == (400, key), (what, door)
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert answer["detail"].endswith(("。", "1, 0")) or "次から選んでください" in answer["detail"], what


@pytest.mark.parametrize("slug", SLUGS)
def test_an_empty_period_divides_nothing_by_nothing(lead, program, slug):
    for n, query in enumerate(in_turn(EMPTY, slug, 2), SLUGS.index(slug)):
        card = lead.get(f"/numbers/{slug}/", query | {"group_by": ("month", "channel")[n % 2]})
        assert card.status_code == 200, query
        value = program.get(f"numbers/{slug}/", **query)
        assert (value.status, "NaN" in value.raw.decode()) == (200, False), query
        if kpis.get(slug).unit is Unit.RATE:
            assert value["value"] is None, query
        assert value["value"] is not None or NOT_ENOUGH in card.content.decode(), query
        assert lead.get(f"/funnel/{slug}/rows/", query).status_code == 200
    file = lead.post(f"/funnel/{slug}/rows.csv?{urlencode(query)}")
    assert file.status_code == 200
    assert b"".join(file.streaming_content).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("slug", SLUGS)
def test_an_edited_cursor_or_part_gets_an_answer(a_company, lead, program, slug):
    for n, cursor in enumerate(in_turn(CURSORS, slug, 3), SLUGS.index(slug)):
        sent = {("after", "before")[n % 2]: cursor, "part": "<b>"}
        assert lead.get(f"/funnel/{slug}/rows/", sent).status_code == 200, cursor
        answer = program.get(f"numbers/{slug}/rows/", cursor=cursor)
        assert (answer.status, answer["field"]) == (422, "cursor"), cursor
    answer = program.get(f"numbers/{slug}/rows/", part="<b>")
    assert (answer.status, answer["field"]) == (422, "part")


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_bad_address_of_an_explorer_names_what_is_wrong_with_it(lead, name):
    for what, (query, _, words) in BAD.items():
        page = lead.get(f"/explore/{name}/", query)
        assert (page.status_code, f"{words}: " in page.content.decode()) == (400, True), what
        file = lead.get(f"/explore/{name}.csv", query)
        assert (file.status_code, words in file.content.decode()) == (400, True), what
    for query in EMPTY:
        assert lead.get(f"/explore/{name}/", query).status_code == 200, query
        assert lead.get(f"/explore/{name}.csv", query).status_code == 200, query


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if not kpis.get(slug).is_now])
def test_the_trend_of_every_number_over_nothing(lead, slug):
    for query in EMPTY[:2]:
        assert lead.get("/explore/trend/", query | {"kpi": slug}).status_code == 200, query


@pytest.mark.parametrize("path", ["/funnel/", "/funnel/numbers/", "/cohorts/", "/sla/"])
def test_a_bad_address_of_a_board_names_what_is_wrong_with_it(lead, path):
    for what, (query, _, words) in BAD.items():
        page = lead.get(path, query)
        said = page.json()["detail"] if path.endswith("numbers/") else page.content.decode()
        assert (page.status_code, f"{words}: " in said) == (400, True), what
    for query in EMPTY:
        assert lead.get(path, query).status_code == 200, query


@pytest.mark.parametrize("path", ["numbers/{}/", "funnel/{}/rows/", "funnel/{}/rows.csv"])
@pytest.mark.parametrize("slug", ["nonesuch", "won-", "WON", "a" * 300])
def test_an_unknown_number_is_not_found(lead, program, path, slug):
    send = lead.post if path.endswith("csv") else lead.get
    assert send(f"/{path.format(slug)}").status_code == 404
    for door in ("numbers/{}/", "numbers/{}/rows/"):
        answer = program.get(door.format(slug))
        assert (answer.status, answer["code"]) == (404, "not_found")
    trend = lead.get("/explore/trend/", {"kpi": slug})
    assert trend.status_code == 400


@pytest.mark.parametrize("door", ["funnel/", "cohorts/"])
def test_a_bad_question_to_a_reading_is_a_problem(program, door):
    for what, (query, key, _) in BAD.items():
        answer = program.get(door, **query)
        assert (answer.status, answer["field"]) == (400, key), what
    for query in EMPTY:
        assert program.get(door, **query).status == 200
