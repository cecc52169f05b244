"""What a KPI is: declared once, its value an aggregate over the rows it lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from dashboards.counts.reading import NONE
from dashboards.intervals import wilson
from dashboards.scope import UNOWNED, Scope
from funnel.calendar import BusinessCalendar
from funnel.models import Organization
from funnel.moment import RevopsNow
from funnel.stages import Department
from funnel.words import Words

Rows = QuerySet[Any]


class Unit(StrEnum):
    """What a value is measured in; a rate is a share, not a percentage."""

    COUNT = "count"
    RATE = "rate"
    MONEY = "money"
    HOURS = "hours"
    DAYS = "days"
    POINTS = "points"


class Direction(StrEnum):
    """Which way is better."""

    UP = "up"
    DOWN = "down"


class Frame(NamedTuple):
    """A scope in moments: [start, end) in the organisation's zone, the database's `now` and its date."""

    scope: Scope
    zone: ZoneInfo
    currency: str
    start: datetime
    end: datetime
    now: datetime
    today: date

    def inside(self, column: str) -> Q:
        """Rows whose `column` (a moment) lies in the period."""
        return Q(**{f"{column}__gte": self.start, f"{column}__lt": self.end})

    def of(self, *, channel: str, owner: str) -> Q:
        """Rows of the scope's channel, campaign, segment and owner.

        The first three are those of the pass: campaign and segment lie beside `channel` on the same record.
        """
        scope, beside = self.scope, channel.removesuffix("channel")
        found = _named(channel, scope.channel) & _named(f"{beside}campaign", scope.campaign)
        if scope.segment is not None:
            found &= Q(**{f"{beside}segment": "" if scope.segment == NONE else scope.segment})
        if scope.owner is not None:
            found &= Q(**{f"{owner}__isnull": True} if scope.owner == UNOWNED else {owner: scope.owner})
        return found

    @classmethod
    def of_scope(cls, scope: Scope, organization: Organization, now: datetime) -> Frame:
        """A scope seen at `now`, by the organisation's calendar."""
        days = BusinessCalendar(zone=organization.zone)
        return cls(
            scope,
            organization.tz,
            organization.currency,
            days.start_of_day(scope.start),
            days.start_of_day(scope.end + timedelta(days=1)),
            now,
            now.astimezone(organization.tz).date(),
        )


def _named(lookup: str, slug: str | None) -> Q:
    if slug is None:
        return Q()
    return Q(**{f"{lookup}__isnull": True}) if slug == NONE else Q(**{f"{lookup}__slug": slug})


def frame(scope: Scope) -> Frame:
    """Read zone, currency and the database's clock, in one statement."""
    organization = Organization.objects.annotate(moment=RevopsNow()).get(pk=1)
    return Frame.of_scope(scope, organization, organization.moment)


class Value(NamedTuple):
    """A KPI's value over its rows, null when there is nothing to say; a rate carries its parts and bounds.

    `more` holds the companions that are read beside it, by name.
    """

    value: int | float | Decimal | None
    numerator: int | None = None
    denominator: int | None = None
    low: float | None = None
    high: float | None = None
    currency: str | None = None
    more: Mapping[str, Any] = {}


def share(numerator: int, denominator: int, **more: Any) -> Value:
    """A rate with Wilson's 95 % bounds; null over nothing, without bounds above 1."""
    low, high = wilson(numerator, denominator) if 0 < denominator >= numerator else (None, None)
    value = numerator / denominator if denominator else None
    return Value(value, numerator, denominator, low, high, more=more)


Parts = Mapping[str, Rows]
NOBODY = Words("Nothing", "なし")


def count_rows(parts: Parts, at: Frame) -> Value:
    """How many rows there are."""
    return Value(parts["rows"].count())


def divide_rows(parts: Parts, at: Frame) -> Value:
    """How many numerator rows there are for each denominator row."""
    return share(parts["numerator"].count(), parts["denominator"].count())


@dataclass(frozen=True)
class Kpi:
    """One number. `select` gives its rows, `measure` the aggregate over them.

    Most have one part, `rows`; a rate whose numerator is counted elsewhere than its denominator has two.
    `department` is None for the company's. `changed_on` is when the formula last changed. `stands` says of a count
    or amount that it is a mean or a stock, which is not added up over months; `over_one` of a rate that it can
    honestly exceed 1. `excludes` says what the
    rows leave out. `is_now`: the value is that of this moment, whatever the period. `owner` is the lookup by which
    its rows belong to somebody, null where they belong to nobody. `minimum` and `maximum` bound what it can be; what
    lies below zero the tables of targets know too (`BELOW_ZERO`).
    """

    slug: str
    names: Words
    question: Words
    formula: Words
    unit: Unit
    department: Department | None
    changed_on: date
    select: Callable[[Frame], Parts]
    measure: Callable[[Parts, Frame], Value] = count_rows
    direction: Direction = Direction.UP
    part_names: tuple[str, ...] = field(default=("rows",))
    stands: bool = False
    over_one: bool = False
    excludes: Words = NOBODY
    is_now: bool = False
    owner: str | None = "owner"
    minimum: Decimal = Decimal(0)
    maximum: Decimal | None = None

    @property
    def adds_up(self) -> bool:
        """True when the values of months make that of their quarter by adding."""
        return self.unit in (Unit.COUNT, Unit.MONEY) and not self.stands

    def parts(self, scope: Scope) -> Parts:
        """The row sets by name."""
        return self.select(frame(scope))

    def rows(self, scope: Scope, part: str | None = None) -> Rows:
        """The rows behind the value, or one part of them. Raises KeyError for a part it has not."""
        return self.parts(scope)[part or self.part_names[0]]

    def value(self, scope: Scope) -> Value:
        """The aggregate over those same rows."""
        at = frame(scope)
        return self.measure(self.select(at), at)


PARTS = ("numerator", "denominator")
