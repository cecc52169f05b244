"""How much was handed over beside what can be taken, and what nobody has: lines above the queue."""

from __future__ import annotations

from dataclasses import dataclass

from funnel.stages import Department
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest
from handoffs import routing
from handoffs.lanes import LANES
from handoffs.routing import Person
from handoffs.views.clocks import calendar_of


@dataclass(frozen=True)
class Line:
    """One department: handed over today, what those present take a day (None: no limit), and what nobody has.

    `mine` is how the reader stands there, `open_mine` how many are his; `is_empty`: it has no members at all.
    """

    department: str
    opened: int
    limit: int | None
    nobody: int
    mine: Person | None
    open_mine: int
    is_empty: bool

    @property
    def over(self) -> bool:
        """True when more was handed over today than those present take."""
        return self.limit is not None and self.opened > self.limit

    @property
    def full(self) -> bool:
        """True when the reader has received what he takes in a day: nothing more comes to him by itself."""
        return self.mine is not None and self.mine.limit is not None and self.mine.received >= self.mine.limit

    @property
    def says(self) -> bool:
        """True when there is something to say: fine things are quiet."""
        return self.over or self.full or bool(self.nobody)


def loads_of(request: PageRequest, by: Actor) -> list[Line]:
    """The departments whose load is his business, where there is something to say; two statements.

    That a department is flooded is for its lead and for Marketing to see; what nobody has is for all its people, and
    where there are none, for those who hand over to it and for administrators.
    """
    floods = set(Department) if Department.MARKETING in by.departments else set(by.led)
    receivers = {lane.receiver for lane in LANES.values() if lane.sender in by.departments}
    sends_to = set(Department) if by.is_administrator else receivers
    seen = floods | set(by.departments) | sends_to
    if not seen:
        return []
    day = routing.Day.of(request.now, calendar_of(request))
    lines = []
    for load in routing.loads(seen, day, request.user.pk):
        is_empty = not load.belong
        concerned = load.department in by.departments or (is_empty and load.department in sends_to)
        line = Line(
            load.department,
            load.opened,
            load.limit if load.department in floods else None,
            load.nobody if concerned else 0,
            load.mine,
            load.open_mine,
            is_empty,
        )
        if line.says:
            lines.append(line)
    return lines
