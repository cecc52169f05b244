"""Who belongs to a department on a day, who of them is there, and what each has received; read under its lock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from funnel.calendar import BusinessCalendar
from funnel.models import Member
from handoffs.rotation import Crew, Rep


class Day(NamedTuple):
    """A day of the organisation, from its first moment to the next day's."""

    date: date
    start: datetime
    end: datetime

    @classmethod
    def of(cls, moment: datetime, calendar: BusinessCalendar) -> Day:
        """The day on which a moment lies."""
        today = calendar.local_date(moment)
        return cls(today, calendar.start_of_day(today), calendar.end_of_day(today))


# A membership is current on [valid_from, valid_to); an absence holds on both its days.
CREWS = """
SELECT s.department, s.member_id, s.daily_capacity,
       EXISTS (SELECT 1 FROM funnel_absence a WHERE a.member_id = s.member_id
               AND %(day)s BETWEEN a.first_on AND a.last_on) AS away,
       (SELECT count(*) FROM handoffs_handoff h WHERE h.owner_id = s.member_id
        AND h.done_by_department = s.department AND h.owned_at >= %(start)s AND h.owned_at < %(end)s) AS received,
       (SELECT max(h.owned_at) FROM handoffs_handoff h WHERE h.owner_id = s.member_id
        AND h.done_by_department = s.department) AS last
FROM funnel_membership s JOIN funnel_member m ON m.id = s.member_id
WHERE s.department = ANY(%(departments)s) AND s.valid_from <= %(day)s
  AND (s.valid_to IS NULL OR s.valid_to > %(day)s)
  AND m.is_active AND NOT m.is_viewer AND NOT m.is_service
ORDER BY last NULLS FIRST, s.member_id
"""


def lock(departments: Iterable[str]) -> bool:
    """Take turns at choosing for these departments until the transaction ends; False when it takes too long.

    Always the last lock: after leads, customers and handoffs. Waiting is bounded below PostgreSQL's search for
    deadlocks: whoever holds this lock and waits for a lead of ours goes on, and we leave the choice for later.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(routing_lock(d)) FROM unnest(%s::text[]) AS d", [sorted(set(departments))]
        )
        return bool(cursor.fetchone()[0])


class Person(NamedTuple):
    """One who belongs to a department on a day: his limit, whether he is away, what he has received of it."""

    department: str
    member_id: int
    limit: int | None
    is_away: bool
    received: int


def people_of(departments: Iterable[str], day: Day) -> list[Person]:
    """Everybody of these departments on a day; within each, who has waited longest comes first."""
    wanted = sorted(set(departments))
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(CREWS, {"day": day.date, "start": day.start, "end": day.end, "departments": wanted})
        return [Person(*row[:5]) for row in cursor.fetchall()]


def crews(departments: Iterable[str], day: Day) -> dict[str, Crew]:
    """The people of each department on a day, with what each has received so far; one statement."""
    wanted = sorted(set(departments))
    return crews_of(wanted, people_of(wanted, day))


def crews_of(departments: Iterable[str], people: Iterable[Person]) -> dict[str, Crew]:
    """These people by department, in the order of their turns."""
    found: dict[str, Crew] = {department: Crew([], 0) for department in departments}
    for turn, person in enumerate(people):
        crew = found[person.department]
        crew.belong += 1
        if not person.is_away:
            crew.reps.append(Rep(person.member_id, person.limit, person.received, turn))
    return found


BELONG = """
SELECT s.member_id FROM funnel_membership s JOIN funnel_member m ON m.id = s.member_id
WHERE s.department = %s AND s.valid_from <= %s AND (s.valid_to IS NULL OR s.valid_to > %s)
  AND m.is_active AND NOT m.is_viewer AND NOT m.is_service
ORDER BY s.member_id
"""


def members_of(department: str, today: date) -> list[int]:
    """Ids of the people who belong to a department on a local date, away or not: active, and not only looking."""
    with connection.cursor() as cursor:
        cursor.execute(BELONG, [department, today, today])
        return [row[0] for row in cursor.fetchall()]


def is_member(member: Member, department: str, today: date) -> bool:
    """True when the member belongs to the department on a local date."""
    return member.pk in members_of(department, today)
