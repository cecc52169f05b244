"""What is to be reached in a period: the newest targets, added up or weighted over its months."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet, Subquery
from django.db.models.functions import JSONObject

from dashboards import kpis
from dashboards.kpis import Frame, Kpi
from dashboards.models import Target
from dashboards.targets.checking import FINEST, QUARTER_MONTHS
from dashboards.targets.whom import COMPANY, Whom
from funnel.calendar import ONE_DAY, BusinessCalendar, add_months, month_end, month_start
from funnel.models import CompanyDay, Organization

Rows = QuerySet[Any]


def newest(whom: Whom, slugs: Iterable[str], known_at: datetime | None = None) -> Rows:
    """The highest version of each target, withdrawn ones (null) too; with `known_at`, as it was known then."""
    rows = Target.objects.filter(kpi__in=list(slugs), **whom.columns())
    if known_at is not None:
        rows = rows.filter(set_at__lte=known_at)
    return rows.order_by("kpi", "kind", "first_day", "-version").distinct("kpi", "kind", "first_day")


def latest(
    whom: Whom, slugs: Iterable[str], kind: str, first_days: Iterable[date]
) -> dict[tuple[str, date], Target]:
    """The newest version of each target that ever was, by KPI and first day; its setter is read with it."""
    rows = newest(whom, slugs).filter(kind=kind, first_day__in=list(first_days)).select_related("set_by")
    return {(target.kpi, target.first_day): target for target in rows}


def history(whom: Whom, slug: str, kind: str, first_day: date) -> list[Target]:
    """Every version of one target, the newest first, with who set it and why."""
    rows = Target.objects.filter(kpi=slug, kind=kind, first_day=first_day, **whom.columns())
    return list(rows.order_by("-version").select_related("set_by", "note"))


def current(
    at: Frame, slugs: Iterable[str], *, whom: Whom | None = None, known_at: datetime | None = None
) -> Mapping[str, Decimal]:
    """The target of each KPI for the frame's period, in one statement; a KPI without one is absent.

    For the company; with an owner in the scope, for that member. A part of the company that has no targets
    (a channel, segment or campaign) has none. Whole months: a month's own, else its share of its quarter's by business
    days; a quarter's own, else of its three months; a year of its quarters and months likewise; all must be there.
    What adds up (counts, money) is summed; what does not (rates, means, stocks, durations) is the mean weighted by the
    business days of each month or quarter.
    Other days (a week): of what adds up, each month's target × its share of that month's business days; else the
    months' values weighted by the business days. With `known_at`, the targets as they were known then.
    """
    wanted = list(dict.fromkeys(slugs))
    rows = _set(at, wanted, at.scope.start, at.scope.end, whom, known_at)
    if not rows:
        return {}
    calendar = _calendar(rows[0], at)
    found = {slug: _of_frame(kpis.get(slug), rows, at, calendar) for slug in wanted}
    return {slug: value for slug, value in found.items() if value is not None}


def series(ats: Sequence[Frame], slug: str) -> list[Decimal | None]:
    """The target of one KPI for each of several periods of one scope, as `current` gives it, in one statement."""
    if not ats:
        return []
    rows = _set(ats[0], [slug], ats[0].scope.start, ats[-1].scope.end)
    if not rows:
        return [None] * len(ats)
    calendar = _calendar(rows[0], ats[0])
    return [_of_frame(kpis.get(slug), rows, at, calendar) for at in ats]


def _set(
    at: Frame,
    slugs: Iterable[str],
    start: date,
    end: date,
    whom: Whom | None = None,
    known_at: datetime | None = None,
) -> list[Any]:
    """The targets of all months that some days touch, with what the calendar needs."""
    scope = at.scope
    if scope.exclude_inferred or any((scope.channel, scope.segment, scope.campaign)):
        return []
    if whom is None:
        whom = Whom(Target.Whom.MEMBER.value, member_id=scope.owner) if scope.owner is not None else COMPANY
    # A quarter begins up to two months before a month of it, and ends up to two after.
    first = add_months(month_start(start), 1 - QUARTER_MONTHS)
    last = month_end(add_months(month_start(end), QUARTER_MONTHS - 1))
    return list(
        newest(whom, slugs, known_at)
        .filter(first_day__gte=first, first_day__lte=last)
        .annotate(
            days_off=ArraySubquery(
                CompanyDay.objects.filter(day__gte=first, day__lte=last)
                .annotate(said=JSONObject(day="day", closed="is_closed"))
                .values("said")
            ),
            country=Subquery(Organization.objects.filter(pk=1).values("country")),
        )
    )


def _of_frame(kpi: Kpi, rows: list[Any], at: Frame, calendar: BusinessCalendar) -> Decimal | None:
    of_kpi = [target for target in rows if target.kpi == kpi.slug]
    return _of(kpi, of_kpi, at.scope.start, at.scope.end, calendar)


class Piece(NamedTuple):
    """A stretch that one target speaks for: its value, how much of the target's whole lies in the period."""

    value: Decimal
    inside: int
    whole: int


def _calendar(row: Any, at: Frame) -> BusinessCalendar:
    days = {date.fromisoformat(d["day"]): d["closed"] for d in row.days_off}
    return BusinessCalendar(
        zone=at.zone.key,
        country=row.country,
        closed=frozenset(day for day, closed in days.items() if closed),
        opened=frozenset(day for day, closed in days.items() if not closed),
    )


def _of(kpi: Kpi, rows: list[Target], start: date, end: date, calendar: BusinessCalendar) -> Decimal | None:
    values = {(t.kind, t.first_day): t.value for t in rows if t.value is not None}
    pieces: list[Piece] = []
    day = month_start(start)
    while day <= end:
        quarter_end = month_end(add_months(day, QUARTER_MONTHS - 1))
        own = values.get((Target.Kind.QUARTER.value, day))
        is_own = own is not None and start <= day and quarter_end <= end
        until = quarter_end if is_own else month_end(day)
        value = own if is_own else values.get((Target.Kind.MONTH.value, day))
        if value is not None:
            pieces.append(_piece(value, day, until, start, end, calendar))
        else:
            around = _of_quarter(values, day, max(start, day), min(end, until), calendar)
            if around is None:
                return None
            pieces.append(around)
        day = until + ONE_DAY
    return _together(kpi, pieces)


def _of_quarter(
    values: Mapping[tuple[str, date], Decimal], day: date, start: date, end: date, calendar: BusinessCalendar
) -> Piece | None:
    """What a quarter's target says of days of a month that has none of its own."""
    for back in range(QUARTER_MONTHS):
        first = add_months(day, -back)
        value = values.get((Target.Kind.QUARTER.value, first))
        if value is not None:
            last = month_end(add_months(first, QUARTER_MONTHS - 1))
            return _piece(value, first, last, start, end, calendar)
    return None


def _piece(
    value: Decimal, first: date, last: date, start: date, end: date, calendar: BusinessCalendar
) -> Piece:
    """Business days; where a month has none, calendar days."""
    low, high = max(first, start), min(last, end)
    whole = calendar.business_days_between(first - ONE_DAY, last)
    if not whole:
        return Piece(value, (high - low).days + 1, (last - first).days + 1)
    return Piece(value, calendar.business_days_between(low - ONE_DAY, high), whole)


def _together(kpi: Kpi, pieces: list[Piece]) -> Decimal:
    if kpi.adds_up:
        return sum((piece.value * piece.inside / piece.whole for piece in pieces), Decimal())
    weight = sum(piece.inside for piece in pieces)
    if not weight:
        return pieces[0].value
    mean = sum((piece.value * piece.inside for piece in pieces), Decimal()) / weight
    return mean.quantize(FINEST).normalize() + 0
