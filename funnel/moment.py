"""The one clock: PostgreSQL's, read once at the door."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, models


class RevopsNow(models.Func):
    """`revops_now()`: transaction start by the database clock, or the simulated clock of demo data and tests."""

    function = "revops_now"
    template = "%(function)s()"
    output_field = models.DateTimeField()


def now() -> datetime:
    """Return the database's transaction start (aware, UTC)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT revops_now()")
        (moment,) = cursor.fetchone()
    return moment


def simulate(moment: datetime | None) -> None:
    """Set the simulated clock for the rest of this transaction; None returns to the database clock.

    Only the demo company and the tests use it; the value vanishes with the transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('revops.clock', %s, true)", [moment.isoformat() if moment else ""])
