"""A number of the catalogue by month or week, with its targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from dashboards import targets
from dashboards.board import ROWS_OF_RATE, ROWS_OF_STAGE
from dashboards.counts import FunnelReading, funnels
from dashboards.kpis import Frame, Kpi, Value
from dashboards.periods import around
from dashboards.scope import BASES, Basis, Scope
from funnel.calendar import ONE_DAY, BusinessCalendar
from funnel.stages import Stage

By = Literal["month", "week"]
BYS: tuple[By, ...] = ("month", "week")
MOST = 60
"""Buckets that are read, the latest ones: five years of months, more than a year of weeks."""

STAGE_OF: Mapping[str, str] = {slug: stage for stage, slug in ROWS_OF_STAGE.items()}
STEP_OF: Mapping[str, tuple[Basis, Stage]] = {
    slug: (basis, Stage(stage))
    for basis in BASES
    for stage, slug in ROWS_OF_RATE[basis].items()
    if stage != Stage.LEAD
}
"""Numbers that the counts hold: all buckets of these are read in one statement."""


class Bucket(NamedTuple):
    """One month or week, cut at the ends of the scope: its value and target; `is_running` until its last day is over."""

    scope: Scope
    value: Value
    target: Decimal | None
    is_running: bool


class Trend(NamedTuple):
    """The buckets, oldest first, and how many earlier ones of the scope were left out."""

    buckets: tuple[Bucket, ...]
    left_out: int


def read(kpi: Kpi, at: Frame, by: By) -> Trend:
    """Read a number by month or week up to today; of longer scopes the latest MOST buckets.

    What the counts hold takes two statements, any other number its own for each bucket.
    """
    scopes = list(_parts(at, by))
    shown = scopes[-MOST:]
    frames = [_inside(at, scope) for scope in shown]
    goals = targets.series(frames, kpi.slug) if frames else []
    values = _values(kpi, frames)
    made = zip(shown, values, goals, strict=True)
    return Trend(
        tuple(Bucket(scope, value, goal, scope.end >= at.today) for scope, value, goal in made),
        len(scopes) - len(shown),
    )


def _parts(at: Frame, by: By) -> Iterator[Scope]:
    day = at.scope.start
    while day <= min(at.scope.end, at.today):
        end = min(around(by, day, 1).end, at.scope.end)
        yield replace(at.scope, start=day, end=end, group_by=None)
        day = end + ONE_DAY


def _inside(at: Frame, scope: Scope) -> Frame:
    days = BusinessCalendar(zone=at.zone.key)
    return at._replace(
        scope=scope,
        start=days.start_of_day(scope.start),
        end=days.start_of_day(scope.end + timedelta(days=1)),
    )


def _values(kpi: Kpi, frames: Sequence[Frame]) -> list[Value]:
    if not frames:
        return []
    step_of: tuple[Basis, Stage | None] = STEP_OF.get(kpi.slug, ("period", None))
    basis, step = step_of
    stage = STAGE_OF.get(kpi.slug)
    if stage is None and step is None:
        return [kpi.measure(kpi.select(at), at) for at in frames]
    readings = funnels([replace(at.scope, basis=basis) for at in frames])
    return [Value(found.count(stage)) if stage else _step(found, str(step)) for found in readings]


def _step(found: FunnelReading, target: str) -> Value:
    rate = found.rate(target)
    if rate is None:
        return Value(None)
    return Value(rate.value, rate.numerator, rate.denominator, rate.low, rate.high)


def first_with(trend: Trend, changed_on: date) -> int | None:
    """The number of the bucket in which a definition changed; None when it did not change within what is shown."""
    found = (
        n for n, bucket in enumerate(trend.buckets) if bucket.scope.start <= changed_on <= bucket.scope.end
    )
    return next(found, None)
