"""Pure. Week, month, quarter and fiscal year: their dates, their names, and which of them a scope is."""

from datetime import date, timedelta
from typing import NamedTuple

from funnel.calendar import (
    ONE_DAY,
    add_months,
    fiscal_quarter,
    fiscal_year,
    fiscal_year_start,
    month_end,
    month_start,
)
from funnel.words import Words

WEEK = timedelta(days=7)
QUARTER_MONTHS, YEAR_MONTHS = 3, 12
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

NAMES: dict[str, Words] = {
    "week": Words("Week", "週"),
    "month": Words("Month", "月"),
    "quarter": Words("Quarter", "四半期"),
    "year": Words("Fiscal year", "年度"),
}


class Span(NamedTuple):
    """First and last day, both inside."""

    start: date
    end: date


def around(period: str, day: date, start_month: int) -> Span:
    """Return the week (from Monday), month, fiscal quarter or fiscal year that a day lies in.

    `start_month` is the first month of the fiscal year. Raises KeyError for another period.
    """
    if period == "week":
        monday = day - day.weekday() * ONE_DAY
        return Span(monday, monday + WEEK - ONE_DAY)
    year = fiscal_year_start(day, start_month)
    quarter = add_months(year, (fiscal_quarter(day, start_month) - 1) * QUARTER_MONTHS)
    start, months = {
        "month": (month_start(day), 1),
        "quarter": (quarter, QUARTER_MONTHS),
        "year": (year, YEAR_MONTHS),
    }[period]
    return Span(start, month_end(add_months(start, months - 1)))


def named(start: date, end: date, start_month: int) -> str:
    """Return which kind of period exactly these dates are, "" if none."""
    found = (period for period in NAMES if around(period, start, start_month) == Span(start, end))
    return next(found, "")


def after(start: date, end: date) -> Span:
    """Return the period of the same length that follows: whole months by months, others by days."""
    if start == month_start(start) and end == month_end(end):
        months = (end.year - start.year) * YEAR_MONTHS + end.month - start.month + 1
        return Span(add_months(start, months), month_end(add_months(start, 2 * months - 1)))
    return Span(end + ONE_DAY, end + (end - start) + ONE_DAY)


def title(start: date, end: date, start_month: int) -> Words:
    """Return what people call these dates: 2026年11月, FY2026 Q3, week 47, or the two dates."""
    year, quarter = fiscal_year(start, start_month), fiscal_quarter(start, start_month)
    week = start.isocalendar().week
    return {
        "week": Words(f"Week {week}, {start.year}", f"{start.year}年 第{week}週"),
        "month": Words(f"{MONTHS[start.month - 1]} {start.year}", f"{start.year}年{start.month}月"),
        "quarter": Words(f"FY{year} Q{quarter}", f"{year}年度 第{quarter}四半期"),
        "year": Words(f"FY{year}", f"{year}年度"),
        "": Words(f"{start.isoformat()} – {end.isoformat()}", f"{start:%Y/%m/%d}〜{end:%Y/%m/%d}"),
    }[named(start, end, start_month)]
