"""What narrows a list is said one by one beside the folded filters, each with the address that takes it off."""

from __future__ import annotations

import pytest

from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(builders.a_member("inside_sales", language="en"))
    return client


def test_each_filter_in_use_is_said_in_words_and_taken_off_alone(desk):
    shown = desk.get("/c/?q=Minato&stage=mql&order=wake").content.decode()
    assert 'href="?stage=mql&amp;order=wake">Name, company, e-mail or phone: <b>Minato</b>' in shown
    assert 'href="?q=Minato&amp;order=wake">Stage: <b>MQL</b>' in shown
    assert '<span class="count">2</span></summary>' in shown


def test_an_order_narrows_nothing(desk):
    shown = desk.get("/c/?order=wake").content.decode()
    assert 'class="chip"' not in shown
    assert '<span class="count">' not in shown.split("</summary>", 1)[0].rsplit("<summary", 1)[-1]


def test_the_list_of_deals_stays_a_list_when_a_filter_is_taken_off(desk):
    shown = desk.get("/deals/?view=list&step=proposal").content.decode()
    assert 'href="?view=list">' in shown.split('class="chip" ', 1)[1][:40]
