"""Pure. Moments, spans and money as people read them, in both languages."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

WEEKDAYS = "月火水木金土日"
# Not strftime: the process's locale must not speak on pages.
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAY = timedelta(days=1)
WARN_FROM_PERCENT = 75
MAN, OKU = Decimal(10) ** 4, Decimal(10) ** 8
SIGNS = {"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}


class Deadline(NamedTuple):
    """A deadline: how bad ("", "warn", "bad"), in words, and how much of its time is used (0–100)."""

    tone: str
    words: str
    percent: int


def is_japanese(language: str | None) -> bool:
    """Say whether `language` is Japanese; everything else is spoken to in English."""
    return (language or "").lower().startswith("ja")


def on(day: date, *, today: date, language: str | None) -> str:
    """Return a day as 11/20(金) or Fri 20 Nov, with the year unless it is this year's."""
    if is_japanese(language):
        year = "" if day.year == today.year else f"{day.year}/"
        return f"{year}{day.month}/{day.day}({WEEKDAYS[day.weekday()]})"
    year = "" if day.year == today.year else f" {day.year}"
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}{year}"


def short(day: date, *, today: date, language: str | None) -> str:
    """Return a day for a narrow column: 11/20 or 20 Nov, with the year unless it is this year's."""
    if is_japanese(language):
        return f"{day.month}/{day.day}" if day.year == today.year else f"{day.year}/{day.month}/{day.day}"
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {MONTHS[day.month - 1]}{year}"


def when(at: datetime, *, now: datetime, zone: ZoneInfo, language: str | None) -> str:
    """Return a moment in `zone` as 11/20(金) 10:32 or Fri 20 Nov 10:32."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    return f"{on(local.date(), today=today, language=language)} {local:%H:%M}"


def until(at: datetime, *, now: datetime, zone: ZoneInfo, language: str | None) -> str:
    """Return a deadline like `when`, but midnight as 24:00 of the day it ends."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    if local.time() != time():
        return when(at, now=now, zone=zone, language=language)
    return f"{on(local.date() - DAY, today=today, language=language)} 24:00"


def span(length: timedelta, language: str | None) -> str:
    """Return a length as 3時間10分 or 3 h 10 min, from two days on in days and hours; rounded down."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours = divmod(minutes // 60, 24) if minutes >= 2 * 24 * 60 else (0, minutes // 60)
    units = ("日", "時間", "分") if is_japanese(language) else (" d", " h", " min")
    amounts = (days, hours, 0 if days else minutes % 60)
    shown = [f"{n}{unit}" for n, unit in zip(amounts, units, strict=True) if n]
    return ("" if is_japanese(language) else " ").join(shown) or f"0{units[2]}"


def ends_today(due: datetime, *, now: datetime, zone: ZoneInfo) -> bool:
    """Say whether a deadline ahead falls on the local day of `now`; midnight belongs to the day it ends."""
    tomorrow = datetime.combine(now.astimezone(zone).date() + DAY, time(), zone)
    return due <= tomorrow


def deadline(
    opened: datetime, due: datetime, *, now: datetime, zone: ZoneInfo, language: str | None
) -> Deadline:
    """Return how a deadline stands: overdue by how long, left today, or its date."""
    japanese = is_japanese(language)
    if now > due:
        late = span(now - due, language)
        return Deadline("bad", f"{late} 超過" if japanese else f"{late} overdue", 100)
    total = (due - opened).total_seconds()
    percent = max(0, min(100, int(100 * (now - opened).total_seconds() / total))) if total > 0 else 100
    tone = "warn" if percent >= WARN_FROM_PERCENT else ""
    if not ends_today(due, now=now, zone=zone) and due - now > DAY / 2:
        return Deadline(tone, until(due, now=now, zone=zone, language=language), percent)
    left = span(due - now, language)
    return Deadline(tone, f"残り {left}" if japanese else f"{left} left", percent)


def money(amount: Decimal, currency: str, language: str | None) -> str:
    """Return an amount in full: 1,200,000円, ¥1,200,000, $1,200.50, 1,200.50 BRL."""
    whole = amount == amount.to_integral_value()
    digits = f"{amount:,.0f}" if whole else f"{amount:,.2f}"
    if currency == "JPY" and is_japanese(language):
        return f"{digits}円"
    return f"{SIGNS[currency]}{digits}" if currency in SIGNS else f"{digits} {currency}"


def yen_short(amount: Decimal, language: str | None) -> str:
    """Return yen for a board: 695万円, 1.2億円, ¥6.95M, ¥120K."""
    if is_japanese(language):
        if amount >= OKU:
            return f"{_trimmed(amount / OKU, 1)}億円"
        return f"{_trimmed(amount / MAN, 0)}万円" if amount >= MAN else f"{amount:,.0f}円"
    if amount >= 10**6:
        return f"¥{_trimmed(amount / 10**6, 2)}M"
    return f"¥{_trimmed(amount / 1000, 0)}K" if amount >= 1000 else f"¥{amount:,.0f}"


def _trimmed(value: Decimal, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
