"""Pure. Fair rotation: who of those present gets the next handoff, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple


class Why(StrEnum):
    """Why a handoff has the owner it has, or none."""

    OWNER = "owner"
    FAIR = "least_loaded"
    ASSIGNED = "assigned"
    TAKEN = "taken"
    NOBODY = "nobody"
    ABSENT = "absent"
    FULL = "full"
    QUEUED = "queued"


WAITING: tuple[Why, ...] = (Why.NOBODY, Why.ABSENT, Why.FULL, Why.QUEUED)
"""Without an owner until somebody can take it; handed out by the clock."""


@dataclass
class Rep:
    """A member who is present today: his limit a day (None: none), what he received today, and his turn.

    `turn` orders those who are equal: the lower has waited longer since he last received something.
    """

    member_id: int
    limit: int | None
    received: int = 0
    turn: int = 0

    @property
    def is_full(self) -> bool:
        """True when he has received what he takes in a day."""
        return self.limit is not None and self.received >= self.limit


@dataclass
class Crew:
    """The people of one department on one day; `belong` counts those away too."""

    reps: list[Rep]
    belong: int

    @property
    def room(self) -> int | None:
        """How many more they take today together; None when somebody has no limit."""
        if any(rep.limit is None for rep in self.reps):
            return None
        return sum(max(0, (rep.limit or 0) - rep.received) for rep in self.reps)

    @property
    def limit(self) -> int | None:
        """How many they take in a day together; None when somebody has no limit, or nobody is there."""
        if not self.reps or any(rep.limit is None for rep in self.reps):
            return None
        return sum(rep.limit or 0 for rep in self.reps)

    @property
    def refusal(self) -> Why | None:
        """Why nobody here can take anything more; None when somebody can."""
        if self.belong == 0:
            return Why.NOBODY
        if not self.reps:
            return Why.ABSENT
        return Why.FULL if all(rep.is_full for rep in self.reps) else None


class Route(NamedTuple):
    """The choice: a member or nobody, why, and with his how-many-th of the day and his limit it is said."""

    member_id: int | None
    why: Why
    number: int | None = None
    limit: int | None = None


def choose(crew: Crew, preferred: Iterable[int | None] = ()) -> Route:
    """Choose who gets the next handoff, and count it as his.

    Who already looks after the record comes first, even over his limit: a customer does not change hands because
    of a number; but only when he is there. Else the one present who has received the least of what he takes in a
    day; of equals, whoever has waited longest. No limit weighs as much as the largest limit in the department.
    """
    known = {rep.member_id: rep for rep in crew.reps}
    owner = next((known[m] for m in preferred if m is not None and m in known), None)
    if owner is not None:
        return _give(crew.reps, owner, Why.OWNER)
    free = [rep for rep in crew.reps if not rep.is_full]
    if not free:
        return Route(None, crew.refusal or Why.FULL)
    usual = max((rep.limit for rep in crew.reps if rep.limit), default=1)
    chosen = min(free, key=lambda rep: (Fraction(rep.received, rep.limit or usual), rep.turn, rep.member_id))
    return _give(crew.reps, chosen, Why.FAIR)


def _give(reps: Sequence[Rep], rep: Rep, why: Why) -> Route:
    rep.received += 1
    rep.turn = max(r.turn for r in reps) + 1
    return Route(rep.member_id, why, rep.received, rep.limit)
