"""One member's own month: the catalogue's values, narrowed to what is his."""

from __future__ import annotations

import pytest
from django.test import Client

from dashboards import kpis, periods
from dashboards.scope import Scope
from dashboards.views.mine import OF_DEPARTMENT
from funnel.models import Organization
from funnel.transitions import leads
from tests import builders

pytestmark = pytest.mark.django_db


def test_the_figures_are_those_of_the_catalogue_for_this_owner(now):
    mine, other = builders.a_member("inside_sales", language="en"), builders.a_member("inside_sales")
    for owner, deals in ((mine, 2), (other, 3)):
        for _ in range(deals):
            lead = builders.an_mql(now)
            leads.assign(lead.pk, builders.an_actor("inside_sales", now=now), now=now, owner=owner)
            builders.deal_of(lead, now)
    client = Client()
    client.force_login(mine)
    answer = client.get("/funnel/mine/")
    organization = Organization.current()
    today = now.astimezone(organization.tz).date()
    scope = Scope(*periods.around("month", today, organization.fiscal_year_start), owner=mine.pk)
    shown = {figure.kpi.slug: figure.value.value for figure in answer.context["figures"]}
    assert shown == {slug: kpis.get(slug).value(scope).value for slug in OF_DEPARTMENT["inside_sales"]}
    assert shown["sql"] == 2
    assert f"owner={mine.pk}" in answer.content.decode()


def test_every_figure_is_one_of_the_catalogue_and_others_see_none(now):
    for slugs in OF_DEPARTMENT.values():
        for slug in slugs:
            assert kpis.get(slug)
    client = Client()
    client.force_login(builders.a_member(is_viewer=True, language="en"))
    assert "No figures of your own yet." in client.get("/funnel/mine/").content.decode()
