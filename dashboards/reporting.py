"""The views for reporting tools: stable columns, no personal text, the same truth as the pages."""

from __future__ import annotations

from typing import Any

from psycopg2 import sql  # type: ignore[import-untyped]

CREATE = """
CREATE SCHEMA IF NOT EXISTS reporting;

CREATE VIEW reporting.funnel_events AS
WITH correction AS (
  SELECT DISTINCT ON (corrects_id) corrects_id, data FROM public.funnel_event
  WHERE corrects_id IS NOT NULL ORDER BY corrects_id, id DESC
)
SELECT e.id AS event_id, e.kind,
  coalesce((c.data ->> 'occurred_at')::timestamptz, e.occurred_at) AS occurred_at, e.recorded_at,
  e.department, e.source, e.reason, e.binding, e.inferred, e.actor_id AS member_id,
  e.lead_id, e.deal_id, e.contract_id, e.customer_id,
  ch.slug AS channel, ca.slug AS campaign, nullif(l.segment, '') AS segment, l.is_counted AS lead_is_counted
FROM public.funnel_event e
LEFT JOIN correction c ON c.corrects_id = e.id
LEFT JOIN public.funnel_lead l ON l.id = e.lead_id
LEFT JOIN public.funnel_channel ch ON ch.id = l.channel_id
LEFT JOIN public.funnel_campaign ca ON ca.id = l.campaign_id
WHERE e.corrects_id IS NULL AND NOT coalesce(c.data @> '{"withdrawn": true}', false)
  AND (e.lead_id IS NOT NULL OR e.customer_id IS NOT NULL);

CREATE VIEW reporting.handoffs AS
SELECT h.id AS handoff_id, h.boundary, h.round, h.lead_id, h.deal_id, h.customer_id,
  h.from_department, h.to_department, h.done_by_department, h.sender_id, h.owner_id, h.is_self,
  h.opened_at, h.due_at, h.kept_at, h.kept_recorded_at, h.missed_at, h.cancelled_at, h.completed_at, h.closed_at,
  CASE
    WHEN h.cancelled_at IS NOT NULL THEN 'cancelled'
    WHEN h.kept_at IS NOT NULL AND h.missed_at IS NULL THEN 'kept'
    WHEN h.kept_at IS NOT NULL THEN 'kept_late'
    WHEN h.missed_at IS NOT NULL OR h.due_at < public.revops_now() THEN 'missed'
    ELSE 'open'
  END AS promise,
  h.decision, h.decided_at, h.return_reason, h.returned_after_contact, h.excuse_reason, h.excused_at,
  h.below_threshold_reason, s.score AS sheet_score,
  ch.slug AS channel, ca.slug AS campaign, nullif(l.segment, '') AS segment
FROM public.handoffs_handoff h
LEFT JOIN public.handoffs_customersheet s ON s.handoff_id = h.id
LEFT JOIN public.funnel_lead l ON l.id = h.lead_id
LEFT JOIN public.funnel_channel ch ON ch.id = l.channel_id
LEFT JOIN public.funnel_campaign ca ON ca.id = l.campaign_id;

CREATE VIEW reporting.customers AS
WITH clock AS MATERIALIZED (
  SELECT (public.revops_now() AT TIME ZONE o.zone)::date AS today, o.currency
  FROM public.funnel_organization o WHERE o.id = 1
)
SELECT cu.id AS customer_id, cu.origin_lead_id AS lead_id, cu.owner_id, cu.phase, cu.since, cu.onboarded_at,
  ch.slug AS channel, ca.slug AS campaign, nullif(l.segment, '') AS segment,
  clock.currency, coalesce(running.mrr, 0) AS mrr, coalesce(running.contracts, 0) AS running_contracts,
  running.seats, running.ends_on, running.notice_on, coalesce(running.mrr_unknown, false) AS mrr_unknown,
  past.first_signed_on, past.last_ended_on, past.renewals,
  health.score AS health_score, health.band AS health_band, health.day AS health_day,
  nps.score AS nps_score, nps.answered_on AS nps_answered_on
FROM public.funnel_customer cu CROSS JOIN clock
LEFT JOIN public.funnel_lead l ON l.id = cu.origin_lead_id
LEFT JOIN public.funnel_channel ch ON ch.id = l.channel_id
LEFT JOIN public.funnel_campaign ca ON ca.id = l.campaign_id
LEFT JOIN LATERAL (
  SELECT sum(c.mrr) FILTER (WHERE c.currency = clock.currency) AS mrr, count(*) AS contracts, sum(c.seats) AS seats,
    min(c.ends_on) AS ends_on, min(c.notice_on) AS notice_on,
    bool_or(c.mrr IS NULL OR c.currency <> clock.currency) AS mrr_unknown
  FROM public.funnel_contract c
  WHERE c.customer_id = cu.id AND c.voided_at IS NULL AND c.starts_on <= clock.today AND c.mrr IS DISTINCT FROM 0
    AND (c.ended_on > clock.today OR c.ended_on IS NULL AND (c.ends_on IS NULL OR c.ends_on >= clock.today))
) running ON true
JOIN LATERAL (
  SELECT min(c.signed_on) AS first_signed_on, max(c.ended_on) AS last_ended_on, count(c.renewal_of_id) AS renewals,
    count(*) AS contracts, count(*) FILTER (WHERE c.voided_at IS NULL) AS valid
  FROM public.funnel_contract c WHERE c.customer_id = cu.id
) past ON past.valid > 0 OR past.contracts = 0
LEFT JOIN LATERAL (
  SELECT h.score, h.band, h.day FROM public.funnel_healthrecord h
  WHERE h.customer_id = cu.id ORDER BY h.day DESC LIMIT 1
) health ON true
LEFT JOIN LATERAL (
  SELECT s.score, s.answered_on FROM public.funnel_surveyresponse s
  WHERE s.customer_id = cu.id AND s.kind = 'nps' ORDER BY s.answered_on DESC, s.id DESC LIMIT 1
) nps ON true;
"""

VIEWS = ("customers", "handoffs", "funnel_events")
DROP = "DROP VIEW IF EXISTS " + ", ".join(f"reporting.{view}" for view in VIEWS)


def remake(cursor: Any) -> None:
    """Make the views anew on the tables of today, and let the roles read them that could before."""
    cursor.execute(
        "SELECT DISTINCT grantee FROM information_schema.role_table_grants "
        "WHERE table_schema = 'reporting' AND privilege_type = 'SELECT' AND grantee <> current_user"
    )
    readers = [row[0] for row in cursor.fetchall()]
    cursor.execute(DROP)
    cursor.execute(CREATE)
    names = sql.SQL(", ").join(sql.Identifier("reporting", view) for view in VIEWS)
    for reader in readers:
        cursor.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(names, sql.Identifier(reader)))
