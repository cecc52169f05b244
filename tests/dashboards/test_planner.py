"""From a revenue goal backwards to the visitors it takes."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import planner
from dashboards.planner import SENTENCES, PlanError, plan

GOLDEN = {
    "revenue": 10_000_000,
    "deal_size": 1_000_000,
    "win_rate": Decimal("0.3"),
    "sql_rate": Decimal("0.2"),
    "mql_rate": Decimal("0.5"),
    "visitor_rate": Decimal("0.02"),
}
RATES = ("win_rate", "sql_rate", "mql_rate", "visitor_rate")


def test_ten_million_yen_take_17000_visitors():
    assert plan(**GOLDEN)[:5] == (10, 34, 170, 340, 17_000)


def test_rounding_up_leaves_a_surplus():
    found = plan(**GOLDEN)
    assert (found.expected_won, found.surplus) == (Decimal("10.2"), Decimal(200_000))


def test_decimals_are_exact_where_floats_are_not():
    found = plan(21, 1, "0.35", 1, 1, 1)
    assert (found.won, found.sql) == (21, 60)


def test_numbers_may_come_as_text():
    assert plan(**{key: str(value) for key, value in GOLDEN.items()}) == plan(**GOLDEN)


def test_a_partial_deal_is_a_whole_one():
    assert plan(**GOLDEN | {"revenue": 10_000_001}).won == 11


@pytest.mark.parametrize("field", GOLDEN)
@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0, "plan_not_positive"),
        ("-0.1", "plan_not_positive"),
        ("NaN", "plan_not_a_number"),
        ("sNaN", "plan_not_a_number"),
        ("Infinity", "plan_not_a_number"),
        ("many", "plan_not_a_number"),
        ("", "plan_not_a_number"),
        ("0." + "3" * 50, "plan_not_a_number"),
        ("1E-999999", "plan_too_small"),
    ],
)
def test_what_nothing_can_be_planned_from(field, value, code):
    with pytest.raises(PlanError) as caught:
        plan(**GOLDEN | {field: value})
    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize("field", RATES)
@pytest.mark.parametrize("value", [Decimal("1.01"), 30, "1E+999999"])
def test_a_rate_above_one_is_refused(field, value):
    with pytest.raises(PlanError) as caught:
        plan(**GOLDEN | {field: value})
    assert (caught.value.code, caught.value.field) == ("plan_over_one", field)


@pytest.mark.parametrize("field", ["revenue", "deal_size"])
def test_an_amount_beyond_all_money_is_refused(field):
    with pytest.raises(PlanError) as caught:
        plan(**GOLDEN | {field: "1E+999999"})
    assert caught.value.code == "plan_too_large"


@pytest.mark.parametrize("code", SENTENCES)
def test_every_refusal_has_a_sentence_in_both_languages(code):
    error = PlanError(code, field="revenue")
    assert error.say("ja") != error.say("en")


rates = st.decimals("0.0001", 1, places=4)
amounts = st.integers(1, 10**12)


@given(revenue=amounts, deal_size=amounts, win=rates, to_sql=rates, to_mql=rates, to_lead=rates)
def test_every_node_is_the_least_that_feeds_the_next(revenue, deal_size, win, to_sql, to_mql, to_lead):
    found = plan(revenue, deal_size, win, to_sql, to_mql, to_lead)
    chain = [
        (found.won, Fraction(deal_size), Fraction(revenue)),
        (found.sql, Fraction(win), found.won),
        (found.mql, Fraction(to_sql), found.sql),
        (found.lead, Fraction(to_mql), found.mql),
        (found.visitor, Fraction(to_lead), found.lead),
    ]
    for count, rate, needed in chain:
        assert count * rate >= needed > (count - 1) * rate
    assert found.surplus >= 0
    assert found.expected_won >= found.won


def test_a_revenue_goal_is_retained_and_expansion_and_new() -> None:
    found = planner.growth("10000000", "5000000", "0.03", "0.01")
    assert found == (Decimal(4_850_000), Decimal(50_000), Decimal(5_100_000))
    # Churn that doubles takes just as much more new revenue.
    assert planner.growth("10000000", "5000000", "0.06", "0.01").new - found.new == 150_000
    # To be won is rounded up, what comes anyway down.
    thirds = planner.growth("100", "10", "0.3333", "0")
    assert thirds == (Decimal("6.66"), Decimal("0.00"), Decimal("93.34"))


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        (("100", "100", "0", "0"), "plan_nothing_to_win", "revenue"),
        (("100", "50", "1.2", "0"), "plan_part_over_one", "churn"),
        (("100", "50", "-0.1", "0"), "plan_part_over_one", "churn"),
        (("100", "50", "0", "2"), "plan_part_over_one", "expansion"),
        (("0", "50", "0", "0"), "plan_not_positive", "revenue"),
        (("100", "1" + "0" * 30, "0", "0"), "plan_too_large", "base"),
        (("100", "50", "NaN", "0"), "plan_not_a_number", "churn"),
    ],
)
def test_what_no_growth_can_be_made_of_is_named(given, code, field) -> None:
    with pytest.raises(planner.PlanError) as refused:
        planner.growth(*given)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_visitors_run_forward_through_every_rate() -> None:
    rates = {"visitor_rate": Decimal("0.02"), "mql_rate": Decimal("0.5"), "sql_rate": Decimal("0.2"),
             "win_rate": Decimal("0.3")}  # fmt: skip
    nodes = planner.backwards("10000000", "1000000", *reversed(rates.values()), {"visitor": 10_000})
    assert nodes == (10, 34, 170, 340, 10_000)
    made = planner.forwards(nodes, rates, start="visitor")
    assert made == {"lead": 200, "mql": 100, "sql": 20, "won": 6}
    assert planner.forwards(nodes, rates)["won"] == Decimal("10.2")
