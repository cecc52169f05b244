"""What a number did after something was done about it: the same number of whole weeks before and after, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from dashboards import kpis
from dashboards.intervals import difference
from dashboards.kpis import Frame, Unit, Value
from dashboards.models import Improvement
from dashboards.scope import Scope
from funnel.calendar import ONE_DAY
from funnel.models import Organization

WEEK = timedelta(weeks=1)
MOST_WEEKS = 4
FEWEST = 5
"""Of fewer on either side a rate says nothing."""


class State(StrEnum):
    """What can be said of an effect."""

    MEASURED = "measured"
    TOO_EARLY = "too_early"
    TOO_FEW = "too_few"
    REDEFINED = "redefined"
    NO_KPI = "no_kpi"
    NOT_BY_PERIOD = "not_by_period"


class Effect(NamedTuple):
    """A KPI before and after the day an improvement was done, over `weeks` whole weeks on either side.

    `change` is after − before in the KPI's unit; `low` and `high` bound it at 95 % where it is a rate of k of n.
    `is_sure` says that the interval leaves out zero. `until` is the day from which it can be said, where it is early.
    """

    state: State
    kpi: kpis.Kpi | None = None
    weeks: int = 0
    before: Value | None = None
    after: Value | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    until: date | None = None

    @property
    def is_sure(self) -> bool:
        """True where chance alone hardly explains it."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high

    @property
    def is_better(self) -> bool | None:
        """Whether it moved to where it should; None where it did not move or cannot be said."""
        if not self.change or self.kpi is None:
            return None
        return (self.change > 0) == (self.kpi.direction is kpis.Direction.UP)


def weeks_since(done_on: date, today: date) -> int:
    """Whole weeks that have passed since the day after it was done, at most four."""
    return max(0, min(MOST_WEEKS, (today - done_on).days // WEEK.days))


def windows(done_on: date, weeks: int) -> tuple[Scope, Scope]:
    """The days compared: as many before the day it was done as after it; that day itself is in neither."""
    span = weeks * WEEK
    before = Scope(done_on - span, done_on - ONE_DAY)
    return before, Scope(done_on + ONE_DAY, done_on + span)


def of(improvement: Improvement, organization: Organization, now: datetime) -> Effect:
    """Measure one improvement that was done, through its KPI as the catalogue declares it, for the whole company."""
    try:
        # A number may have left the catalogue since.
        kpi = kpis.get(improvement.kpi)
    except KeyError:
        return Effect(State.NO_KPI)
    if improvement.done_on is None:
        return Effect(State.NO_KPI)
    if kpi.is_now:
        return Effect(State.NOT_BY_PERIOD, kpi)
    today = now.astimezone(organization.tz).date()
    weeks = weeks_since(improvement.done_on, today)
    if not weeks:
        return Effect(State.TOO_EARLY, kpi, until=improvement.done_on + WEEK)
    scopes = windows(improvement.done_on, weeks)
    if scopes[0].start < kpi.changed_on <= min(scopes[1].end, today):
        return Effect(State.REDEFINED, kpi, weeks)
    before, after = (_value(kpi, Frame.of_scope(scope, organization, now)) for scope in scopes)
    return compared(kpi, weeks, before, after)


def _value(kpi: kpis.Kpi, at: Frame) -> Value:
    return kpi.measure(kpi.select(at), at)


def compared(kpi: kpis.Kpi, weeks: int, before: Value, after: Value) -> Effect:
    """Set two values of a KPI side by side; too few, or a value that is not there, is said and not compared."""
    found = Effect(State.TOO_FEW, kpi, weeks, before, after)
    if before.value is None or after.value is None:
        return found
    change = float(after.value) - float(before.value)
    if kpi.unit is not Unit.RATE or before.denominator is None or after.denominator is None:
        return found._replace(state=State.MEASURED, change=change)
    if min(before.denominator, after.denominator) < FEWEST:
        return found
    parts = (after.numerator or 0, after.denominator, before.numerator or 0, before.denominator)
    over_one = parts[0] > parts[1] or parts[2] > parts[3]
    bounds = None if over_one else difference(*parts)
    low, high = bounds or (None, None)
    return found._replace(state=State.MEASURED, change=change, low=low, high=high)


def of_all(
    improvements: Iterable[Improvement], organization: Organization, now: datetime
) -> list[tuple[Improvement, Effect]]:
    """Measure several; those of the same KPI and days are read once."""
    known: dict[tuple[str, date | None], Effect] = {}
    found = []
    for improvement in improvements:
        key = (improvement.kpi, improvement.done_on)
        if key not in known:
            known[key] = of(improvement, organization, now)
        found.append((improvement, known[key]))
    return found
