"""The board of a past moment: the page, the API and a replay of the ledger say the same, whatever came later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from dashboards import board as boards
from dashboards import past
from dashboards.kpis import Frame
from dashboards.scope import Scope, ScopeError
from funnel import moment
from funnel.models import Event, Organization
from funnel.stages import VISITOR
from tests import builders
from tests.dashboards.conftest import tokyo
from tests.dashboards.replaying import replayed

pytestmark = pytest.mark.django_db
APRIL = Scope(date(2026, 4, 1), date(2026, 4, 30))
SPRING = Scope(date(2026, 3, 1), date(2026, 5, 31))


def stages(board) -> dict[str, int]:
    return {one["key"]: one["count"] for one in board["stages"] if one["key"] != VISITOR}


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(builders.a_member("marketing", language="en"))
    return client


@pytest.mark.parametrize(
    "scope", [SPRING, replace(SPRING, channel="expo"), APRIL], ids=["spring", "expo", "april"]
)
def test_page_api_and_replay_are_one(scope: Scope, spring, reader: Client) -> None:
    moments = sorted(set(Event.objects.values_list("recorded_at", flat=True)))
    for at in (moments[3], moments[len(moments) // 2], moments[-1]):
        known, query = replayed(scope, at), f"{scope.query()}&known_at={at.strftime('%Y-%m-%dT%H:%M:%S.%fZ')}"
        page = reader.get(f"/funnel/?{query}")
        told = reader.get(f"/api/v1/funnel/?{query}").json()
        assert page.status_code == 200, page.content.decode()
        assert {k: page.context["numbers"][f"stage:{k}"] for k in known} == known, at
        assert {s["key"]: s["count"] for s in told["stages"] if s["key"] != VISITOR} == known, at
        board = past.board(scope, at)
        assert stages(board) == known
        shown = {
            rate["to"]: (rate["numerator"], rate["denominator"], rate["value"]) for rate in told["rates"]
        }
        assert {r["to"]: (r["numerator"], r["denominator"], r["value"]) for r in board["rates"]} == shown


@pytest.mark.parametrize(
    "scope",
    [SPRING, replace(SPRING, channel="expo"), APRIL, replace(APRIL, basis="cohort")],
    ids=["spring", "expo", "april", "cohort"],
)
def test_what_is_known_now_is_the_board_of_now(scope: Scope, spring) -> None:
    """Every number that both have: counts, rates, promises, money, course, landing, bottleneck."""
    now = moment.now()
    known = past.numbers(past.read(scope, now, Organization.current()))
    shown = boards.numbers(boards.read(Frame.of_scope(scope, Organization.current(), now)))
    both = known.keys() & shown.keys()
    assert {"bookings", "course", "landing", "bottleneck", "rate:mql", "kept:lane-mql", "tone:won"} <= both
    assert {name: known[name] for name in both} == {name: shown[name] for name in both}


@pytest.mark.parametrize("by", ["channel", "owner", "month", "segment", "campaign"])
def test_groups_add_up_to_the_board(by: str, spring, reader: Client) -> None:
    at = tokyo(4, 20)
    board = past.board(replace(SPRING, group_by=by), at)
    assert sum(group["stages"]["lead"] for group in board["groups"]) == stages(board)["lead"] > 0
    page = reader.get(f"/funnel/?{replace(SPRING, group_by=by).query()}&known_at=2026-04-20T10:00")
    assert page.status_code == 200
    assert page.context["groups"]


def test_the_moment_stays_in_the_links_and_what_is_not_of_then_is_refused(spring, reader: Client) -> None:
    html = reader.get("/funnel/?known_at=2026-04-20T10:00").content.decode()
    assert "from=2026-03-01&amp;to=2026-03-31&amp;known_at=2026-04-20T10%3A00" in html
    assert "period=quarter&amp;known_at=2026-04-20T10%3A00" in html
    assert 'value="2026-04-20T10:00"' in html
    assert "hx-get" not in html.split("card pipe")[1].split("of-now")[0]
    refused = reader.get("/funnel/?known_at=2026-04-20T10:00&beside=month")
    assert refused.status_code == 400
    assert "cannot be narrowed by “beside”" in refused.content.decode()
    assert reader.get("/api/v1/funnel/?known_at=2026-04-20T10:00&include=won").status_code == 400
    for wrong in ("", "soon", "2199-01-01T00:00"):
        assert reader.get("/api/v1/funnel/", {"known_at": wrong}).status_code == 400


def test_a_moment_is_of_the_organisation_unless_it_says_its_zone(spring) -> None:
    zone = ZoneInfo(Organization.current().zone)
    assert past.moment("2026-04-20T10:00", zone, tokyo(5, 20)) == tokyo(4, 20, 10)
    assert past.moment("2026-04-20T01:00Z", zone, tokyo(5, 20)) == tokyo(4, 20, 10)
    for text, code in (
        ("x", "bad_moment"),
        ("2026-06-01T00:00", "future_moment"),
        ("2000-01-01", "unrecorded_moment"),
    ):
        with pytest.raises(ScopeError) as refused:
            past.moment(text, zone, tokyo(5, 20))
        assert refused.value.code == code
