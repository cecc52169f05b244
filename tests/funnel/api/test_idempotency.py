"""A POST with an Idempotency-Key happens once."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection

from funnel.models import Event, IdempotencyKey, Lead
from funnel.moment import RevopsNow
from tests.doors import Answered, Caller, a_token, lead_body


def test_a_repeat_gets_the_first_answer(api: Caller):
    body = lead_body()
    first = api.post("leads/", body, key="k-1")
    again = api.post("leads/", body, key="k-1")
    assert (first.status, again.status) == (201, 201)
    assert again.raw == first.raw
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Event.objects.filter(kind="lead_captured").count() == 1


def test_the_same_key_with_another_body_or_address_is_refused(api: Caller):
    lead = api.post("leads/", lead_body(), key="k-2")["id"]
    for refused in (
        api.post("leads/", lead_body(), key="k-2"),
        api.post(f"leads/{lead}/activities/", {"kind": "call"}, key="k-2"),
    ):
        assert (refused.status, refused["code"]) == (422, "idempotency_key_reused")
    assert Lead.objects.count() == 1


def test_another_token_may_use_the_same_key(api: Caller):
    other = Caller(a_token())
    assert api.post("leads/", lead_body(), key="shared").status == 201
    assert other.post("leads/", lead_body(), key="shared").status == 201
    assert Lead.objects.count() == 2


def test_a_refused_act_stores_nothing_and_may_be_tried_again(api: Caller):
    lead = api.post("leads/", lead_body())["id"]
    body = {"kind": "call", "occurred_at": "2198-01-01T00:00:00Z"}
    assert api.post(f"leads/{lead}/activities/", body, key="k-3").status == 422
    assert not IdempotencyKey.objects.exists()
    assert api.post(f"leads/{lead}/activities/", {"kind": "call"}, key="k-3").status == 201


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "鍵", "a\tb"])
def test_a_key_that_cannot_be_one_is_refused(api: Caller, key: str):
    refused = api.post("leads/", lead_body(), key=key)
    assert (refused.status, refused["code"]) == (400, "idempotency_key_invalid")
    assert not Lead.objects.exists()


def test_reading_takes_no_notice_of_a_key(api: Caller):
    api.headers["Idempotency-Key"] = "k-4"
    assert api.get("leads/").status == 200
    assert not IdempotencyKey.objects.exists()


def at_once(calls: int, act) -> list[Answered]:
    """Answers of `calls` callers who start together."""
    gate, answers = threading.Barrier(calls), []

    def run() -> None:
        gate.wait()
        answers.append(act())
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_of_fifty_with_one_key_at_once_one_creates_and_all_get_its_answer():
    token, body = a_token(), lead_body()
    answers = at_once(50, lambda: Caller(token).post("leads/", body, key="storm"))
    assert {a.status for a in answers} <= {201, 409}
    created = [a for a in answers if a.status == 201]
    assert len({a.raw for a in created}) == 1
    assert sum("Idempotency-Replayed" not in a.headers for a in created) == 1
    assert Lead.objects.count() == Event.objects.filter(kind="lead_captured").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_fifty_who_accept_one_handoff_at_once_one_succeeds():
    from funnel import moment

    api = Caller(a_token())
    lead = api.post("leads/", lead_body())["id"]
    api.post(f"leads/{lead}/qualify/", {"to": "mql", "reason": "inquiry"})
    handoff = api.get("handoffs/", lead=lead)["results"][0]["id"]
    started: datetime = moment.now()
    answers = at_once(
        50, lambda: Caller(api.headers["Authorization"].split()[1]).post(f"handoffs/{handoff}/accept/")
    )
    assert sorted(a.status for a in answers) == [200] + [409] * 49
    assert {a["code"] for a in answers if a.status == 409} <= {"not_pending", "conflict"}
    assert Event.objects.filter(kind="handoff_accepted").count() == 1
    assert moment.now() - started < timedelta(seconds=60)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_doors_that_meet_one_person_at_once_one_opens_a_lead():
    token, body = a_token(), lead_body()
    answers = at_once(20, lambda: Caller(token).post("leads/", body))
    assert sorted(a.status for a in answers) == [200] * 19 + [201]
    assert len({a["id"] for a in answers}) == 1


def test_answers_are_forgotten_after_72_hours_and_not_before(api: Caller):
    from funnel.tasks import forget_answers

    for key in ("old", "young"):
        api.post("leads/", lead_body(), key=key)
    age = {"old": timedelta(hours=72, seconds=1), "young": timedelta(hours=71, minutes=59)}
    for key, passed in age.items():
        IdempotencyKey.objects.filter(key=key).update(created_at=RevopsNow() - passed)
    forget_answers()
    forget_answers()
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["young"]
