"""What a plan is measured against: what was reached lately, how long it takes, and who is there to do it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import NamedTuple

from django.db.models import F, Q

from dashboards import actuals, periods
from dashboards.kpis import Frame, Value
from dashboards.queries import Percentile
from dashboards.scope import Scope
from funnel.calendar import ONE_DAY, add_months, month_end, month_start
from funnel.company.departments import standing
from funnel.models import Absence, Lead, Membership, Organization
from funnel.stages import Department, Stage

EXAMPLES: Mapping[str, Decimal] = {
    "deal_size": Decimal(1_000_000),
    "win_rate": Decimal("0.3"),
    "sql_rate": Decimal("0.2"),
    "mql_rate": Decimal("0.5"),
    "visitor_rate": Decimal("0.02"),
}
"""What to begin with where nothing was measured yet: the example of the agreement."""
RATES = {"win_rate": ("won", "sql"), "sql_rate": ("sql", "mql"), "mql_rate": ("mql", "leads"),
         "visitor_rate": ("leads", "visitors")}  # fmt: skip
"""Of each rate of a plan, the counts it is made of, in the same period."""
RECENT, BEST_OF = 3, 6
COUNTED = ("visitors", "leads", "mql", "sql", "won", "bookings", "deal-size")
EDGES = ((Stage.LEAD, Stage.MQL), (Stage.MQL, Stage.SQL), (Stage.SQL, Stage.WON))
FINE = Decimal("0.001")
WORKS_ON = {"mql": Department.INSIDE_SALES, "sql": Department.FIELD_SALES}
"""Who works on what arrives at a stage."""


class Reached(NamedTuple):
    """The last six whole months, the latest last, and the month that runs."""

    months: list[Mapping[str, Value]]
    current: Mapping[str, Value]

    def recent(self) -> dict[str, Decimal]:
        """Deal size and rates of the last three whole months together; the example's where nothing was measured."""
        latest = self.months[-RECENT:]
        found = dict(EXAMPLES)
        for name, (numerator, denominator) in RATES.items():
            rate = _divided(_sum(latest, numerator), _sum(latest, denominator))
            if rate is not None and 0 < rate <= 1:
                found[name] = rate
        won = _sum(latest, "won")
        size = _sum(latest, "bookings") / won if won else Decimal()
        if size >= 1:
            found["deal_size"] = Decimal(round(size, -4) if size >= 10_000 else round(size))
        return found

    def measured(self) -> bool:
        """True when the last three whole months say anything."""
        return any(_sum(self.months[-RECENT:], slug) for slug in ("leads", "mql", "sql", "won"))

    def best(self, name: str) -> Decimal | None:
        """The best month of the last six for a rate of the plan; None where none was measured."""
        numerator, denominator = RATES[name]
        rates = [_divided(_sum([m], numerator), _sum([m], denominator)) for m in self.months]
        return max((rate for rate in rates if rate is not None), default=None)

    def monthly(self, slug: str) -> Decimal:
        """How many a month there were lately."""
        return _sum(self.months[-RECENT:], slug) / RECENT


def reached(organization: Organization, now: datetime) -> Reached:
    """Read the six whole months before this one, and this one, together."""
    first = month_start(now.astimezone(organization.tz).date())
    starts = [add_months(first, n) for n in range(-BEST_OF, 1)]
    frames = [Frame.of_scope(Scope(start, month_end(start)), organization, now) for start in starts]
    *months, current = actuals.read(frames, COUNTED)
    return Reached(list(months), current)


def lead_times(organization: Organization, now: datetime) -> dict[str, int]:
    """Median days of each step that was recorded in the last six whole months and this one, by where it leads.

    In one statement; a step that nobody made in that time is absent.
    """
    today = now.astimezone(organization.tz).date()
    span = periods.around("month", add_months(month_start(today), -BEST_OF), organization.fiscal_year_start)
    since = Frame.of_scope(Scope(span.start, today), organization, now).start
    found = Lead.objects.filter(is_counted=True).aggregate(
        **{
            str(after): Percentile(
                F(f"{after}_at") - F(f"{before}_at"),
                0.5,
                filter=Q(**{f"{after}_at__gte": since, f"{before}_at__lte": F(f"{after}_at")})
                & ~Q(inferred__contains=[str(after)])
                & ~Q(inferred__contains=[str(before)]),
            )
            for before, after in EDGES
        }
    )
    return {name: ceil(length / ONE_DAY) for name, length in found.items() if length is not None}


class Due(NamedTuple):
    """By when so many of a stage had to exist for the wins of a month."""

    stage: str
    by: date
    is_past: bool


def due_dates(end: date, times: Mapping[str, int], today: date) -> list[Due]:
    """Walk back from the end of a month by the lead times; stops where one is not known."""
    found: list[Due] = []
    day = end
    for before, after in reversed(EDGES):
        if after not in times:
            break
        day -= timedelta(days=times[after])
        found.append(Due(str(before), day, day < today))
    return found


def earliest_win(times: Mapping[str, int], today: date) -> date | None:
    """When a lead captured today becomes a win, as such leads did lately; None where a step is not known."""
    if any(after not in times for _, after in EDGES):
        return None
    return today + timedelta(days=sum(times[after] for _, after in EDGES))


class Hands(NamedTuple):
    """Who works on what arrives at a stage: how many are there, what one did a month lately, how many it takes."""

    stage: str
    department: str
    people: int
    each: Decimal
    needed: int


def hands(wanted: Mapping[str, int], found: Reached, today: date) -> list[Hands]:
    """Compare the people present today with those the plan takes, at what each of them did lately."""
    away = set(
        Absence.objects.filter(first_on__lte=today, last_on__gte=today).values_list("member_id", flat=True)
    )
    people = {row.department: row.people for row in standing(today)}
    if away:
        absent = Membership.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=today), member_id__in=away, valid_from__lte=today
        )
        for department in absent.values_list("department", flat=True):
            people[department] -= 1
    compared = []
    for stage, department in WORKS_ON.items():
        there = max(people.get(department, 0), 0)
        each = found.monthly(stage) / there if there else Decimal()
        if each > 0:
            compared.append(Hands(stage, department.value, there, each, ceil(wanted[stage] / each)))
    return compared


def _sum(months: list[Mapping[str, Value]], slug: str) -> Decimal:
    return sum((Decimal(m[slug].value or 0) for m in months), Decimal())


def _divided(numerator: Decimal, denominator: Decimal) -> Decimal | None:
    return (numerator / denominator).quantize(FINE) if denominator else None
