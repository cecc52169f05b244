"""Pure. When many notices of one kind come to one recipient at once, they are one letter."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

WINDOW = timedelta(minutes=15)
MOST_SINGLE = 5


class Verdict(StrEnum):
    """What becomes of those that wait: a letter each, one letter for all, or patience."""

    EACH = "each"
    TOGETHER = "together"
    LATER = "later"


class Decided(NamedTuple):
    """A verdict, and for `LATER` until when."""

    verdict: Verdict
    until: datetime | None = None


def decide(waiting: int, lately: int, last_digest: datetime | None, now: datetime) -> Decided:
    """Judge what waits for one recipient, of one kind, over one way.

    `lately` counts what reached him within `WINDOW` before `now`, `last_digest` is when the last letter for
    several did. More than `MOST_SINGLE` in the window are a burst: those waiting are one letter at once, and what
    comes within the window of that letter waits for its end, to be judged anew.
    """
    if waiting + lately <= MOST_SINGLE:
        return Decided(Verdict.EACH)
    if last_digest is not None and last_digest + WINDOW > now:
        return Decided(Verdict.LATER, last_digest + WINDOW)
    return Decided(Verdict.TOGETHER)
