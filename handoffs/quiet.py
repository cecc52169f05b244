"""Pure. Quiet hours: from a wall-clock time to another, in the organisation's zone, possibly past midnight."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


class QuietHours(NamedTuple):
    """No letter from `start` (inclusive) to `end` (exclusive), whole minutes; an end before the start lies
    on the next day."""

    start: time
    end: time

    def covers(self, at: datetime, zone: ZoneInfo) -> bool:
        """Say whether the wall clock of `zone` shows a quiet time at a moment."""
        local = at.astimezone(zone).time()
        if self.start < self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def release(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Return the first moment from `at` on at which the wall clock is not quiet: `at` itself if it is not.

        Where the clock is put forward over the end, that is the moment of the change; where it is put back
        over the end, the end is met the first time it comes.
        """
        if not self.covers(at, zone):
            return at
        local = at.astimezone(zone)
        day = local.date() if local.time() < self.end else local.date() + DAY
        end = datetime.combine(day, self.end, zone).astimezone(UTC)
        if end > at and end.astimezone(zone).utcoffset() == local.utcoffset():
            return end
        # The clock changes in between. Changes fall on whole minutes, and two nights a year may be walked.
        at = at.astimezone(UTC).replace(second=0, microsecond=0)
        while self.covers(at := at + MINUTE, zone):
            pass
        return at
