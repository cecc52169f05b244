"""Passes that a table in the database plans, written set by set: history of any size, none of it binding.

Counts are recounted by the caller, who stands above facts.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from funnel.models import Contract, Customer, Deal, Event

EVENTS_A_LEAD = 10

LEADS = """
INSERT INTO funnel_lead (id, person_id, account_id, pass_no, channel_id, segment, owner_id, stage, outcome,
  outcome_reason, closed_at, lead_at, mql_at, sql_at, won_at, first_contact_at, inferred, is_counted, date_conflict)
SELECT lead_id, person_id, account_id, 1, channel_id, '', owner_id,
  CASE WHEN sql_at IS NOT NULL THEN 'sql' WHEN mql_at IS NOT NULL THEN 'mql' ELSE 'lead' END, outcome,
  CASE outcome WHEN 'lost' THEN 'price' WHEN 'recycled' THEN 'timing' WHEN 'disqualified' THEN 'not_a_fit' ELSE '' END,
  closed_at, lead_at, mql_at, sql_at, CASE outcome WHEN 'won' THEN closed_at END, first_contact_at, '{}', true, false
FROM pass
"""

DEALS = """
INSERT INTO funnel_deal (id, lead_id, account_id, name, product, segment, kind, state, step, owner_id, amount, currency,
  opened_at, closed_at, reason)
SELECT deal_id, lead_id, account_id, '', '', '', 'new', coalesce(outcome, 'open'), 'first_meeting', owner_id, amount,
  'JPY', sql_at, closed_at, CASE outcome WHEN 'lost' THEN 'price' WHEN 'won' THEN 'fit' ELSE '' END
FROM deal
"""

CUSTOMERS = """
INSERT INTO funnel_customer (id, account_id, origin_lead_id, owner_id, phase, since)
SELECT customer_id, account_id, lead_id, owner_id, 'onboarding', signed_on FROM won WHERE is_first
"""

CONTRACTS = """
INSERT INTO funnel_contract (id, customer_id, deal_id, signed_on, starts_on, mrr, currency)
SELECT contract_id, customer_id, deal_id, signed_on, signed_on, round(amount / 12, -2), 'JPY' FROM won
"""

# One statement in the order of time within a pass: neighbours in the ledger stay neighbours on disk.
EVENTS = """
INSERT INTO funnel_event (id, kind, occurred_at, department, source, reason, binding, inferred, lead_id, deal_id,
  contract_id, customer_id, data)
SELECT %(event)s - 1 + row_number() OVER (ORDER BY p.n, e.place), e.kind, e.at, e.department, 'demo', e.reason, false,
  false, p.lead_id, CASE WHEN e.of_deal THEN d.deal_id END, CASE WHEN e.of_contract THEN w.contract_id END,
  CASE WHEN e.of_contract THEN w.customer_id END, e.data
FROM pass p LEFT JOIN deal d USING (n) LEFT JOIN won w USING (n) JOIN funnel_channel c ON c.id = p.channel_id
CROSS JOIN LATERAL (VALUES
  (1, 'lead_captured', p.lead_at, 'marketing', '', false, false, jsonb_build_object('channel', c.slug)),
  (2, 'mql_certified', p.mql_at, 'marketing', 'score', false, false, '{}'),
  (3, 'contact_attempted', p.first_contact_at, 'inside_sales', '', false, false,
    '{"activity_kind": "call", "direction": "outbound", "result": "", "human": true}'),
  (4, 'sql_certified', p.sql_at, 'inside_sales', '', true, false, '{"score": "100.00", "threshold": "100.00"}'),
  (5, 'deal_opened', p.sql_at, 'inside_sales', '', true, false, '{}'),
  (6, 'deal_lost', CASE p.outcome WHEN 'lost' THEN p.closed_at END, 'field_sales', 'price', true, false, '{}'),
  (7, 'deal_won', CASE p.outcome WHEN 'won' THEN p.closed_at END, 'field_sales', 'fit', true, true,
    jsonb_build_object('amount', p.amount::text, 'currency', 'JPY', 'deal_kind', 'new')),
  (8, 'contract_signed', CASE p.outcome WHEN 'won' THEN p.closed_at END, 'field_sales', '', true, true,
    jsonb_build_object('signed_on', w.signed_on, 'deal_kind', 'new')),
  (9, 'lead_recycled', CASE p.outcome WHEN 'recycled' THEN p.closed_at END, 'inside_sales', 'timing', false, false,
    '{}'),
  (10, 'lead_disqualified', CASE p.outcome WHEN 'disqualified' THEN p.closed_at END, 'inside_sales', 'not_a_fit',
    false, false, '{}')
) e(place, kind, at, department, reason, of_deal, of_contract, data)
WHERE e.at IS NOT NULL
"""

ACTIVITIES = """
INSERT INTO funnel_activity (lead_id, kind, direction, result, is_human, occurred_at, event_id)
SELECT lead_id, 'call', 'outbound', '', true, occurred_at, id FROM funnel_event
WHERE id >= %(event)s AND kind = 'contact_attempted'
"""

DEAL_IDS = """
CREATE TEMPORARY TABLE deal ON COMMIT DROP AS
SELECT *, %(deal)s - 1 + row_number() OVER (ORDER BY n) AS deal_id FROM pass WHERE sql_at IS NOT NULL
"""

WON_IDS = """
CREATE TEMPORARY TABLE won ON COMMIT DROP AS
SELECT d.*, %(contract)s - 1 + row_number() OVER (ORDER BY n) AS contract_id,
  (closed_at AT TIME ZONE %(zone)s)::date AS signed_on,
  %(customer)s - 1 + dense_rank() OVER (ORDER BY account_id) AS customer_id,
  row_number() OVER (PARTITION BY account_id ORDER BY closed_at, n) = 1 AS is_first
FROM deal d WHERE outcome = 'won'
"""

MADE = {"customer": Customer, "contract": Contract, "deal": Deal, "event": Event}
WRITTEN = (LEADS, DEALS, CUSTOMERS, CONTRACTS, EVENTS, ACTIVITIES)


def lay_planned(size: int, *, zone: str) -> int:
    """Write the `size` passes of the temporary table `pass` in the caller's transaction; returns the rows written.

    A row of it names ids and moments: n, lead_id, account_id and person_id (which are there), channel_id, owner_id,
    lead_at, mql_at, sql_at, first_contact_at, outcome, closed_at, amount. `zone` decides the days of signing.
    Nobody else may be writing.
    """
    rows = 0
    with connection.cursor() as cursor:
        facts: dict[str, Any] = {
            name: reserve(model, size * (EVENTS_A_LEAD if model is Event else 1))
            for name, model in MADE.items()
        }
        facts["zone"] = zone
        cursor.execute(DEAL_IDS, facts)
        cursor.execute(WON_IDS, facts)
        cursor.execute("CREATE INDEX ON won (n); CREATE INDEX ON deal (n); ANALYZE deal, won")
        for statement in WRITTEN:
            cursor.execute(statement, facts)
            rows += cursor.rowcount
        cursor.execute("DROP TABLE deal, won")
    return rows


def reserve(model: Any, count: int) -> int:
    """Take `count` ids in a row from a table's sequence and return the first. Nobody else may be writing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        (sequence,) = cursor.fetchone()
        cursor.execute("SELECT nextval(%s)", [sequence])
        (first,) = cursor.fetchone()
        cursor.execute("SELECT setval(%s, %s)", [sequence, first + count - 1])
    return int(first)
