"""Pure. Business days, local dates and fiscal periods of the organisation."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)
WEEKEND = frozenset({5, 6})
MONTHS_IN_YEAR = 12


@lru_cache(maxsize=256)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """Return the public holidays of a country in a year, substitutes included; none for an empty country.

    Source: the `holidays` library, which agrees with the Japanese government's list day for day.
    Raises ValueError for a country the library does not know.
    """
    if not country:
        return frozenset()
    # Loaded on first use: the library costs a tenth of a second that most processes never need.
    import holidays
    from holidays.registry import COUNTRIES

    # The registry's names, without loading every country.
    if not any(country in names for names in COUNTRIES.values()):
        raise ValueError(f"no public holidays are known for {country!r}")
    return frozenset(holidays.country_holidays(country, years=year))


@dataclass(frozen=True)
class BusinessCalendar:
    """Which days the organisation works, and where its days begin and end.

    `closed` are the company's own days off (year end, summer), `opened` the days it works although they
    would be off; `opened` wins. `weekend` holds weekday numbers, Monday being 0. Raises ValueError for a
    week without a working day, ZoneInfoNotFoundError for an unknown zone.
    """

    zone: str
    country: str = "JP"
    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()
    weekend: frozenset[int] = WEEKEND

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if self.weekend >= frozenset(range(7)):
            raise ValueError("a week needs at least one working day")

    def is_business_day(self, day: date) -> bool:
        """Say whether the organisation works on this local date."""
        if day in self.opened:
            return True
        if day in self.closed or day.weekday() in self.weekend:
            return False
        return day not in public_holidays(self.country, day.year)

    def add_business_days(self, day: date, count: int) -> date:
        """Return the count-th business day strictly after a day; the day itself for 0.

        Raises ValueError for a negative count.
        """
        if count < 0:
            raise ValueError("business days are counted forward")
        while count:
            day += ONE_DAY
            count -= self.is_business_day(day)
        return day

    def business_days_between(self, after: date, until: date) -> int:
        """Count the business days in (after, until]; negative when `until` lies before `after`."""
        if until < after:
            return -self.business_days_between(until, after)
        span = (until - after).days
        return sum(self.is_business_day(after + timedelta(days=n)) for n in range(1, span + 1))

    def local_date(self, moment: datetime) -> date:
        """Return the date the organisation's wall calendar shows at an aware moment. ValueError if naive."""
        return require_aware(moment).astimezone(ZoneInfo(self.zone)).date()

    def start_of_day(self, day: date) -> datetime:
        """Return the first instant (UTC) at which the local calendar shows this day or a later one.

        Midnight, or the whole day, may not exist (clocks put forward over it): then it starts at the change.
        """
        zone = ZoneInfo(self.zone)
        midnight = datetime.combine(day, time.min, zone)
        first = midnight.astimezone(UTC)
        if first.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
            return first
        # Inside a gap the two readings of midnight enclose the change; halve the distance until it is found.
        before = midnight.replace(fold=1).astimezone(UTC)
        while first - before > ONE_SECOND:
            middle = before + timedelta(seconds=(first - before) // ONE_SECOND // 2)
            if middle.astimezone(zone).date() >= day:
                first = middle
            else:
                before = middle
        return first

    def end_of_day(self, day: date) -> datetime:
        """Return 24:00 local of a day as UTC: the start of the next day."""
        return self.start_of_day(day + ONE_DAY)


def require_aware(moment: datetime) -> datetime:
    """Return the moment if it carries a zone; raise ValueError otherwise."""
    if moment.utcoffset() is None:
        raise ValueError("a moment needs a time zone")
    return moment


def month_start(day: date) -> date:
    """Return the first day of the month a day lies in."""
    return day.replace(day=1)


def add_months(day: date, count: int) -> date:
    """Return the first day of the month `count` months away (before, if negative) from the month of a day."""
    index = day.year * MONTHS_IN_YEAR + day.month - 1 + count
    return date(index // MONTHS_IN_YEAR, index % MONTHS_IN_YEAR + 1, 1)


def month_end(day: date) -> date:
    """Return the last day of the month a day lies in."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_between(first: date, last: date) -> Iterator[date]:
    """Yield the first day of every month that [first, last] touches, in order."""
    span = (last.year - first.year) * MONTHS_IN_YEAR + last.month - first.month
    for count in range(span + 1):
        yield add_months(first, count)


def fiscal_year(day: date, start_month: int) -> int:
    """Return the fiscal year of a day, named by the year it starts in (from April, 2027-03 lies in 2026)."""
    return day.year - (day.month < start_month)


def fiscal_quarter(day: date, start_month: int) -> int:
    """Return the fiscal quarter of a day, 1 to 4."""
    return (day.month - start_month) % MONTHS_IN_YEAR // 3 + 1


def fiscal_year_start(day: date, start_month: int) -> date:
    """Return the first day of the fiscal year a day lies in."""
    return date(fiscal_year(day, start_month), start_month, 1)
