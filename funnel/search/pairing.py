"""Which two people may be one, and which two companies: the latest first, a stretch of the latest records at a time."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Max

from funnel.models import Account, Person
from funnel.search.doubles import SHORTEST_PHONE

MOST_ON_A_PHONE = 5
"""A number that more people share is a switchboard, and says nothing."""
MOST_AT_A_DOMAIN = 5
"""A domain that more companies share is a provider of mailboxes, and says nothing."""
PEOPLE_AT_ONCE, COMPANIES_AT_ONCE = 20_000, 5_000
"""How many of the latest records a page looks through: a look at all of a million would keep it waiting."""

# Each record of the stretch asks an index for older ones like it; what was merged, erased or said apart is left out.
PEOPLE = """
WITH late AS MATERIALIZED (
  SELECT id, account_id, name_norm, phone_norm FROM funnel_person
  WHERE id > %(floor)s AND id <= %(top)s AND merged_into_id IS NULL AND erased_at IS NULL
), pair AS (
  SELECT a.id AS first, b.id AS second, 'name' AS why FROM late b
  JOIN funnel_person a ON a.account_id = b.account_id AND a.name_norm = b.name_norm
  WHERE b.name_norm <> '' AND a.id < b.id AND a.merged_into_id IS NULL AND a.erased_at IS NULL
  UNION ALL
  SELECT a.id, b.id, 'phone' FROM late b
  CROSS JOIN LATERAL (
    SELECT array_agg(id) AS ids FROM (
      SELECT id FROM funnel_person p WHERE p.phone_norm = b.phone_norm AND p.phone_norm <> '' LIMIT %(most)s + 1) s
  ) near
  JOIN funnel_person a ON a.id = ANY(near.ids)
  WHERE length(b.phone_norm) >= %(shortest)s AND cardinality(near.ids) <= %(most)s
    AND a.id < b.id AND a.merged_into_id IS NULL AND a.erased_at IS NULL
)
SELECT first, second, array_agg(DISTINCT why ORDER BY why) FROM pair
WHERE NOT EXISTS (SELECT 1 FROM funnel_peopleapart x WHERE x.first_id = first AND x.second_id = second)
  AND (second, first) < (%(top)s, %(first)s)
GROUP BY first, second ORDER BY second DESC, first DESC LIMIT %(limit)s
"""
COMPANIES = """
WITH late AS MATERIALIZED (
  SELECT id, name_norm FROM funnel_account WHERE id > %(floor)s AND id <= %(top)s AND merged_into_id IS NULL
), mailed AS MATERIALIZED (
  SELECT DISTINCT late.id, split_part(p.email_norm, '@', 2) AS domain FROM late
  JOIN funnel_person p ON p.account_id = late.id
  WHERE p.merged_into_id IS NULL AND p.email_norm IS NOT NULL
), pair AS (
  SELECT a.id AS first, b.id AS second, 'name' AS why FROM late b
  JOIN funnel_account a ON a.name_norm = b.name_norm AND a.merged_into_id IS NULL
  WHERE b.name_norm <> '' AND a.id < b.id
  UNION ALL
  SELECT o.id, m.id, 'mail' FROM mailed m
  CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT account_id) AS ids FROM (
      SELECT account_id FROM funnel_person p
      WHERE split_part(p.email_norm, '@', 2) = m.domain AND p.email_norm IS NOT NULL AND p.merged_into_id IS NULL
      LIMIT 200) s WHERE account_id IS NOT NULL
  ) near
  CROSS JOIN LATERAL unnest(near.ids) AS o(id)
  WHERE cardinality(near.ids) <= %(most)s AND o.id < m.id
)
SELECT first, second, array_agg(DISTINCT why ORDER BY why) FROM pair
WHERE NOT EXISTS (SELECT 1 FROM funnel_companiesapart x WHERE x.first_id = first AND x.second_id = second)
  AND (second, first) < (%(top)s, %(first)s)
GROUP BY first, second ORDER BY second DESC, first DESC LIMIT %(limit)s
"""
EVERY_ID = 10**17


class Pair(NamedTuple):
    """Two records that may be one, the older first, and why: name (and company), phone; of companies name, mail."""

    first: Any
    second: Any
    why: tuple[str, ...]


class Pairs(NamedTuple):
    """Some pairs, and where the next page begins: ids of a second and a first. None at the end."""

    rows: list[Pair]
    next: tuple[int, int] | None


def pairs(*, limit: int, after: tuple[int, int] | None = None) -> Pairs:
    """Up to `limit` pairs of people, the latest first, beyond the pair `after` (ids of the second and the first)."""
    rows, following = _pairs(
        PEOPLE, Person, after, PEOPLE_AT_ONCE, limit=limit, most=MOST_ON_A_PHONE, shortest=SHORTEST_PHONE
    )
    people = Person.objects.select_related("account").in_bulk({pk for row in rows for pk in row[:2]})
    return Pairs([Pair(people[a], people[b], tuple(why)) for a, b, why in rows], following)


def company_pairs(*, limit: int, after: tuple[int, int] | None = None) -> Pairs:
    """Up to `limit` pairs of companies, in the same way."""
    rows, following = _pairs(COMPANIES, Account, after, COMPANIES_AT_ONCE, limit=limit, most=MOST_AT_A_DOMAIN)
    companies = Account.objects.in_bulk({pk for row in rows for pk in row[:2]})
    return Pairs([Pair(companies[a], companies[b], tuple(why)) for a, b, why in rows], following)


def _pairs(
    statement: str, of: Any, after: tuple[int, int] | None, stretch: int, *, limit: int, **facts: int
) -> tuple[list[Any], tuple[int, int] | None]:
    """The rows of one stretch, and where the next page begins."""
    top, first = after or (of.objects.aggregate(last=Max("pk"))["last"] or 0, EVERY_ID)
    floor = max(0, top - stretch)
    with connection.cursor() as cursor:
        cursor.execute(statement, {**facts, "top": top, "first": first, "floor": floor, "limit": limit + 1})
        found = cursor.fetchall()
    if len(found) > limit:
        last = found[limit - 1]
        return found[:limit], (last[1], last[0])
    return found, (floor, EVERY_ID) if floor else None
