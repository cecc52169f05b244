"""What each department was handed on a day, what those present take, and what nobody has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from funnel.stages import Department
from handoffs.lanes import LANES
from handoffs.routing.people import Day, Person, crews_of, people_of


class Load(NamedTuple):
    """A department on a day: rounds opened for it, what those present take (None: no limit), live ones of nobody.

    `belong` is how many people it has, away or not. Of the one who asks: `mine` is his standing there, None when he
    does not belong; `open_mine` how many live rounds of it are his.
    """

    department: str
    opened: int
    limit: int | None
    nobody: int
    belong: int
    mine: Person | None
    open_mine: int


LOADS = """
SELECT d,
       (SELECT count(*) FROM handoffs_handoff h WHERE h.boundary = ANY(%(boundaries)s) AND h.done_by_department = d
        AND h.opened_at >= %(start)s AND h.opened_at < %(end)s) AS opened,
       (SELECT count(*) FROM handoffs_handoff h WHERE h.done_by_department = d
        AND h.owner_id IS NULL AND h.closed_at IS NULL) AS nobody,
       (SELECT count(*) FROM handoffs_handoff h WHERE h.done_by_department = d
        AND h.owner_id = %(member)s AND h.closed_at IS NULL) AS open_mine
FROM unnest(%(departments)s::text[]) AS d
"""


def loads(departments: Iterable[str], day: Day, member_id: int | None = None) -> list[Load]:
    """The load of each department on a day, in the order of the ring, as one of their members meets it; two statements."""
    wanted = [d.value for d in Department if d in set(departments)]
    with connection.cursor() as cursor:
        cursor.execute(
            LOADS,
            {
                "departments": wanted,
                "boundaries": [boundary.value for boundary in LANES],
                "member": member_id,
                "start": day.start,
                "end": day.end,
            },
        )
        rows = cursor.fetchall()
    people = people_of(wanted, day)
    crews = crews_of(wanted, people)
    own = {person.department: person for person in people if person.member_id == member_id}
    return [
        Load(name, opened, crews[name].limit, nobody, crews[name].belong, own.get(name), open_mine)
        for name, opened, nobody, open_mine in rows
    ]
