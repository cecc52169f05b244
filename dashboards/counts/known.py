"""The passes as the ledger said them at a moment: what was recorded later is not known yet."""

# ruff: noqa: S608  The statement is put together from names of our own stages and kinds alone.

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from dashboards.scope import Scope
from funnel.stages import ENTRY_KIND, STAGES, EventKind, Stage

TABLE = "known"
"""The name under which PASSES gives those of which something was recorded since, with the columns counts are made of."""
CHANGED = "changed"
"""The name under which it gives the same passes as they are now."""

_KINDS = ", ".join(f"'{kind}'" for kind in ENTRY_KIND.values())
_STAGE_OF = " ".join(f"WHEN '{kind}' THEN '{stage}'" for stage, kind in ENTRY_KIND.items())
_AFTER_WON = (Stage.ONBOARDED, Stage.RENEWED, Stage.REFERRED)


def _entry(stage: Stage) -> str:
    found = f"min(entry.at) FILTER (WHERE entry.stage = '{stage}')"
    if stage in _AFTER_WON:
        # As in the passes themselves: who was not won (any more) is not renewed either.
        found = f"CASE WHEN count(*) FILTER (WHERE entry.stage = '{Stage.WON}') > 0 THEN {found} END"
    return f"{found} AS {stage}_at"


# Today's counts hold for every pass nothing was recorded of since; of the others, those that can lie in the periods
# asked for (with an entry in them, or ever corrected) are taken out as they are and put in as they were known.
PASSES = f"""
correction AS MATERIALIZED (
  SELECT DISTINCT ON (corrects_id) corrects_id, data FROM funnel_event
  WHERE corrects_id IS NOT NULL AND recorded_at <= %(known_at)s ORDER BY corrects_id, id DESC
),
since AS MATERIALIZED (
  SELECT lead_id FROM funnel_event
  WHERE recorded_at > %(known_at)s AND kind IN ({_KINDS}, '{EventKind.RECORDS_MERGED}') AND lead_id IS NOT NULL
  UNION
  SELECT e.lead_id FROM funnel_event c JOIN funnel_event e ON e.id = c.corrects_id
  WHERE c.recorded_at > %(known_at)s AND e.lead_id IS NOT NULL
),
candidate AS MATERIALIZED (
  SELECT lead_id FROM funnel_event JOIN since USING (lead_id)
  WHERE kind IN ({_KINDS}) AND occurred_at >= %(known_from)s AND occurred_at < %(known_until)s
  UNION
  SELECT e.lead_id FROM funnel_event c JOIN funnel_event e ON e.id = c.corrects_id JOIN since ON since.lead_id = e.lead_id
  WHERE c.corrects_id IS NOT NULL
),
said AS (
  SELECT e.id, e.lead_id, CASE e.kind {_STAGE_OF} END AS stage, e.inferred,
    CASE WHEN c.data @> '{{"withdrawn": true}}' THEN NULL
      ELSE coalesce((c.data ->> 'occurred_at')::timestamptz, e.occurred_at) END AS at
  FROM funnel_event e JOIN candidate USING (lead_id) LEFT JOIN correction c ON c.corrects_id = e.id
    LEFT JOIN funnel_deal d ON d.id = e.deal_id
  WHERE e.kind IN ({_KINDS}) AND e.recorded_at <= %(known_at)s
    AND (e.kind <> '{EventKind.DEAL_WON}' OR coalesce(d.kind, 'new') = 'new')
),
entry AS (
  SELECT DISTINCT ON (lead_id, stage) lead_id, stage, at, inferred FROM said WHERE at IS NOT NULL
  ORDER BY lead_id, stage, at, id
),
{TABLE} AS MATERIALIZED (
  SELECT l.channel_id, l.campaign_id, l.owner_id, l.segment, NOT EXISTS (SELECT FROM funnel_event m
      WHERE m.lead_id = l.id AND m.kind = '{EventKind.RECORDS_MERGED}' AND m.recorded_at <= %(known_at)s) AS is_counted,
    coalesce(array_agg(entry.stage) FILTER (WHERE entry.inferred), '{{}}')::varchar[] AS inferred,
    {", ".join(_entry(stage) for stage in STAGES)}
  FROM entry JOIN funnel_lead l ON l.id = entry.lead_id GROUP BY l.id
),
{CHANGED} AS MATERIALIZED (SELECT l.* FROM funnel_lead l JOIN candidate ON candidate.lead_id = l.id)
"""
UNCHANGED = "NOT EXISTS (SELECT FROM candidate WHERE candidate.lead_id = funnel_lead.id)"


def parameters(scopes: Sequence[Scope], known_at: datetime) -> dict[str, Any]:
    """The values that PASSES wants; a day more at either end, as days are the organisation's."""
    day = timedelta(days=1)
    return {
        "known_at": known_at,
        "known_from": min(scope.start for scope in scopes) - day,
        "known_until": max(scope.end for scope in scopes) + 2 * day,
    }
