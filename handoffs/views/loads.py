"""How much a department was handed today beside what it can take, and what nobody has: lines above the queue."""

from __future__ import annotations

from dataclasses import dataclass

from funnel.stages import Department
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest
from handoffs import routing
from handoffs.views.clocks import calendar_of


@dataclass(frozen=True)
class Line:
    """One department: handed over today, what those present take a day (None: no limit), and what nobody has."""

    department: str
    opened: int
    limit: int | None
    nobody: int

    @property
    def over(self) -> bool:
        """True when more was handed over today than those present take."""
        return self.limit is not None and self.opened > self.limit


def loads_of(request: PageRequest, by: Actor) -> list[Line]:
    """The departments whose load is his business: his own, and for Marketing those it floods; two statements.

    That a department is flooded is for its lead and for Marketing to see; what nobody has is for all its people.
    """
    floods = set(Department) if Department.MARKETING in by.departments else set(by.led)
    seen = floods | set(by.departments)
    if not seen:
        return []
    day = routing.Day.of(request.now, calendar_of(request))
    return [
        Line(
            load.department,
            load.opened,
            load.limit if load.department in floods else None,
            load.nobody if load.department in by.departments else 0,
        )
        for load in routing.loads(seen, day)
    ]
