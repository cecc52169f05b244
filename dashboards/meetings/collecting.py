"""What a meeting shows, as plain numbers and codes: read once when it is started, and again while it is shown live."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from dashboards import board, counts, periods, sla, voices
from dashboards.deck import FINISHED_PERIOD, Kind
from dashboards.kpis import Frame
from dashboards.scope import Scope
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
    calendar = organization.calendar()
    found = board.read(at, calendar)
    week = Scope(at.today - ONE_WEEK + ONE_DAY, at.today)
    return {
        "as_of": now.isoformat(),
        "from": scope.start.isoformat(),
        "to": scope.end.isoformat(),
        "today": at.today.isoformat(),
        "numbers": board.numbers(found),
        "weeks": _weeks(scope, at.today),
        "lanes": [_lane(lane) for lane in sla.lanes(Frame.of_scope(week, organization, now))],
        "pareto": [[cause, n] for cause, n in sla.pareto(at)],
        "voice": _voice(voices.read(at)),
        "days": _days(at.today),
        "overdue": _overdue(now),
    }


def _weeks(scope: Scope, today: date) -> list[Numbers]:
    """The counts by stage of the eight weeks up to today or to the end of the scope; one statement."""
    last = min(today, scope.end)
    monday = last - timedelta(days=last.weekday())
    starts = [monday - n * ONE_WEEK for n in range(WEEKS - 1, -1, -1)]
    read = counts.funnels([Scope(day, min(day + 6 * ONE_DAY, last)) for day in starts])
    return [
        {"monday": day.isoformat(), "stages": dict(found.stages)}
        for day, found in zip(starts, read, strict=True)
    ]


def _days(today: date) -> list[Numbers]:
    """The counts by stage of yesterday and today; one statement."""
    days = [today - ONE_DAY, today]
    read = counts.funnels([Scope(day, day) for day in days])
    return [
        {"day": day.isoformat(), "stages": dict(found.stages)} for day, found in zip(days, read, strict=True)
    ]


def _lane(lane: sla.LaneResult) -> Numbers:
    return {
        "boundary": str(lane.boundary),
        "kept": lane.kept,
        "kept_late": lane.kept_late,
        "missed": lane.missed,
        "overdue": lane.overdue,
        "overrun": lane.overrun,
        "weeks": [[day.isoformat(), kept, judged] for day, kept, judged in lane.weeks],
    }


def _voice(found: voices.Voices) -> Numbers:
    nps = found.nps
    return {
        "nps": float(nps.value) if nps.value is not None else None,
        "answers": nps.denominator,
        "lost": [list(said) for said in found.lost],
        "returned": [list(said) for said in found.returned],
    }


def _overdue(now: datetime) -> list[Numbers]:
    """What is owed longest, by record: ids and codes only, as names may change and be erased."""
    rows = Handoff.objects.filter(overdue_at(now)).order_by("due_at", "id")[:MOST_OVERDUE]
    return [
        {"handoff": row.pk, "boundary": row.boundary, "due_at": row.due_at.isoformat() if row.due_at else ""}
        for row in rows
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
