"""What is recorded after a moment is not known at it; the page of such a moment answers every address."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboards import targets
from dashboards.counts import funnel, funnels
from dashboards.scope import Scope
from dashboards.targets import Wish
from funnel import moment
from funnel.models import Event, Organization
from funnel.transitions import corrections, leads
from funnel.transitions.acting import SYSTEM
from funnel.transitions.leads.merging import merge_people
from tests import builders
from tests.dashboards.conftest import tokyo

pytestmark = pytest.mark.django_db


def stages(found) -> dict[str, int]:
    return {key: n for key, n in found.stages if key != "visitor"}


def test_a_back_dated_act_is_on_the_board_of_now_alone(company) -> None:
    lead = company.lead(tokyo(4, 1))
    moment.simulate(tokyo(4, 20))
    leads.certify_mql(lead.pk, SYSTEM, now=tokyo(4, 20), reason="inquiry", occurred_at=tokyo(4, 2))
    april = Scope(date(2026, 4, 1), date(2026, 4, 30))
    before, after = (funnels([april], at)[0] for at in (tokyo(4, 19), tokyo(4, 20)))
    assert [stages(one)["mql"] for one in (before, after, funnel(april))] == [0, 1, 1]


def test_a_withdrawal_and_a_merger_are_known_from_their_recording(now) -> None:
    scope = Scope(now.date() - timedelta(days=40), now.date() + timedelta(days=1))
    kept = builders.a_lead(now)
    double = builders.a_lead(now)
    mql = builders.an_mql(now)
    later, latest = now + timedelta(hours=1), now + timedelta(hours=2)
    moment.simulate(later)
    certified = Event.objects.get(lead=mql, kind="mql_certified")
    corrections.withdraw(certified.pk, SYSTEM, now=later, reason="")
    moment.simulate(latest)
    merge_people(kept.person_id, double.person_id, SYSTEM, now=latest)
    found = {at: stages(funnels([scope], at)[0]) for at in (now, later, latest)}
    assert [(one["lead"], one["mql"]) for one in found.values()] == [(3, 1), (3, 0), (2, 0)]
    assert found[latest] == stages(funnel(scope))


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(builders.a_member("marketing", language="en"))
    return client


def asked_at(at) -> dict[str, str]:
    return {"known_at": at.isoformat(timespec="microseconds")}


def test_the_page_says_which_moment_it_is_and_leads_back(client: Client, now) -> None:
    builders.an_mql(now)
    html = client.get("/funnel/", asked_at(moment.now())).content.decode()
    assert "As known at" in html
    assert 'href="/funnel/?from=' in html


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2199-01-01T00:00", "lies in the future"),
        ("2001-01-01T00:00", "Nothing had been recorded yet"),
        ("yesterday", "is not a moment"),
        ("0001-01-01T00:00", "is not a moment"),
        ("2026-11-01T09:00+99:00", "is not a moment"),
    ],
)
def test_a_moment_that_cannot_be_known_gets_a_clear_answer(
    client: Client, now, text: str, words: str
) -> None:
    builders.a_lead(now)
    page = client.get("/funnel/", {"known_at": text})
    assert page.status_code == 400
    assert words in page.content.decode()


def test_without_a_moment_it_is_asked_for(client: Client, now) -> None:
    page = client.get("/funnel/", {"known_at": ""})
    assert page.status_code == 200
    assert b'name="known_at"' in page.content


def test_the_statements_do_not_grow_with_the_leads(client: Client, now) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/funnel/", asked_at(moment.now())).status_code == 200
        return len(asked.captured_queries)

    builders.an_mql(now)
    statements()
    few = statements()
    for _n in range(5):
        builders.an_mql(now)
    assert statements() == few <= 14


def test_the_target_of_then_is_a_number_of_its_stage(client: Client, now) -> None:
    builders.an_mql(now)
    first = Organization.current().calendar().local_date(now).replace(day=1)
    targets.set_one(Wish("leads", "month", first, Decimal(1340)), SYSTEM, now=now)
    page = client.get("/funnel/", asked_at(moment.now())).content.decode()
    assert '<span class="num" data-n="target:lead" data-as="count">1,340</span>' in page
