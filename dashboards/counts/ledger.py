"""What the ledger says, recomputed in SQL beside what the records say: where they differ."""

# ruff: noqa: S608  The statements are put together from names of our own stages and kinds alone.

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.db import connection

from dashboards.counts.recounting import differences
from funnel.stages import ENTRY_KIND, STAGES, EventKind, Outcome, Stage
from handoffs import promises

SHOWN = 20

_KINDS = ", ".join(f"'{kind}'" for kind in ENTRY_KIND.values())
_STAGE_OF = " ".join(f"WHEN '{kind}' THEN '{stage}'" for stage, kind in ENTRY_KIND.items())
_STORED = ", ".join(f"('{stage}', l.{stage}_at)" for stage in STAGES)
_AFTER_WON = ", ".join(f"'{stage}'" for stage in (Stage.ONBOARDED, Stage.RENEWED, Stage.REFERRED))

# The latest correction of an event counts; a withdrawn event has no time.
EFFECTIVE = """
correction AS (
  SELECT DISTINCT ON (corrects_id) corrects_id, data FROM funnel_event
  WHERE corrects_id IS NOT NULL ORDER BY corrects_id, id DESC
),
effective AS (
  SELECT e.id, e.kind, e.lead_id, e.deal_id, e.customer_id, e.inferred,
    CASE WHEN c.data @> '{"withdrawn": true}' THEN NULL
      ELSE coalesce((c.data ->> 'occurred_at')::timestamptz, e.occurred_at) END AS at
  FROM funnel_event e LEFT JOIN correction c ON c.corrects_id = e.id
)"""

# The first effective event of a stage's kind is its entry; of wins, those of new business.
REACHED = f"""
WITH {EFFECTIVE},
entry AS (
  SELECT DISTINCT ON (e.lead_id, e.kind) e.lead_id, CASE e.kind {_STAGE_OF} END AS stage, e.at, e.inferred
  FROM effective e LEFT JOIN funnel_deal d ON d.id = e.deal_id
  WHERE e.kind IN ({_KINDS}) AND e.lead_id IS NOT NULL AND e.at IS NOT NULL
    AND (e.kind <> '{EventKind.DEAL_WON}' OR coalesce(d.kind, 'new') = 'new')
  ORDER BY e.lead_id, e.kind, e.at, e.id
)
SELECT l.id, v.stage, concat_ws(' ', v.at, CASE WHEN v.stage = ANY (l.inferred) THEN 'inferred' END),
  concat_ws(' ', entry.at, CASE WHEN entry.inferred THEN 'inferred' END)
FROM funnel_lead l CROSS JOIN LATERAL (VALUES {_STORED}) v(stage, at)
LEFT JOIN entry ON entry.lead_id = l.id AND entry.stage = v.stage
WHERE (v.at IS DISTINCT FROM entry.at
    OR (v.at IS NOT NULL AND (v.stage = ANY (l.inferred)) IS DISTINCT FROM entry.inferred))
  AND NOT (v.stage IN ({_AFTER_WON}) AND l.won_at IS NULL AND v.at IS NULL)
  AND NOT (v.stage = '{Stage.LEAD}' AND coalesce(l.outcome, '') = '{Outcome.WITHDRAWN}')
ORDER BY l.id, v.stage"""

OUTCOMES = f"""
WITH closing(kind, outcome) AS (VALUES ('{EventKind.LEAD_RECYCLED}', 'recycled'),
  ('{EventKind.LEAD_DISQUALIFIED}', 'disqualified'), ('{EventKind.LEAD_JOINED}', 'joined'),
  ('{EventKind.RECORDS_MERGED}', 'merged'), ('{EventKind.DEAL_WON}', 'won'), ('{EventKind.DEAL_LOST}', 'lost')),
{EFFECTIVE}
SELECT l.id, 'outcome', l.outcome, 'no event says so' FROM funnel_lead l
WHERE l.outcome <> '{Outcome.WITHDRAWN}' AND NOT EXISTS (SELECT 1 FROM effective e JOIN closing c ON c.kind = e.kind
  WHERE e.lead_id = l.id AND c.outcome = l.outcome AND e.at IS NOT NULL)
UNION ALL
SELECT l.id, 'outcome', l.outcome, 'its capture stands' FROM funnel_lead l
WHERE l.outcome = '{Outcome.WITHDRAWN}' AND EXISTS (SELECT 1 FROM effective e
  WHERE e.lead_id = l.id AND e.kind = '{EventKind.LEAD_CAPTURED}' AND e.at IS NOT NULL)
UNION ALL
SELECT l.id, 'is_counted', l.is_counted::text, coalesce(l.outcome, 'open') FROM funnel_lead l
WHERE l.is_counted <> (coalesce(l.outcome, '') NOT IN ('{Outcome.MERGED}', '{Outcome.WITHDRAWN}'))
ORDER BY 1, 2"""

# The last effective word about a deal: won, lost, reopened; certified again after a return.
DEALS = f"""
WITH {EFFECTIVE},
last AS (
  SELECT DISTINCT ON (deal_id) deal_id, kind FROM effective
  WHERE deal_id IS NOT NULL AND at IS NOT NULL
    AND kind IN ('{EventKind.DEAL_WON}', '{EventKind.DEAL_LOST}', '{EventKind.DEAL_REOPENED}', '{EventKind.DEAL_VOIDED}')
  ORDER BY deal_id, id DESC
),
expected AS (
  SELECT d.id, d.state, CASE last.kind WHEN '{EventKind.DEAL_WON}' THEN 'won'
    WHEN '{EventKind.DEAL_LOST}' THEN 'lost' WHEN '{EventKind.DEAL_VOIDED}' THEN 'void' ELSE 'not closed' END AS says
  FROM funnel_deal d LEFT JOIN last ON last.deal_id = d.id
)
SELECT id, 'state', state, says FROM expected
WHERE state <> says AND NOT (says = 'not closed' AND state IN ('open', 'returned', 'void'))
ORDER BY id"""

CUSTOMERS = f"""
WITH {EFFECTIVE},
running AS (SELECT DISTINCT customer_id FROM funnel_contract WHERE voided_at IS NULL AND ended_on IS NULL),
valued AS (
  SELECT DISTINCT customer_id FROM effective WHERE kind = '{EventKind.FIRST_VALUE_REACHED}' AND at IS NOT NULL
)
SELECT c.id, 'phase', c.phase, 'a contract runs' FROM funnel_customer c JOIN running r ON r.customer_id = c.id
WHERE c.phase = 'churned'
UNION ALL
SELECT c.id, 'onboarded_at', c.onboarded_at::text, 'no event says so' FROM funnel_customer c
WHERE c.onboarded_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM valued v WHERE v.customer_id = c.id)
ORDER BY 1, 2"""

# What the list of customers is ordered by.
HEALTH = """
SELECT c.id, 'health', concat_ws(' ', c.health_score, c.health_band), concat_ws(' ', h.score, h.band)
FROM funnel_customer c LEFT JOIN LATERAL (
  SELECT score, band FROM funnel_healthrecord WHERE customer_id = c.id ORDER BY day DESC LIMIT 1) h ON true
WHERE (c.health_score, c.health_band) IS DISTINCT FROM (h.score, h.band)
ORDER BY 1"""

# From when the first contact of a pass is timed: the opening of its latest promise.
OWED_SINCE = """
SELECT l.id, 'contact_owed_since', l.contact_owed_since, h.opened_at
FROM funnel_lead l LEFT JOIN (
  SELECT DISTINCT ON (lead_id) lead_id, opened_at FROM handoffs_handoff
  WHERE boundary = 'mql' ORDER BY lead_id, round DESC) h ON h.lead_id = l.id
WHERE l.contact_owed_since IS DISTINCT FROM h.opened_at
ORDER BY 1"""

CHECKS: Mapping[str, str] = {
    "lead stages": REACHED,
    "lead outcomes": OUTCOMES,
    "deals": DEALS,
    "customers": CUSTOMERS,
    "health of customers": HEALTH,
    "first contacts": OWED_SINCE,
}


class Finding(NamedTuple):
    """One check: how many records differ, and the first of them in words."""

    check: str
    count: int  # type: ignore[assignment]
    examples: tuple[str, ...]


def findings() -> Iterator[Finding]:
    """Compare everything that is kept with what the ledger says; each check is one snapshot."""
    for name, statement in CHECKS.items():
        with connection.cursor() as cursor:
            cursor.execute(statement)
            rows = cursor.fetchall()
        shown = tuple(
            f"{subject} {what}: kept {kept or '-'}, ledger {says or '-'}"
            for subject, what, kept, says in rows[:SHOWN]
        )
        yield Finding(name, len(rows), shown)
    wrong = differences()
    yield Finding("counts", len(wrong), tuple(_count(one.key, one.n) for one in wrong[:SHOWN]))
    forgotten = promises.forgotten()
    shown = tuple(f"{name}: {count}" for name, count in forgotten.items() if count)
    yield Finding("promises", sum(forgotten.values()), shown)


def _count(key: tuple[object, ...], n: int) -> str:
    return f"{' '.join(str(part) for part in key)}: {n:+d} missing"
