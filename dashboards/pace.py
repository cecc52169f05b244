"""Pure. What should be reached by today, and what the period will end at if it goes on so."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from funnel.calendar import ONE_DAY, BusinessCalendar
from funnel.words import Words

Number = Decimal | int | float
TOLERANCE = Decimal("0.03")
"""So near to its pace (as a share of it) a number is said to be on it."""
HALF = Decimal("0.5")


class Days(NamedTuple):
    """Business days of a period: how many have begun, today included, and how many there are in all."""

    passed: int
    whole: int

    @property
    def percent(self) -> int | None:
        """How much of the period has passed, rounded down; None without a business day."""
        return self.passed * 100 // self.whole if self.whole else None


class Standing(StrEnum):
    """How a number stands beside its pace."""

    AHEAD = "ahead"
    ON_PACE = "on_pace"
    BEHIND = "behind"


STANDING_WORDS: dict[Standing, Words] = {
    Standing.AHEAD: Words("Ahead", "先行"),
    Standing.ON_PACE: Words("On pace", "達成ペース"),
    Standing.BEHIND: Words("Behind", "遅れ"),
}


def elapsed(calendar: BusinessCalendar, start: date, end: date, today: date) -> Days:
    """The business days of [start, end] up to today, and all of them; none have passed of what lies ahead."""
    before = start - ONE_DAY
    passed = calendar.business_days_between(before, min(today, end)) if today >= start else 0
    return Days(passed, calendar.business_days_between(before, end))


def pace(target: Decimal, passed: int, whole: int) -> Decimal | None:
    """What should be reached by today: target × passed ÷ whole business days; None without a business day.

    Only for what adds up over days (counts, money); a rate is compared with its target itself.
    """
    return target * passed / whole if whole else None


def landing(actual: Number, passed: int, whole: int) -> Decimal | None:
    """Where the period ends if it goes on so: actual ÷ passed × whole; None while nothing has passed."""
    return Decimal(actual) * whole / passed if passed and whole else None


def standing(
    actual: Number | None, due: Number | None, *, less_is_better: bool = False, whole_numbers: bool = False
) -> Standing | None:
    """Compare a number with what is due by today; None when either is unknown.

    Within 3 % of it, or (for `whole_numbers`) less than half a piece from it, is on pace.
    """
    if actual is None or due is None:
        return None
    difference = Decimal(actual) - Decimal(due)
    if abs(difference) <= abs(Decimal(due)) * TOLERANCE or (whole_numbers and abs(difference) < HALF):
        return Standing.ON_PACE
    return Standing.AHEAD if (difference > 0) != less_is_better else Standing.BEHIND
