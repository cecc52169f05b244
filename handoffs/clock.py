"""Pure. Elapsed hours, workday hours, business days: start and calendar in, due moment out."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import takewhile

from funnel.calendar import ONE_DAY, BusinessCalendar, require_aware

MICROSECONDS_PER_HOUR = 3_600_000_000
ONE_MICROSECOND = timedelta(microseconds=1)


class Unit(StrEnum):
    """How a promise's time is counted; chosen per lane, never converted into one another.

    ELAPSED_HOURS is the wall clock; WORKDAY_HOURS runs 24 hours on business days and stands still on the
    others; BUSINESS_DAYS counts dates, the starting date being day 0.
    """

    ELAPSED_HOURS = "elapsed_hours"
    WORKDAY_HOURS = "workday_hours"
    BUSINESS_DAYS = "business_days"


def due(start: datetime | date, target: int | Decimal, unit: Unit, calendar: BusinessCalendar) -> datetime:
    """Return the last moment (UTC) at which a promise opened at `start` is still kept.

    Hours are exact to the microsecond, whatever the zone's clock changes. Business days end at 24:00 local
    of the target-th business day after the local date of `start`. A bare date starts at its local midnight.
    Raises ValueError for a naive moment, a negative or endless target, or a fraction of a business day.
    """
    target = Decimal(target)
    if not target.is_finite() or target < 0:
        raise ValueError("the time allowed must be a number of zero or more")
    if unit is Unit.BUSINESS_DAYS:
        if target != target.to_integral_value():
            raise ValueError("business days are whole")
        return calendar.end_of_day(calendar.add_business_days(_opening_date(start, calendar), int(target)))
    allowed = timedelta(microseconds=int((target * MICROSECONDS_PER_HOUR).to_integral_value()))
    opening = _moment(start, calendar)
    if unit is Unit.ELAPSED_HOURS or not allowed:
        return opening + allowed
    return _due_on_workdays(opening, allowed, calendar)


def elapsed(
    start: datetime | date, end: datetime | date, unit: Unit, calendar: BusinessCalendar
) -> Decimal | int:
    """Return the time from `start` to `end` in a unit: hours as Decimal, business days as int.

    It is the inverse of `due`: elapsed(start, due(start, x)) is x. Business days are those after the local
    date of `start` up to that of `end`; 24:00 belongs to the day it ends. A verdict compares moments with
    `due` and never reads this: days off after the last business day are late and add nothing here.
    Negative when `end` lies before `start`. Raises ValueError for a naive moment.
    """
    if unit is Unit.BUSINESS_DAYS:
        return _business_days(start, end, calendar)
    first, last = _moment(start, calendar), _moment(end, calendar)
    if unit is Unit.ELAPSED_HOURS:
        return _hours(last - first)
    if last < first:
        return -_hours(_running_time(last, first, calendar))
    return _hours(_running_time(first, last, calendar))


def _moment(at: datetime | date, calendar: BusinessCalendar) -> datetime:
    if isinstance(at, datetime):
        return require_aware(at).astimezone(UTC)
    return calendar.start_of_day(at)


def _business_days(start: datetime | date, end: datetime | date, calendar: BusinessCalendar) -> int:
    opening, closing = _opening_date(start, calendar), _closing_date(end, calendar)
    if closing < opening:
        return calendar.business_days_between(opening, _opening_date(end, calendar))
    return calendar.business_days_between(opening, closing)


def _opening_date(at: datetime | date, calendar: BusinessCalendar) -> date:
    return calendar.local_date(at) if isinstance(at, datetime) else at


def _closing_date(at: datetime | date, calendar: BusinessCalendar) -> date:
    """Return the day d with start of d < at <= 24:00 of d: an act on the stroke of midnight is in time."""
    if not isinstance(at, datetime):
        return at
    day = _running_day(_moment(at, calendar), calendar)
    return day - ONE_DAY if at == calendar.start_of_day(day) else day


def _running_day(moment: datetime, calendar: BusinessCalendar) -> date:
    """Return the day d with start of d <= moment < end of d.

    Where clocks are put back over midnight, the hour before it is lived twice; the second time belongs to
    the new day here, although the wall calendar shows the old one.
    """
    day = calendar.local_date(moment)
    return day + ONE_DAY if moment >= calendar.end_of_day(day) else day


def _workdays_from(moment: datetime, calendar: BusinessCalendar) -> Iterator[tuple[datetime, datetime]]:
    """Yield (from, to) for every stretch in which the workday clock runs, from a moment on, without end."""
    day = _running_day(moment, calendar)
    while True:
        if calendar.is_business_day(day):
            yield max(moment, calendar.start_of_day(day)), calendar.end_of_day(day)
        day += ONE_DAY


def _due_on_workdays(opening: datetime, allowed: timedelta, calendar: BusinessCalendar) -> datetime:
    stretches = _workdays_from(opening, calendar)
    begins, ends = next(stretches)
    while allowed > ends - begins:
        allowed -= ends - begins
        begins, ends = next(stretches)
    return begins + allowed


def _running_time(first: datetime, last: datetime, calendar: BusinessCalendar) -> timedelta:
    stretches = takewhile(lambda stretch: stretch[0] < last, _workdays_from(first, calendar))
    return sum((min(ends, last) - begins for begins, ends in stretches), timedelta())


def _hours(span: timedelta) -> Decimal:
    return Decimal(span // ONE_MICROSECOND) / MICROSECONDS_PER_HOUR
