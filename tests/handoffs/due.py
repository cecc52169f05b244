"""Many promises that have fallen due, laid down in a few statements."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

ROWS = """
WITH people AS (
  INSERT INTO funnel_person (name, name_norm, name_kana, title, email, phone, phone_norm, created_at)
  SELECT '人' || n, '人' || n, '', '', '', '', '', revops_now() FROM generate_series(1, %(count)s) n RETURNING id
), leads AS (
  INSERT INTO funnel_lead (person_id, pass_no, segment, stage, outcome_reason, lead_at, mql_at, inferred,
                           is_counted, date_conflict, created_at)
  SELECT id, 1, '', 'mql', '', at, at, '{}', true, false, revops_now()
  FROM (SELECT id, revops_now() - %(ago)s - interval '24 h' + (row_number() OVER ()) * %(apart)s AS at
        FROM people) opened RETURNING id, mql_at
), events AS (
  INSERT INTO funnel_event (kind, occurred_at, recorded_at, department, source, reason, binding, inferred, lead_id, data)
  SELECT 'mql_certified', mql_at, mql_at, 'marketing', 'html', 'inquiry', true, false, id, '{}' FROM leads
  RETURNING id, lead_id, occurred_at
)
INSERT INTO handoffs_handoff (boundary, round, lead_id, opened_by_id, terms_id, from_department, to_department,
  done_by_department, is_self, opened_at, due_at, decision, return_reason, excuse_reason, below_threshold_reason,
  routed_by)
SELECT 'mql', 1, lead_id, events.id, terms.id, 'marketing', 'inside_sales', 'inside_sales', false, occurred_at,
       occurred_at + interval '24 h', 'pending', '', '', '', ''
FROM events, (SELECT id FROM handoffs_laneterms WHERE boundary = 'mql' ORDER BY version LIMIT 1) terms
RETURNING id
"""
BINDING = "ALTER TABLE handoffs_handoff {} TRIGGER handoff_binding_event"


def make_due(count: int, ago: timedelta, apart: timedelta = timedelta(0)) -> list[int]:
    """Open `count` promises of a first contact due `ago` before now, each `apart` from the last; return their ids."""
    with connection.cursor() as cursor:
        # One statement does not see the events it inserts, which is what that trigger looks for.
        cursor.execute(BINDING.format("DISABLE"))
        cursor.execute(ROWS, {"count": count, "ago": ago, "apart": apart})
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(BINDING.format("ENABLE"))
    return ids
