"""Another person at a company, added from its record: no lead, no promise, and no second row for one human being."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client

from funnel.models import Event, Lead, Person
from handoffs.models import Handoff
from tests.builders import a_lead, a_member, an_mql

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(now) -> Lead:
    return an_mql(now, company="株式会社みなと物流", name="高橋 由美", email="yumi@example.jp")


def add(client: Client, lead: Lead, **typed: str):
    typed = {"once": str(uuid.uuid4()), "next": f"/c/{lead.pk}/", **typed}
    return client.post(f"/accounts/{lead.account_id}/people/new/", typed)


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(a_member("inside_sales", language="en"))
    return client


def test_a_name_is_enough_and_opens_no_lead(browser: Client, lead: Lead) -> None:
    page = browser.get(f"/c/{lead.pk}/").content.decode()
    there = re.search(r'href="(/accounts/\d+/people/new/\?next=[^"]+)"', page)[1]
    assert "株式会社みなと物流" in browser.get(there).content.decode()
    answer = add(browser, lead, name="小山 健", role="decides", phone="０３-１２３４-９９９９")
    assert answer["Location"] == f"/c/{lead.pk}/"
    person = Person.objects.get(name="小山 健")
    assert (person.account_id, person.role, person.phone_norm) == (lead.account_id, "decides", "0312349999")
    assert (Lead.objects.count(), Handoff.objects.count()) == (1, 1)
    told = Event.objects.get(kind="details_changed")
    assert told.data == {
        "what": "person",
        "id": person.pk,
        "added": True,
        "fields": ["name", "role", "phone"],
    }
    assert (told.lead, told.binding) == (lead, False)
    assert "小山 健" in browser.get(f"/c/{lead.pk}/").content.decode()


def test_who_is_known_is_said_and_not_added_twice(browser: Client, lead: Lead, now) -> None:
    same = add(browser, lead, name="高橋由美")
    assert (same.status_code, Person.objects.count()) == (409, 1)
    assert "same name and company" in same.content.decode()
    anyway = add(browser, lead, name="高橋由美", anyway="on")
    assert (anyway.status_code, Person.objects.count()) == (422, 1)
    assert "Somebody of this name is known there already" in anyway.content.decode()
    other = a_lead(now, company="別会社", name="別人", email="taken@example.jp")
    taken = add(browser, lead, name="小山 健", email="ＴＡＫＥＮ@example.jp")
    assert taken.status_code == 409
    assert 'name="anyway" value="on"' not in taken.content.decode()
    forced = add(browser, lead, name="小山 健", email="taken@example.jp", anyway="on")
    assert (forced.status_code, Person.objects.count()) == (422, 2)
    assert other.person.account_id != lead.account_id


def test_the_same_form_sent_twice_adds_one(browser: Client, lead: Lead) -> None:
    once = str(uuid.uuid4())
    for _ in range(2):
        assert add(browser, lead, name="小山 健", once=once, anyway="on").status_code == 302
    assert Person.objects.filter(name="小山 健").count() == 1
    assert add(browser, lead, name=" ").status_code == 422


def test_a_viewer_adds_nobody(client: Client, lead: Lead) -> None:
    client.force_login(a_member(is_viewer=True))
    assert add(client, lead, name="小山 健").status_code == 403
    assert Person.objects.count() == 1
