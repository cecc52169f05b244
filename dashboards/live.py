"""What the boards are told: a hint after each commit, and one frame computed for all who watch."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import redis
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q
from redis.backoff import NoBackoff
from redis.retry import Retry

from dashboards import board as boards
from dashboards import facts, keeping, outlook, periods, readings, stays, young
from dashboards.board import GROUP_STAGES, Board
from dashboards.bottleneck import Churn
from dashboards.kpis import Frame
from dashboards.models import Meeting
from dashboards.outlook import Goals, Won
from dashboards.pace import Days
from dashboards.readings import Counted, Rows
from dashboards.scope import Scope
from funnel import moment
from funnel.calendar import BusinessCalendar
from funnel.models import Organization
from funnel.stages import Department
from handoffs.models import Handoff
from handoffs.notices import inbox

HINTS, FRAMES, LOCK = "revops:live:hints", "revops:live:frames", "revops:live:publisher"
ROWS, ROWS_TURN = "revops:live:rows", "revops:live:rows-turn"
KEPT_FRAMES = 100
# A Redis that does not answer costs one write this long, then none for a while.
WAIT_SECONDS, PAUSE_SECONDS = 0.25, 5.0
# At most one frame in this time, whatever happens; a publisher that dies gives up its turn after LOCK_MS.
COALESCE_MS, LOCK_MS = 250, 5000
# Counts cost the same whatever there is; what is read from rows may cost more, and comes a moment after the counts: at
# the latest after so many frames without it.
MOST_WITHOUT_ROWS = 8
ROWS_KEPT_MS = 3_600_000
# Of more channels than a board can show at a glance, boards fetch the rest themselves.
MOST_CHANNELS = 30

# Only whoever still holds the turn may publish: a late one would put older numbers after newer ones.
PUBLISH = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[4], '*', 'data', ARGV[2], 'covers', ARGV[3],
  'whole', ARGV[6], 'without', ARGV[7])
"""
RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class _Wire:
    """The process's client for hints, and until when it is left alone after a failure."""

    client: redis.Redis | None = None
    silent_until = 0.0


def wire() -> redis.Redis:
    """The process's client; it gives up soon and does not try again by itself."""
    if _Wire.client is None:
        _Wire.client = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=WAIT_SECONDS,
            socket_connect_timeout=WAIT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
    return _Wire.client


def publish_after_commit() -> None:
    """Send one hint when the transaction commits, however often it is asked for."""
    if not any(entry[1] is hint for entry in connection.run_on_commit):
        transaction.on_commit(hint, robust=True)


def hint() -> None:
    """Tell the publishers that something changed. A Redis that is down costs the hint, never the act."""
    if time.monotonic() < _Wire.silent_until:
        return
    try:
        wire().xadd(HINTS, {"t": ""}, maxlen=1, approximate=False)
    except redis.RedisError:
        _Wire.silent_until = time.monotonic() + PAUSE_SECONDS


def order(entry_id: str | None) -> tuple[int, int]:
    """An entry's id as numbers that compare; nothing comes before everything."""
    milliseconds, _, serial = (entry_id or "0-0").partition("-")
    return int(milliseconds), int(serial or 0)


def publish(*, even_so: bool = False) -> None:
    """Compute and send one frame, unless the latest covers every hint or another process has its turn.

    Reads the last hint before the numbers, so the frame holds all that was committed before that hint: its counts
    are those of now, and what is read from rows is of the hint it is `whole` for; a later frame makes up for it.
    `even_so` sends one although nothing was hinted: time alone has changed what is overdue.
    Raises redis.RedisError and django.db.Error.
    """
    client, token = wire(), secrets.token_hex(8)
    if not client.set(LOCK, token, nx=True, px=LOCK_MS):
        return
    try:
        hinted = _last(client, HINTS)
        latest = _last(client, FRAMES)
        covers, last = hinted[0] if hinted else "0-0", latest[1] if latest else {}
        is_current = bool(latest) and order(covers) <= order(last.get("covers"))
        is_whole = bool(latest) and order(covers) <= order(last.get("whole"))
        without = int(last.get("without", 0))
        kept = json.loads(client.get(ROWS) or "null")
        needs_rows = not is_whole and (is_current or without >= MOST_WITHOUT_ROWS)
        if kept is None or (needs_rows and client.set(ROWS_TURN, token, nx=True, px=LOCK_MS)):
            kept, without = _keep_rows(client, covers), 0
        elif even_so or not is_current:
            without += 1
        else:
            client.eval(RELEASE, 1, LOCK, token)
            return
        data = json.dumps(frame(moment.now(), kept["rows"]), separators=(",", ":"))
        arguments = (token, data, covers, KEPT_FRAMES, COALESCE_MS, kept["covers"], without)
        client.eval(PUBLISH, 2, LOCK, FRAMES, *arguments)
    except BaseException:
        client.eval(RELEASE, 1, LOCK, token)
        raise


def _keep_rows(client: redis.Redis, covers: str) -> dict[str, Any]:
    """Read what frames hold of rows, and keep it for the frames until the next reading."""
    begun, now = time.monotonic(), moment.now()
    ats = _standard(now)
    read = _read(client, ats)
    kept = {"covers": covers, "rows": _told(ats, read) | {"as_of": now.isoformat()}}
    client.set(ROWS, json.dumps(kept), px=ROWS_KEPT_MS)
    took = timedelta(seconds=time.monotonic() - begun)
    keeping.keep(client, covers, list(ats.values()), read, took)
    client.set(ROWS_TURN, "", px=keeping.pause_after(took, COALESCE_MS, LOCK_MS))
    return kept


def _last(client: redis.Redis, stream: str) -> Any:
    found: Any = client.xrevrange(stream, count=1)
    return found[0] if found else None


def standard_periods(today: date, fiscal_start: int) -> dict[str, tuple[date, date]]:
    """The week, month, fiscal quarter and fiscal year that hold `today`, both ends included."""
    return {name: periods.around(name, today, fiscal_start) for name in periods.NAMES}


def board(at: Frame, calendar: BusinessCalendar) -> Board:
    """The board of one scope; for a standard period what was read last serves all.

    Counts are exact to the last commit. So is the rest, but where reading it takes long: there it is as old as the
    stream's, half a minute at most (`keeping.DEAR`).
    """
    try:
        kept = keeping.kept(wire(), at, HINTS) if time.monotonic() >= _Wire.silent_until else None
    except redis.RedisError:
        _Wire.silent_until = time.monotonic() + PAUSE_SECONDS
        kept = None
    return boards.read(at, calendar, kept)


def frame(now: datetime, kept: dict[str, Any] | None = None) -> dict[str, Any]:
    """All that the boards of the standard periods show, and each department's work: numbers, slugs and dates only.

    Shares and changes are left to the page, which has both sides of them. `kept` is an earlier reading of `rows`.
    """
    ats = _standard(now)
    found = rows(ats) if kept is None else kept
    counted = zip(ats.items(), readings.read_counts(list(ats.values())), strict=True)
    periods_read = {name: _counted(at.scope, each) for (name, at), each in counted}
    today = next(iter(ats.values())).today
    for name, period in periods_read.items():
        # Rows kept from before midnight may be those of another period.
        if found.get(name, {}).get("from") == period["from"]:
            period |= {key: value for key, value in found[name].items() if key not in ("goals", "last_whole")}
            period["outlook"] = _outlook(period, found[name]["goals"], found[name].get("last_whole", {}))
    return {
        "as_of": now.isoformat(),
        # What is read from rows may be older: a page that knows newer keeps its own.
        "rows_as_of": found.get("as_of", now.isoformat()),
        "today": today.isoformat(),
        "periods": periods_read,
        "departments": departments(now),
        # Whose bell has something new; whoever is named asks for his own number.
        "bells": {str(member): pk for member, pk in inbox.newest().items()},
        # Which meetings run, and what each has on its screens; whoever shows an older version asks for this one.
        "meetings": {str(pk): version for pk, version in Meeting.running()},
    }


def rows(ats: Mapping[str, Frame]) -> dict[str, dict[str, Any]]:
    """What the boards of these periods show of promises, deals and passes."""
    return _told(ats, _read(None, ats))


def _read(client: redis.Redis | None, ats: Mapping[str, Frame]) -> list[Rows]:
    frames = list(ats.values())
    wholes = keeping.wholes(client, frames, Organization.current().calendar())
    read = zip(readings.read_rows(frames), wholes, strict=True)
    return [rows._replace(whole=whole) for rows, whole in read]


def _told(ats: Mapping[str, Frame], read: Sequence[Rows]) -> dict[str, dict[str, Any]]:
    calendar = Organization.current().calendar()
    return {name: _rows(at, each, calendar) for (name, at), each in zip(ats.items(), read, strict=True)}


def _outlook(period: Mapping[str, Any], goals: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    """The pace, the landing and the bottleneck of these counts, by targets kept as text; see `young.said`."""
    targets = {slug: Decimal(value) for slug, value in goals["targets"].items()}
    churn = goals["churn"]
    if churn is not None:
        slug, rate, target, mrr, left, base = churn
        churn = Churn(slug, Decimal(rate), Decimal(target), Decimal(mrr), left, base)
    won = Won(Decimal(str(period["others"]["bookings"])), period["others"]["deals"])
    found = outlook.judge(period["stages"], won, Goals(targets, Days(*goals["days"]), churn))
    return young.said(outlook.numbers(found, period["stages"], period["before"]), found, whole)


def _kept_goals(goals: Goals) -> dict[str, Any]:
    churn = goals.churn
    return {
        "targets": {slug: str(value) for slug, value in goals.targets.items()},
        "days": list(goals.days),
        "churn": churn and [churn.slug, *map(str, churn[1:4]), churn.left, churn.base],
    }


def _standard(now: datetime) -> dict[str, Frame]:
    organization = Organization.current()
    today = now.astimezone(organization.tz).date()
    named = standard_periods(today, organization.fiscal_year_start)
    return {name: Frame.of_scope(Scope(*ends), organization, now) for name, ends in named.items()}


def _counted(scope: Scope, found: Counted) -> dict[str, Any]:
    reading = found.reading
    return {
        "from": scope.start.isoformat(),
        "to": scope.end.isoformat(),
        "stages": dict(reading.stages),
        "before": dict(found.before.stages),
        "rates": {rate.target: [rate.numerator, rate.denominator] for rate in reading.rates},
        "bounds": {rate.target: [rate.low, rate.high] for rate in reading.rates},
        "channels": {
            group.key or "": [dict(group.stages)[stage] for stage in GROUP_STAGES]
            for group in reading.groups[:MOST_CHANNELS]
        },
    }


def _rows(at: Frame, found: Rows, calendar: BusinessCalendar) -> dict[str, Any]:
    goals = readings.read_goals(at, calendar)
    return {
        "from": at.scope.start.isoformat(),
        "goals": _kept_goals(goals),
        "last_whole": found.whole or {},
        "lanes": {
            lane.boundary: {
                **{state: lane.value.more[state] for state in ("kept", "kept_late", "missed", "cancelled")},
                "overdue": lane.overdue,
            }
            for lane in found.lanes
        },
        "others": facts.others(found.closed, found.response, found.wins)
        | facts.reasons(found.contacted)
        | stays.numbers(found.stays, goals.targets)
        | {
            "course": facts.course(found.course, at.scope, calendar),
            "overdue": sum(lane.overdue for lane in found.lanes),
        },
    }


def departments(now: datetime) -> dict[str, dict[str, int]]:
    """For each department: promises it owes, those overdue, and handoffs waiting for its decision."""
    owed = Q(due_at__isnull=False, kept_at__isnull=True, cancelled_at__isnull=True)
    rows = Handoff.objects.live().order_by().values("done_by_department")
    found = rows.annotate(
        owed=Count("pk", filter=owed),
        overdue=Count("pk", filter=owed & Q(due_at__lt=now)),
        waiting=Count("pk", filter=Q(decision="pending")),
    )
    numbers = {row.pop("done_by_department"): row for row in found}
    return {d.value: numbers.get(d.value, {"owed": 0, "overdue": 0, "waiting": 0}) for d in Department}
