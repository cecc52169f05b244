"""Several notices of one kind to one recipient within a short time become one letter."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from funnel import moment
from handoffs import bursts
from handoffs.bursts import Verdict

# Arbitrary, ours: one process bundles at a time.
LOCK = 7_301_846

# What waits and has never been tried: a letter that was tried may have arrived under its own key.
FRESH = """
d.outlet_id IS NOT NULL AND d.within_id IS NULL AND NOT d.is_digest AND d.attempts = 0
AND d.delivered_at IS NULL AND d.given_up_at IS NULL AND d.next_try_at <= revops_now() AND d.kind <> 'trial'
"""
ASK = f"""
WITH waiting AS (
  SELECT d.outlet_id, COALESCE(d.member_id, 0) AS member_id, d.kind, count(*) AS waiting
  FROM handoffs_delivery d WHERE {FRESH} GROUP BY 1, 2, 3
), lately AS (
  SELECT outlet_id, COALESCE(member_id, 0) AS member_id, kind, count(*) AS lately,
         max(delivered_at) FILTER (WHERE is_digest) AS digest_at
  FROM handoffs_delivery
  WHERE outlet_id IN (SELECT outlet_id FROM waiting) AND delivered_at > %s
  GROUP BY 1, 2, 3
)
SELECT outlet_id, member_id, kind, waiting, COALESCE(lately, 0), digest_at
FROM waiting LEFT JOIN lately USING (outlet_id, member_id, kind)
"""  # noqa: S608
GROUPS = """
groups AS (
  SELECT * FROM unnest(%(outlets)s::bigint[], %(members)s::bigint[], %(kinds)s::text[]) g (outlet_id, member_id, kind)
)
"""
# Only rows held by this statement are bundled: one that is being sent meanwhile stays a letter of its own.
TOGETHER = f"""
WITH {GROUPS}, held AS MATERIALIZED (
  SELECT d.id, d.outlet_id, COALESCE(d.member_id, 0) AS member_id, d.kind FROM handoffs_delivery d
  JOIN groups g ON g.outlet_id = d.outlet_id AND g.member_id = COALESCE(d.member_id, 0) AND g.kind = d.kind
  WHERE {FRESH} ORDER BY d.id FOR UPDATE OF d SKIP LOCKED
), led AS (
  SELECT id, min(id) OVER (PARTITION BY outlet_id, member_id, kind) AS first FROM held
)
UPDATE handoffs_delivery d
SET within_id = CASE WHEN led.first <> led.id THEN led.first END, is_digest = led.first = led.id
FROM led WHERE led.id = d.id
"""  # noqa: S608
LATER = f"""
WITH {GROUPS} UPDATE handoffs_delivery d SET next_try_at = %(until)s
FROM groups g
WHERE g.outlet_id = d.outlet_id AND g.member_id = COALESCE(d.member_id, 0) AND g.kind = d.kind AND {FRESH}
"""  # noqa: S608


class Group(NamedTuple):
    """One recipient over one way (member 0: a chat room), and one kind."""

    outlet: int
    member: int
    kind: str


@transaction.atomic
def bundle() -> int:
    """Join what waits in bursts, and hold back what comes soon after; return how many groups were bursts.

    The number of statements grows with the number of windows that are running, not with the notices.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        together, later = _decide(moment.now())
        if together:
            cursor.execute(TOGETHER, _columns(together))
        for until, groups in later.items():
            cursor.execute(LATER, {**_columns(groups), "until": until})
    return len(together) + sum(map(len, later.values()))


def _decide(now: datetime) -> tuple[list[Group], dict[datetime, list[Group]]]:
    together: list[Group] = []
    later: dict[datetime, list[Group]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(ASK, [now - bursts.WINDOW])
        for outlet, member, kind, waiting, lately, digest_at in cursor.fetchall():
            decided = bursts.decide(waiting, lately, digest_at, now)
            if decided.verdict is Verdict.TOGETHER:
                together.append(Group(outlet, member, kind))
            elif decided.until is not None:
                later[decided.until].append(Group(outlet, member, kind))
    return together, later


def _columns(groups: list[Group]) -> dict[str, Any]:
    return {
        "outlets": [g.outlet for g in groups],
        "members": [g.member for g in groups],
        "kinds": [g.kind for g in groups],
    }
