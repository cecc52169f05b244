"""What the boards of the standard periods read from rows, read once for all who open one, until something changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import redis

from dashboards import young
from dashboards.bottleneck import Stay
from dashboards.kpis import Frame, Value
from dashboards.kpis.together import Closed, Contacted, Lane
from dashboards.readings import Numbers, Rows
from funnel.calendar import BusinessCalendar
from handoffs.lanes import Boundary

OLDEST = timedelta(seconds=30)
"""Time alone changes what is overdue and how long somebody waits; a hint that was lost is made up for by then."""


DEAR = timedelta(seconds=1)
"""What takes longer to read, twice running, is shown although something was committed since: the stream's figures are as
old. Once may be a machine that is busy with something else."""

PAUSE_TIMES = 3
"""Reading rows takes at most a quarter of the time of one connection."""

BOARDS, WHOLES = "revops:live:boards:3", "revops:live:wholes"
KEPT_MS = 60_000
"""What whole periods before this one say changes only by corrections: it is read once a minute."""


def keep(
    client: redis.Redis, covers: str, ats: Sequence[Frame], read: Sequence[Rows], took: timedelta
) -> None:
    """Keep what was read for each of these frames, after the hint `covers`. Raises redis.RedisError."""
    boards = {at.scope.query(): dump(rows) for at, rows in zip(ats, read, strict=True)}
    before = json.loads(client.get(BOARDS) or "null") or {"took": 0}
    kept = {
        "covers": covers,
        "as_of": ats[0].now.isoformat(),
        "took": took / DEAR,
        "is_dear": min(took / DEAR, before["took"]) >= 1,
        "boards": boards,
    }
    client.set(BOARDS, json.dumps(kept), px=KEPT_MS)


def kept(client: redis.Redis, at: Frame, hints: str) -> Rows | None:
    """What was kept for this frame, unless it is too old, or something was committed since and it is soon read anew.

    `hints` is the stream whose last entry says when something was committed. Raises redis.RedisError.
    """
    with client.pipeline(transaction=False) as asked:
        asked.get(BOARDS)
        asked.xrevrange(hints, count=1)
        text, hinted = asked.execute()
    found = json.loads(text or "null")
    if found is None or (found["covers"] != (hinted[0][0] if hinted else "0-0") and not found["is_dear"]):
        return None
    age = at.now - datetime.fromisoformat(found["as_of"])
    board = found["boards"].get(at.scope.query())
    return load(board) if board is not None and timedelta(0) <= age <= OLDEST else None


def pause_after(took: timedelta, least: int, most: int) -> int:
    """The milliseconds until rows may be read again, after a reading that took so long."""
    return min(most, max(least, round(took / timedelta(milliseconds=1) * PAUSE_TIMES)))


def wholes(client: redis.Redis | None, ats: Sequence[Frame], calendar: BusinessCalendar) -> list[Numbers]:
    """What `young` says of the last whole period before each of these, at most a minute old. Raises redis.RedisError."""
    found: dict[str, Numbers] = json.loads((client.get(WHOLES) if client is not None else None) or "{}")
    queries = [at.scope.query() for at in ats]
    if any(query not in found for query in queries):
        found = dict(zip(queries, young.wholes(ats, calendar), strict=True))
        if client is not None:
            client.set(WHOLES, json.dumps(found), px=KEPT_MS)
    return [found[query] for query in queries]


def dump(rows: Rows) -> list[Any]:
    """The rows as JSON holds them; decimals and dates are marked, so that they come back as they were."""
    plain: list[Any] = json.loads(json.dumps(rows, default=_mark))
    return plain


def load(plain: Sequence[Any]) -> Rows:
    """What `dump` was given."""
    lanes, (bookings, win_rate), response, wins, (in_time, late), course, stays, whole = json.loads(
        json.dumps(plain), object_hook=_unmark
    )
    return Rows(
        tuple(Lane(Boundary(boundary), Value(*value), overdue) for boundary, value, overdue in lanes),
        Closed(Value(*bookings), Value(*win_rate)),
        Value(*response),
        Value(*wins),
        Contacted(Value(*in_time), Value(*late)),
        tuple((day, total) for day, total in course),
        tuple(Stay(*stay) for stay in stays),
        whole,
    )


def _mark(value: object) -> dict[str, str]:
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, date) and not isinstance(value, datetime):
        return {"date": value.isoformat()}
    raise TypeError(type(value).__name__)


def _unmark(found: dict[str, Any]) -> Any:
    match found:
        case {"decimal": str(text)} if len(found) == 1:
            return Decimal(text)
        case {"date": str(text)} if len(found) == 1:
            return date.fromisoformat(text)
    return found
