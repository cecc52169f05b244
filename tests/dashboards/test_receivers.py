"""What a recorded fact tells the boards: one hint, when its transaction commits."""

import os

import pytest
import redis
from django.db import connection, transaction

from dashboards import live
from funnel import moment
from tests import builders


@pytest.fixture
def wire(monkeypatch) -> redis.Redis:
    monkeypatch.setattr(live._Wire, "client", None)
    monkeypatch.setattr(live._Wire, "silent_until", 0.0)
    return redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)


def last_hint(wire: redis.Redis) -> str | None:
    """The id of the latest hint; Redis never gives one out twice."""
    return wire.xinfo_stream(live.HINTS)["last-generated-id"] if wire.exists(live.HINTS) else None


def many_acts() -> None:
    for _ in range(3):
        builders.an_mql(moment.now())


def an_act_that_fails() -> None:
    with transaction.atomic():
        builders.a_lead(moment.now())
        raise RuntimeError


@pytest.mark.django_db(transaction=True)
def test_a_transaction_of_many_acts_sends_one_hint_and_one_that_fails_none(wire):
    before = last_hint(wire)
    with transaction.atomic():
        many_acts()
        assert [entry[1] for entry in connection.run_on_commit].count(live.hint) == 1
        assert last_hint(wire) == before
    sent = last_hint(wire)
    assert sent != before
    with pytest.raises(RuntimeError):
        an_act_that_fails()
    assert last_hint(wire) == sent
