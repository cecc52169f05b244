"""What runs by the clock: folding the counts, and telling the boards that time has passed."""

from celery import shared_task

from dashboards import counts, live


@shared_task
def fold() -> int:
    """Move deltas into daily counts."""
    return counts.fold()


@shared_task
def tick() -> None:
    """Overdue, pace and midnight change without an event."""
    live.hint()
