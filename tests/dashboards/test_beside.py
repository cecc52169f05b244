"""A board set beside the same part of its period earlier: which days, which figures, which words."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from dashboards import beside, counts, kpis
from dashboards import board as boards
from dashboards.scope import Scope
from dashboards.wording import shown, signed
from funnel import moment
from funnel.calendar import ONE_DAY, BusinessCalendar
from funnel.models import Organization
from tests import builders

TOKYO = BusinessCalendar("Asia/Tokyo")
LATE = date(2050, 1, 1)


def days(*ends: tuple[int, int, int]) -> Scope:
    return Scope(*(date(*end) for end in ends))


@pytest.mark.parametrize(
    ("kind", "scope", "found"),
    [
        ("week", days((2026, 11, 16), (2026, 11, 22)), days((2026, 11, 9), (2026, 11, 15))),
        ("month", days((2026, 3, 1), (2026, 3, 31)), days((2026, 2, 1), (2026, 2, 28))),
        ("month", days((2026, 2, 1), (2026, 2, 28)), days((2026, 1, 1), (2026, 1, 31))),
        ("month", days((2026, 10, 31), (2026, 12, 31)), days((2026, 9, 30), (2026, 11, 30))),
        ("year", days((2028, 2, 1), (2028, 2, 29)), days((2027, 2, 1), (2027, 2, 28))),
        ("year", days((2028, 2, 29), (2028, 3, 5)), days((2027, 2, 28), (2027, 3, 5))),
        ("year", days((2029, 2, 1), (2029, 2, 28)), days((2028, 2, 1), (2028, 2, 29))),
        # The third quarter of a fiscal year from April, a month and a year earlier.
        ("month", days((2026, 10, 1), (2026, 12, 31)), days((2026, 9, 1), (2026, 11, 30))),
        ("year", days((2026, 10, 1), (2026, 12, 31)), days((2025, 10, 1), (2025, 12, 31))),
    ],
)
def test_a_past_period_stands_beside_a_whole_one(kind: str, scope: Scope, found: Scope) -> None:
    assert beside.earlier(kind, scope, LATE, TOKYO) == found


@pytest.mark.parametrize(
    ("kind", "today", "last"),
    [
        # Monday 16 November is the tenth business day (3 is a holiday); the tenth of October (12 is one) is the 15th.
        ("month", date(2026, 11, 16), date(2026, 10, 15)),
        # On Sunday 15 nine had begun, as on 14 October, the last day before the tenth.
        ("month", date(2026, 11, 15), date(2026, 10, 14)),
        # Nothing had begun on Sunday 1 November; the earlier month has at least its first day.
        ("month", date(2026, 11, 1), date(2026, 10, 1)),
        ("year", date(2026, 11, 16), date(2025, 11, 17)),
    ],
)
def test_of_a_running_period_as_many_business_days_have_begun(kind: str, today: date, last: date) -> None:
    november = days((2026, 11, 1), (2026, 11, 30))
    assert beside.earlier(kind, november, today, TOKYO).end == last


@given(
    st.sampled_from(list(beside.KINDS)),
    st.dates(date(2001, 1, 1), date(2040, 1, 1)),
    st.integers(0, 120),
    st.integers(0, 120),
)
def test_what_it_is_beside_is_earlier_and_never_ends_before_it_begins(
    kind: str, start: date, length: int, passed: int
) -> None:
    scope, today = Scope(start, start + timedelta(days=length)), start + timedelta(days=passed)
    found = beside.earlier(kind, scope, today, TOKYO)
    assert found.start <= found.end < scope.end
    assert found.start < scope.start
    if today < scope.end:
        begun = TOKYO.business_days_between(scope.start - ONE_DAY, today)
        then = TOKYO.business_days_between(found.start - ONE_DAY, found.end)
        assert then <= max(begun, 1)


@pytest.mark.parametrize(
    ("now", "then", "found"),
    [(0.28, 0.25, 3.0), (0.25, 0.281, -3.1), (0.5, 0.5, 0.0), (None, 0.5, None), (0.5, None, None)],
)
def test_rates_are_compared_in_points(now: float | None, then: float | None, found: float | None) -> None:
    assert beside.points(now, then) == found


@pytest.mark.django_db
@pytest.mark.parametrize("basis", ["period", "cohort"])
def test_the_figures_are_those_of_the_board_of_then(basis: str, spring, django_assert_num_queries) -> None:
    at = kpis.frame(replace(days((2026, 5, 1), (2026, 5, 31)), basis=basis))
    calendar = Organization.current().calendar()
    with django_assert_num_queries(1):
        found = beside.read("month", at, calendar)
    # 20 May is the eleventh business day (4, 5 and 6 are holidays), as is 15 April.
    assert (found.scope.start, found.scope.end) == (date(2026, 4, 1), date(2026, 4, 15))
    board = boards.numbers(boards.read(kpis.frame(found.scope)))
    assert found.counts == {stage: board[f"stage:{stage}"] for stage in boards.SHOWN}
    assert found.rates == {stage: board[f"rate:{stage}"] for stage in found.rates}
    assert found.counts["lead"] > 0
    assert dict(counts.funnel(replace(found.scope, basis="period")).stages) == found.counts


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(builders.a_member("marketing", language="en"))
    return client


def asked(client: Client, **query: str) -> str:
    return client.get("/funnel/", query).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"), [("en", ("Last month", "Last year")), ("ja", ("前月", "前年"))]
)
def test_the_page_says_what_was_and_how_far_it_is(client: Client, now, language: str, words) -> None:
    client.force_login(builders.a_member("marketing", language=language))
    for _n in range(3):
        builders.an_mql(now)
    html = asked(client, beside="month", basis="period", channel="")
    numbers = json.loads(re.search(r'id="board-numbers"[^>]*>([^<]*)<', html)[1])
    lead = re.search(r'data-beside="stage:lead" data-then="(\d+)" data-as="signed">([^<]+)<', html)
    scope = Scope(
        *(date.fromisoformat(day) for day in re.search(r'data-from="(.+?)" data-to="(.+?)"', html).groups())
    )
    found = beside.read("month", kpis.frame(scope), Organization.current().calendar())
    then, change = found.counts["lead"], numbers["stage:lead"] - found.counts["lead"]
    assert (lead[1], lead[2]) == (str(then), signed(change))
    assert numbers["bar:lead"] == (min(125, round(numbers["stage:lead"] * 100 / then)) if then else 100)
    rates = dict(re.findall(r'data-beside="rate:(\w+)" data-then="[^"]*" data-as="moved">([^<]+)<', html))
    assert rates == {
        stage: shown(beside.points(numbers[f"rate:{stage}"], found.rates[stage]), "moved")
        for stage in found.rates
    }
    assert rates["referred"] == "–"
    assert all(word in html for word in words)
    assert 'data-stand="' not in html
    links = [unescape(href) for href in re.findall(r'<a href="(\?[^"]*beside=year[^"]*)"', html)]
    assert links == ["?basis=period&channel=&beside=year"]


@pytest.mark.django_db
def test_a_thing_it_cannot_stand_beside_is_said(client: Client, now) -> None:
    page = client.get("/funnel/", {"beside": "decade"})
    assert page.status_code == 400
    assert "“decade” is not possible here" in page.content.decode()
    assert 'data-beside="' not in page.content.decode()
    assert client.get("/funnel/", {"beside": "none"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("basis", ["period", "cohort"])
def test_it_costs_one_statement(client: Client, now, basis: str) -> None:
    def statements(**query: str) -> int:
        with CaptureQueriesContext(connection) as found:
            asked(client, basis=basis, **query)
        return len(found.captured_queries)

    builders.an_mql(moment.now())
    statements()
    assert statements(beside="year") - statements() == 1
