"""Bounds on the number of calls."""

import os
import threading
from collections import Counter

import pytest
import redis

from funnel.api import throttling
from tests.doors import Caller, a_token


@pytest.fixture
def sixty(settings) -> None:
    from rest_framework.settings import api_settings

    # An hour's window, so that no run crosses its end by chance.
    settings.REST_FRAMEWORK = {
        **settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"read": "60/hour", "write": "5/hour"},
    }  # fmt: skip
    assert api_settings.DEFAULT_THROTTLE_RATES["read"] == "60/hour"


@pytest.mark.django_db(transaction=True)
def test_of_200_calls_at_once_exactly_60_pass(sixty: None):
    token, counted = a_token(), Counter()

    def call() -> None:
        from django.db import connection

        caller = Caller(token)
        for _ in range(25):
            answered = caller.get("members/")
            counted[answered.status] += 1
            if answered.status == 429:
                assert 0 < int(answered.headers["Retry-After"]) <= 3600
                assert answered["code"] == "throttled"
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted == {200: 60, 429: 140}


def test_each_token_has_its_own_bound_and_writes_are_counted_apart(db: None, sixty: None):
    first, second = Caller(a_token()), Caller(a_token())
    assert [first.post("leads/", {}).status for _ in range(7)] == [422] * 5 + [429] * 2
    assert first.get("members/").status == 200
    assert second.post("leads/", {}).status == 422


def test_an_address_without_a_token_is_bounded_too(db: None, sixty: None):
    stranger = Caller(None)
    assert {stranger.get("problems/conflict/").status for _ in range(60)} == {200}
    assert stranger.get("problems/conflict/").status == 429
    stranger.headers["X-Forwarded-For"] = "203.0.113.9"
    assert stranger.get("problems/conflict/").status == 429


def test_without_redis_calls_go_through(db: None, sixty: None, settings, monkeypatch: pytest.MonkeyPatch):
    from django.core.cache import caches

    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"},
    }
    monkeypatch.setattr(throttling, "cache", caches["default"])
    monkeypatch.setattr(throttling, "_silent_until", 0.0)
    caller = Caller(a_token())
    assert {caller.post("leads/", {}).status for _ in range(10)} == {422}


def test_a_counter_that_vanishes_between_two_commands_is_no_error(monkeypatch: pytest.MonkeyPatch):
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        monkeypatch.setattr(throttling.cache, "add", lambda *a, **k: client.flushdb())
        assert throttling.spent("gone", 60)[0] == 1
