"""Mail servers and chat rooms that fail, then fail altogether, then heal, while deliverers are killed."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.db import connection

from funnel import moment
from handoffs import bursts, notices, promises
from handoffs.models import Delivery
from handoffs.notices import letters, outlets, sending, wire
from tests.handoffs.conftest import member
from tests.handoffs.due import make_due
from tests.handoffs.post import Post
from tests.handoffs.room import Room

OWNERS = """
UPDATE handoffs_handoff h SET owner_id = (%(members)s::bigint[])[1 + h.id %% %(count)s],
  owned_at = opened_at, routed_by = 'assigned'
WHERE id = ANY(%(ids)s)
"""


class Ended(NamedTuple):
    """How it ended: seconds it took, letters or posts that arrived, repeats among them, refusals."""

    seconds: float
    arrived: int
    repeats: int
    refused: int
    most_attempts: int


def hasten(monkeypatch: pytest.MonkeyPatch, *, digests: bool) -> None:
    """Pauses of seconds instead of minutes; every notice a letter of its own unless `digests`."""
    for module in (sending, outlets):
        monkeypatch.setattr(module, "FIRST_PAUSE", timedelta(seconds=0.1))
        monkeypatch.setattr(module, "LONGEST_PAUSE", timedelta(seconds=0.8))
    monkeypatch.setattr(sending, "CLAIM", timedelta(seconds=6))
    # What is put out after a digest waits for the end of its window.
    monkeypatch.setattr(bursts, "WINDOW", timedelta(seconds=2))
    if not digests:
        monkeypatch.setattr(bursts, "MOST_SINGLE", 1_000_000)


def missed(count: int, people: int) -> list[int]:
    """So many promises missed, owned in turn by so many people, and put into the outbox; returns their ids."""
    owners = [member("inside_sales").pk for _ in range(people)]
    ids = make_due(count, timedelta(seconds=30))
    with connection.cursor() as cursor:
        cursor.execute(OWNERS, {"members": owners, "count": people, "ids": ids})
    promises.sweep()
    return ids


def _deliver_on() -> None:
    while True:
        notices.deliver(limit=500)
        time.sleep(0.02)


def _deliverer() -> multiprocessing.process.BaseProcess:
    connection.close()
    process = multiprocessing.get_context("fork").Process(target=_deliver_on)
    process.start()
    return process


class Fault(NamedTuple):
    """What goes wrong, and when it has been felt enough."""

    begin: Callable[[], None]
    is_felt: Callable[[], bool]


def through(faults: list[Fault], *, kills: int, way: str, patience: float) -> float:
    """Deliver by two processes, killing one of them at random, through one fault after another, until all is out.

    Returns the seconds it took.
    """
    seed = random.randrange(1_000_000)
    dice = random.Random(seed)
    workers = [_deliverer() for _ in range(2)]
    began = time.monotonic()

    def is_out() -> bool:
        return not Delivery.objects.filter(way=way, delivered_at=None).exists() and Delivery.objects.exists()

    try:
        for fault in [*faults, Fault(lambda: None, is_out)]:
            fault.begin()
            while not fault.is_felt():
                assert time.monotonic() - began < patience, f"seed {seed}: {notices.standings()}"
                time.sleep(dice.uniform(0.1, 0.6))
                if kills and dice.random() < 0.6:
                    kills -= 1
                    victim = dice.randrange(2)
                    os.kill(workers[victim].pid or 0, signal.SIGKILL)
                    workers[victim].join()
                    workers[victim] = _deliverer()
        return time.monotonic() - began
    finally:
        for worker in workers:
            worker.kill()
            worker.join()


def mail_through_an_outage(
    post: Post, monkeypatch: pytest.MonkeyPatch, *, count: int, people: int, kills: int, digests: bool = False
) -> Ended:
    """30 % refused, then all, then nobody opens, then it heals: every notice arrives, under its one id."""
    hasten(monkeypatch, digests=digests)
    ids = missed(count, people)

    # Of digests there are few; each counts.
    part = 2 if digests else count // 5

    def fail(
        share: float, is_felt: Callable[[], bool], *, is_shut: bool = False, at_most: int | None = None
    ) -> Fault:
        def now() -> None:
            post.refusing, post.is_shut, post.at_most = share, is_shut, at_most
            post.mark()

        return Fault(now, is_felt)

    faults = [
        fail(0.3, lambda: post.since_mark().arrived >= part, at_most=part),
        fail(1.0, lambda: post.since_mark().refused >= 15),
        fail(0.0, lambda: post.since_mark().turned_away >= 5, is_shut=True),
        fail(0.3, lambda: post.since_mark().arrived >= part, at_most=part),
        fail(0.0, lambda: True),
    ]
    seconds = through(faults, kills=kills, way="mail", patience=max(90, count / 20))
    rows = Delivery.objects.filter(way="mail").select_related("notice", "member", "within__notice")
    expected = Counter(letters.message_id(d.within or d, d.member) for d in rows)
    found = Counter(letter["Message-ID"] for letter in post.letters)
    assert found.keys() == expected.keys()
    assert sum(expected.values()) == count
    assert {d.notice.handoff_id for d in rows} == set(ids)
    if digests:
        said = {letter["Message-ID"]: letter.get_content() for letter in post.letters}
        for name, held in expected.items():
            if "<digest." in name:
                assert said[name].count("/c/") == min(held, letters.NAMED_AT_MOST)
    most = max(d.attempts for d in rows)
    assert most <= sending.ATTEMPTS
    (mail,) = notices.standings(moment.now() + timedelta(hours=1))
    assert (mail.waiting, mail.given_up, mail.is_failing) == (0, 0, False)
    repeats = sum(found.values()) - len(found)
    return Ended(seconds, len(post.letters), repeats, post.refused, most)


def posts_through_an_outage(room: Room, monkeypatch: pytest.MonkeyPatch, *, count: int, kills: int) -> Ended:
    """500, then 429 with a time to wait, then no answer, then 404, then it heals: every post arrives, each by its key."""
    hasten(monkeypatch, digests=False)
    monkeypatch.setattr(wire, "SECONDS", 0.3)
    missed(count, 3)

    def answer(
        status: int, *, times: int, delay: float = 0.0, at_most: int | None = None, **headers: str
    ) -> Fault:
        before = [0]

        def now() -> None:
            before[0] = room.asked
            room.status, room.delay, room.at_most = status, delay, at_most
            room.headers = {name.replace("_", "-"): value for name, value in headers.items()}

        return Fault(now, lambda: room.asked >= before[0] + times)

    faults = [
        answer(200, times=count // 4, at_most=count // 4),
        answer(500, times=3),
        answer(429, times=2, Retry_After="1"),
        answer(200, times=3, delay=0.8),
        answer(404, times=3),
        answer(200, times=1),
    ]
    seconds = through(faults, kills=kills, way="chat", patience=120)
    rows = Delivery.objects.filter(way="chat").select_related("notice")
    expected = {f"{d.notice.key}:room{d.outlet_id}" for d in rows}
    assert len(expected) == count
    assert set(room.keys) == expected
    most = max(d.attempts for d in rows)
    return Ended(
        seconds, len(room.keys), len(room.keys) - len(set(room.keys)), room.asked - len(room.keys), most
    )
