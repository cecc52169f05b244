"""A synthetic company of any size for benches: history laid down in SQL, set by set, in the same ledger.

Nothing of it binds. Counts are recounted by the caller, who stands above facts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from funnel.demo.market import SOURCES
from funnel.demo.names import GIVEN, PLACES, SURNAMES, TRADES
from funnel.models import Channel, Member, Organization

BATCH = 50_000
LEADS_AN_ACCOUNT = 3
OWNERS = 12
DAYS_A_MONTH = 30.44


class Laid(NamedTuple):
    """What a batch has laid down so far: leads, rows of all tables, seconds since the start."""

    leads: int
    rows: int
    seconds: float


# Every throw is made here, in one scan, so that a seed and a size always give the same company.
PLAN = """
CREATE TEMPORARY TABLE pass ON COMMIT DROP AS
WITH thrown AS MATERIALIZED (
  SELECT n, random() AS r_day, random() AS r_weekend, random() AS r_hour, random() AS r_channel, random() AS r_owner,
    random() AS r_mql, random() AS r_sql, random() AS r_won, random() AS r_fate, random() AS t_mql, random() AS t_call,
    random() AS t_sql, random() AS t_close, random() AS r_amount, random() AS r_name
  FROM generate_series(1, %(size)s) n
), day AS (
  SELECT *, (%(now)s::timestamptz - make_interval(days => floor(r_day * %(days)s)::int + 1))::date AS d0 FROM thrown
), captured AS (
  SELECT *, (d0 - CASE WHEN extract(isodow FROM d0) > 5 AND r_weekend < 0.7 THEN 2 ELSE 0 END
    + make_interval(secs => (8 + 12 * r_hour) * 3600))::timestamp AT TIME ZONE %(zone)s AS lead_at FROM day
), certified AS (
  SELECT *, CASE WHEN r_mql < 0.5 THEN lead_at + interval '12 days' * t_mql ^ 3 + interval '1 minute' END AS mql_1
  FROM captured
), qualified AS (
  SELECT *, CASE WHEN mql_1 <= %(now)s THEN mql_1 END AS mql_at, mql_1 + interval '40 hours' * t_call ^ 2 AS call_1,
    CASE WHEN r_sql < 0.2 THEN mql_1 + interval '2 days' + interval '18 days' * t_sql END AS sql_1 FROM certified
), closed AS (
  SELECT *, CASE WHEN sql_1 <= %(now)s THEN sql_1 END AS sql_at,
    CASE WHEN r_sql < 0.2 THEN sql_1 + interval '7 days' + interval '50 days' * t_close
         WHEN r_mql < 0.5 THEN mql_1 + interval '5 days' + interval '40 days' * t_close
         ELSE lead_at + interval '1 day' + interval '30 days' * t_close END AS close_1,
    CASE WHEN mql_1 IS NOT NULL AND r_sql < 0.2 THEN CASE WHEN r_won < 0.3 THEN 'won' ELSE 'lost' END
         WHEN r_fate < 0.2 THEN 'disqualified' WHEN r_fate < 0.65 AND mql_1 IS NOT NULL THEN 'recycled' END AS fate
  FROM qualified
)
SELECT n, %(account)s + (n - 1) / %(shared)s AS account_id, %(person)s + n - 1 AS person_id,
  %(lead)s + n - 1 AS lead_id, lead_at, mql_at, sql_at,
  CASE WHEN mql_at IS NOT NULL AND call_1 <= %(now)s THEN call_1 END AS first_contact_at,
  CASE WHEN close_1 <= %(now)s THEN fate END AS outcome,
  CASE WHEN close_1 <= %(now)s AND fate IS NOT NULL THEN close_1 END AS closed_at,
  (SELECT id FROM unnest(%(channels)s::bigint[], %(shares)s::float[]) c(id, upto)
    WHERE r_channel < upto ORDER BY upto LIMIT 1) AS channel_id,
  (%(owners)s::bigint[])[1 + floor(r_owner * cardinality(%(owners)s::bigint[]))::int] AS owner_id,
  ((40 + floor(120 * r_amount)) * 10000)::numeric(18, 2) AS amount, r_name
FROM closed
"""

ACCOUNTS = """
INSERT INTO funnel_account (id, name, name_norm, name_kana, domain, segment)
SELECT account_id, '株式会社' || label, label, '', 'c' || account_id || '.example.jp', ''
FROM (SELECT DISTINCT ON (account_id) account_id,
        (%(places)s::text[])[1 + floor(r_name * cardinality(%(places)s::text[]))::int]
        || (%(trades)s::text[])[1 + (account_id %% cardinality(%(trades)s::text[]))::int] || account_id AS label
      FROM pass ORDER BY account_id, n) a
"""

PERSONS = """
INSERT INTO funnel_person (id, account_id, name, name_norm, name_kana, title, email, email_norm, phone, phone_norm)
SELECT person_id, account_id, family || ' ' || given, family || given, '', '', mail, mail, '', ''
FROM (SELECT *, (%(surnames)s::text[])[1 + (person_id %% cardinality(%(surnames)s::text[]))::int] AS family,
        (%(given)s::text[])[1 + floor(r_name * cardinality(%(given)s::text[]))::int] AS given,
        'p' || person_id || '@c' || account_id || '.example.jp' AS mail FROM pass) p
"""

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
INSERT INTO funnel_customer (id, account_id, origin_lead_id, phase, since)
SELECT customer_id, account_id, lead_id, 'onboarding', signed_on FROM won WHERE is_first
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

TABLES = {
    "account": "funnel_account", "person": "funnel_person", "lead": "funnel_lead", "deal": "funnel_deal",
    "customer": "funnel_customer", "contract": "funnel_contract", "event": "funnel_event",
}  # fmt: skip
EVENTS_A_LEAD = 10


def generate(*, leads: int, months: int, seed: int, now: datetime) -> Iterator[Laid]:
    """Lay down `leads` passes over the last `months` months, in transactions of 50,000; yields after each.

    The same seed, size and moment give the same company into an empty database.
    """
    started, done, rows = time.monotonic(), 0, 0
    settled = _settled(months, now)
    while done < leads:
        size = min(BATCH, leads - done)
        with transaction.atomic():
            rows += _batch(size, settled, seed=(seed * 1_000_003 + done) % 1_000_000 / 1_000_000)
        done += size
        yield Laid(done, rows, time.monotonic() - started)
    with connection.cursor() as cursor:
        for table in TABLES.values():
            cursor.execute(f"ANALYZE {table}")


def _settled(months: int, now: datetime) -> dict[str, Any]:
    """What is the same in every batch."""
    channels = [
        Channel.objects.get_or_create(slug=s.slug, defaults={"name": s.name, "is_web": s.is_web})[0]
        for s in SOURCES
    ]
    whole = sum(s.leads for s in SOURCES)
    upto = [sum(s.leads for s in SOURCES[: n + 1]) / whole for n in range(len(SOURCES))]
    upto[-1] = 1.0
    owners = [
        Member.objects.get_or_create(
            username=f"bench{n}@demo.example.jp", defaults={"name": f"ベンチ {n}", "is_active": False}
        )[0].pk
        for n in range(OWNERS)
    ]
    return {
        "now": now, "days": int(months * DAYS_A_MONTH), "zone": Organization.current().zone,
        "channels": [c.pk for c in channels], "shares": upto, "owners": owners, "shared": LEADS_AN_ACCOUNT,
        "places": [p[0] for p in PLACES], "trades": [t[0] for t in TRADES],
        "surnames": [s[0] for s in SURNAMES], "given": [g[0] for g in GIVEN],
    }  # fmt: skip


def _batch(size: int, settled: dict[str, Any], *, seed: float) -> int:
    """Lay down one batch; returns the rows written."""
    with connection.cursor() as cursor:
        # random() repeats only in one process; a parallel plan would throw elsewhere.
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT setseed(%s)", [seed])
        facts = {**settled, "size": size}
        for name, table in TABLES.items():
            facts[name] = reserve(cursor, table, size * (EVENTS_A_LEAD if name == "event" else 1))
        cursor.execute(PLAN, facts)
        cursor.execute(DEAL_IDS, facts)
        cursor.execute(WON_IDS, facts)
        cursor.execute("CREATE INDEX ON won (n); CREATE INDEX ON deal (n); ANALYZE pass, deal, won")
        rows = 0
        for statement in (ACCOUNTS, PERSONS, LEADS, DEALS, CUSTOMERS, CONTRACTS, EVENTS, ACTIVITIES):
            cursor.execute(statement, facts)
            rows += cursor.rowcount
        cursor.execute("DROP TABLE pass, deal, won")
        return rows


def reserve(cursor: Any, table: str, count: int) -> int:
    """Take `count` ids from a table's sequence and return the first."""
    cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
    (sequence,) = cursor.fetchone()
    cursor.execute("SELECT nextval(%s)", [sequence])
    (first,) = cursor.fetchone()
    cursor.execute("SELECT setval(%s, %s)", [sequence, first + count - 1])
    return int(first)
