"""What one pass adds to the counts, written as differences with the event and folded into days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from dashboards.models import Measure
from funnel.models import Organization
from funnel.stages import COHORT_DAYS, Stage, previous
from funnel.transitions.ledger import Passage, Reach

FOLDING = 0x52657643  # Any constant: the advisory lock of those who move counts.


class Key(NamedTuple):
    """What a count is counted by; `channel` is an id."""

    measure: str
    stage: str
    day: date
    channel: int | None
    inferred: bool


_WINDOWS = {stage: (previous(stage), days) for stage, days in COHORT_DAYS.items()}
_ENTERED, _REACHED, _WITHIN = Measure.ENTERED.value, Measure.REACHED.value, Measure.WITHIN.value


class Dated(NamedTuple):
    """What alone decides how a pass is counted: its channel, its stages by local day, and which are inferred."""

    channel: int | None
    inferred: frozenset[str]
    days: tuple[tuple[Stage, date], ...]


def _dated(reach: Reach | None, zone: ZoneInfo) -> Dated | None:
    if reach is None or not reach.is_counted:
        return None
    days = tuple([(stage, at.astimezone(zone).date()) for stage, at in reach.at.items()])
    return Dated(reach.channel_id, reach.inferred, days)


def _keys(one: Dated) -> Iterator[Key]:
    channel, days = one.channel, dict(one.days)
    unsure = one.inferred.intersection(days)
    undated = Stage.LEAD in unsure
    captured = days.get(Stage.LEAD)
    for stage, day in one.days:
        inferred = stage in unsure
        yield Key(_ENTERED, stage, day, channel, inferred)
        yield Key(_REACHED, stage, captured or day, channel, inferred or undated)
        before, window = _WINDOWS.get(stage, (None, 0))
        if before in days and 0 <= (day - days[before]).days <= window:
            yield Key(_WITHIN, stage, days[before], channel, inferred or before in unsure)


def contributions(reach: Reach | None, zone: ZoneInfo) -> Counter[Key]:
    """Return what one pass adds to the counts; nothing for a merged one.

    Days are local dates in `zone`. WITHIN needs both entries, the later one 0 to COHORT_DAYS days after the
    earlier; dates out of order are not within. A step is inferred when either end of it is.
    """
    one = _dated(reach, zone)
    return Counter() if one is None else Counter(_keys(one))


INSERT = """
INSERT INTO dashboards_countdelta (measure, stage, day, channel_id, inferred, n)
SELECT * FROM unnest(%s::varchar[], %s::varchar[], %s::date[], %s::bigint[], %s::boolean[], %s::integer[])
"""


def write(passages: Iterable[Passage]) -> int:
    """Insert the difference that the passages make, in the caller's transaction; return the number of deltas.

    One statement for one passage or five thousand; rows that cancel out are not written.
    """
    passages = list(passages)
    if not passages:
        return 0
    zone = ZoneInfo(Organization.objects.values_list("zone", flat=True).get(pk=1))
    rows = _change(passages, zone)
    if rows:
        columns = [*zip(*rows, strict=True), rows.values()]
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [_array(column) for column in columns])
    return len(rows)


def _change(passages: Iterable[Passage], zone: ZoneInfo) -> dict[Key, int]:
    """The sum of what the passages add and take away; most leads of a file share their days with others."""
    alike: Counter[Dated] = Counter()
    for passage in passages:
        for reach, sign in ((passage.after, 1), (passage.before, -1)):
            one = _dated(reach, zone)
            if one is not None:
                alike[one] += sign
    change: dict[Key, int] = {}
    for one, n in alike.items():
        if n:
            for key in _keys(one):
                change[key] = change.get(key, 0) + n
    return {key: n for key, n in change.items() if n}


def _array(values: Iterable[object]) -> str:
    """Slugs, days, ids and numbers as PostgreSQL writes an array: a list would be quoted value by value."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


# A negative sum cannot be proposed to ON CONFLICT: the check of the new row would refuse it before the
# conflict is seen. Hence update, then insert what was not there. One statement, so one snapshot: whoever
# reads sees each delta either here or there.
FOLD = """
WITH moved AS (DELETE FROM dashboards_countdelta RETURNING measure, stage, day, channel_id, inferred, n),
sums AS (
  SELECT measure, stage, day, channel_id, inferred, sum(n)::integer AS n, count(*) AS deltas
  FROM moved GROUP BY measure, stage, day, channel_id, inferred
),
updated AS (
  UPDATE dashboards_dailycount d SET n = d.n + s.n FROM sums s
  WHERE d.measure = s.measure AND d.day = s.day AND d.stage = s.stage AND d.inferred = s.inferred
    AND d.channel_id IS NOT DISTINCT FROM s.channel_id
  RETURNING s.measure, s.stage, s.day, s.channel_id, s.inferred
),
added AS (
  INSERT INTO dashboards_dailycount (measure, stage, day, channel_id, inferred, n)
  SELECT measure, stage, day, channel_id, inferred, n FROM sums s
  WHERE n <> 0 AND NOT EXISTS (
    SELECT 1 FROM updated u WHERE u.measure = s.measure AND u.stage = s.stage AND u.day = s.day
      AND u.inferred = s.inferred AND u.channel_id IS NOT DISTINCT FROM s.channel_id)
)
SELECT coalesce(sum(deltas), 0) FROM sums
"""


def fold() -> int:
    """Move all committed deltas into the daily counts; return how many. Does nothing while another folds."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FOLDING])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(FOLD)
        return int(cursor.fetchone()[0])
