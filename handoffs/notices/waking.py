"""Leads whose day to be asked again has come, told in the morning of that day."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction

from funnel import moment
from funnel.models import Organization

# Before this time of the organisation's day nobody reads it.
MORNING = timedelta(hours=8)
# A date set just before midnight may be committed after it; after a standstill every day of it is made up for.
LOOK_BACK = timedelta(days=2)

WAKE = """
INSERT INTO handoffs_notice (key, kind, lead_id, department, member_id, created_at)
SELECT 'wake_up:' || l.id || ':' || l.wake_up_on, 'wake_up', l.id, e.department, l.owner_id, revops_now()
FROM funnel_lead l
JOIN LATERAL (
  SELECT department, binding FROM funnel_event WHERE lead_id = l.id AND kind IN ('lead_recycled', 'deal_lost')
  ORDER BY id DESC LIMIT 1) e ON e.binding
WHERE l.wake_up_on > %(after)s AND l.wake_up_on <= %(today)s AND l.outcome IN ('recycled', 'lost')
  AND NOT EXISTS (SELECT 1 FROM funnel_lead n WHERE n.person_id = l.person_id AND n.pass_no > l.pass_no)
  AND NOT EXISTS (SELECT 1 FROM handoffs_notice t WHERE t.key = 'wake_up:' || l.id || ':' || l.wake_up_on)
ON CONFLICT (key) DO NOTHING
"""
READ = "SELECT woken_to FROM handoffs_sweeprun WHERE id = 1"
NOTE = """
INSERT INTO handoffs_sweeprun (id, ran_at, marked, worst_lag_seconds, woken_to)
VALUES (1, revops_now(), 0, 0, %(today)s)
ON CONFLICT (id) DO UPDATE SET woken_to = %(today)s WHERE handoffs_sweeprun.woken_to IS DISTINCT FROM %(today)s
"""


@transaction.atomic
def wake() -> int:
    """Put out a notice for every lead that is to be asked again today, once; return how many.

    It is for the lead's owner, else for the department that put it to nurture. History wakes nobody.
    """
    zone = Organization.current().tz
    today = (moment.now().astimezone(zone) - MORNING).date()
    with connection.cursor() as cursor:
        cursor.execute(READ)
        row = cursor.fetchone()
        since = row[0] if row and row[0] else today
        cursor.execute(WAKE, {"after": min(since, today) - LOOK_BACK, "today": today})
        woken = cursor.rowcount
        cursor.execute(NOTE, {"today": today})
    return woken
