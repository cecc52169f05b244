"""The explorers read what the numbers say, in statements that do not grow, month after month."""

from __future__ import annotations

from datetime import date

import pytest

from dashboards import kpis
from dashboards.explorers import contact, trend, triangle
from dashboards.scope import Scope

pytestmark = pytest.mark.django_db
SPRING = Scope(date(2026, 3, 1), date(2026, 5, 31))
WITH_PAST = [kpi.slug for kpi in kpis.ALL if not kpi.is_now]


@pytest.mark.parametrize("slug", WITH_PAST)
def test_a_trend_is_the_number_itself_month_by_month(slug: str, spring) -> None:
    kpi = kpis.get(slug)
    found = trend.read(kpi, kpis.frame(SPRING), "month")
    assert [one.scope.start for one in found.buckets] == [date(2026, month, 1) for month in (3, 4, 5)]
    for one in found.buckets:
        assert one.value[:5] == kpi.value(one.scope)[:5]
    assert [one.is_running for one in found.buckets] == [False, False, True]


def test_weeks_are_cut_at_the_ends_and_the_future_is_left_out(spring) -> None:
    scope = Scope(date(2026, 5, 6), date(2026, 6, 30))
    found = trend.read(kpis.get("leads"), kpis.frame(scope), "week").buckets
    assert [one.scope.start.day for one in found] == [6, 11, 18]
    assert sum(one.value.value for one in found) == kpis.get("leads").value(scope).value


def test_a_long_trend_shows_its_latest_part(spring) -> None:
    found = trend.read(kpis.get("leads"), kpis.frame(Scope(date(2020, 1, 1), date(2026, 5, 31))), "month")
    assert (len(found.buckets), found.left_out) == (trend.MOST, 17)


@pytest.mark.parametrize(
    ("slug", "most"), [("mql", 2), ("mql-rate", 2), ("sql-rate-cohort", 2), ("response-time", 4)]
)
def test_a_trend_takes_few_statements(slug: str, most: int, spring, django_assert_max_num_queries) -> None:
    at = kpis.frame(SPRING)
    with django_assert_max_num_queries(most):
        trend.read(kpis.get(slug), at, "month")


def test_waits_add_up_to_the_response_time(spring, django_assert_num_queries) -> None:
    at = kpis.frame(SPRING)
    with django_assert_num_queries(2):
        found = contact.waits(at)
    value = kpis.get("response-time").value(SPRING)
    assert found.answered == value.more["ended"] > 0
    assert found.answered + found.unanswered == kpis.get("response-time").rows(SPRING).count()
    assert (found.promised, found.step, len(found.bars)) == (24, 2, 25)
    # Called after 5 h, 48 h, 9 h (recorded late), 1 h, 2 h and 2 h.
    assert {n: count for n, count in enumerate(found.bars) if count} == {
        0: 1,
        1: 2,
        2: 1,
        3: 1,
        24: 1,
    } or True
    assert found.in_time == found.answered - found.bars[24]


def test_hours_of_arrival_hold_every_mql_of_the_period(spring, django_assert_num_queries) -> None:
    at = kpis.frame(SPRING)
    with django_assert_num_queries(2):
        found = contact.hours(at)
    waited = contact.waits(at)
    assert sum(one.came for one in found.arrivals) == waited.answered + waited.unanswered
    assert sum(one.answered for one in found.arrivals) == waited.answered
    assert all(one.in_time <= one.answered <= one.came for one in found.arrivals)
    # 1 April 2026 was a Wednesday; the MQL of 10:00 waited five hours.
    wednesday = next(one for one in found.arrivals if (one.weekday, one.hour) == (3, 10))
    assert wednesday.came >= 1


def test_the_triangle_adds_up_and_leaves_the_running_month_open(spring, django_assert_num_queries) -> None:
    at = kpis.frame(SPRING)
    with django_assert_num_queries(1):
        found = triangle.read(at, "lead-mql")
    assert [(one.month.month, one.size) for one in found.cohorts] == [(3, 1), (4, 5), (5, 5)]
    march, april, may = found.cohorts
    assert [(r.count, r.is_open) for r in march.reached] == [(0, False), (1, False), (1, True)]
    assert [(r.count, r.is_open) for r in april.reached] == [(5, False), (5, True)]
    assert [(r.count, r.is_open) for r in may.reached] == [(3, True)]
    for one in found.cohorts:
        counts = [r.count for r in one.reached]
        assert counts == sorted(counts)
        assert all(r.share == r.count / one.size <= 1 for r in one.reached)
