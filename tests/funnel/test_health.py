"""A customer's health: readings in, score with contributions out."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.health import LABELS, WEIGHTS, assess, band, sentence

DAY = date(2026, 11, 20)


def daily(value, *, ago: int, days: int = 28):
    """One reading a day for `days` days, the last one `ago` days before DAY."""
    return [(DAY - timedelta(days=ago + n), value) for n in range(days)]


def use(recent, before):
    return daily(Decimal(recent), ago=0) + daily(Decimal(before), ago=28)


def judge(**changes):
    inputs = {
        "day": DAY,
        "usage": use(60, 60),
        "breadth": Decimal("0.8"),
        "inquiries": daily(1, ago=0, days=112),
        "onboarded": True,
        "days_since_signed": 200,
        "nps": 9,
        "seats": 100,
    }
    return assess(**(inputs | changes))


def factor(key, **changes):
    return next(f for f in judge(**changes).factors if f.key == key)


def test_a_customer_with_everything_in_order_scores_100():
    whole = judge()
    assert (whole.score, whole.band, whole.confidence, whole.unknown) == (100, "healthy", 100, ())
    assert {f.key: f.weight for f in whole.factors} == WEIGHTS


def test_a_customer_with_nothing_in_order_scores_0():
    lost = judge(
        usage=use(0, 50),
        breadth=Decimal(0),
        inquiries=daily(1, ago=28, days=84),
        onboarded=False,
        nps=3,
    )
    assert (lost.score, lost.band) == (0, "at_risk")


@pytest.mark.parametrize(
    ("recent", "before", "value", "points"),
    [(60, 60, 0, 25), (90, 60, 50, 25), (45, 60, -25, 13), (30, 60, -50, 0), (10, 60, -83, 0)],
)
def test_falling_use_costs_points_until_it_has_halved(recent, before, value, points):
    found = factor("usage_trend", usage=use(recent, before))
    assert (found.value, found.points, found.weight) == (value, points, 25)


def test_use_that_stopped_and_use_that_began():
    assert factor("usage_trend", usage=use(0, 0)).points == 0
    assert factor("usage_trend", usage=use(0, 60)).sentence.ja == "直近4週間、利用がありません。"
    began = factor("usage_trend", usage=use(10, 0))
    assert (began.points, began.value) == (25, 100)


def test_a_feed_that_fell_silent_is_unknown_not_zero():
    silent = judge(usage=daily(Decimal(60), ago=28))
    assert "usage_trend" in silent.unknown
    assert "adoption" in silent.unknown


def test_readings_after_the_day_are_not_looked_at():
    tomorrow = [(DAY + timedelta(days=1), Decimal(0))]
    assert judge(
        usage=use(60, 60) + tomorrow, inquiries=daily(1, ago=0, days=112) + [(DAY + timedelta(1), 99)]
    ) == (judge())


@pytest.mark.parametrize(("active", "points"), [(60, 20), (90, 20), (30, 10), (0, 0), (150, 20)])
def test_active_users_count_against_the_seats(active, points):
    assert factor("adoption", usage=use(active, active)).points == points


def test_more_active_users_than_seats_read_as_all_of_them():
    assert factor("adoption", usage=use(150, 150)).value == 100


@pytest.mark.parametrize(
    ("recent_days", "value", "points"), [(28, 0, 10), (14, -50, 10), (7, -75, 5), (0, -100, 0)]
)
def test_fewer_inquiries_are_a_risk(recent_days, value, points):
    inquiries = daily(1, ago=28, days=84) + daily(1, ago=0, days=recent_days)
    found = factor("inquiries", inquiries=inquiries)
    assert (found.value, found.points) == (value, points)


@pytest.mark.parametrize(("each", "value", "points"), [(2, 100, 10), (3, 200, 5), (4, 300, 0), (9, 800, 0)])
def test_a_flood_of_inquiries_is_a_risk_too(each, value, points):
    inquiries = daily(1, ago=28, days=84) + daily(each, ago=0)
    found = factor("inquiries", inquiries=inquiries)
    assert (found.value, found.points) == (value, points)


def test_too_few_inquiries_say_nothing():
    assert "inquiries" in judge(inquiries=[(DAY - timedelta(days=40), 2)]).unknown
    assert "inquiries" in judge(inquiries=[]).unknown


@pytest.mark.parametrize(("days", "points"), [(0, 15), (30, 8), (60, 0), (200, 0), (-3, 15)])
def test_an_open_onboarding_runs_out_of_points(days, points):
    assert factor("onboarding", onboarded=False, days_since_signed=days).points == points


@pytest.mark.parametrize(("answer", "points"), [(10, 15), (9, 15), (8, 9), (7, 9), (6, 0), (0, 0)])
def test_promoters_passives_and_detractors(answer, points):
    assert factor("nps", nps=answer).points == points


@pytest.mark.parametrize("answer", [-1, 11])
def test_an_answer_outside_the_scale_is_refused(answer):
    with pytest.raises(ValueError, match="between 0 and 10"):
        judge(nps=answer)


def test_missing_data_is_left_out_and_lowers_confidence():
    half = judge(usage=[], nps=None)
    assert half.confidence == 40
    assert half.unknown == ("usage_trend", "adoption", "nps")
    assert {f.key: f.weight for f in half.factors} == {"breadth": 38, "inquiries": 25, "onboarding": 37}
    assert (half.score, half.band) == (100, "healthy")


def test_a_customer_of_whom_nothing_is_known_is_not_called_healthy():
    unknown = judge(usage=[], nps=None, breadth=None, inquiries=[], seats=None)
    assert (unknown.score, unknown.confidence, unknown.band) == (100, 15, "watch")


@pytest.mark.parametrize(
    ("score", "expected"), [(100, "healthy"), (70, "healthy"), (69, "watch"), (40, "watch"), (39, "at_risk")]
)
def test_bands(score, expected):
    assert band(score) == expected


@pytest.mark.parametrize("key", WEIGHTS)
@pytest.mark.parametrize("value", [-100, -30, 0, 4, 7, 9, 45, 100, None])
def test_every_value_has_a_sentence_in_both_languages(key, value):
    said = sentence(key, None if value is None else Decimal(value))
    assert said.en
    assert said.ja
    assert "{" not in said.en + said.ja
    assert "-" not in said.ja


def test_weights_make_a_hundred_and_every_factor_has_a_label():
    assert sum(WEIGHTS.values()) == 100
    assert set(WEIGHTS) == set(LABELS)
    with pytest.raises(KeyError):
        sentence("weather", Decimal(1))


days_back = st.integers(-5, 120).map(lambda n: DAY - timedelta(days=n))


@given(
    usage=st.lists(st.tuples(days_back, st.decimals(0, 10**6, places=4)), max_size=20),
    breadth=st.none() | st.decimals(-1, 2, places=3),
    inquiries=st.lists(st.tuples(days_back, st.integers(0, 500)), max_size=20),
    onboarded=st.booleans(),
    days_since_signed=st.integers(-10, 5000),
    nps=st.none() | st.integers(0, 10),
    seats=st.none() | st.integers(0, 10**6),
)
def test_contributions_add_up_to_the_score(**readings):
    found = assess(day=DAY, **readings)
    assert found.score == sum(f.points for f in found.factors)
    assert sum(f.weight for f in found.factors) == 100
    assert all(0 <= f.points <= f.weight for f in found.factors)
    assert 0 <= found.score <= 100
    assert found.band in {"healthy", "watch", "at_risk"}
    assert found.confidence == 100 - sum(WEIGHTS[key] for key in found.unknown)
    assert all(f.sentence == sentence(f.key, f.value) for f in found.factors)


@given(low=st.integers(0, 200), high=st.integers(0, 200))
def test_more_use_never_scores_less(low, high):
    low, high = sorted((low, high))
    assert judge(usage=use(low, 60)).score <= judge(usage=use(high, 60)).score
