"""A period too young to judge: what the last whole one that has enough says of the bottleneck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dashboards import outlook
from dashboards.bottleneck import State
from dashboards.counts import FunnelReading, funnels
from dashboards.kpis import Frame, together
from dashboards.kpis.together import Closed
from dashboards.outlook import Outlook
from dashboards.readings import read_goals, won
from dashboards.scope import Scope
from funnel.calendar import ONE_DAY, BusinessCalendar

Numbers = dict[str, Any]

FEW, BEGINNING = 30, 4
"""Fewer leads in the first quarter of a period say nothing yet."""
FARTHEST, LONG = 3, 100
"""So many periods are looked back, of a period of more than so many days only one."""
SAID = ("bottleneck", "named", "gain", "gain:wins")
ABOUT = ("edge:", "edge-of:", "edge-goal:")
"""The numbers of a verdict; every other number of the board stays that of its own period."""
UNJUDGED: Numbers = {"judged": "", "judged-to": ""}


def is_young(found: Outlook, at: Frame) -> bool:
    """Say whether a period that is running has too few cases to be judged: no rate of it could be."""
    scope = at.scope
    return scope.start <= at.today <= scope.end and is_unsure(found)


def is_unsure(found: Outlook) -> bool:
    """Say whether nothing sure can be said: too few cases, no data, or “on pace” of a beginning with hardly a lead."""
    if found.verdict.state is State.NONE:
        days = found.goals.days
        return found.entered < FEW and days.passed * BEGINNING < days.whole
    return found.verdict.state in (State.FEW, State.NO_DATA)


def before(scope: Scope) -> list[Scope]:
    """The whole periods before one, the latest first, as far as it is looked back."""
    found = [replace(scope, basis="period", group_by=None).previous()]
    while len(found) < FARTHEST and scope.days <= LONG:
        found.append(found[-1].previous())
    return found


def whole(at: Frame, calendar: BusinessCalendar) -> Numbers:
    """The verdict of the last whole period that has enough, with its days; empty where none has."""
    return wholes([at], calendar)[0]


def wholes(ats: Sequence[Frame], calendar: BusinessCalendar) -> list[Numbers]:
    """The same for several periods with the same filters.

    Counts of all take one statement, and so do their deals; targets are read of one period after the other until one
    has enough.
    """
    earlier = [[_framed(at, scope, calendar) for scope in before(at.scope)] for at in ats]
    every = [each for some in earlier for each in some]
    read = zip(every, funnels([each.scope for each in every]), together.closed(every), strict=True)
    return [_first([next(read) for _ in some], calendar) for some in earlier]


def _first(some: Sequence[tuple[Frame, FunnelReading, Closed]], calendar: BusinessCalendar) -> Numbers:
    for at, reading, closed in some:
        found = outlook.judge(dict(reading.stages), won(closed), read_goals(at, calendar))
        if not is_unsure(found) and found.verdict.state is not State.NO_TARGETS:
            return _said(found, reading, at.scope)
    return {}


def _framed(at: Frame, scope: Scope, calendar: BusinessCalendar) -> Frame:
    start, end = calendar.start_of_day(scope.start), calendar.start_of_day(scope.end + ONE_DAY)
    return at._replace(scope=scope, start=start, end=end)


def _said(found: Outlook, reading: FunnelReading, scope: Scope) -> Numbers:
    numbers = outlook.numbers(found, dict(reading.stages), {})
    kept = {name: value for name, value in numbers.items() if name in SAID or name.startswith(ABOUT)}
    return kept | {"judged": scope.start.isoformat(), "judged-to": scope.end.isoformat()}


def said(numbers: Numbers, found: Outlook, whole: Mapping[str, Any] | None) -> Numbers:
    """The numbers of an outlook; where it is unsure, with the verdict of the last whole period in place of its own."""
    return numbers | (dict(whole) if whole and is_unsure(found) else UNJUDGED)
