"""The board of a scope: every number it shows, read together, and the same as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from dashboards import counts, kpis, outlook, pace, targets
from dashboards.bottleneck import Churn
from dashboards.counts import FunnelReading, Rate
from dashboards.kpis import Frame, Value, together
from dashboards.kpis.together import Closed, Contacted, Course, Lane
from dashboards.outlook import Goals, Outlook, Won
from dashboards.scope import Scope
from funnel.calendar import ONE_DAY, BusinessCalendar
from funnel.models import Organization
from funnel.stages import STAGES, VISITOR, Stage

SHOWN: tuple[str, ...] = (VISITOR, *(str(stage) for stage in STAGES))
GROUP_STAGES = SHOWN[:5]
GROUP_STEPS = (Stage.MQL, Stage.SQL, Stage.WON)
"""What is shown of each channel: these counts, and the steps into these stages."""

Numbers = dict[str, Any]

ROWS_OF_STAGE = outlook.VOLUMES
"""The KPI that lists the rows of a stage's count."""

ROWS_OF_RATE: Mapping[str, Mapping[str, str]] = {
    "period": {Stage.MQL: "mql-rate", Stage.SQL: "sql-rate", Stage.WON: "win-rate-plan"},
    "cohort": {
        Stage.MQL: "mql-rate-cohort",
        Stage.SQL: "sql-rate-cohort",
        Stage.WON: "win-rate-cohort",
        Stage.ONBOARDED: "onboarding-rate",
        Stage.RENEWED: "renewal-rate",
        Stage.REFERRED: "referral-rate",
    },
}
"""The KPI that lists the rows of the step into a stage; without one, the stage's own rows are listed."""


@dataclass(frozen=True)
class Board:
    """What one board shows. Counts are of the period in either basis; the basis decides about the rates.

    `before` is the period before, as many days of it as have passed of this one.
    """

    scope: Scope
    reading: FunnelReading
    before: FunnelReading
    before_scope: Scope
    rates: Mapping[str, Rate]
    lanes: tuple[Lane, ...]
    closed: Closed
    response: Value
    wins: Value
    contacted: Contacted
    course: Course
    goals: Goals
    calendar: BusinessCalendar

    @property
    def outlook(self) -> Outlook:
        """Where it stands beside its targets."""
        return outlook.judge(dict(self.reading.stages), won(self.closed), self.goals)

    @property
    def overdue(self) -> int:
        """Promises overdue now, whatever the period."""
        return sum(lane.overdue for lane in self.lanes)


def read(at: Frame, calendar: BusinessCalendar | None = None, rows: Rows | None = None) -> Board:
    """Read the board of one scope; see `read_all`. What was read from `rows` already is not read again."""
    return read_all([at], calendar, [rows] if rows is not None else None)[0]


def read_all(
    ats: Sequence[Frame], calendar: BusinessCalendar | None = None, rows: Sequence[Rows] | None = None
) -> list[Board]:
    """Read the boards of several periods with the same filters.

    Counts take one statement and what is read from rows four, whatever the number of boards; targets one each, and
    another where the churn has one. The counts of all are of one snapshot, the other numbers right after it.
    Without a `calendar` the organisation's is read.
    """
    known = calendar or Organization.current().calendar()
    read = zip(ats, read_counts(ats), rows or read_rows(ats), strict=True)
    return [
        Board(at.scope, *counted, **each._asdict(), goals=read_goals(at, known), calendar=known)
        for at, counted, each in read
    ]


class Counted(NamedTuple):
    """What a board reads from the counts: as cheap for a year as for a week."""

    reading: FunnelReading
    before: FunnelReading
    before_scope: Scope
    rates: Mapping[str, Rate]


class Rows(NamedTuple):
    """What a board reads from promises, deals and passes of the period themselves."""

    lanes: tuple[Lane, ...]
    closed: Closed
    response: Value
    wins: Value
    contacted: Contacted
    course: Course


def read_counts(ats: Sequence[Frame]) -> list[Counted]:
    """Read the counts of several boards in one snapshot and one statement."""
    earlier = [comparable(at) for at in ats]
    wanted = [
        part
        for at, before in zip(ats, earlier, strict=True)
        for part in (
            replace(at.scope, basis="period", group_by="channel"),
            replace(before, basis="period", group_by=None),
            replace(at.scope, group_by=None),
        )[: 3 if at.scope.basis == "cohort" else 2]
    ]
    found = iter(counts.funnels(wanted))
    counted = []
    for at, before_scope in zip(ats, earlier, strict=True):
        reading, before = next(found), next(found)
        steps = next(found) if at.scope.basis == "cohort" else reading
        counted.append(Counted(reading, before, before_scope, {rate.target: rate for rate in steps.rates}))
    return counted


def read_rows(ats: Sequence[Frame]) -> list[Rows]:
    """Read the rest of several boards in four statements."""
    found = zip(
        together.promised(ats),
        together.endings(ats),
        together.response_times(ats),
        together.wins(ats),
        strict=True,
    )
    return [
        Rows(promised.lanes, ended.closed, response, wins, promised.contacted, ended.course)
        for promised, ended, response, wins in found
    ]


def read_goals(at: Frame, calendar: BusinessCalendar) -> Goals:
    """Read the targets of a period, and its churn where that has one, in a month: of several, the mean of them."""
    found = targets.current(at, outlook.WANTED)
    days = pace.elapsed(calendar, at.scope.start, at.scope.end, at.today)
    return Goals(found, days, _churn(at, found.get(outlook.CHURN)))


def _churn(at: Frame, target: Decimal | None) -> Churn | None:
    scope = at.scope
    if target is None or scope.start.day != 1 or (scope.end + ONE_DAY).day != 1:
        return None
    kpi, logos = kpis.get(outlook.CHURN), kpis.get("logo-churn")
    lost, left = kpi.measure(kpi.select(at), at), logos.measure(logos.select(at), at)
    if lost.value is None or not left.denominator:
        return None
    opening = Decimal(str(lost.more["opening"]))
    rate = Decimal(str(lost.value)) / len(scope.months())
    return Churn(outlook.CHURN, rate, target, opening, left.numerator or 0, left.denominator)


def won(closed: Closed) -> Won:
    """What was won in the organisation's currency."""
    value = closed.bookings
    deals = value.more["by_currency"].get(value.currency, {}).get("deals", 0)
    return Won(Decimal(value.value or 0), deals)


def comparable(at: Frame) -> Scope:
    """Return the period before; of a running period, only as many days as have passed of it."""
    scope = at.scope
    earlier = scope.previous()
    if not scope.start <= at.today < scope.end:
        return earlier
    passed = earlier.start + (at.today - scope.start)
    return replace(earlier, end=min(earlier.end, max(passed, earlier.start)))


def numbers(board: Board) -> Numbers:
    """Return every number of the board under its name: codes and numbers only, the page words them.

    `course` alone is a list: business days of the period passed, and what was won by then.
    """
    found: Numbers = {"as_of": board.reading.as_of.isoformat(), "today": board.reading.today.isoformat()}
    for stage in SHOWN:
        now, then = board.reading.count(stage), board.before.count(stage)
        found |= {f"stage:{stage}": now, f"before:{stage}": then, f"change:{stage}": now - then}
    for target, rate in board.rates.items():
        found |= _rate(target, rate.value, rate.numerator, rate.denominator, rate.low, rate.high)
        found[f"waiting:{target}"] = rate.still_open
    for lane in board.lanes:
        value = lane.value
        name = f"lane-{lane.boundary}"
        found |= _rate(name, value.value, value.numerator, value.denominator, value.low, value.high)
        found |= {
            f"{state}:{name}": value.more[state] for state in ("kept", "kept_late", "missed", "cancelled")
        }
        found[f"overdue:{name}"] = lane.overdue
    return (
        found
        | _channels(board.reading)
        | others(board.closed, board.response, board.wins)
        | reasons(board.contacted)
        | {"course": course(board.course, board.scope, board.calendar)}
        | outlook.numbers(board.outlook, dict(board.reading.stages), dict(board.before.stages))
        | {"overdue": board.overdue}
    )


def others(closed: Closed, response: Value, wins: Value) -> Numbers:
    """Return the numbers of what was won, how fast and by how many, and of the first response."""
    won = closed.win_rate
    found: Numbers = {"rate:win": won.value, "k:win": won.numerator, "n:win": won.denominator}
    found |= {"wins:median": wins.value, "wins:leads": wins.more["lead_owners"]}
    found |= {"wins:deals": wins.more["deal_owners"], "wins:conflicts": wins.more["date_conflicts"]}
    return found | _money(closed.bookings) | _response(response)


def reasons(found: Contacted) -> Numbers:
    """Return how many were contacted in time and late, and how many of each became SQL."""
    said: Numbers = {}
    for name, value in (("in-time", found.in_time), ("late", found.late)):
        said |= {f"rate:{name}": value.value, f"k:{name}": value.numerator, f"n:{name}": value.denominator}
        said[f"wide:{name}"] = round((value.value or 0) * 100)
    return said


def course(found: Course, scope: Scope, calendar: BusinessCalendar) -> list[list[float]]:
    """Return what was won by each day of a win: business days of the period begun, and the sum by then."""
    total, said = Decimal(), []
    for day, amount in found:
        total += amount
        said.append([calendar.business_days_between(scope.start - ONE_DAY, day), float(total)])
    return said


def _rate(
    name: str,
    value: Any,
    numerator: int | None,
    denominator: int | None,
    low: float | None,
    high: float | None,
) -> Numbers:
    return {
        f"rate:{name}": value,
        f"k:{name}": numerator,
        f"n:{name}": denominator,
        f"low:{name}": low,
        f"high:{name}": high,
    }


def _money(value: Value) -> Numbers:
    deals = value.more["by_currency"].get(value.currency, {}).get("deals", 0)
    total = float(value.value or 0)
    return {
        "bookings": total,
        "deals": deals,
        "deal-size": total / deals if deals else None,
        "currency": value.currency,
    }


def _response(value: Value) -> Numbers:
    return {
        "response:median": value.more["median"],
        "response:p90": value.more["p90"],
        "response:answered": value.more["ended"],
        "response:waiting": value.more["running"],
    }


def _channels(reading: FunnelReading) -> Numbers:
    found: Numbers = {}
    for group in reading.groups:
        counted = dict(group.stages)
        found |= {f"stage:{key}@{group.key or ''}": counted[key] for key in GROUP_STAGES}
        found |= {
            f"rate:{rate.target}@{group.key or ''}": rate.value
            for rate in group.rates
            if rate.target in GROUP_STEPS
        }
    return found
