"""What boards and frames say of promises, deals and passes, as plain numbers under their names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dashboards.kpis import Value
from dashboards.kpis.together import Closed, Contacted, Course
from dashboards.scope import Scope
from funnel.calendar import ONE_DAY, BusinessCalendar

Numbers = dict[str, Any]


def others(closed: Closed, response: Value, wins: Value) -> Numbers:
    """Return the numbers of what was won, how fast and by how many, and of the first response."""
    won = closed.win_rate
    found: Numbers = {"rate:win": won.value, "k:win": won.numerator, "n:win": won.denominator}
    found |= {"wins:median": wins.value, "wins:leads": wins.more["lead_owners"]}
    found |= {"wins:deals": wins.more["deal_owners"], "wins:conflicts": wins.more["date_conflicts"]}
    return found | money(closed.bookings) | _response(response)


def reasons(found: Contacted) -> Numbers:
    """Return how many were contacted in time and late, and how many of each became SQL."""
    said: Numbers = {}
    for name, value in (("in-time", found.in_time), ("late", found.late)):
        said |= {f"rate:{name}": value.value, f"k:{name}": value.numerator, f"n:{name}": value.denominator}
        said[f"wide:{name}"] = round((value.value or 0) * 100)
    return said


def course(found: Course, scope: Scope, calendar: BusinessCalendar) -> list[list[float]]:
    """Return what was won by each day of a win: business days of the period begun, and the sum by then."""
    total, said = Decimal(), []
    for day, amount in found:
        total += amount
        said.append([calendar.business_days_between(scope.start - ONE_DAY, day), float(total)])
    return said


def money(value: Value) -> Numbers:
    """Return what was won in the organisation's currency, in how many deals, and what one was worth."""
    deals = value.more["by_currency"].get(value.currency, {}).get("deals", 0)
    total = float(value.value or 0)
    return {
        "bookings": total,
        "deals": deals,
        "deal-size": total / deals if deals else None,
        "currency": value.currency,
    }


def _response(value: Value) -> Numbers:
    return {
        "response:median": value.more["median"],
        "response:p90": value.more["p90"],
        "response:answered": value.more["ended"],
        "response:waiting": value.more["running"],
    }
