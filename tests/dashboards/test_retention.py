"""Recurring revenue of a company small enough to reckon by hand; what cannot be said is not said."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from dashboards import kpis
from dashboards.scope import Scope
from funnel import moment
from funnel.models import Account, Contract, Customer, SurveyResponse, UsageReading
from tests.dashboards.conftest import tokyo

APRIL = Scope(date(2026, 4, 1), date(2026, 4, 30))
SERIAL = count(1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_a_day_in_may() -> None:
    moment.simulate(tokyo(5, 20))


def a_customer(*contracts: dict[str, Any], since: date = date(2026, 1, 10)) -> Customer:
    """A customer with these contracts; each follows the one before it where it says `renews`."""
    account = Account.objects.create(name=f"顧客{next(SERIAL)}")
    customer = Customer.objects.create(account=account, since=since)
    before = None
    for one in contracts:
        terms: dict[str, Any] = {"signed_on": since, "starts_on": since, "mrr": 100} | one
        renews = terms.pop("renews", False)
        before = Contract.objects.create(customer=customer, renewal_of=before if renews else None, **terms)
    return customer


def the_company() -> None:
    """Opening revenue of April 1,100 of six customers; a seventh pays in dollars."""
    a_customer({})
    a_customer(
        {"mrr": 200, "ended_on": date(2026, 4, 15)},
        {"mrr": 260, "renews": True, "signed_on": date(2026, 4, 10), "starts_on": date(2026, 4, 15)},
    )
    a_customer({"mrr": 300, "ended_on": date(2026, 4, 20)})
    a_customer({"mrr": 100}, {"mrr": 50, "ended_on": date(2026, 4, 10)})
    # Ran out on the last of April, and nobody said what became of it.
    a_customer({"mrr": 250, "ends_on": date(2026, 4, 30)})
    # Renewed without a gap: the old contract ends where the new one starts.
    a_customer(
        {"ends_on": date(2026, 4, 30), "ended_on": date(2026, 5, 1)},
        {"renews": True, "signed_on": date(2026, 4, 20), "starts_on": date(2026, 5, 1)},
    )
    a_customer({"mrr": 70, "currency": "USD"})
    # New in April, a trial, and a win that was undone: in no base.
    a_customer({"mrr": 500}, since=date(2026, 4, 1))
    a_customer({"mrr": 0})
    a_customer({"mrr": 900, "voided_at": tokyo(3, 1)})


def value(slug: str, scope: Scope = APRIL) -> kpis.Value:
    return kpis.get(slug).value(scope)


def test_what_april_did_to_the_revenue_of_those_who_were_there():
    the_company()
    assert value("nrr").value == pytest.approx(560 / 1100)
    assert value("grr").value == pytest.approx(500 / 1100)
    churn = value("mrr-churn")
    assert churn.value == pytest.approx(600 / 1100)
    assert (churn.more["churn"], churn.more["contraction"], churn.more["expansion"]) == (550, 50, 60)
    assert churn.value + value("grr").value == pytest.approx(1)
    logo = value("logo-churn")
    assert (logo.numerator, logo.denominator) == (2, 7)
    grown = value("expansion-rate")
    assert (grown.numerator, grown.denominator) == (1, 7)
    assert grown.more["of_revenue"] == pytest.approx(60 / 1100)
    # Four of the base and the one new in April; the one in dollars is a customer whose revenue is not counted.
    assert value("mrr").value == Decimal(1060)
    assert value("customers").value == 6
    assert value("new-customers").value == 1


def test_a_month_of_eight_per_cent_is_a_year_of_sixty_three():
    for n in range(100):
        a_customer({"ended_on": date(2026, 4, 20)} if n < 8 else {})
    found = value("logo-churn")
    assert (found.numerator, found.denominator) == (8, 100)
    assert found.more["annual"] == pytest.approx(0.632, abs=0.001)
    running = value("logo-churn", Scope(date(2026, 5, 1), date(2026, 5, 31)))
    assert "annual" not in running.more


def test_who_comes_back_after_the_period_was_lost_in_it_and_is_in_no_base_before():
    a_customer(
        {"ended_on": date(2026, 4, 10)}, {"starts_on": date(2026, 5, 5), "signed_on": date(2026, 5, 5)}
    )
    assert value("logo-churn").value == 1
    may = Scope(date(2026, 5, 1), date(2026, 5, 31))
    assert (value("logo-churn", may).value, value("nrr", may).value) == (None, None)
    assert value("new-customers", may).value == 0


def test_what_has_not_ended_yet_is_not_lost():
    a_customer({"ends_on": date(2026, 5, 25)})
    may = Scope(date(2026, 5, 1), date(2026, 5, 31))
    assert (value("logo-churn", may).numerator, value("nrr", may).value) == (0, 1.0)


@pytest.mark.parametrize(
    "slug", ["logo-churn", "mrr-churn", "grr", "nrr", "mrr", "customers", "active-user-rate"]
)
def test_of_a_time_to_come_nothing_is_said(slug: str):
    the_company()
    assert value(slug, Scope(date(2026, 7, 1), date(2026, 7, 31))).value is None


def test_twelve_months_look_back_to_the_customers_of_then():
    year_ago = date(2025, 3, 1)
    a_customer(
        {"mrr": 100, "ended_on": date(2026, 2, 1)},
        {"mrr": 130, "starts_on": date(2026, 2, 1)},
        since=year_ago,
    )
    a_customer({"mrr": 100, "ended_on": date(2025, 9, 1)}, since=year_ago)
    a_customer({"mrr": 999})
    found = value("nrr-12")
    assert found.value == pytest.approx(130 / 200)
    assert value("nrr").value == 1.0


@pytest.mark.parametrize(
    ("customers", "lost", "since", "expected"),
    [
        (30, 10, date(2025, 1, 1), Decimal(3600)),
        (30, 1, date(2025, 1, 1), Decimal(6000)),
        (30, 0, date(2025, 1, 1), None),
        (29, 10, date(2025, 1, 1), None),
        (30, 10, date(2025, 6, 1), None),
    ],
)
def test_what_a_customer_brings_is_said_only_where_enough_is_known(
    customers: int, lost: int, since: date, expected: Decimal | None
):
    for n in range(customers):
        a_customer({"ended_on": date(2025, 12, 1)} if n < lost else {}, since=since)
    assert value("ltv").value == expected


def test_fifty_answers_leave_a_margin_of_nineteen_points():
    scores = [9] * 15 + [10] * 15 + [7] * 10 + [8] * 5 + [0, 3, 5, 6, 6]
    for score in scores:
        SurveyResponse.objects.create(
            customer=a_customer({}), wave="2026-04", score=score, answered_on=date(2026, 4, 3)
        )
    found = value("nps")
    assert (found.value, found.denominator) == (50, 50)
    assert found.more["margin"] == pytest.approx(18.6, abs=0.05)
    assert (found.low, found.high) == (pytest.approx(31.4, abs=0.05), pytest.approx(68.6, abs=0.05))
    assert value("nps", Scope(date(2026, 3, 1), date(2026, 3, 31))).value is None


def test_satisfied_are_those_who_say_four_or_five():
    for n, score in enumerate([5, 4, 3, 1]):
        SurveyResponse.objects.create(
            customer=a_customer({}), kind="csat", wave=f"w{n}", score=score, answered_on=date(2026, 4, 3)
        )
    found = value("csat")
    assert (found.numerator, found.denominator) == (2, 4)


def test_use_is_the_latest_reading_against_the_seats_of_all_contracts():
    one = a_customer({"seats": 40}, {"seats": 10})
    for ago, users in ((40, 50), (20, 9), (3, 30)):
        day = date(2026, 4, 30) - timedelta(days=ago)
        UsageReading.objects.create(customer=one, day=day, metric="active_users", value=users)
    silent, vague = a_customer({"seats": 100}), a_customer({"seats": None}, {"seats": 5})
    UsageReading.objects.create(customer=vague, day=date(2026, 4, 29), metric="active_users", value=4)
    found = value("active-user-rate")
    assert (found.numerator, found.denominator) == (30, 50)
    assert silent not in kpis.get("active-user-rate").rows(APRIL)
