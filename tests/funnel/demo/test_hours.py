"""Working time of the demo's staff."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from funnel.calendar import BusinessCalendar
from funnel.demo.hours import Hours

TOKYO = ZoneInfo("Asia/Tokyo")
HOURS = Hours(BusinessCalendar("Asia/Tokyo"))


def at(day: int, hour: float, month: int = 5) -> datetime:
    return datetime(2026, month, day, int(hour), round(hour % 1 * 60), tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (at(12, 10), 2, at(12, 12)),
        (at(12, 7), 2, at(12, 11)),
        (at(12, 18), 2, at(13, 10)),
        (at(15, 18.5), 1, at(18, 9.5)),
        # Friday before Golden Week: 3 to 6 May are off.
        (at(1, 18), 3, at(7, 11)),
        (at(12, 9), 21, at(14, 10)),
        (at(16, 12), 0, at(18, 9)),
    ],
)
def test_hours_are_added_within_opening_hours_of_working_days(start, hours, end):
    assert HOURS.after(start, hours) == end


def test_counting_back_lands_on_the_working_day_with_so_many_business_days_after_it():
    day = HOURS.working_days_before(at(11, 12).date(), 3)
    assert day == at(1, 12).date()
    assert HOURS.calendar.add_business_days(day, 3) == at(11, 12).date()
