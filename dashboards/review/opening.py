"""A review for each miss, in the transaction that marked it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection

# A gate is owed by its sender, everything with a clock by whom the receiving department's work is done.
OPEN = """
INSERT INTO dashboards_breachreview (handoff_id, boundary, department, breached_at, opened_at, suggested, cause)
SELECT h.id, h.boundary, CASE WHEN h.due_at IS NULL THEN h.from_department ELSE h.done_by_department END, h.missed_at,
       revops_now(), '{{}}', ''
FROM handoffs_handoff h
WHERE {which} AND h.missed_at IS NOT NULL
ON CONFLICT (handoff_id) DO NOTHING
"""
# An act in time that is recorded late is seen only when it is recorded: what was collected before did not know of it.
KNOW_BETTER = """
UPDATE dashboards_breachreview r SET evidence = NULL, suggested = '{}'
FROM handoffs_handoff h
WHERE r.handoff_id = ANY(%s) AND r.cause = '' AND r.evidence IS NOT NULL
  AND h.id = r.handoff_id AND (h.kept_at IS NOT NULL OR h.decision = 'returned')
"""
LATELY = timedelta(days=2)


def open_for(handoffs: Iterable[int]) -> None:
    """Open a review for each of these handoffs that is missed and has none; what is known anew is collected anew."""
    ids = sorted(handoffs)
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(OPEN.format(which="h.id = ANY(%s)"), [ids])
        cursor.execute(KNOW_BETTER, [ids])


def open_forgotten(now: datetime) -> int:
    """Open what a change made past every signal left without a review, of the misses of the last two days."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN.format(which="h.missed_at >= %s"), [now - LATELY])
        return int(cursor.rowcount)
