"""A synthetic company of any size for benches: planned by dice in the database, laid down set by set.

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
from funnel.models import Account, Channel, Lead, Member, Organization, Person
from funnel.transitions.planned import MADE, lay_planned, reserve

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

# An area code of 000 is given to nobody.
PERSONS = """
INSERT INTO funnel_person (id, account_id, name, name_norm, name_kana, title, email, email_norm, phone, phone_norm)
SELECT person_id, account_id, family || ' ' || given, family || given, family_kana || ' ' || given_kana, '', mail, mail,
  '000-' || left(digits, 4) || '-' || right(digits, 4), '000' || digits
FROM (
  SELECT person_id, account_id, (%(surnames)s::text[])[s] AS family, (%(surnames_kana)s::text[])[s] AS family_kana,
    (%(given)s::text[])[g] AS given, (%(given_kana)s::text[])[g] AS given_kana,
    'p' || person_id || '@c' || account_id || '.example.jp' AS mail,
    lpad((person_id %% 100000000)::text, 8, '0') AS digits
  FROM (SELECT *, 1 + (person_id %% cardinality(%(surnames)s::text[]))::int AS s,
          1 + floor(r_name * cardinality(%(given)s::text[]))::int AS g FROM pass) thrown
) p
"""

IDENTITIES = {"account": Account, "person": Person, "lead": Lead}


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
        for model in (*IDENTITIES.values(), *MADE.values()):
            cursor.execute(f"ANALYZE {model._meta.db_table}")


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
        "surnames": [s[0] for s in SURNAMES], "surnames_kana": [s[1] for s in SURNAMES],
        "given": [g[0] for g in GIVEN], "given_kana": [g[1] for g in GIVEN],
    }  # fmt: skip


def _batch(size: int, settled: dict[str, Any], *, seed: float) -> int:
    """Lay down one batch; returns the rows written."""
    with connection.cursor() as cursor:
        # random() repeats only in one process; a parallel plan would throw elsewhere.
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT setseed(%s)", [seed])
        ids = {name: reserve(model, size) for name, model in IDENTITIES.items()}
        facts = {**settled, **ids, "size": size}
        cursor.execute(PLAN, facts)
        cursor.execute("ANALYZE pass")
        rows = 0
        for statement in (ACCOUNTS, PERSONS):
            cursor.execute(statement, facts)
            rows += cursor.rowcount
        rows += lay_planned(size, zone=settled["zone"])
        cursor.execute("DROP TABLE pass")
        return rows
