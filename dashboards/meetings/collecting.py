"""What a meeting shows, as plain numbers and codes: read once when it is started, and again while it is shown live."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from dashboards import board, counts, periods, sla, voices
from dashboards.board import Board
from dashboards.deck import FINISHED_PERIOD, Kind
from dashboards.kpis import Frame
from dashboards.scope import Scope
from dashboards.sla import LaneResult
from dashboards.voices import Voices
from funnel.calendar import ONE_DAY, month_end, month_start
from funnel.models import Organization
from funnel.stages import STAGES, VISITOR
from handoffs.models import Handoff
from handoffs.querysets import overdue_at

Numbers = dict[str, Any]
WEEKS = 8
ONE_WEEK = timedelta(weeks=1)
MOST_OVERDUE = 8
STAGE_KEYS = (VISITOR, *(str(stage) for stage in STAGES))


def scope_of(kind: str, today: date, fiscal_start: int) -> Scope:
    """The days a meeting looks at: the month that runs, or the month or fiscal quarter that ended."""
    if kind not in FINISHED_PERIOD:
        return Scope(month_start(today), month_end(today))
    if kind == Kind.MONTHLY:
        last = month_start(today) - ONE_DAY
        return Scope(month_start(last), last)
    last = periods.around("quarter", today, fiscal_start).start - ONE_DAY
    return Scope(periods.around("quarter", last, fiscal_start).start, last)


def collect(scope: Scope, organization: Organization, now: datetime) -> Numbers:
    """Read everything a meeting shows of a scope: JSON through and through, words are left to the page.

    `numbers` are those of the board (`dashboards.board.numbers`); `weeks` the last eight, by stage entered; `lanes`
    how the promises due in the last seven days went, and in eight weeks; `pareto` causes by how often, of the scope;
    `voice` the NPS and why deals were lost and handoffs returned; `days` the work of yesterday and today by stage.
    """
    at = Frame.of_scope(scope, organization, now)
    return told(
        at,
        board.read(at, organization.calendar()),
        lanes=sla.lanes(last_week(at, organization)),
        pareto=sla.pareto(at),
        voice=voices.read(at),
        overdue=overdue_at(now),
    )


def last_week(at: Frame, organization: Organization) -> Frame:
    """The seven days up to today."""
    return Frame.of_scope(Scope(at.today - ONE_WEEK + ONE_DAY, at.today), organization, at.now)


def told(
    at: Frame,
    found: Board,
    *,
    lanes: Iterable[LaneResult],
    pareto: Iterable[tuple[str, int]],
    voice: Voices,
    overdue: Q,
    known_at: datetime | None = None,
) -> Numbers:
    """Put what was read into the form of `collect`; `overdue` says which promises are, counts are as of `known_at`."""
    return {
        "as_of": at.now.isoformat(),
        "from": at.scope.start.isoformat(),
        "to": at.scope.end.isoformat(),
        "today": at.today.isoformat(),
        "numbers": board.numbers(found),
        "weeks": _weeks(at.scope, at.today, known_at),
        "lanes": [_lane(lane) for lane in lanes],
        "pareto": [[cause, n] for cause, n in pareto],
        "voice": _voice(voice),
        "days": _days(at.today, known_at),
        "overdue": _overdue(overdue),
    }


def _weeks(scope: Scope, today: date, known_at: datetime | None) -> list[Numbers]:
    """The counts by stage of the eight weeks up to today or to the end of the scope; one statement."""
    last = min(today, scope.end)
    monday = last - timedelta(days=last.weekday())
    starts = [monday - n * ONE_WEEK for n in range(WEEKS - 1, -1, -1)]
    read = counts.funnels([Scope(day, min(day + 6 * ONE_DAY, last)) for day in starts], known_at)
    return [
        {"monday": day.isoformat(), "stages": dict(found.stages)}
        for day, found in zip(starts, read, strict=True)
    ]


def _days(today: date, known_at: datetime | None) -> list[Numbers]:
    """The counts by stage of yesterday and today; one statement."""
    days = [today - ONE_DAY, today]
    read = counts.funnels([Scope(day, day) for day in days], known_at)
    return [
        {"day": day.isoformat(), "stages": dict(found.stages)} for day, found in zip(days, read, strict=True)
    ]


def _lane(lane: LaneResult) -> Numbers:
    return {
        "boundary": str(lane.boundary),
        "kept": lane.kept,
        "kept_late": lane.kept_late,
        "missed": lane.missed,
        "overdue": lane.overdue,
        "overrun": lane.overrun,
        "weeks": [[day.isoformat(), kept, judged] for day, kept, judged in lane.weeks],
    }


def _voice(found: Voices) -> Numbers:
    nps = found.nps
    return {
        "nps": float(nps.value) if nps.value is not None else None,
        "answers": nps.denominator,
        "lost": [list(said) for said in found.lost],
        "returned": [list(said) for said in found.returned],
    }


def _overdue(rows: Q) -> list[Numbers]:
    """What is owed longest, by record: ids and codes only, as names may change and be erased."""
    found = Handoff.objects.filter(rows).order_by("due_at", "id")[:MOST_OVERDUE]
    return [
        {"handoff": row.pk, "boundary": row.boundary, "due_at": row.due_at.isoformat() if row.due_at else ""}
        for row in found
    ]


def moved(now: Mapping[str, Any], then: Mapping[str, Any] | None) -> dict[str, int]:
    """By how much the count of each stage is other than in an earlier meeting's snapshot of the same days.

    Empty without one, or where that one looked at other days.
    """
    if then is None or then.get("from") != now.get("from"):
        return {}
    key = "stage:{}".format
    return {
        stage: now["numbers"][key(stage)] - then["numbers"][key(stage)]
        for stage in STAGE_KEYS
        if key(stage) in then["numbers"]
    }
