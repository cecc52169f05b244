"""The month beside the queue: the catalogue's values, a member's own or the company's, each with its rows."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from dashboards import kpis, periods
from dashboards.scope import Scope
from dashboards.views.mine import OF_DEPARTMENT
from funnel.models import Channel, HealthRecord, Organization, SpendEntry
from funnel.stages import Department
from funnel.transitions import customers, deals, leads
from funnel.transitions.acting import SYSTEM
from tests import builders

pytestmark = pytest.mark.django_db


def looking(member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def month(now, **more) -> Scope:
    organization = Organization.current()
    today = now.astimezone(organization.tz).date()
    return Scope(*periods.around("month", today, organization.fiscal_year_start), **more)


def shown(answer) -> dict[str, object]:
    return {figure.kpi.slug: figure.value.value for figure in answer.context["figures"]}


def test_the_figures_are_those_of_the_catalogue_for_this_owner(now):
    mine, other = builders.a_member("inside_sales", language="en"), builders.a_member("inside_sales")
    for owner, count in ((mine, 2), (other, 3)):
        for _ in range(count):
            lead = builders.an_mql(now)
            leads.assign(lead.pk, builders.an_actor("inside_sales", now=now), now=now, owner=owner)
            builders.deal_of(lead, now)
    answer = looking(mine).get("/funnel/mine/")
    scope = month(now, owner=mine.pk)
    assert shown(answer) == {
        slug: kpis.get(slug).value(scope).value for slug in OF_DEPARTMENT["inside_sales"]
    }
    assert shown(answer)["meetings"] == 2
    assert f"owner={mine.pk}" in answer.content.decode()


def test_the_lead_of_a_department_sees_what_all_of_it_did(now):
    lead = builders.a_member("inside_sales", role="lead")
    for _ in range(3):
        builders.deal_of(builders.an_mql(now), now)
    assert shown(looking(lead).get("/funnel/mine/"))["meetings"] == 3


@pytest.mark.parametrize("department", list(Department))
def test_every_figure_leads_to_as_many_rows_as_it_counts(now, department):
    member = builders.a_member(department, role="lead", language="en")
    contract = builders.a_contract(now)
    builders.an_mql(now, at=now - timedelta(hours=30))
    builders.a_deal(now, at=now - timedelta(days=31))
    today = now.astimezone(Organization.current().tz).date()
    channel = Channel.objects.first()
    SpendEntry.objects.create(day=today, channel=channel, amount=90_000)
    client = looking(member)
    answer = client.get("/funnel/mine/")
    assert [f.kpi.slug for f in answer.context["figures"]] == list(OF_DEPARTMENT[department])
    for figure in answer.context["figures"]:
        assert f"/numbers/{figure.kpi.slug}/?{figure.scope.query()}" in unescape(answer.content.decode())
        page = client.get(f"/funnel/{figure.kpi.slug}/rows/?{figure.scope.query()}")
        assert page.status_code == 200
        assert page.context["value"].value == figure.value.value
        if figure.shape == "count":
            assert len(page.context["page"].rows) == figure.value.value
    assert contract


def test_without_spend_nothing_is_said_of_what_a_lead_costs(now):
    builders.a_lead(now)
    client = looking(builders.a_member("marketing"))
    assert "cpl" not in shown(client.get("/funnel/mine/"))


def test_what_a_lead_costs_counts_the_leads_of_the_channels_that_were_paid_for(now):
    for channel in ("web", "web", "web", "seminar"):
        builders.a_lead(now, channel=channel)
    paid = Channel.objects.get(slug="web")
    today = now.astimezone(Organization.current().tz).date()
    SpendEntry.objects.create(day=today, channel=paid, amount=30_000)
    assert shown(looking(builders.a_member("marketing")).get("/funnel/mine/"))["cpl"] == 10_000


def test_the_renewal_rate_is_over_contracts_that_came_up_in_the_month(now):
    today = now.astimezone(Organization.current().tz).date()
    owner = builders.a_member("customer_success")
    dates = {"signed_on": today, "starts_on": today - timedelta(days=364), "ends_on": today, "mrr": "50000"}
    renewed, ended, running = (builders.a_contract(now, **dates) for _ in range(3))
    for contract in (renewed, ended, running):
        customers.assign(contract.customer_id, SYSTEM, now=now, owner=owner)
    customers.renew(
        renewed.customer_id, SYSTEM, now=now, signed_on=today, starts_on=today + timedelta(days=1)
    )
    customers.end_contract(ended.customer_id, SYSTEM, now=now, ended_on=today)
    figure = looking(owner).get("/funnel/mine/").context["figures"][0]
    assert (figure.value.numerator, figure.value.denominator) == (1, 2)


def test_a_deal_stands_from_its_thirtieth_day_on_until_it_is_closed(now):
    old, young = builders.a_deal(now, at=now - timedelta(days=30, hours=1)), builders.a_deal(now)
    scope = month(now)
    rows = kpis.get("standing-deals").rows(scope)
    assert [deal.pk for deal in rows] == [old.pk]
    deals.lose(old.pk, SYSTEM, now=now, reason="price")
    assert not kpis.get("standing-deals").rows(scope).exists()
    assert young.is_open


def test_the_five_customers_of_lowest_health_are_named_the_lowest_first(now):
    owner, lead = builders.a_member("customer_success"), builders.a_member("customer_success", role="lead")
    today = now.astimezone(Organization.current().tz).date()
    for score in (80, 10, 40, 30, 20, 60, 50):
        customer = builders.a_contract(now).customer
        HealthRecord.objects.update_or_create(
            customer=customer, day=today, defaults={"score": score, "band": "watch"}
        )
        if score != 10:
            customers.assign(customer.pk, SYSTEM, now=now, owner=owner)
    scores = lambda member: [c.score for c in looking(member).get("/funnel/mine/").context["worried"]]  # noqa: E731
    assert scores(owner) == [20, 30, 40, 50, 60]
    assert scores(lead) == [10, 20, 30, 40, 50]


def test_every_figure_is_one_of_the_catalogue_and_others_see_none(now):
    for slugs in OF_DEPARTMENT.values():
        for slug in slugs:
            assert kpis.get(slug)
    client = looking(builders.a_member(is_viewer=True, language="en"))
    assert "No figures of your own yet." in client.get("/funnel/mine/").content.decode()


def test_the_statements_do_not_grow_with_the_rows(now, django_assert_max_num_queries):
    client = looking(builders.a_member(*Department, role="lead"))
    for _ in range(2):
        builders.a_contract(now)
        builders.a_deal(now, at=now - timedelta(days=31))
        with django_assert_max_num_queries(22):
            client.get("/funnel/mine/")
