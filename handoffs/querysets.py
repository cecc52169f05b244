"""Row filters of handoffs, and the one expression that says how a promise stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from funnel.moment import RevopsNow
from handoffs.lanes import LANES, Boundary, Promise
from handoffs.rotation import WAITING

Moment = datetime | Combinable


def conditions(now: Moment) -> dict[Promise, Q]:
    """Say for each state of a promise which rows are in it; every row is in exactly one.

    A promise is missed once `due_at` lies in the past, whether or not a sweep has marked it.
    """
    unsettled = Q(cancelled_at__isnull=True, kept_at__isnull=True, missed_at__isnull=True)
    return {
        Promise.OPEN: unsettled & (Q(due_at__isnull=True) | Q(due_at__gte=now)),
        Promise.KEPT: Q(kept_at__isnull=False, missed_at__isnull=True),
        Promise.MISSED: Q(kept_at__isnull=True)
        & (Q(missed_at__isnull=False) | (unsettled & Q(due_at__lt=now))),
        Promise.KEPT_LATE: Q(kept_at__isnull=False, missed_at__isnull=False),
        Promise.CANCELLED: Q(cancelled_at__isnull=False),
    }


def promise_state(now: Moment | None = None) -> Case:
    """The state of a promise as SQL; rows, filters, counts and alerts all use this."""
    cases = conditions(now or RevopsNow()).items()
    return Case(
        *[When(rows, then=Value(state.value)) for state, rows in cases], output_field=models.CharField()
    )


def fell_due(boundary: str, start: datetime, end: datetime) -> Q:
    """Say which promises of a boundary fell due between.

    A deadline belongs to the day it ends, so (start, end]: 24:00 of the last day is inside. A gate falls due at
    its submission, so [start, end).
    """
    if LANES[Boundary(boundary)].unit is None:
        return Q(boundary=boundary, opened_at__gte=start, opened_at__lt=end)
    return Q(boundary=boundary, due_at__gt=start, due_at__lte=end)


def overdue_at(now: Moment) -> Q:
    """Say which promises are owed still and past their due moment."""
    return Q(closed_at__isnull=True, due_at__lt=now, kept_at__isnull=True, cancelled_at__isnull=True)


class HandoffQuerySet(models.QuerySet[Any]):
    """Handoffs, filtered by what a reader asks. `now` is the database's clock unless given."""

    def with_promise(self, now: datetime | None = None) -> HandoffQuerySet:
        """Add `promise` (a `lanes.Promise`) and `missed_as_of`: when it was missed, marked or not."""
        overdue = conditions(now or RevopsNow())[Promise.MISSED]
        return self.annotate(
            promise=promise_state(now),
            missed_as_of=Coalesce(F("missed_at"), Case(When(overdue, then=F("due_at")))),
        )

    def standing(self, *states: str, now: datetime | None = None) -> HandoffQuerySet:
        """Those whose promise is in one of the states: as filtering on `promise`, by plain columns."""
        rows = conditions(now or RevopsNow())
        wanted = Q(pk__in=[])
        for state in states:
            wanted |= rows[Promise(state)]
        return self.filter(wanted)

    def live(self) -> HandoffQuerySet:
        """Rounds to which something can still happen: an act, a decision."""
        return self.filter(closed_at__isnull=True)

    def unassigned(self) -> HandoffQuerySet:
        """Live rounds that nobody has."""
        return self.live().filter(owner__isnull=True)

    def waiting_for_owner(self) -> HandoffQuerySet:
        """Those nobody could take, for the clock to hand out; what a lead took off somebody waits for a person."""
        return self.unassigned().filter(routed_by__in=WAITING)

    def pending(self) -> HandoffQuerySet:
        """Those the receiver has neither accepted nor returned, and still can."""
        return self.live().filter(decision="pending")

    def owed(self) -> HandoffQuerySet:
        """Those whose act is still to be done, late or not."""
        return self.live().filter(due_at__isnull=False, kept_at__isnull=True, cancelled_at__isnull=True)

    def overdue(self, now: datetime | None = None) -> HandoffQuerySet:
        """Those owed and past their due moment."""
        return self.filter(overdue_at(now or RevopsNow()))

    def for_departments(self, departments: Iterable[str]) -> HandoffQuerySet:
        """Those that these departments have to do, for themselves or for a department they cover."""
        return self.filter(done_by_department__in=list(departments))

    def compliance(self, boundary: str, start: datetime, end: datetime) -> HandoffQuerySet:
        """Those of a boundary that fell due between, also cancelled, with `promise`; none open.

        Compliance: kept ÷ all but cancelled (domain rules §4.4).
        """
        rows = self.filter(fell_due(boundary, start, end))
        return rows.with_promise().exclude(conditions(RevopsNow())[Promise.OPEN])
