"""What a period's counts say beside its targets: the worked November, a board without targets, and empty periods."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import kpis, outlook
from dashboards.bottleneck import State
from dashboards.kpis import Unit
from dashboards.outlook import Goals, Won
from dashboards.pace import Days

NOVEMBER = {
    "visitor": 13000, "lead": 268, "mql": 131, "sql": 17, "won": 5, "onboarded": 5, "renewed": 0, "referred": 1,
}  # fmt: skip
TARGETS = {
    "visitors": 17000, "leads": 340, "mql": 170, "sql": 34, "won": 10, "mql-rate": "0.5", "sql-rate": "0.2",
    "win-rate-plan": "0.3", "bookings": 10_000_000, "deal-size": 1_000_000,
}  # fmt: skip
GOALS = Goals({slug: Decimal(value) for slug, value in TARGETS.items()}, Days(14, 19))
WON = Won(Decimal(5_120_000), 5)


def said(goals: Goals = GOALS, counts: dict[str, int] = NOVEMBER, won: Won = WON) -> outlook.Numbers:
    return outlook.numbers(outlook.judge(counts, won, goals), counts, {"lead": 200})


def test_the_worked_november_reads_as_drawn() -> None:
    numbers = said()
    assert [numbers[f"due:{stage}"] for stage in ("lead", "mql", "sql", "won")] == [251, 125, 25, 7]
    assert [numbers[f"pct:{stage}"] for stage in ("lead", "mql", "sql", "won")] == [107, 105, 68, 68]
    assert [numbers[f"gap:{stage}"] for stage in ("lead", "mql", "sql", "won")] == [17, 6, -8, -2]
    assert [numbers[f"tone:{stage}"] for stage in ("lead", "mql", "sql", "won")] == [
        "ahead",
        "ahead",
        "worst",
        "starved",
    ]
    assert numbers["missing:sql"] == -8
    assert numbers["missing:lead"] is None
    assert (numbers["bottleneck"], numbers["named"], numbers["gain:wins"]) == ("found", "sql-rate", 2.7)
    assert round(numbers["gain"], -4) == 2_770_000
    assert round(numbers["landing"], -4) == 6_950_000
    assert round(numbers["short:bookings"], -4) == 3_050_000
    assert round(numbers["due:bookings"], -4) == 7_370_000
    assert numbers["days:percent"] == 73


def test_without_targets_stages_stand_beside_the_period_before() -> None:
    numbers = said(Goals({}, Days(14, 19)))
    assert numbers["pct:lead"] == 134
    assert numbers["bar:lead"] == outlook.MOST_BAR
    assert numbers["due:lead"] is None
    assert numbers["tone:lead"] == ""
    assert numbers["bottleneck"] == State.NO_TARGETS
    assert numbers["short:bookings"] is None


def test_behind_pace_without_a_step_that_stands_out_is_not_called_on_pace() -> None:
    only_rates = Goals({**GOALS.targets, "sql-rate": Decimal("0.1"), "leads": Decimal(300)}, GOALS.days)
    assert said(only_rates)["bottleneck"] == "spread"
    assert said(only_rates, won=Won(Decimal(9_000_000), 5))["bottleneck"] == State.NONE


def test_without_a_win_the_deal_size_is_that_of_the_target() -> None:
    counts = {**NOVEMBER, "won": 0}
    numbers = said(counts=counts, won=Won(Decimal(0), 0))
    assert numbers["named"] == "win-rate-plan"
    assert numbers["gain"] == 5_100_000


def test_every_slug_is_in_the_catalogue() -> None:
    for slug in outlook.WANTED:
        kpi = kpis.get(slug)
        assert kpi.unit is (Unit.RATE if slug in outlook.STEPS.values() else kpi.unit)
    assert set(outlook.EDGES) <= set(outlook.WANTED)


numbers_of = st.integers(0, 10**7)


@given(
    st.fixed_dictionaries(dict.fromkeys(outlook.VOLUMES, numbers_of)),
    st.fixed_dictionaries({}, optional={slug: st.decimals(0, 10**9, places=2) for slug in outlook.WANTED}),
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 10),
)
def test_whatever_the_figures_nothing_divides_by_zero(counts, targets, passed, whole, deals) -> None:
    goals = Goals(targets, Days(min(passed, whole), whole))
    numbers = said(goals, counts, Won(Decimal(deals) * 1000, deals))
    assert all(0 <= numbers[f"bar:{stage}"] <= outlook.MOST_BAR for stage in outlook.VOLUMES)


@pytest.mark.parametrize("whole", [0, 20])
def test_before_the_first_business_day_nothing_lands(whole: int) -> None:
    numbers = said(Goals(GOALS.targets, Days(0, whole)))
    assert numbers["landing"] is None
    assert numbers["short:bookings"] is None
