"""Sweeps under long fire: kills, an emptied Redis, real workers, thousands of writes around deadlines."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from funnel import moment
from handoffs import promises
from handoffs.models import Handoff, Notice
from tests.handoffs.due import make_due
from tests.handoffs.faults import contacts_around_the_deadline, killed_while_sweeping
from tests.handoffs.post import post_office
from tests.stack import Stack

pytestmark = [pytest.mark.storm, pytest.mark.django_db(transaction=True)]


def test_ten_thousand_due_under_fifty_kills(settings) -> None:
    """Sweepers and deliverers are killed; every miss is told, repeats can be told by their id."""
    with post_office() as post:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.port
        start = time.monotonic()
        killed_while_sweeping(10_000, 50, batch=1, deliver=True)
        took = time.monotonic() - start
    sys.stdout.write(f"10,000 due, 50 SIGKILLs: 10,000 missed once, 10,000 told once, {took:.1f} s\n")


def test_ten_thousand_due_while_redis_is_emptied_and_the_worker_is_killed(stack: Stack) -> None:
    waves, ids = 10, []
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for wave in range(waves):
            ids += make_due(1000, timedelta(seconds=30))
            time.sleep(2)
            if wave in (3, 6):
                client.flushall()
            if wave in (2, 5, 8):
                stack.stop("worker", signal.SIGKILL)
                stack.start("worker")
    start = time.monotonic()
    while Handoff.objects.filter(pk__in=ids, missed_at=None).exists():
        assert time.monotonic() - start < 60, "not all were marked within four sweep intervals"
        time.sleep(0.5)
    took = time.monotonic() - start
    assert Handoff.objects.filter(pk__in=ids, missed_at=F("due_at")).count() == 10_000
    told = Counter(Notice.objects.filter(kind="missed").values_list("handoff_id", flat=True))
    assert told == dict.fromkeys(ids, 1)
    sys.stdout.write(
        f"10,000 due, FLUSHALL twice, worker killed 3 times: all missed and told once, {took:.1f} s after the last\n"
    )


def test_two_thousand_contacts_within_30_ms_of_their_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = contacts_around_the_deadline(2000, 8, monkeypatch)
    assert sum(verdicts.values()) == 2000
    sys.stdout.write(f"2,000 contacts within 30 ms of the deadline: {dict(verdicts)}, each by the rule\n")


def test_nothing_is_marked_that_a_running_transaction_may_still_keep() -> None:
    """An act whose transaction began in time is kept, even when it commits long after the grace."""
    (handoff_id,) = make_due(1, timedelta(seconds=-1))
    began, go_on = threading.Event(), threading.Event()

    def keep_slowly() -> None:
        try:
            with transaction.atomic():
                started = moment.now()
                began.set()
                assert go_on.wait(60)
                owed = Handoff.objects.select_for_update().get(pk=handoff_id)
                owed.kept_at = owed.kept_recorded_at = started
                owed.save(update_fields=["kept_at", "kept_recorded_at"])
        finally:
            connection.close()

    slow = threading.Thread(target=keep_slowly)
    slow.start()
    try:
        assert began.wait(20)
        time.sleep(23)
        assert promises.sweep().marked == 0
    finally:
        go_on.set()
        slow.join(30)
    assert Handoff.objects.with_promise().get(pk=handoff_id).promise == "kept"
