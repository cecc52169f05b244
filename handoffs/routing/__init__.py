"""Who gets a handoff, and why, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from handoffs.models import Handoff
from handoffs.rotation import WAITING, Crew, Rep, Route, Why, choose
from handoffs.routing.loads import Load, loads
from handoffs.routing.people import Day, Person, crews, is_member, lock, members_of, people_of
from handoffs.routing.wording import ROUTED_WORDS, explained

__all__ = [
    "ROUTED_WORDS",
    "WAITING",
    "Crew",
    "Day",
    "Load",
    "Person",
    "Rep",
    "Route",
    "Why",
    "choose",
    "crews",
    "explained",
    "is_member",
    "loads",
    "lock",
    "members_of",
    "people_of",
    "put",
    "route",
]


def route(
    handoffs: Iterable[Handoff],
    preferred: Mapping[int, list[int | None]],
    day: Day,
    at: datetime,
    *,
    locking: bool = True,
) -> bool:
    """Give each handoff an owner (not saved), or say in `routed_by` why nobody can take it; two statements in all.

    `preferred` names by position who already looks after the record. The choice is made under the department's
    lock, the last one a transaction takes; where it is not to be had in time the handoffs are left `queued`, for
    the clock to hand out, and False is returned. Without `locking` the caller holds the locks, or needs none.
    """
    waiting = list(handoffs)
    if not waiting:
        return True
    departments = {h.done_by_department for h in waiting}
    locked = not locking or lock(departments)
    people = crews(departments, day) if locked else {}
    for position, handoff in enumerate(waiting):
        crew = people.get(handoff.done_by_department)
        put(handoff, choose(crew, preferred.get(position, [])) if crew else Route(None, Why.QUEUED), at)
    return locked


def put(handoff: Handoff, route: Route, at: datetime) -> None:
    """Set what a route says on a handoff (not saved)."""
    handoff.owner_id, handoff.routed_by = route.member_id, route.why
    handoff.routed_count, handoff.routed_limit = route.number, route.limit
    handoff.owned_at = at if route.member_id is not None else None
