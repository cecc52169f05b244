"""Probes."""

import time
from datetime import timedelta

import pytest
import redis
from django.conf import settings

from handoffs.models import SweepRun
from revops import probe


def test_a_process_that_answers_is_healthy(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_needs_a_worker_that_spoke_lately(client, now):
    assert client.get("/readyz").status_code == 503
    with redis.Redis.from_url(settings.REDIS_URL) as line:
        probe.note(line, "promises")
    SweepRun.objects.update_or_create(id=1, defaults={"ran_at": now - timedelta(seconds=7)})
    answer = client.get("/readyz")
    assert answer.status_code == 200
    told = answer.json()
    assert told["database"] is told["redis"] is told["worker"] is True
    assert 7 <= told["last_sweep_age"] < 9


@pytest.mark.django_db
def test_a_worker_silent_for_too_long_is_down(client):
    with redis.Redis.from_url(settings.REDIS_URL) as line:
        line.set(probe.HEARTBEAT + "promises", time.time() - probe.LONGEST_SILENCE["worker"] - 1)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["worker"]) == (503, False)


@pytest.mark.django_db
def test_without_redis_the_answer_still_comes_and_names_it(client, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["redis"] is False
    assert answer.json()["database"] is True
