"""Marking what has fallen due: PostgreSQL's clock, one statement a batch, each promise once."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection, transaction

from handoffs.models import Handoff
from handoffs.signals import promise_changed


class Swept(NamedTuple):
    """What a sweep did: promises marked missed, the longest time from due to marked; what was put out."""

    marked: int
    worst_lag_seconds: int
    warned: int = 0
    escalated: int = 0


# An act that began in time is kept, however long its transaction waits: nothing is marked that fell due
# after the oldest running transaction began. Twenty seconds are longer than a page's statements may take;
# ten minutes bound what one forgotten session can hold up.
MARK = """
WITH due AS MATERIALIZED (
  SELECT id FROM handoffs_handoff
  WHERE due_at < revops_now() - LEAST(interval '10 min', GREATEST(interval '20 s', (
      SELECT transaction_timestamp() - min(xact_start) FROM pg_stat_activity
      WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid())))
    AND due_at IS NOT NULL AND kept_at IS NULL AND missed_at IS NULL AND cancelled_at IS NULL
  ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
), marked AS (
  UPDATE handoffs_handoff h SET missed_at = h.due_at FROM due WHERE h.id = due.id
  RETURNING h.id, boundary, lead_id, deal_id, customer_id, done_by_department, owner_id, h.due_at, missed_at
), told AS (
  INSERT INTO handoffs_notice (key, kind, handoff_id, department, member_id, created_at)
  SELECT 'missed:' || id, 'missed', id, done_by_department, owner_id, revops_now() FROM marked
  ON CONFLICT (key) DO NOTHING
)
SELECT marked.*, extract(epoch FROM revops_now() - due_at)::int AS lag FROM marked
"""

# Several steps may have passed while nothing swept: only the latest is told.
WARN = """
WITH due AS MATERIALIZED (
  SELECT id FROM handoffs_handoff
  WHERE warn_at <= revops_now() AND kept_at IS NULL AND missed_at IS NULL AND cancelled_at IS NULL
  ORDER BY warn_at LIMIT %s FOR UPDATE SKIP LOCKED
), steps AS (
  SELECT h.id, s.percent, h.opened_at + (h.due_at - h.opened_at) * s.percent / 100.0 AS at
  FROM due JOIN handoffs_handoff h USING (id) JOIN handoffs_laneterms t ON t.id = h.terms_id,
       LATERAL (SELECT p::numeric::float8 AS percent FROM jsonb_array_elements_text(t.warn_at_percent) p) s
), next AS (
  SELECT id, max(percent) FILTER (WHERE at <= revops_now()) AS percent,
         min(at) FILTER (WHERE at > revops_now()) AS at
  FROM steps GROUP BY id
), warned AS (
  UPDATE handoffs_handoff h SET warn_at = next.at FROM next WHERE h.id = next.id
  RETURNING h.id, h.done_by_department, h.owner_id, h.due_at, next.percent
)
INSERT INTO handoffs_notice (key, kind, handoff_id, department, member_id, created_at)
SELECT 'warning:' || id || ':' || percent, 'warning', id, done_by_department, owner_id, revops_now()
FROM warned WHERE due_at >= revops_now() AND percent IS NOT NULL
ON CONFLICT (key) DO NOTHING
"""

# Still not done long after it was due. An excused miss has been talked about already.
ESCALATE = """
WITH late AS MATERIALIZED (
  SELECT id FROM handoffs_handoff
  WHERE escalate_at <= revops_now() AND missed_at IS NOT NULL AND kept_at IS NULL AND closed_at IS NULL
  ORDER BY escalate_at LIMIT %s FOR UPDATE SKIP LOCKED
), escalated AS (
  UPDATE handoffs_handoff h SET escalate_at = NULL FROM late WHERE h.id = late.id
  RETURNING h.id, h.done_by_department, h.owner_id, h.excused_at
)
INSERT INTO handoffs_notice (key, kind, handoff_id, department, member_id, created_at)
SELECT 'escalation:' || id, 'escalation', id, done_by_department, owner_id, revops_now() FROM escalated
WHERE excused_at IS NULL
ON CONFLICT (key) DO NOTHING
"""

NOTE_RUN = """
INSERT INTO handoffs_sweeprun (id, ran_at, marked, worst_lag_seconds) VALUES (1, revops_now(), %s, %s)
ON CONFLICT (id) DO UPDATE SET ran_at = EXCLUDED.ran_at, marked = EXCLUDED.marked,
                               worst_lag_seconds = EXCLUDED.worst_lag_seconds
"""


def sweep(*, batch: int = 500) -> Swept:
    """Mark every promise that has fallen due as missed as of `due_at`, and put its notice into the outbox.

    Each batch is one transaction: killed at any point, it is either done or for the next sweep to do. Any
    number of sweeps may run at once. Verdicts do not depend on it: a promise past due is missed unmarked too.
    """
    marked = worst = 0
    while True:
        with transaction.atomic():
            found = list(Handoff.objects.raw(MARK, [batch]))
            if found:
                # Built with the columns above; whoever needs another reads it when asking for it.
                promise_changed.send(sender=Handoff, handoffs=found)
        marked += len(found)
        worst = max([worst, *(vars(h)["lag"] for h in found)])
        if len(found) < batch:
            break
    warned, escalated = _tell(WARN, batch), _tell(ESCALATE, batch)
    with connection.cursor() as cursor:
        cursor.execute(NOTE_RUN, [marked, worst])
    return Swept(marked, worst, warned, escalated)


def _tell(statement: str, batch: int) -> int:
    """Put out the notices whose step has come; they never say anything about a verdict."""
    told = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(statement, [batch])
            told += cursor.rowcount
            if cursor.rowcount < batch:
                return told
