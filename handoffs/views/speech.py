"""How one page speaks: its language, zone and today, said once and used by all its parts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, ngettext

from funnel import phrasing
from funnel.calendar import BusinessCalendar
from funnel.views.access import PageRequest
from funnel.words import Words


class Speech(NamedTuple):
    """The reader's language, the organisation's calendar, and the moment the page is about."""

    language: str | None
    calendar: BusinessCalendar
    now: datetime

    @classmethod
    def of(cls, request: PageRequest) -> Speech:
        """The speech of a request; reads the company's own days."""
        return cls(get_language(), request.organization.calendar(), request.now)

    @property
    def today(self) -> date:
        """The organisation's date."""
        return self.calendar.local_date(self.now)

    def say(self, words: Words) -> str:
        """A phrase of a table."""
        return words.say(self.language)

    def local(self, at: datetime | date) -> date:
        """The organisation's date of a moment."""
        return self.calendar.local_date(at) if isinstance(at, datetime) else at

    def day(self, at: datetime | date) -> str:
        """A day in a narrow place: 11/20."""
        return phrasing.short(self.local(at), today=self.today, language=self.language)

    def moment(self, at: datetime) -> str:
        """A day with its time: 11/20 10:32."""
        return f"{self.day(at)} {at.astimezone(self._zone):%H:%M}"

    def clock(self, at: datetime) -> str:
        """The time of day: 10:32."""
        return f"{at.astimezone(self._zone):%H:%M}"

    def until(self, at: datetime) -> str:
        """A deadline: midnight is 24:00 of the day it ends."""
        return phrasing.until(at, now=self.now, zone=self._zone, language=self.language)

    def days(self, since: datetime | date, until: datetime | date) -> int:
        """Calendar days between two moments, never below zero."""
        return max(0, (self.local(until) - self.local(since)).days)

    def in_days(self, count: int) -> str:
        """A number of days: 30日."""
        return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}

    def money(self, amount: Decimal | None, currency: str) -> str:
        """An amount as boards say it (120万円) where it is yen, else in full; blank when not known."""
        if amount is None:
            return ""
        if currency == "JPY":
            return phrasing.yen_short(amount, self.language)
        return phrasing.money(amount, currency, self.language)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.calendar.zone)
