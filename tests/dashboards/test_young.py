"""At the start of a month the last whole month is judged, and said to be it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client

from dashboards import board as boards
from dashboards import keeping, kpis, live, young
from dashboards.models import Target
from dashboards.scope import Scope
from funnel import moment
from funnel.calendar import BusinessCalendar
from funnel.models import Organization
from tests.builders import a_contract, a_deal, a_lead, a_member, an_mql
from tests.dashboards.conftest import tokyo

pytestmark = pytest.mark.django_db
FIRST = tokyo(6, 1, 11)
TARGETS = {"leads": "20", "mql-rate": "0.5", "sql-rate": "0.5", "win-rate-plan": "0.3", "bookings": "5000000",
           "deal-size": "1000000"}  # fmt: skip


def of_month(first: datetime) -> kpis.Frame:
    (start, end) = live.standard_periods(first.date(), 4)["month"]
    return kpis.frame(Scope(start, end))


def targets(month: str) -> None:
    for kpi, value in TARGETS.items():
        Target.objects.create(
            kpi=kpi, whom="company", kind="month", first_day=f"2026-{month}-01", version=1, value=value
        )


@pytest.fixture
def may(bare_may: datetime) -> datetime:
    """The same, with targets for May too."""
    targets("05")
    return bare_may


@pytest.fixture
def bare_may(db: None) -> Iterator[datetime]:
    """40 MQL and one win in May, June alone has targets; it is Monday, 1 June."""
    moment.simulate(tokyo(5, 20))
    for n in range(40):
        an_mql(tokyo(5, 20) - timedelta(minutes=n))
    a_contract(tokyo(5, 20), amount="1000000")
    targets("06")
    moment.simulate(FIRST)
    yield FIRST
    moment.simulate(None)


def calendar() -> BusinessCalendar:
    return Organization.current().calendar()


def test_a_young_month_shows_the_verdict_of_the_last_whole_one(may: datetime) -> None:
    a_lead(FIRST)
    board = boards.read(of_month(may), calendar())
    said = boards.numbers(board)
    assert young.is_unsure(board.outlook)
    assert (said["bottleneck"], said["named"]) == ("found", "sql-rate")
    assert (said["judged"], said["judged-to"]) == ("2026-05-01", "2026-05-31")
    # 1 of 41 became SQL: the figures said are those of May, all others those of June.
    assert (said["edge-of:sql-rate"], said["edge:sql-rate"]) == (41, pytest.approx(1 / 41))
    assert (said["stage:lead"], said["stage:sql"], said["n:sql"]) == (1, 0, 0)
    assert said["tone:sql"] != "worst"


def test_a_month_that_can_be_judged_is(may: datetime) -> None:
    board = boards.read(of_month(tokyo(5, 20)), calendar())
    assert boards.numbers(board)["judged"] == ""
    assert board.whole is None
    for n in range(40):
        an_mql(FIRST - timedelta(minutes=n))
    june = boards.read(of_month(may), calendar())
    assert boards.numbers(june)["judged"] == ""
    assert june.whole is None


def test_without_a_whole_month_that_has_enough_it_stays_too_few(bare_may: datetime) -> None:
    a_contract(FIRST, amount="1000000")
    for _ in range(3):
        an_mql(FIRST)
    said = boards.numbers(boards.read(of_month(bare_may), calendar()))
    assert (said["bottleneck"], said["judged"]) == ("few", "")


def test_the_month_before_last_is_judged_where_the_last_has_too_few(may: datetime) -> None:
    for _ in range(3):
        a_deal(FIRST)
    for n in range(17):
        (an_mql if n < 7 else a_lead)(FIRST)
    moment.simulate(tokyo(7, 1, 11))
    targets("07")
    a_lead(tokyo(7, 1, 11))
    said = boards.numbers(boards.read(of_month(tokyo(7, 1)), calendar()))
    assert (said["bottleneck"], said["judged"]) == ("found", "2026-05-01")


def test_a_past_month_is_never_young(may: datetime) -> None:
    moment.simulate(tokyo(7, 1, 11))
    board = boards.read(of_month(FIRST), calendar())
    assert board.whole is None
    assert boards.numbers(board)["judged"] == ""


def test_the_frame_says_the_same_and_all_who_look_read_it_once(
    may: datetime, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Callable
) -> None:
    monkeypatch.setattr(live._Wire, "client", None)
    monkeypatch.setattr(live._Wire, "silent_until", 0.0)
    live.wire().delete(live.LOCK, live.FRAMES, live.ROWS, live.ROWS_TURN, keeping.WHOLES, keeping.BOARDS)
    a_lead(FIRST)
    live.hint()
    live.publish()
    (_, told), *_ = live.wire().xrevrange(live.FRAMES, count=1)
    frame = json.loads(told["data"])["periods"]["month"]
    said = boards.numbers(boards.read(of_month(may), calendar()))
    names = [*young.SAID, "judged", "judged-to", "edge:sql-rate", "edge-of:sql-rate", "edge-goal:sql-rate"]
    assert {name: frame["outlook"][name] for name in names} == {name: said[name] for name in names}
    at, days = of_month(may), calendar()
    with django_assert_num_queries(2):
        served = live.board(at, days)
    assert boards.numbers(served)["judged"] == "2026-05-01"
    assert live.wire().exists(keeping.WHOLES)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("May 2026, the last whole month:", "has too few cases")),
     ("ja", ("2026年5月(直近の完了月):", "件数が少なく"))],
)  # fmt: skip
def test_the_page_says_whose_verdict_it_is_and_leads_to_its_rows(
    client: Client, may: datetime, language: str, words: tuple[str, ...]
) -> None:
    a_lead(FIRST)
    client.force_login(a_member("marketing", language=language))
    page = client.get("/funnel/")
    html = page.content.decode()
    assert all(said in html for said in words)
    assert 'data-judged="2026-05-01"' in html
    assert "from=2026-05-01&amp;to=2026-05-31" in html
    assert not any(stage["is_named"] for stage in page.context["stages"])
