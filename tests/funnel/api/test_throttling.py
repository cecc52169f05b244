"""Bounds on the number of calls."""

import socket
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


def test_without_redis_calls_go_through(db: None, sixty: None, monkeypatch: pytest.MonkeyPatch):
    nobody = redis.Redis.from_url("redis://127.0.0.1:1/0")
    monkeypatch.setattr(throttling, "counters", lambda: nobody)
    monkeypatch.setattr(throttling, "_silent_until", 0.0)
    caller = Caller(a_token())
    assert {caller.post("leads/", {}).status for _ in range(10)} == {422}


def test_a_silent_redis_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch):
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        mute = redis.Redis.from_url(address, socket_timeout=0.2, socket_connect_timeout=0.2)
        monkeypatch.setattr(throttling, "counters", lambda: asked.append(1) or mute)
        monkeypatch.setattr(throttling, "_silent_until", 0.0)
        assert [throttling.spent("silent", 60)[0] for _ in range(20)] == [0] * 20
    assert len(asked) == 1


def test_a_counter_ends_with_its_window():
    throttling.spent("ends", 60)
    (name,) = throttling.counters().keys("revops:calls:ends:*")
    assert 0 < throttling.counters().ttl(name) <= 65
