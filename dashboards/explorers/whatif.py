"""What other rates, more leads or another price would have made of a period, beside what it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from dashboards.counts import funnels
from dashboards.kpis import Frame, together
from dashboards.readings import won

STAGES = ("lead", "mql", "sql", "won")
RATES: Mapping[str, str] = {"mql_rate": "mql", "sql_rate": "sql", "win_rate": "won"}
"""The levers that are rates, and the stage each leads into."""
LEVERS: tuple[str, ...] = ("lead", *RATES, "deal_size")
"""What can be other than it was, in flow order."""

Levers = Mapping[str, Fraction | None]


class Made(NamedTuple):
    """What levers make of a period: pieces by stage and the amount won; null where a lever is not known."""

    stages: Mapping[str, Fraction | None]
    bookings: Fraction | None


class Alone(NamedTuple):
    """What one lever brings, all else as it is: wins and money more (less: below 0), null where not known."""

    lever: str
    wins: Fraction | None
    money: Fraction | None


class WhatIf(NamedTuple):
    """A period as it was and as it would have been, and what each lever that was moved brings alone."""

    levers: Levers
    today: Made
    then: Made
    alone: tuple[Alone, ...]


def levers_of(at: Frame) -> dict[str, Fraction | None]:
    """The levers of a period as they were: leads, rates of its entries, mean size of its deals; two statements."""
    (found,) = funnels([replace(at.scope, basis="period", group_by=None)])
    counted = dict(found.stages)
    levers: dict[str, Fraction | None] = {"lead": Fraction(counted["lead"])}
    for lever, stage in RATES.items():
        before = counted[STAGES[STAGES.index(stage) - 1]]
        levers[lever] = Fraction(counted[stage], before) if before else None
    (closed,) = together.closed([at])
    what = won(closed)
    levers["deal_size"] = Fraction(what.bookings) / what.deals if what.deals else None
    return levers


def made(levers: Levers) -> Made:
    """Run the leads through the rates: each stage is the one before times its rate, unrounded."""
    stages: dict[str, Fraction | None] = {"lead": levers["lead"]}
    count = levers["lead"]
    for lever, stage in RATES.items():
        rate = levers[lever]
        # Nothing goes on from nothing, whatever the rate.
        count = (
            Fraction(0) if count == 0 else count * rate if count is not None and rate is not None else None
        )
        stages[stage] = count
    size = levers["deal_size"]
    return Made(
        stages,
        Fraction(0) if count == 0 else count * size if count is not None and size is not None else None,
    )


def tried(levers: Levers, moved: Mapping[str, Fraction]) -> WhatIf:
    """Set the levers that were moved beside those of the period; each alone, the one that brings the most first."""
    today, then = made(levers), made({**levers, **moved})
    alone = [
        _alone(lever, made({**levers, lever: moved[lever]}), today) for lever in LEVERS if lever in moved
    ]
    alone.sort(key=lambda one: -(one.money if one.money is not None else one.wins or Fraction(0)))
    return WhatIf(levers, today, then, tuple(alone))


def _alone(lever: str, found: Made, today: Made) -> Alone:
    return Alone(
        lever, _more(found.stages["won"], today.stages["won"]), _more(found.bookings, today.bookings)
    )


def _more(found: Fraction | None, today: Fraction | None) -> Fraction | None:
    return found - today if found is not None and today is not None else None
