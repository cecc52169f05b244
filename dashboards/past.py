"""The board as it was known at a past moment: counts, rates, targets and promises of then, from what was on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, Count, Q, Value, When

from dashboards import counts, facts, known_wins, outlook, pace, targets, young
from dashboards.board import SHOWN
from dashboards.counts import FunnelReading, Rate
from dashboards.kpis import Frame
from dashboards.kpis.rowsets import JUDGED, kept_share
from dashboards.kpis.together import Ended, Lane
from dashboards.outlook import Goals, Outlook
from dashboards.readings import comparable, won
from dashboards.scope import EARLIEST, LATEST, GroupBy, Scope, ScopeError
from funnel.calendar import BusinessCalendar
from funnel.models import Event, Organization
from handoffs.lanes import LANES, Promise
from handoffs.models import Handoff
from handoffs.querysets import fell_due

AS_OF_NOW: tuple[str, ...] = ("visitors", "owner", "channel", "campaign", "segment", "business_days")
"""What of a past board is that of now, since nothing keeps what it was then."""
LEFT_OUT: tuple[str, ...] = ("response", "churn", "stays")
"""What the board of now has and a past one has not."""
LONGEST_MOMENT = 40


@dataclass(frozen=True)
class PastBoard:
    """What was known of a scope at a moment. Counts are of the period in either basis; the basis decides about rates.

    `before` is as much of the period before as had passed of this one, as known then too. `changed` is how many
    promises of it had an act withdrawn since: they are shown as they were judged without that act.
    """

    at: Frame
    reading: FunnelReading
    before: FunnelReading
    before_scope: Scope
    rates: Mapping[str, Rate]
    lanes: tuple[Lane, ...]
    changed: int
    won: Ended
    goals: Goals
    calendar: BusinessCalendar

    @property
    def outlook(self) -> Outlook:
        """Where it stood beside its targets of then."""
        return outlook.judge(dict(self.reading.stages), won(self.won.closed), self.goals)

    @property
    def scope(self) -> Scope:
        """The scope it is of."""
        return self.at.scope


def board(scope: Scope, at: datetime) -> dict[str, Any]:
    """Return the board of `scope` as it was known at the moment `at`, as JSON values; the same at every later reading.

    Counts and rates (shares) by stage, also by `group_by` (channels unless asked); targets and their pace of that day
    as they had been set by then; promises that had fallen due by then, as judged then; what had been won, where it
    would land, and the bottleneck by what was known then; `numbers`, all of it under the names of the board of now.
    `as_of_now` and `left_out` name what is of now and what is not in it; `promises_changed` how many promises had an
    act withdrawn since. Six statements, whatever there is to count.
    """
    return told(read(scope, at, Organization.current()))


def moment(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the moment an address names, in the organisation's zone unless it says its own.

    Raises ScopeError: not a moment, in the future, or before anything was recorded.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or not EARLIEST < at.date() < LATEST:
        raise ScopeError("bad_moment", field="known_at", value=text[:LONGEST_MOMENT])
    at = at.replace(tzinfo=zone) if at.tzinfo is None else at
    if at > now:
        raise ScopeError("future_moment", field="known_at")
    first = Event.objects.order_by("id").values_list("recorded_at", flat=True).first()
    if first is None or at < first:
        raise ScopeError("unrecorded_moment", field="known_at")
    return at


def read(scope: Scope, at: datetime, organization: Organization) -> PastBoard:
    """Read it: the counts in one statement; targets, promises, wins and business days in one each."""
    then = Frame.of_scope(scope, organization, at)
    before_scope = comparable(then)
    by: GroupBy = scope.group_by or "channel"
    wanted = [
        replace(scope, basis="period", group_by=by),
        replace(before_scope, basis="period", group_by=None),
    ]
    if scope.basis == "cohort":
        wanted.append(replace(scope, group_by=None))
    reading, before, *steps = counts.funnels(wanted, at)
    lanes, changed = promised(then)
    calendar = organization.calendar()
    # What a period was to lose or keep of its customers is not asked of then: see LEFT_OUT.
    goals = Goals(
        targets.current(then, [slug for slug in outlook.WANTED if slug != outlook.CHURN], known_at=at),
        pace.elapsed(calendar, scope.start, scope.end, then.today),
    )
    return PastBoard(
        then,
        reading,
        before,
        before_scope,
        {rate.target: rate for rate in (steps[0] if steps else reading).rates},
        lanes,
        changed,
        known_wins.won(then),
        goals,
        calendar,
    )


def promised(then: Frame) -> tuple[tuple[Lane, ...], int]:
    """Each boundary's promises of the period as they stood at `then.now`, and of how many an act was withdrawn since.

    Known then: opened, kept or ended by what had been recorded by then. Owner and channel are those of now.
    """
    now = then.now
    late = owed(now)
    due = Q()
    for boundary in LANES:
        due |= fell_due(boundary, then.start, then.end)
    withdrawn = Event.objects.filter(corrects__isnull=False, recorded_at__gt=now, data__withdrawn=True)
    since = Q(lead__in=withdrawn.exclude(lead=None).values("lead"))
    since |= Q(customer__in=withdrawn.exclude(customer=None).values("customer"))
    rows = Handoff.objects.filter(
        due | late, then.of(channel="lead__channel", owner="owner"), opened_by__recorded_at__lte=now
    )
    found: Any = rows.order_by().annotate(standing=_standing(now)).values_list("boundary", "standing")
    counted: Counter[tuple[str, str]] = Counter()
    overdue: Counter[str] = Counter()
    changed = 0
    for boundary, standing, n, n_late, n_changed in found.annotate(
        n=Count("pk", filter=due), late=Count("pk", filter=late), changed=Count("pk", filter=since)
    ):
        counted[boundary, standing] += n
        overdue[boundary] += n_late
        changed += n_changed
    lanes = (Lane(b, kept_share({s.value: counted[b, s] for s in JUDGED}), overdue[b]) for b in LANES)
    return tuple(lanes), changed


def owed(now: datetime) -> Q:
    """Say which promises were owed and past their due moment, as far as was recorded by then."""
    return Q(due_at__lt=now) & ~_kept(now) & ~_cancelled(now) & ~Q(closed_at__lte=now)


def _kept(now: datetime) -> Q:
    return Q(kept_recorded_at__isnull=False, kept_recorded_at__lte=now)


def _cancelled(now: datetime) -> Q:
    return Q(cancelled_at__isnull=False, closed_at__isnull=False, closed_at__lte=now)


def _standing(now: datetime) -> Case:
    """The state of a promise by what had been recorded at `now`."""
    judged = {
        Promise.CANCELLED: _cancelled(now),
        Promise.KEPT_LATE: _kept(now) & Q(missed_at__isnull=False),
        Promise.KEPT: _kept(now),
        Promise.MISSED: Q(due_at__lt=now) | Q(due_at__isnull=True, missed_at__isnull=False),
    }
    return Case(
        *[When(rows, then=Value(state.value)) for state, rows in judged.items()],
        default=Value(Promise.OPEN.value),
        output_field=CharField(),
    )


def told(found: PastBoard) -> dict[str, Any]:
    """Return a past board as JSON values; see `board`."""
    scope, said = found.scope, numbers(found)
    return {
        "known_at": found.at.now.isoformat(),
        "today": found.at.today.isoformat(),
        "from": scope.start.isoformat(),
        "to": scope.end.isoformat(),
        "basis": scope.basis,
        "before": [_day(found.before_scope.start), _day(found.before_scope.end)],
        "business_days": {"passed": found.goals.days.passed, "whole": found.goals.days.whole},
        "stages": [
            {"key": s, "count": said[f"stage:{s}"], "before": said[f"before:{s}"], "target": said[f"target:{s}"],
             "due": said[f"due:{s}"], "percent": said[f"pct:{s}"]}
            for s in SHOWN
        ],
        "rates": [_rate_told(rate) for rate in found.rates.values()],
        "group_by": scope.group_by or "channel",
        "groups": [
            {"key": group.key, "label": group.label, "stages": dict(group.stages)} for group in found.reading.groups
        ],
        "promises": [_lane_told(lane, said) for lane in found.lanes],
        "promises_changed": found.changed,
        "money": {
            name: said[name] for name in ("bookings", "deals", "currency", "landing", "target:bookings", "due:bookings")
        },
        "bottleneck": {"state": said["bottleneck"], "named": said["named"].split(), "gain": said["gain"]},
        "targets": {slug: str(value) for slug, value in found.goals.targets.items()},
        "as_of_now": list(AS_OF_NOW),
        "left_out": list(LEFT_OUT),
        "numbers": said,
    }  # fmt: skip


def _day(day: date) -> str:
    return day.isoformat()


def _rate_told(rate: Rate) -> dict[str, Any]:
    return {
        "from": rate.source,
        "to": rate.target,
        "numerator": rate.numerator,
        "denominator": rate.denominator,
        "value": rate.value,
        "low": rate.low,
        "high": rate.high,
        "window_days": rate.window_days,
        "mature": rate.mature,
        "still_open": rate.still_open,
    }


def _lane_told(lane: Lane, said: Mapping[str, Any]) -> dict[str, Any]:
    states = {state: lane.value.more[state] for state in ("kept", "kept_late", "missed", "cancelled")}
    return {
        "boundary": str(lane.boundary),
        **states,
        "overdue": lane.overdue,
        "value": lane.value.value,
        "target": said[f"goal:{lane.boundary}-compliance"],
    }


def numbers(found: PastBoard) -> dict[str, Any]:
    """Every number of a past board under the name it has on the board of now."""
    counted, earlier = dict(found.reading.stages), dict(found.before.stages)
    judged = found.outlook
    said: dict[str, Any] = young.said(outlook.numbers(judged, counted, earlier), judged, None)
    said |= facts.money(found.won.closed.bookings)
    said["course"] = facts.course(found.won.course, found.scope, found.calendar)
    said["overdue"] = sum(lane.overdue for lane in found.lanes)
    for stage in SHOWN:
        now, then = found.reading.count(stage), found.before.count(stage)
        said |= {f"stage:{stage}": now, f"before:{stage}": then, f"change:{stage}": now - then}
    for target, rate in found.rates.items():
        said |= _rate(target, rate)
        said[f"waiting:{target}"] = rate.still_open
    for lane in found.lanes:
        said |= _lane(lane)
    return said


def _rate(name: str, rate: Any) -> dict[str, Any]:
    """The value of a step or a lane with its parts and bounds."""
    return {
        f"rate:{name}": rate.value,
        f"k:{name}": rate.numerator,
        f"n:{name}": rate.denominator,
        f"low:{name}": rate.low,
        f"high:{name}": rate.high,
    }


def _lane(lane: Lane) -> dict[str, Any]:
    name = f"lane-{lane.boundary}"
    states = ("kept", "kept_late", "missed", "cancelled")
    counted = {f"{state}:{name}": lane.value.more[state] for state in states}
    return _rate(name, lane.value) | counted | {f"overdue:{name}": lane.overdue}
