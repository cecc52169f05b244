"""Aggregates over rows; beside the counts the only place for SQL of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import (
    Aggregate,
    Count,
    DateField,
    DecimalField,
    Expression,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Sum,
)
from django.db.models import Value as Constant
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import TruncDate

from funnel.calendar import BusinessCalendar
from funnel.models import Deal
from funnel.stages import DealKind, DealState

Rows = QuerySet[Any]
Amounts = Mapping[str, tuple[Decimal, int]]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Percentile(Aggregate):
    """The continuous percentile `share` (0–1) of an expression, interpolated; null over no rows."""

    function = "PERCENTILE_CONT"
    name = "Percentile"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"

    def __init__(self, expression: Expression | F, share: float, **more: Any) -> None:
        super().__init__(expression, share=float(share), **more)


class Spread(NamedTuple):
    """How durations lie, in hours: `median` and `mean` of those that ended, `p90` of all, and how many."""

    median: float | None
    p90: float | None
    mean: float | None
    ended: int
    running: int


# Materialized: else what is asked of every row once is asked again for each use of it.
WAITS = """
WITH asked (came_at, contacted_at, closed_at, asked_at) AS MATERIALIZED ({rows}),
waits AS (
  SELECT came_at, contacted_at >= asked_at IS TRUE AS ended,
    CASE WHEN contacted_at >= asked_at THEN contacted_at ELSE coalesce(closed_at, %s) END - asked_at AS waited
  FROM asked
)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) FILTER (WHERE ended),
  percentile_cont(0.9) WITHIN GROUP (ORDER BY waited), avg(waited) FILTER (WHERE ended),
  count(*) FILTER (WHERE ended), count(came_at) FILTER (WHERE NOT ended)
FROM unnest(%s::timestamptz[], %s::timestamptz[]) WITH ORDINALITY AS period (first, until, n)
LEFT JOIN waits ON came_at >= first AND came_at < until
GROUP BY n ORDER BY n
"""


def waits(
    rows: Rows, columns: Sequence[str], now: datetime, periods: Sequence[tuple[datetime, datetime]]
) -> list[Spread]:
    """How long the rows of each period [start, end) waited, in one statement.

    `columns` name four moments of a row: when it came (which decides its period), was answered, was closed, and
    from when it is timed. What is not answered has waited until it was closed, else until `now`.
    """
    text, parameters = rows.order_by().values_list(*columns).query.sql_with_params()
    starts, ends = zip(*periods, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(WAITS.format(rows=text), [*parameters, now, list(starts), list(ends)])
        return [_spread(row) for row in cursor.fetchall()]


def _spread(row: tuple[Any, ...]) -> Spread:
    median, p90, mean = (found / HOUR if found is not None else None for found in row[:3])
    return Spread(median, p90, mean, *row[3:])


def amounts(deals: Rows) -> Amounts:
    """Sum and number of the deals' amounts by currency; amounts of different currencies are never added."""
    sums = (
        deals.order_by()
        .values_list("currency")
        .annotate(total=Sum("amount", output_field=DecimalField()), deals=Count("pk"))
    )
    return by_worth(sums)


def by_worth(sums: Iterable[tuple[str, Decimal, int]]) -> Amounts:
    """Order (currency, sum, number of deals): the currency that most deals have comes first."""
    ordered = sorted(sums, key=lambda row: (-row[2], row[0]))
    return {currency: (total, deals) for currency, total, deals in ordered}


def median_days(rows: Rows, start: F, end: F, zone: ZoneInfo) -> float | None:
    """Median of the local days from one moment to another; null over no rows."""
    passed = TruncDate(end, tzinfo=zone) - TruncDate(start, tzinfo=zone)
    found = rows.annotate(passed=passed).aggregate(median=Percentile(F("passed"), 0.5))["median"]
    return found / DAY if found is not None else None


def business_days(
    start: F, end: F, calendar: BusinessCalendar, first: date, last: date
) -> CombinedExpression:
    """Business days in (start, end] of two dates that lie between `first` and `last`.

    The number of working days up to each date, subtracted: one look into a short sorted list for a row.
    """
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    working = Constant(
        [day for day in span if calendar.is_business_day(day)] or [first], ArrayField(DateField())
    )
    until, since = (
        Func(day, working, function="width_bucket", output_field=IntegerField()) for day in (end, start)
    )
    return until - since


class WonFacts(NamedTuple):
    """Who won and how fast: median local days from MQL to won, and how many people had a part in it.

    `date_conflicts` counts the passes whose dates are out of order.
    """

    leads: int
    median_days_from_mql: float | None
    lead_owners: int
    deal_owners: int
    date_conflicts: int


def won_deals(leads: Rows) -> Rows:
    """The won new-business deals of passes."""
    return Deal.objects.filter(lead__in=leads, state=DealState.WON, kind=DealKind.NEW)


def won_facts(leads: Rows, zone: ZoneInfo, periods: Sequence[tuple[datetime, datetime]]) -> list[WonFacts]:
    """Aggregate won passes and their deals for each period [start, end) of winning, in one statement."""
    passed = TruncDate("won_at", tzinfo=zone) - TruncDate("mql_at", tzinfo=zone)
    inside = [Q(won_at__gte=start, won_at__lt=end) for start, end in periods]
    of_lead = [Q(lead__won_at__gte=start, lead__won_at__lt=end) for start, end in periods]
    of_leads = _one(leads).annotate(
        **_each("leads", inside, lambda q: Count("pk", filter=q)),
        **_each("median", inside, lambda q: Percentile(passed, 0.5, filter=q)),
        **_each("owners", inside, lambda q: Count("owner", distinct=True, filter=q)),
        **_each("conflicts", inside, lambda q: Count("pk", filter=q & Q(date_conflict=True))),
    )
    of_deals = _one(won_deals(leads)).annotate(
        **_each("sellers", of_lead, lambda q: Count("owner", distinct=True, filter=q))
    )
    names = ("leads", "median", "owners", "conflicts", "sellers")
    columns = ", ".join(f'"{name}{i}"' for i in range(len(periods)) for name in names)
    (lead_sql, lead_values), (deal_sql, deal_values) = (
        part.query.sql_with_params() for part in (of_leads, of_deals)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM ({lead_sql}) of_leads, ({deal_sql}) of_deals",  # noqa: S608  Names of our own.
            [*lead_values, *deal_values],
        )
        row = cursor.fetchone()
    return [_won(*row[i : i + len(names)]) for i in range(0, len(row), len(names))]


def _won(leads: int, median: timedelta | None, owners: int, conflicts: int, sellers: int) -> WonFacts:
    days = median / DAY if median is not None else None
    return WonFacts(leads, days, owners, sellers, conflicts)


def _one(rows: Rows) -> Rows:
    """The rows without any column: what is annotated then are sums over all of them, in one row."""
    return rows.order_by().annotate(one=Constant(1)).values("one")


def _each(name: str, periods: list[Q], made: Callable[[Q], Expression]) -> dict[str, Expression]:
    return {f"{name}{i}": made(q) for i, q in enumerate(periods)}


# From one word to the next by the index: as dear as there are words, whatever the number of passes.
SEGMENTS = """
WITH RECURSIVE found(segment) AS (
  SELECT min(segment) FROM funnel_lead WHERE segment <> ''
  UNION ALL
  SELECT (SELECT min(segment) FROM funnel_lead WHERE segment <> '' AND segment > found.segment)
  FROM found WHERE found.segment IS NOT NULL
)
SELECT segment FROM found WHERE segment IS NOT NULL LIMIT %s
"""


def segments(most: int) -> list[str]:
    """The words that passes have for their segment, the first `most` of them in order."""
    with connection.cursor() as cursor:
        cursor.execute(SEGMENTS, [most])
        return [segment for (segment,) in cursor.fetchall()]


SIGNED_IN = """
SELECT s.session_key, m.password
FROM unnest(%s::text[], %s::bigint[]) AS wanted(session_key, member_id)
JOIN django_session s ON s.session_key = wanted.session_key AND s.expire_date > revops_now()
JOIN funnel_member m ON m.id = wanted.member_id AND m.is_active
"""


def signed_in(pairs: Sequence[tuple[str, int]]) -> dict[str, str]:
    """Return the stored password of each (session, member) that is alive and active."""
    with connection.cursor() as cursor:
        cursor.execute(SIGNED_IN, [[key for key, _ in pairs], [member for _, member in pairs]])
        return dict(cursor.fetchall())


# Materialized: else the moment from which a row is timed is asked again for each use of it.
ASKED = """
WITH asked (contacted_at, asked_at) AS MATERIALIZED ({rows}),
waits AS (
  SELECT asked_at, CASE WHEN contacted_at >= asked_at THEN contacted_at - asked_at END AS waited FROM asked
)
"""
IN_BARS = """
SELECT CASE WHEN waited IS NOT NULL THEN least(floor(extract(epoch FROM waited) / 3600 / %s)::int, %s) END, count(*)
FROM waits GROUP BY 1
"""
BY_HOUR = """
SELECT extract(isodow FROM at)::int, extract(hour FROM at)::int, count(*), count(waited),
  count(*) FILTER (WHERE waited <= %s * interval '1 hour'),
  (extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY waited)) / 3600)::float
FROM (SELECT asked_at AT TIME ZONE %s AS at, waited FROM waits) arrival GROUP BY 1, 2 ORDER BY 1, 2
"""


class Arrivals(NamedTuple):
    """What came in one local hour of the week (Monday is 1): how many, how many answered and how many in time.

    `median` hours until they were answered; null where none was.
    """

    weekday: int
    hour: int
    came: int
    answered: int
    in_time: int
    median: float | None


def waits_in_bars(rows: Rows, columns: Sequence[str], *, hours: int, bars: int) -> dict[int | None, int]:
    """How many rows waited 0, 1, 2 … times `hours`, the longest together as number `bars`; None: not answered.

    `columns` name two moments of a row: when it was answered, and from when it is timed.
    """
    text, parameters = rows.order_by().values_list(*columns).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(ASKED.format(rows=text) + IN_BARS, [*parameters, hours, bars])
        return dict(cursor.fetchall())


def arrivals(rows: Rows, columns: Sequence[str], *, zone: ZoneInfo, promised: int) -> list[Arrivals]:
    """How rows waited by the local weekday and hour from which they are timed; see `waits_in_bars`."""
    text, parameters = rows.order_by().values_list(*columns).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(ASKED.format(rows=text) + BY_HOUR, [*parameters, promised, zone.key])
        return [Arrivals(*row) for row in cursor.fetchall()]
