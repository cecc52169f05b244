"""What was owed for a history that is laid down at once, for benches: a queue must not grow dear with it."""

from __future__ import annotations

from django.db import connection
from django.db.models import F

from funnel.models import Lead
from handoffs.lanes import Boundary
from handoffs.models import Handoff

PAST = """
INSERT INTO handoffs_handoff (boundary, round, lead_id, opened_by_id, terms_id, from_department, to_department,
  done_by_department, is_self, opened_at, due_at, kept_at, kept_recorded_at, completed_at, closed_at, decision,
  decided_at, return_reason, excuse_reason, below_threshold_reason, routed_by)
SELECT 'mql', 1, e.lead_id, e.id, t.id, 'marketing', 'inside_sales', 'inside_sales', false, e.occurred_at,
  e.occurred_at + interval '24 h', e.occurred_at + interval '1 h', e.occurred_at + interval '1 h',
  e.occurred_at + interval '2 h', e.occurred_at + interval '2 h', 'accepted', e.occurred_at + interval '2 h',
  '', '', '', ''
FROM funnel_event e, (SELECT id FROM handoffs_laneterms WHERE boundary = 'mql' ORDER BY version LIMIT 1) t
WHERE e.kind = 'mql_certified' AND NOT e.binding
ON CONFLICT DO NOTHING
"""


def lay_past() -> int:
    """Lay down a kept, accepted and closed first contact for every MQL of a synthetic history; returns how many.

    For a database made for a measurement: the table is locked until the transaction ends.
    """
    with connection.cursor() as cursor:
        # A promise is opened by a binding event only; history is not.
        cursor.execute("ALTER TABLE handoffs_handoff DISABLE TRIGGER USER")
        cursor.execute(PAST)
        laid = int(cursor.rowcount)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE handoffs_handoff ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    # The trigger of the column says since when, whatever is written to it.
    owed = Handoff.objects.filter(boundary=Boundary.MQL).values("lead")
    Lead.objects.filter(pk__in=owed, contact_owed_since__isnull=True).update(contact_owed_since=F("mql_at"))
    return laid
