"""Many writers at once, a folder beside them, and a recount at every sampled moment."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import NamedTuple, TypeVar

from django.db import connection, transaction

from dashboards import counts
from funnel import moment
from funnel.errors import Refused
from funnel.models import Event
from funnel.stages import EventKind
from funnel.transitions import corrections, leads
from funnel.transitions.acting import SYSTEM
from funnel.views.acting import REFUSALS
from tests import builders

BY = SYSTEM
T = TypeVar("T")


class Storm(NamedTuple):
    """What happened: acts done, samples taken, deltas folded, and every difference any sample showed."""

    acts: int
    samples: int
    folded: int
    wrong: list[counts.Difference]


def storm(writers: int, seconds: float) -> Storm:
    """Let `writers` threads act for `seconds`, folding and recounting all the while; a thread's fault is raised."""
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(writers + 2) as pool:
        writing = [pool.submit(again, until, partial(act, random.Random(n))) for n in range(writers)]
        folding = [pool.submit(again, until, counts.fold) for _ in range(2)]
        samples = again(until, counts.differences)
    acts = sum(len(one.result()) for one in writing)
    folded = sum(sum(one.result()) for one in folding)
    wrong = [difference for sample in (*samples, counts.differences()) for difference in sample]
    return Storm(acts, len(samples), folded, wrong)


def again(until: float, work: Callable[[], T]) -> list[T]:
    """Do it until then, with a breath after each time."""
    done = []
    try:
        while time.monotonic() < until:
            done.append(work())
            time.sleep(0.01)
    finally:
        connection.close()
    return done


def act(chance: random.Random) -> None:
    """One transaction: a pass to some depth, or an earlier event corrected, withdrawn, merged away or undone."""
    try:
        with transaction.atomic():
            now = moment.now()
            at = now - timedelta(days=chance.randrange(40))
            _CHOICES[chance.choice(list(_CHOICES))](now, at, chance)
            if chance.random() < 0.1:
                raise Refused("conflict")
    except REFUSALS:
        # Also whoever waited for a name or a row longer than a page waits: its door says "conflict".
        return


def _correct(now, at, chance) -> None:
    lead = builders.an_mql(now, at=at)
    certified = Event.objects.get(lead=lead, kind=EventKind.MQL_CERTIFIED)
    if chance.random() < 0.5:
        corrections.withdraw(certified.pk, BY, now=now, reason="")
    else:
        corrections.correct_time(certified.pk, BY, now=now, occurred_at=now, reason="")


def _merge(now, at, chance) -> None:
    keep, absorb = builders.a_lead(now, at=at), builders.an_mql(now, at=at)
    leads.merge_people(keep.person_id, absorb.person_id, BY, now=now)


_CHOICES = {
    "lead": lambda now, at, chance: builders.a_lead(
        now, at=at, channel=chance.choice(["web", "expo", "seminar"])
    ),
    "mql": lambda now, at, chance: builders.an_mql(now, at=at),
    "sql": lambda now, at, chance: builders.a_deal(now, at=at),
    "won": lambda now, at, chance: builders.a_contract(now),
    "correct": _correct,
    "merge": _merge,
}
