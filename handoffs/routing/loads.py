"""What each department was handed on a day, what those present take, and what nobody has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from funnel.stages import Department
from handoffs.lanes import LANES
from handoffs.routing.people import Day, crews


class Load(NamedTuple):
    """A department on a day: rounds opened for it, what those present take (None: no limit), live ones of nobody."""

    department: str
    opened: int
    limit: int | None
    nobody: int


LOADS = """
SELECT d,
       (SELECT count(*) FROM handoffs_handoff h WHERE h.boundary = ANY(%(boundaries)s) AND h.done_by_department = d
        AND h.opened_at >= %(start)s AND h.opened_at < %(end)s) AS opened,
       (SELECT count(*) FROM handoffs_handoff h WHERE h.done_by_department = d
        AND h.owner_id IS NULL AND h.closed_at IS NULL) AS nobody
FROM unnest(%(departments)s::text[]) AS d
"""


def loads(departments: Iterable[str], day: Day) -> list[Load]:
    """The load of each department on a day, in the order of the ring; two statements."""
    wanted = [d.value for d in Department if d in set(departments)]
    with connection.cursor() as cursor:
        cursor.execute(
            LOADS,
            {
                "departments": wanted,
                "boundaries": [boundary.value for boundary in LANES],
                "start": day.start,
                "end": day.end,
            },
        )
        rows = cursor.fetchall()
    people = crews(wanted, day)
    return [Load(name, opened, people[name].limit, nobody) for name, opened, nobody in rows]
