"""What the boards are told: a hint after each commit, and one frame computed for all who watch."""

from __future__ import annotations

import json
import secrets
import time
from datetime import date, datetime
from typing import Any

import redis
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q
from redis.backoff import NoBackoff
from redis.retry import Retry

from dashboards import board as boards
from dashboards import periods
from dashboards.board import GROUP_STAGES, Board
from dashboards.kpis import Frame
from dashboards.scope import Scope
from funnel import moment
from funnel.models import Organization
from funnel.stages import Department
from handoffs.models import Handoff

HINTS, FRAMES, LOCK = "revops:live:hints", "revops:live:frames", "revops:live:publisher"
KEPT_FRAMES = 100
# A Redis that does not answer costs one write this long, then none for a while.
WAIT_SECONDS, PAUSE_SECONDS = 0.25, 5.0
# At most one frame in this time, whatever happens; a publisher that dies gives up its turn after LOCK_MS.
COALESCE_MS, LOCK_MS = 250, 5000
# Computing frames takes at most a quarter of the time of one connection, however much there is to read.
PAUSE_TIMES = 3
# Of more channels than a board can show at a glance, boards fetch the rest themselves.
MOST_CHANNELS = 30

# Only whoever still holds the turn may publish: a late one would put older numbers after newer ones.
PUBLISH = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[4], '*', 'data', ARGV[2], 'covers', ARGV[3])
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

    Reads the last hint before the numbers, so the frame holds all that was committed before that hint.
    `even_so` sends one although nothing was hinted: time alone has changed what is overdue.
    Raises redis.RedisError and django.db.Error.
    """
    client, token = wire(), secrets.token_hex(8)
    if not client.set(LOCK, token, nx=True, px=LOCK_MS):
        return
    try:
        hinted = _last(client, HINTS)
        covered = _last(client, FRAMES)
        covers = hinted[0] if hinted else "0-0"
        if covered and not even_so and order(covers) <= order(covered[1].get("covers")):
            client.eval(RELEASE, 1, LOCK, token)
            return
        begun = time.monotonic()
        data = json.dumps(frame(moment.now()), separators=(",", ":"))
        pause = pause_after(time.monotonic() - begun)
        client.eval(PUBLISH, 2, LOCK, FRAMES, token, data, covers, KEPT_FRAMES, pause)
    except BaseException:
        client.eval(RELEASE, 1, LOCK, token)
        raise


def pause_after(seconds: float) -> int:
    """The milliseconds until the next frame may be computed, after one that took `seconds`."""
    return min(LOCK_MS, max(COALESCE_MS, round(seconds * 1000 * PAUSE_TIMES)))


def _last(client: redis.Redis, stream: str) -> Any:
    found: Any = client.xrevrange(stream, count=1)
    return found[0] if found else None


def standard_periods(today: date, fiscal_start: int) -> dict[str, tuple[date, date]]:
    """The week, month, fiscal quarter and fiscal year that hold `today`, both ends included."""
    return {name: periods.around(name, today, fiscal_start) for name in periods.NAMES}


def frame(now: datetime) -> dict[str, Any]:
    """All that the boards of the standard periods show, and each department's work.

    Numbers, slugs and dates only; shares and changes are left to the page, which has both sides of them.
    """
    organization = Organization.current()
    today = now.astimezone(organization.tz).date()
    named = standard_periods(today, organization.fiscal_year_start)
    read = boards.read_all([Frame.of_scope(Scope(*ends), organization, now) for ends in named.values()])
    return {
        "as_of": now.isoformat(),
        "today": today.isoformat(),
        "periods": {name: _period(board) for name, board in zip(named, read, strict=True)},
        "departments": departments(now),
    }


def _period(board: Board) -> dict[str, Any]:
    scope, reading, numbers = board.scope, board.reading, boards.numbers(board)
    return {
        "from": scope.start.isoformat(),
        "to": scope.end.isoformat(),
        "stages": dict(reading.stages),
        "before": dict(board.before.stages),
        "rates": {rate.target: [rate.numerator, rate.denominator] for rate in reading.rates},
        "bounds": {rate.target: [rate.low, rate.high] for rate in reading.rates},
        "channels": {
            group.key or "": [dict(group.stages)[stage] for stage in GROUP_STAGES]
            for group in reading.groups[:MOST_CHANNELS]
        },
        "lanes": {
            lane.boundary: {
                "kept": lane.value.more["kept"],
                "kept_late": lane.value.more["kept_late"],
                "missed": lane.value.more["missed"],
                "cancelled": lane.value.more["cancelled"],
                "overdue": lane.overdue,
            }
            for lane in board.lanes
        },
        "others": {name: numbers[name] for name in OTHERS},
    }


# What a board shows in one place each, under the names of its numbers.
OTHERS = (
    "bookings", "deals", "deal-size", "currency", "k:win", "n:win", "rate:win",
    "response:median", "response:p90", "response:answered", "response:waiting", "overdue",
)  # fmt: skip


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
