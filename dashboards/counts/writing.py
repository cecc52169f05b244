"""What one pass adds to the counts, written as differences with the event and folded into days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
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


def contributions(reach: Reach | None, zone: ZoneInfo) -> Counter[Key]:
    """Return what one pass adds to the counts; nothing for a merged one.

    Days are local dates in `zone`. WITHIN needs both entries, the later one 0 to COHORT_DAYS days after the
    earlier; dates out of order are not within. A step is inferred when either end of it is.
    """
    found: Counter[Key] = Counter()
    if reach is None or not reach.is_counted:
        return found
    days = {stage: at.astimezone(zone).date() for stage, at in reach.at.items()}
    unsure = {stage for stage in days if stage in reach.inferred}
    for stage, day in days.items():
        found[Key(Measure.ENTERED, stage, day, reach.channel_id, stage in unsure)] += 1
        captured = days.get(Stage.LEAD, day)
        inferred = stage in unsure or Stage.LEAD in unsure
        found[Key(Measure.REACHED, stage, captured, reach.channel_id, inferred)] += 1
        before = previous(stage)
        if before in days and 0 <= (day - days[before]).days <= COHORT_DAYS[stage]:
            inferred = stage in unsure or before in unsure
            found[Key(Measure.WITHIN, stage, days[before], reach.channel_id, inferred)] += 1
    return found


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
    change: Counter[Key] = Counter()
    for passage in passages:
        change.update(contributions(passage.after, zone))
        change.subtract(contributions(passage.before, zone))
    rows = sorted(((key, n) for key, n in change.items() if n), key=lambda row: row[0][:3])
    if rows:
        columns = [list(column) for column in zip(*[key for key, _ in rows], strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [*columns, [n for _, n in rows]])
    return len(rows)


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
