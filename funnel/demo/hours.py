"""Pure. When the staff is at work: business time added to a moment."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from funnel.calendar import BusinessCalendar

ONE_DAY = timedelta(days=1)


class Hours:
    """Opening hours on the organisation's business days; days are looked up once."""

    def __init__(self, calendar: BusinessCalendar, opens: int = 9, closes: int = 19) -> None:
        self.calendar = calendar
        self.zone = ZoneInfo(calendar.zone)
        self.opens, self.closes = opens, closes
        self._known: dict[date, bool] = {}

    def is_working_day(self, day: date) -> bool:
        """Say whether the company works on a local date."""
        if day not in self._known:
            self._known[day] = self.calendar.is_business_day(day)
        return self._known[day]

    def at(self, day: date, hour: float) -> datetime:
        """Return the local wall time `hour` (14.5 is 14:30) of a day."""
        return datetime.combine(day, time(), self.zone) + timedelta(seconds=round(hour * 3600))

    def opening(self, moment: datetime) -> datetime:
        """Return the moment itself when somebody is at work, else the next opening."""
        local = moment.astimezone(self.zone)
        day = local.date()
        if not self.is_working_day(day) or local >= self.at(day, self.closes):
            day += ONE_DAY
            while not self.is_working_day(day):
                day += ONE_DAY
            return self.at(day, self.opens)
        return max(local, self.at(day, self.opens))

    def after(self, moment: datetime, hours: float) -> datetime:
        """Return the moment that lies `hours` of working time later."""
        moment = self.opening(moment)
        left = timedelta(hours=hours)
        while (today := self.at(moment.date(), self.closes) - moment) < left:
            left -= today
            moment = self.opening(self.at(moment.date(), self.closes))
        return moment + left

    def days_after(self, moment: datetime, days: float) -> datetime:
        """Return the moment `days` business days later, within opening hours."""
        return self.after(moment, days * (self.closes - self.opens))

    def working_days_before(self, day: date, count: int) -> date:
        """Return the working day that has `count` business days after it, up to and including `day`."""
        while count:
            count -= self.is_working_day(day)
            day -= ONE_DAY
        while not self.is_working_day(day):
            day -= ONE_DAY
        return day
