"""What counting costs an act: the same lead captured and certified with the deltas of the counts and without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from django.db import transaction

from dashboards.bench.timing import Reading, Way, timed
from funnel import moment
from funnel.signals import event_recorded
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM

ACTS = 20
COUNTED = "dashboards.count"
_numbers = count()


def measure(rounds: int) -> list[Reading]:
    """Time ACTS leads captured and certified, each in a savepoint, in turn. Leaves the database as it was."""
    without = f"{ACTS} leads certified, not counted"
    with transaction.atomic():
        found = timed(
            {without: Way(_uncounted(_act)), f"{ACTS} leads certified, counted": Way(_act, without)}, rounds
        )
        transaction.set_rollback(True)
    return found


def _act() -> None:
    now = moment.now()
    for n in (next(_numbers) for _ in range(ACTS)):
        with transaction.atomic():
            said = leads.LeadFields(
                company=f"株式会社計測{n}", name=f"計測 {n}", email=f"w{n}@bench.example.jp"
            )
            lead = leads.capture(SYSTEM, now=now, fields=said).lead
        with transaction.atomic():
            leads.certify_mql(lead.pk, SYSTEM, now=now, reason="inquiry")


def _uncounted(act: Callable[[], None]) -> Callable[[], None]:
    def read() -> None:
        with _silent():
            act()

    return read


@contextmanager
def _silent() -> Iterator[None]:
    """For a measurement alone: nothing is counted. What is written meanwhile must be rolled back."""
    every = event_recorded.receivers
    event_recorded.receivers = [one for one in every if one[0][0] != COUNTED]
    event_recorded.sender_receivers_cache.clear()
    if len(event_recorded.receivers) == len(every):
        raise RuntimeError(f"{COUNTED} is not connected: both ways would be the same.")
    try:
        yield
    finally:
        event_recorded.receivers = every
        event_recorded.sender_receivers_cache.clear()
