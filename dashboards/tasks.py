"""What runs by the clock: folding the counts, telling the boards that time has passed, collecting about misses."""

from celery import shared_task

from dashboards import counts, live, review
from funnel import moment


@shared_task
def fold() -> int:
    """Move deltas into daily counts."""
    return counts.fold()


@shared_task
def tick() -> None:
    """Overdue, pace and midnight change without an event."""
    live.hint()


@shared_task
def collect_evidence() -> int:
    """Open the reviews a change passed by, and collect what was the case at misses; returns how many were collected."""
    review.open_forgotten(moment.now())
    done = 0
    while found := review.collect():
        done += found
    return done
