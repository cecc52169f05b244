"""Faults on purpose: acts that start together, writes around a deadline, sweeps that are killed."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F

from funnel import moment
from funnel.models import Absence, Membership, Organization
from funnel.transitions import leads as facts
from funnel.transitions.acting import SYSTEM
from handoffs import notices, promises
from handoffs.models import Handoff, Notice
from handoffs.promises import sweeping
from tests.handoffs.conftest import Story, member
from tests.handoffs.due import make_due


def at_once(count: int, act: Callable[[int], object], *, patience: float = 120) -> list[object]:
    """Run `act` in threads that start together; returns what each returned or raised."""
    start, results = threading.Barrier(count), [None] * count

    def run(number: int) -> None:
        try:
            start.wait(60)
            results[number] = act(number)
        except Exception as error:  # noqa: BLE001
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(patience)
    return results


def assigned_at_once(
    story: Story, *, leads: int, reps: int, assigners: int, limit: int | None = None
) -> tuple[Counter[int], int]:
    """Certify leads MQL from several threads; returns what each present member received, and what nobody has.

    Beside the `reps` there are one who is away today, one who left yesterday and one who only looks: none of them
    may receive anything. The clock runs once afterwards, for choices that had to wait too long for their turn.
    """
    now = moment.now()
    today = now.astimezone(Organization.current().tz).date()
    there = [story.people["inside_sales"].member, *(member("inside_sales") for _ in range(reps - 1))]
    away, gone = member("inside_sales"), member("inside_sales")
    member("inside_sales", is_viewer=True)
    Absence.objects.create(member=away, first_on=today - timedelta(days=1), last_on=today)
    Membership.objects.filter(member=gone).update(valid_to=today)
    Membership.objects.filter(member__in=there).update(daily_capacity=limit)
    waiting = [story.lead().pk for _ in range(leads)]
    by = story.people["marketing"]

    def certify(number: int) -> None:
        for lead_id in waiting[number::assigners]:
            with transaction.atomic():
                facts.certify_mql(lead_id, by, now=moment.now(), reason="inquiry")

    assert at_once(assigners, certify, patience=900) == [None] * assigners
    promises.hand_out()
    owners = Counter(Handoff.objects.filter(lead_id__in=waiting).values_list("owner_id", flat=True))
    nobodys = owners.pop(None, 0)
    assert owners.keys() <= {m.pk for m in there}, "somebody who is not there received something"
    return owners, nobodys


def contacts_around_the_deadline(count: int, writers: int, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Write a contact within 30 ms of each deadline while two sweeps run without grace; return the verdicts.

    The statement's grace is taken out, so that sweeping and writing really meet; what began in time is
    then held only by the rule about running transactions.
    """
    monkeypatch.setattr(sweeping, "MARK", sweeping.MARK.replace("interval '20 s'", "interval '0 s'"))
    ids = make_due(count, -timedelta(seconds=3), apart=timedelta(milliseconds=30))
    owed = list(Handoff.objects.filter(pk__in=ids).order_by("due_at").values_list("lead_id", "due_at"))
    writing = [True] * writers

    def write(number: int) -> None:
        for position, (lead_id, due_at) in enumerate(owed[number::writers]):
            offset = timedelta(milliseconds=(position * 37 + number * 11) % 61 - 30)
            time.sleep(max(0, (due_at + offset - datetime.now(UTC)).total_seconds()))
            with transaction.atomic():
                facts.log(lead_id, SYSTEM, now=moment.now(), kind="call", result="no_answer")

    def work(number: int) -> None:
        if number < writers:
            try:
                write(number)
            finally:
                writing[number] = False
        while any(writing) and number >= writers:
            promises.sweep(batch=20)

    assert at_once(writers + 2, work) == [None] * (writers + 2)
    promises.sweep()
    return _judged(ids)


def _judged(ids: list[int]) -> Counter[str]:
    verdicts: Counter[str] = Counter()
    for handoff in Handoff.objects.with_promise().filter(pk__in=ids).select_related("kept_by"):
        act = handoff.kept_by
        in_time = act.occurred_at <= handoff.due_at and act.recorded_at <= handoff.due_at
        assert handoff.promise == ("kept" if in_time else "kept_late")
        assert Notice.objects.filter(key=f"missed:{handoff.pk}").count() == (not in_time)
        verdicts[handoff.promise] += 1
    return verdicts


def killed_while_sweeping(count: int, kills: int, *, batch: int, deliver: bool = False) -> None:
    """Sweep `count` due promises by two processes of which one is killed at random, `kills` times; check the end.

    Each promise is missed once, as of its due moment, and each miss is in the outbox once.
    """
    ids = make_due(count, timedelta(seconds=30))
    seed = random.randrange(1_000_000)
    dice = random.Random(seed)
    sweepers = [_sweeper(batch, deliver) for _ in range(2)]
    in_flight = 0
    for _ in range(kills):
        time.sleep(dice.uniform(0.01, 0.06))
        victim = dice.randrange(2)
        os.kill(sweepers[victim].pid or 0, signal.SIGKILL)
        sweepers[victim].join()
        in_flight += Handoff.objects.filter(pk__in=ids, missed_at=None).exists()
        sweepers[victim] = _sweeper(batch, deliver)
    for sweeper in sweepers:
        sweeper.kill()
        sweeper.join()
    # How many kills hit a sweep at work depends on the machine; without a few of them this would show nothing.
    assert in_flight >= min(kills, 3), f"seed {seed}: everything was marked before the third kill"
    promises.sweep()
    marked = Handoff.objects.filter(pk__in=ids)
    assert marked.filter(missed_at=F("due_at")).count() == count, f"seed {seed}"
    told = Counter(Notice.objects.filter(kind="missed").values_list("handoff_id", flat=True))
    assert told == dict.fromkeys(ids, 1), f"seed {seed}"


def _sweeper(batch: int, deliver: bool) -> multiprocessing.process.BaseProcess:
    # The child must not inherit an open connection: two processes on one socket spoil it for both.
    connection.close()
    process = multiprocessing.get_context("fork").Process(target=_sweep_on, args=(batch, deliver))
    process.start()
    return process


def _sweep_on(batch: int, deliver: bool) -> None:
    while True:
        promises.sweep(batch=batch)
        if deliver:
            notices.deliver(limit=20)
        time.sleep(0.01)
