"""The bottleneck in money: worked examples, generated companies with one fault each, and nothing that divides by zero."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from random import Random
from statistics import median, quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.bottleneck import (
    Z_80,
    Cause,
    Churn,
    Inflow,
    Money,
    State,
    Stay,
    Step,
    Volume,
    causes,
    find,
    fullest,
    slowest,
)
from dashboards.intervals import wilson

D = Decimal


def november(**changed: object) -> tuple[Inflow, list[Step], Money]:
    """20 November: 14 of 19 business days, five wins of 10,000,000 yen."""
    return (
        Inflow("leads", 268, D(340) * 14 / 19),
        [
            Step("mql-rate", 268, 131, D("0.5")),
            Step("sql-rate", 131, 17, D("0.2")),
            Step("win-rate-plan", 17, 5, D("0.3")),
        ],
        Money(D(5_120_000) / 5, D(10_000_000)),
    )


def test_the_worked_example_of_november() -> None:
    verdict = find(*november())
    assert verdict.state is State.FOUND
    (edge,) = verdict.named
    assert edge.slug == "sql-rate"
    assert edge.wins == Fraction(46, 17)
    assert round(float(edge.wins), 1) == 2.7
    assert round(edge.gain / 10_000) == 277
    assert {e.slug: round(e.gain / 10_000) for e in verdict.edges} == {
        "sql-rate": 277,
        "mql-rate": 12,
        "win-rate-plan": 10,
        "leads": 0,
    }
    assert round(wilson(17, 131, Z_80)[1] * 100, 1) == 17.2


def test_single_levers_of_three_three_and_one_are_a_tie() -> None:
    steps = [Step("sql-rate-on-leads", 100, 10, D("0.2")), Step("win-rate-plan", 10, 3, D("0.4"))]
    verdict = find(Inflow("leads", 100, D(200)), steps, Money(D(1_000_000), D(16_000_000)))
    assert verdict.state is State.TIE
    assert {edge.slug for edge in verdict.named} == {"leads", "sql-rate-on-leads"}
    assert {edge.slug: edge.wins for edge in verdict.edges} == {
        "leads": 3,
        "sql-rate-on-leads": 3,
        "win-rate-plan": 1,
    }


def test_a_second_of_nine_tenths_is_a_tie_and_of_less_is_not() -> None:
    def verdict(made: int) -> State:
        steps = [Step("a", 1000, 500, D("0.6")), Step("b", 500, made, D("0.6"))]
        return find(Inflow("leads", 1000), steps, Money(D(1), D(1000))).state

    assert verdict(250) is State.TIE
    assert verdict(260) is State.FOUND


def test_too_few_to_say_is_named_for_reference_only() -> None:
    steps = [Step("sql-rate", 10, 1, D("0.2")), Step("win-rate-plan", 1, 1, D("0.3"))]
    verdict = find(Inflow("leads", 10), steps, Money(D(1_000_000), D(1_000_000)))
    assert verdict.state is State.FEW
    assert [edge.slug for edge in verdict.named] == ["sql-rate"]


def test_a_sure_one_is_named_before_a_larger_unsure_one() -> None:
    steps = [
        Step("mql-rate", 10_000, 1000, D("0.12")),
        Step("sql-rate", 1000, 4, D("0.004")),
        Step("win-rate-plan", 4, 1, D("0.5")),
    ]
    verdict = find(Inflow("leads", 10_000), steps, Money(D(1_000_000), D(5_000_000)))
    assert verdict.edges[0].slug == "win-rate-plan"
    assert not verdict.edges[0].is_sure
    assert verdict.state is State.FOUND
    assert [edge.slug for edge in verdict.named] == ["mql-rate"]


def test_what_is_below_three_per_cent_of_the_revenue_target_is_no_bottleneck() -> None:
    inflow, steps, money = november()
    verdict = find(
        inflow, [s._replace(target=D("0.131")) if s.slug == "sql-rate" else s for s in steps], money
    )
    assert verdict.state is State.NONE
    assert verdict.named == ()
    assert verdict.edges


def test_churn_is_in_the_same_currency() -> None:
    churn = Churn("mrr-churn", D("0.08"), D("0.03"), D(10_000_000), 40, 500)
    verdict = find(*november(), churn=churn)
    assert verdict.named[0].slug == "mrr-churn"
    assert verdict.named[0].gain == 6_000_000
    assert verdict.named[0].wins is None
    few = churn._replace(left=1, base=12)
    assert find(*november(), churn=few).named[0].slug == "sql-rate"


def test_missing_leads_are_worth_what_they_would_have_become() -> None:
    inflow, steps, money = november()
    verdict = find(inflow._replace(due=D(536)), steps, money)
    assert verdict.named[0].slug == "leads"
    assert verdict.named[0].wins == 5


def test_without_targets_nothing_is_claimed_and_without_cases_neither() -> None:
    inflow, steps, money = november()
    bare = [step._replace(target=None) for step in steps]
    assert find(inflow._replace(due=None), bare, money).state is State.NO_TARGETS
    empty = [Step(step.slug, 0, 0, step.target) for step in steps]
    assert find(Inflow("leads", 0), empty, money).state is State.NO_DATA
    assert find(inflow, steps, Money(None, None)).state is State.NO_DATA


def test_a_step_nobody_has_entered_passes_on_at_its_target() -> None:
    steps = [Step("sql-rate", 131, 0, D("0.2")), Step("win-rate-plan", 0, 0, D("0.3"))]
    verdict = find(Inflow("leads", 200), steps, Money(D(1_000_000), D(10_000_000)))
    assert verdict.named[0].slug == "sql-rate"
    assert verdict.named[0].wins == Fraction(131 * 6, 100)


@pytest.mark.parametrize("seed", range(20))
def test_of_a_generated_company_the_seeded_fault_is_named(seed: int) -> None:
    """All steps a little around their targets, one far below: that one must be named, whichever it is."""
    chance = Random(seed)
    slugs = ("leads", "mql-rate", "sql-rate", "win-rate-plan", "mrr-churn")
    fault = slugs[seed % len(slugs)]
    targets = {slug: chance.uniform(0.15, 0.5) for slug in slugs[1:4]}

    def health(slug: str) -> float:
        return chance.uniform(0.5, 0.7) if slug == fault else chance.uniform(0.98, 1.1)

    due = chance.randint(3000, 9000)
    flow = round(due * health("leads"))
    inflow, steps = Inflow("leads", flow, D(due)), []
    for slug, target in targets.items():
        entered, flow = flow, round(flow * target * health(slug))
        steps.append(Step(slug, entered, flow, D(str(target))))
    size = D(chance.randint(200_000, 2_000_000))
    revenue = size * D(str(due * targets["mql-rate"] * targets["sql-rate"] * targets["win-rate-plan"]))
    base = chance.randint(800, 2000)
    rate = D("0.03") / D(str(health("mrr-churn")))
    left = round(base * rate)
    churn = Churn("mrr-churn", D(left) / base, D("0.03"), revenue, left, base)
    verdict = find(inflow, steps, Money(size, revenue), churn)
    assert verdict.named, (fault, verdict)
    assert verdict.named[0].slug == fault
    assert verdict.state is State.FOUND


def test_who_lags_only_because_too_little_came_in_is_not_the_cause() -> None:
    inflow, steps, _ = november()
    volumes = [
        Volume("lead", 268, inflow.due),
        Volume("mql", 131, D(170) * 14 / 19, steps[0]),
        Volume("sql", 17, D(34) * 14 / 19, steps[1]),
        Volume("won", 5, D(10) * 14 / 19, steps[2]),
    ]
    assert causes(volumes) == {"sql": Cause.OWN, "won": Cause.UPSTREAM}
    bare = [v._replace(step=v.step._replace(target=None) if v.step else None) for v in volumes]
    assert causes(bare) == {"sql": Cause.OWN, "won": Cause.UPSTREAM}
    assert causes([Volume("lead", 1, D(9)), Volume("mql", 1, None)]) == {"lead": Cause.OWN}


def a_stay(key: str, **changed: object) -> Stay:
    """A step that takes what it usually takes, with nothing waiting too long."""
    usual = {"median": 9.0, "counted": 20, "longer": 10, "usual": 9.0, "p90": 21.0, "usual_counted": 160,
             "still_open": 40, "older": 2, "worked_off": 12.0}  # fmt: skip
    return Stay(key, **(usual | changed))  # type: ignore[arg-type]


USUAL = a_stay("won")


def test_the_step_that_takes_clearly_longer_than_usual_is_the_time_bottleneck() -> None:
    slow = a_stay("sql", median=18.0, longer=17)
    slower = a_stay("mql", median=27.0, longer=17)
    assert slowest([USUAL, slow]) == slow
    assert slowest([slow, slower, USUAL]) == slower
    assert slowest([USUAL, a_stay("sql", median=10.0, longer=17)]) is None
    assert slowest([]) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"longer": 12},
        {"counted": 9, "longer": 9},
        {"usual_counted": 29},
        {"usual": None, "usual_counted": 0},
        {"usual": 0.0},
        {"median": None, "counted": 0, "longer": 0},
    ],
)
def test_a_step_that_may_be_as_usual_or_has_too_few_is_not_called_slow(changed: dict[str, object]) -> None:
    assert slowest([a_stay("sql", **({"median": 18.0, "longer": 17} | changed))]) is None


def test_with_a_target_of_days_that_is_what_a_step_is_set_beside() -> None:
    aimed = a_stay("sql", target=D(6), usual_counted=3)
    assert (aimed.share, slowest([USUAL, aimed])) == (Fraction(3, 2), aimed)
    assert slowest([a_stay("sql", target=D(9))]) is None
    assert slowest([a_stay("sql", target=D(0))]) is None


def test_the_stock_bottleneck_is_where_most_weeks_of_work_have_waited_too_long() -> None:
    piled = a_stay("sql", older=30)
    many = a_stay("mql", older=50, worked_off=40.0)
    assert fullest([USUAL, many, piled]) == piled
    assert fullest([many]) == many
    nothing_done = a_stay("won", older=6, worked_off=0.0)
    assert fullest([piled, nothing_done]) == nothing_done
    assert fullest([a_stay("sql", older=12)]) is None
    assert fullest([a_stay("sql", older=4, worked_off=0.0)]) is None
    assert fullest([a_stay("sql", older=30, usual_counted=29)]) is None
    assert fullest([]) is None


@pytest.mark.parametrize("seed", range(20))
def test_the_seeded_step_is_named_in_time_and_in_stock(seed: int) -> None:
    """Twenty companies from raw waits: one step slowed down, another left lying; the rest as ever."""
    random = Random(seed)
    keys = ["mql", "sql", "won", "onboarded"]
    slow, full = random.sample(keys, 2)
    stays = []
    for key in keys:
        scale = random.uniform(2, 40)
        usual = sorted(random.lognormvariate(0, 0.6) * scale for _ in range(random.randint(60, 200)))
        lately = [random.lognormvariate(0, 0.6) * scale * (2.2 if key == slow else 1) for _ in range(40)]
        middle, p90 = median(usual), quantiles(usual, n=10, method="inclusive")[-1]
        waiting = [random.uniform(0, p90) for _ in range(30)]
        waiting += [random.uniform(1.01, 3) * p90 for _ in range(35 if key == full else 3)]
        older = sum(days > p90 for days in waiting)
        longer = sum(days > middle for days in lately)
        stays.append(
            Stay(
                key, median(lately), 40, longer, middle, p90, len(usual), len(waiting), older, len(usual) / 32
            )
        )
    named = slowest(stays), fullest(stays)
    assert [stay and stay.key for stay in named] == [slow, full]


counts = st.integers(0, 10**7)
shares = st.none() | st.decimals(0, 3, places=4)
amounts = st.none() | st.decimals(0, 10**12, places=2)


@given(
    st.lists(st.tuples(counts, counts, shares), max_size=5),
    counts,
    amounts,
    amounts,
    amounts,
    st.none()
    | st.tuples(st.decimals(0, 2, places=4), shares, st.decimals(0, 10**12, places=2), counts, counts),
)
def test_whatever_the_figures_nothing_divides_by_zero(steps, leads, due, size, revenue, churn) -> None:
    chain = [Step(str(n), *figures) for n, figures in enumerate(steps)]
    leaving = None
    if churn is not None:
        rate, target, mrr, left, base = churn
        leaving = Churn("churn", rate, target, mrr, min(left, base), base)
    verdict = find(Inflow("leads", leads, due), chain, Money(size, revenue), leaving)
    gains = [edge.gain for edge in verdict.edges]
    assert gains == sorted(gains, reverse=True)
    assert all(gain >= 0 for gain in gains)
    assert bool(verdict.named) == (verdict.state in (State.FOUND, State.TIE, State.FEW))
    volumes = [Volume("leads", leads, due), *(Volume(s.slug, s.made, due, s) for s in chain)]
    assert set(causes(volumes)) <= {volume.key for volume in volumes}
