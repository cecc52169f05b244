"""Buttons pressed at the same moment, by one impatient person or by two people."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction
from django.test import Client

from funnel import moment
from funnel.models import Activity, Event, Lead
from funnel.transitions import people
from handoffs.models import Handoff
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)


def pressed(client: Client, address: str, body: dict[str, str]) -> int:
    try:
        return client.post(address, body).status_code
    finally:
        connections.close_all()


def at_once(presses: list[tuple[Client, str, dict[str, str]]]) -> list[int]:
    with ThreadPoolExecutor(len(presses)) as pool:
        return sorted(pool.map(lambda press: pressed(*press), presses))


def somebody(department: str) -> Client:
    client = Client()
    client.force_login(builders.a_member(department))
    return client


def test_four_presses_of_one_button_are_one_contact(db):
    lead = builders.an_mql(moment.now())
    client, body = somebody("inside_sales"), {"what": "called", "once": str(uuid.uuid4())}
    answers = at_once([(client, f"/leads/{lead.pk}/log/", body)] * 4)
    assert answers == [302] * 4
    assert Activity.objects.filter(lead=lead).count() == 1


def test_two_people_who_accept_at_once_are_one_acceptance_and_one_refusal(db):
    deal = builders.a_deal(moment.now())
    handoff = Handoff.objects.get(boundary="sql", deal=deal)
    address = f"/handoffs/{handoff.pk}/accept/"
    answers = at_once([(somebody("field_sales"), address, {"once": str(uuid.uuid4())}) for _ in range(4)])
    assert answers == [302, 409, 409, 409]
    assert Event.objects.filter(kind="handoff_accepted", handoff_ref=handoff.pk).count() == 1


def answer_of(client: Client, address: str, body: dict[str, str]) -> tuple[int, str]:
    try:
        answer = client.post(address, body)
        return answer.status_code, answer.content.decode()
    finally:
        connections.close_all()


@pytest.mark.parametrize("what", ["a lead", "a name"])
def test_what_somebody_else_holds_is_refused_in_words_and_nothing_typed_is_lost(db, what):
    lead = builders.an_mql(moment.now())
    address, body = {
        "a lead": (f"/leads/{lead.pk}/log/", {"what": "called", "note": "折り返し希望"}),
        "a name": ("/leads/new/", {"email": "held@example.jp", "note": "折り返し希望"}),
    }[what]
    client, events = somebody("inside_sales"), Event.objects.count()
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Lead.objects.select_for_update().get(pk=lead.pk)
        people.serialise("email:held@example.jp")
        status, page = pool.submit(answer_of, client, address, body | {"once": str(uuid.uuid4())}).result()
    assert status == 409
    assert "折り返し希望" in page
    assert Event.objects.count() == events
