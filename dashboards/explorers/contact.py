"""How long MQL waited for their first contact: in how many hours, and by weekday and hour of arrival."""

from __future__ import annotations

from typing import NamedTuple

from dashboards import queries
from dashboards.kpis import Frame
from dashboards.kpis.inside_sales import responses
from dashboards.queries import Arrivals
from handoffs import terms
from handoffs.lanes import Boundary

BARS = 24
COLUMNS = ("first_contact_at", "asked_at")


class Waits(NamedTuple):
    """How many were contacted in each `step` hours after they came, the last for all longer ones.

    `promised` hours were agreed; `unanswered` have not been contacted, or not before they were closed.
    """

    step: int
    promised: int
    bars: tuple[int, ...]
    unanswered: int

    @property
    def answered(self) -> int:
        """How many were contacted."""
        return sum(self.bars)

    @property
    def in_time(self) -> int:
        """How many were contacted within bars that end by what was promised."""
        return sum(self.bars[: self.promised // self.step])


class Hours(NamedTuple):
    """What came in each hour of the week, and within how many hours a contact was promised."""

    promised: int
    arrivals: tuple[Arrivals, ...]


def waits(at: Frame) -> Waits:
    """Count the MQL of the period by their wait, in two statements; twice what is promised fills the bars."""
    promised = _promised()
    step = max(1, -(-2 * promised // BARS))
    found = queries.waits_in_bars(responses(at)["rows"], COLUMNS, hours=step, bars=BARS)
    bars = tuple(found.get(n, 0) for n in range(BARS + 1))
    return Waits(step, promised, bars, found.get(None, 0))


def hours(at: Frame) -> Hours:
    """Count the MQL of the period by local weekday and hour of arrival, in two statements."""
    promised = _promised()
    found = queries.arrivals(responses(at)["rows"], COLUMNS, zone=at.zone, promised=promised)
    return Hours(promised, tuple(found))


def _promised() -> int:
    return terms.current()[Boundary.MQL].target or BARS
