"""Work that nobody waits for: files, and the health of every customer. Each task is safe to repeat."""

from dataclasses import replace
from datetime import timedelta

from celery import shared_task

from funnel import moment
from funnel.company import members
from funnel.ingest import errors_file, undoing, uploads
from funnel.models import Customer, IdempotencyKey, ImportBatch, Organization
from funnel.stages import Department
from funnel.transitions import customers
from funnel.transitions.acting import SYSTEM, Actor

# Well below the soft limit of a task; a larger file goes on in the next one.
SECONDS = 150
# Longer than any caller goes on repeating a request; the answers carry personal data.
ANSWERS_KEPT = timedelta(hours=72)


@shared_task(ignore_result=True)
def read_import(batch_id: int) -> None:
    """Read an uploaded file on; what is left when time is up is read by the next task."""
    member = ImportBatch.objects.select_related("by").get(pk=batch_id).by
    by = _reader(Actor.of(member, "csv", now=moment.now())) if member else SYSTEM
    if not uploads.go_on(batch_id, by=by, seconds=SECONDS):
        read_import.delay(batch_id)


@shared_task(ignore_result=True)
def undo_import(batch_id: int) -> None:
    """Take a file back; what is left when time is up is taken back by the next task."""
    member = ImportBatch.objects.select_related("undone_by").get(pk=batch_id).undone_by
    by = _reader(Actor.of(member, "csv", now=moment.now())) if member else SYSTEM
    if not undoing.go_on(batch_id, by=by, seconds=SECONDS):
        undo_import.delay(batch_id)


def _reader(by: Actor) -> Actor:
    """A lead or an administrator: the rows say what each department did, and are recorded for that department."""
    return replace(by, departments=frozenset(Department), everywhere=True) if by.may("import") else by


@shared_task(ignore_result=True)
def health_daily() -> None:
    """Store the health of every customer as of the day that has ended, and see whose renewal comes near."""
    now = moment.now()
    today = Organization.current().calendar().local_date(now)
    day = today - timedelta(days=1)
    customers.note_renewals(day=today)
    customers.each(
        Customer.objects.standing().order_by("pk").values_list("pk", flat=True),
        lambda customer_id: customers.refresh_health(customer_id, day=day, now=now, by=SYSTEM),
    )


@shared_task(ignore_result=True)
def forget_answers() -> None:
    """Delete the answers kept for repeated calls once they are too old to be asked for."""
    IdempotencyKey.objects.filter(created_at__lt=moment.now() - ANSWERS_KEPT).delete()


@shared_task(ignore_result=True)
def forget_imported() -> None:
    """Delete what rows of files keep for undoing them or for mending them, once the time for it is over."""
    now = moment.now()
    undoing.forget(now=now)
    errors_file.forget(now=now)


@shared_task(ignore_result=True)
def carry_out_leavings() -> None:
    """Shut out those whose last day has passed."""
    members.carry_out_leavings(by=SYSTEM, now=moment.now())
