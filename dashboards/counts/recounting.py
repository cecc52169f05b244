"""The counts recounted from the passes: where they differ, and making them right beside writers."""

# ruff: noqa: S608  The statements are put together from names of our own stages and columns alone.

from __future__ import annotations

from typing import NamedTuple

from django.db import connection, transaction

from dashboards.counts.writing import FOLDING, Key
from funnel.stages import COHORT_DAYS, STAGES, previous


def _entries() -> str:
    """Every (pass, stage) as the reached columns say, with local days: SQL, one row for each entry."""
    values = ", ".join(f"('{s}', l.{s}_at)" for s in STAGES)
    steps = [(s, previous(s), COHORT_DAYS.get(s)) for s in STAGES]
    before = " ".join(f"WHEN '{s}' THEN l.{b}_at" for s, b, _ in steps if b)
    unsure = " ".join(f"WHEN '{s}' THEN '{b}' = ANY (l.inferred)" for s, b, _ in steps if b)
    window = " ".join(f"WHEN '{s}' THEN {w}" for s, _, w in steps if w)
    return f"""
      SELECT v.stage, l.channel_id, (v.at AT TIME ZONE o.zone)::date AS day,
        (l.lead_at AT TIME ZONE o.zone)::date AS captured,
        ((CASE v.stage {before} END) AT TIME ZONE o.zone)::date AS before,
        v.stage = ANY (l.inferred) AS unsure, 'lead' = ANY (l.inferred) AS unsure_lead,
        CASE v.stage {unsure} ELSE false END AS unsure_before, CASE v.stage {window} END AS days
      FROM funnel_lead l CROSS JOIN funnel_organization o
      CROSS JOIN LATERAL (VALUES {values}) v(stage, at)
      WHERE l.is_counted AND v.at IS NOT NULL"""


# Recounted from the passes and counted so far, in one statement and so in one snapshot.
DIFFERENCES = f"""
WITH entry AS MATERIALIZED ({_entries()}),
recount AS (
  SELECT 'entered' AS measure, stage, day, channel_id, unsure AS inferred, 1 AS n FROM entry
  UNION ALL
  SELECT 'reached', stage, captured, channel_id, unsure OR unsure_lead, 1 FROM entry
  UNION ALL
  SELECT 'within', stage, before, channel_id, unsure OR unsure_before, 1 FROM entry
  WHERE day - before BETWEEN 0 AND days
),
difference AS (
  SELECT measure, stage, day, channel_id, inferred, sum(n)::integer AS n FROM (
    SELECT measure, stage, day, channel_id, inferred, n FROM recount
    UNION ALL SELECT measure, stage, day, channel_id, inferred, -n FROM dashboards_dailycount
    UNION ALL SELECT measure, stage, day, channel_id, inferred, -n FROM dashboards_countdelta
  ) both_sides GROUP BY measure, stage, day, channel_id, inferred HAVING sum(n) <> 0
)
"""


COLUMNS = "measure, stage, day, channel_id, inferred, n"


class Difference(NamedTuple):
    """A count that is not what the passes say; `n` is what is missing (negative: too much)."""

    key: Key
    n: int


def differences() -> list[Difference]:
    """Compare every count with the passes, in one snapshot, so it may run beside writers; empty if exact."""
    with connection.cursor() as cursor:
        cursor.execute(f"{DIFFERENCES} SELECT {COLUMNS} FROM difference ORDER BY day, measure, stage")
        return [Difference(Key(*row[:5]), row[5]) for row in cursor.fetchall()]


def recount() -> int:
    """Make the counts what the passes say; return how many were wrong.

    Adds what is missing as deltas, in one snapshot: writers need not stop.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FOLDING])
        cursor.execute(
            f"{DIFFERENCES} INSERT INTO dashboards_countdelta ({COLUMNS}) SELECT {COLUMNS} FROM difference"
        )
        return cursor.rowcount
