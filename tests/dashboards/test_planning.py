"""The tree backwards and forwards, and what a plan is measured against."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dashboards import planner, planning
from dashboards.models import Target
from dashboards.planner import PlanError, backwards, levers, sheet
from funnel.models import Absence, Organization
from tests.builders import a_member, an_mql

GOLDEN = (10_000_000, 1_000_000, "0.3", "0.2", "0.5", "0.02")


def test_the_golden_numbers():
    assert backwards(*GOLDEN) == (10, 34, 170, 340, 17_000)
    assert backwards(21, 1, "0.35", 1, 1, 1).sql == 60
    assert planner.plan(*GOLDEN).expected_won == Decimal("10.2")


@pytest.mark.parametrize(
    ("fixed", "expected"),
    [
        ({"won": 12}, (12, 40, 200, 400, 20_000)),
        ({"mql": 200}, (10, 34, 200, 400, 20_000)),
        ({"lead": 341}, (10, 34, 170, 341, 17_050)),
        ({"sql": 30, "lead": 100}, (10, 30, 150, 100, 5_000)),
    ],
)
def test_a_count_that_was_set_stays_and_what_lies_before_it_follows(fixed, expected):
    assert backwards(*GOLDEN, fixed) == expected


@pytest.mark.parametrize(
    ("fixed", "code"), [({"won": 0}, "plan_not_positive"), ({"lead": 10**17}, "plan_too_large")]
)
def test_a_count_that_cannot_be(fixed, code):
    with pytest.raises(PlanError) as refused:
        backwards(*GOLDEN, fixed)
    assert refused.value.code == code


def test_the_current_state_sheets_golden_numbers_and_their_tie():
    now, target = (100, "0.1", "0.3"), (200, "0.2", "0.4")
    assert sheet(*now) == (100, 10, 3)
    assert sheet(*target) == (200, 40, 16)
    steps, most = levers(now, target)
    assert [step.gain for step in steps] == [3, 3, 1]
    assert most == ("leads", "opportunity_rate")


def test_levers_that_bring_nothing_are_no_bottleneck():
    assert levers((100, "0.1", "0.3"), (100, "0.1", "0.3"))[1] == ()


@pytest.mark.parametrize(
    "bad", [(-1, "0.1", "0.3"), (10, "0", "0.3"), (10, "0.1", "1.2"), (10**17, "0.1", "0.3")]
)
def test_a_sheet_that_cannot_be(bad):
    with pytest.raises(PlanError):
        sheet(*bad)


def test_due_dates_walk_back_and_stop_where_nothing_is_known():
    today, end = date(2026, 4, 10), date(2026, 6, 30)
    times = {"mql": 8, "sql": 20, "won": 80}
    found = planning.due_dates(end, times, today)
    assert [(due.stage, due.by, due.is_past) for due in found] == [
        ("sql", date(2026, 4, 11), False),
        ("mql", date(2026, 3, 22), True),
        ("lead", date(2026, 3, 14), True),
    ]
    assert planning.earliest_win(times, today) == today + timedelta(days=108)
    assert len(planning.due_dates(end, {"won": 80}, today)) == 1
    assert planning.due_dates(end, {"mql": 3}, today) == []
    assert planning.earliest_win({"won": 80}, today) is None


def test_an_empty_company_plans_with_the_example(now):
    found = planning.reached(Organization.current(), now)
    assert found.recent() == planning.EXAMPLES
    assert not found.measured()
    assert [found.best(name) for name in planning.RATES] == [None] * 4
    assert planning.lead_times(Organization.current(), now) == {}
    assert planning.hands({"mql": 170, "sql": 34}, found, now.date()) == []
    assert not Target.objects.exists()


def test_people_who_are_away_do_not_work(now):
    organization = Organization.current()
    today = now.astimezone(organization.tz).date()
    first, second = a_member("inside_sales"), a_member("inside_sales")
    before = today.replace(day=1) - timedelta(days=10)
    for _ in range(6):
        an_mql(now, at=now - timedelta(days=(today - before).days))
    found = planning.reached(organization, now)
    (both,) = planning.hands({"mql": 3, "sql": 1}, found, today)
    assert (both.people, both.each, both.needed) == (2, 1, 3)
    Absence.objects.create(member=second, first_on=today, last_on=today, entered_by=first)
    (alone,) = planning.hands({"mql": 3, "sql": 1}, found, today)
    assert (alone.people, alone.each, alone.needed) == (1, 2, 2)
