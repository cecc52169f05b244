"""Haste for promises: each task asks PostgreSQL what to do; a lost or a repeated one changes nothing."""

from datetime import UTC, datetime, timedelta

from celery import shared_task

from handoffs import notices, promises

LATELY = timedelta(days=3)


@shared_task(ignore_result=True)
def sweep() -> None:
    """Mark what has fallen due, and warn of what will."""
    promises.sweep()


@shared_task(ignore_result=True)
def deliver() -> None:
    """Send what is in the outbox."""
    notices.deliver()


@shared_task(ignore_result=True)
def reconcile() -> None:
    """Open and close what a lost hint forgot: recent events each minute, all of them once an hour."""
    whole = datetime.now(UTC).minute == 0
    promises.reconcile(within=None if whole else LATELY)
