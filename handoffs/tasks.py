"""Haste for promises: each task asks PostgreSQL what to do; a lost or a repeated one changes nothing."""

from datetime import timedelta

from celery import shared_task

from handoffs import notices, promises

LATELY = timedelta(days=3)


@shared_task(ignore_result=True)
def sweep() -> None:
    """Mark what has fallen due, warn of what will, hand out what nobody had, and put all of it into the inboxes."""
    promises.sweep()
    promises.hand_out()
    notices.wake()
    notices.spread()


@shared_task(ignore_result=True)
def deliver() -> None:
    """Send what is in the outbox."""
    notices.deliver()


@shared_task(ignore_result=True)
def reconcile() -> None:
    """Open and close what a lost hint forgot of the last days."""
    promises.reconcile(within=LATELY)


@shared_task(ignore_result=True)
def reconcile_all() -> None:
    """Open and close whatever a lost hint ever forgot."""
    promises.reconcile()


@shared_task(ignore_result=True)
def release() -> None:
    """Give to others what was owed by those whose membership has ended."""
    promises.release()
