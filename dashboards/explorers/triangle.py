"""The cohort triangle: months of entry, and how much of each had gone on one, two, three … months later."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import NamedTuple

from django.db.models import Case, Count, F, IntegerField, Q, When
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import ExtractMonth, ExtractYear

from dashboards.kpis import Frame
from dashboards.kpis.rowsets import entered
from funnel.stages import Stage

YEAR = 12
MOST_ROWS, MOST_COLUMNS = 36, 24
STEPS: dict[str, tuple[Stage, Stage]] = {
    "lead-mql": (Stage.LEAD, Stage.MQL),
    "mql-sql": (Stage.MQL, Stage.SQL),
    "sql-won": (Stage.SQL, Stage.WON),
    "lead-won": (Stage.LEAD, Stage.WON),
}


class Reached(NamedTuple):
    """How many of a month had gone on `since` months later; `is_open` while that month is not over."""

    since: int
    count: int  # type: ignore[assignment]
    share: float
    is_open: bool


class Cohort(NamedTuple):
    """Those who entered in one month, and how many of them had gone on by each later month."""

    month: date
    size: int
    reached: tuple[Reached, ...]


class Triangle(NamedTuple):
    """The months with entries, oldest first, and how many earlier ones were left out."""

    cohorts: tuple[Cohort, ...]
    left_out: int


def read(at: Frame, step: str) -> Triangle:
    """Read one of STEPS for the months of the scope, in one statement. Raises KeyError for another step.

    A month later is the next calendar month, whatever the day. Dates out of order do not count as gone on.
    """
    source, target = STEPS[step]
    rows = entered(at, source)
    counts = Q(**{f"{target}_at__gte": F(f"{source}_at")})
    if at.scope.exclude_inferred:
        counts &= ~Q(inferred__contains=[target])
    begun = _month_number(f"{source}_at", at)
    found = (
        rows.order_by()
        .annotate(
            begun=begun,
            since=Case(
                When(counts, then=_month_number(f"{target}_at", at) - begun), output_field=IntegerField()
            ),
        )
        .values_list("begun", "since")
        .annotate(n=Count("*"))
    )
    months: dict[int, Counter[int | None]] = {}
    for month, since, n in found:
        months.setdefault(month, Counter())[since] += n
    this_month = at.today.year * YEAR + at.today.month
    cohorts = [_cohort(month, months[month], this_month) for month in sorted(months)]
    return Triangle(tuple(cohorts[-MOST_ROWS:]), max(0, len(cohorts) - MOST_ROWS))


def _month_number(column: str, at: Frame) -> CombinedExpression:
    year, month = ExtractYear(column, tzinfo=at.zone), ExtractMonth(column, tzinfo=at.zone)
    return year * YEAR + month


def _cohort(month: int, found: Counter[int | None], this_month: int) -> Cohort:
    size, so_far = sum(found.values()), 0
    reached = []
    for since in range(min(this_month - month + 1, MOST_COLUMNS)):
        so_far += found[since]
        reached.append(Reached(since, so_far, so_far / size, month + since >= this_month))
    return Cohort(date((month - 1) // YEAR, (month - 1) % YEAR + 1, 1), size, tuple(reached))
