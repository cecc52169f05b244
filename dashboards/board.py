"""The board of a scope: every number it shows, read together, and the same as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboards import outlook, stays, young
from dashboards.bottleneck import Stay
from dashboards.counts import FunnelReading, Rate
from dashboards.facts import course, others, reasons
from dashboards.kpis import Frame, Value
from dashboards.kpis.together import Closed, Contacted, Course, Lane
from dashboards.outlook import Goals, Outlook
from dashboards.readings import Rows, read_counts, read_goals, read_rows, won
from dashboards.scope import Scope
from funnel.calendar import BusinessCalendar
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
    "period": {
        Stage.LEAD: "lead-rate",
        Stage.MQL: "mql-rate",
        Stage.SQL: "sql-rate",
        Stage.WON: "win-rate-plan",
        Stage.ONBOARDED: "onboarded-rate",
        Stage.RENEWED: "renewed-rate",
        Stage.REFERRED: "referred-rate",
    },
    "cohort": {
        Stage.LEAD: "lead-rate",
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

    `whole` is what `young` says of the last whole period where this one is young, else null. `before` is the period
    before, as many days of it as have passed of this one.
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
    stays: tuple[Stay, ...]
    whole: Numbers | None
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

    Counts take one statement and what is read from rows five, whatever the number of boards; targets one each, and
    more where the churn has one; a young period those of the whole ones before it. The counts of all are of one
    snapshot, the other numbers right after it.
    Without a `calendar` the organisation's is read.
    """
    known = calendar or Organization.current().calendar()
    read = zip(ats, read_counts(ats), rows or read_rows(ats), strict=True)
    boards = [
        Board(at.scope, *counted, **each._asdict(), goals=read_goals(at, known), calendar=known)
        for at, counted, each in read
    ]
    return [
        replace(board, whole=young.whole(at, known))
        if board.whole is None and young.is_young(board.outlook, at)
        else board
        for board, at in zip(boards, ats, strict=True)
    ]


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
        | stays.numbers(board.stays, board.goals.targets)
        | young.said(
            outlook.numbers(board.outlook, dict(board.reading.stages), dict(board.before.stages)),
            board.outlook,
            board.whole,
        )
        | {"overdue": board.overdue}
    )


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
