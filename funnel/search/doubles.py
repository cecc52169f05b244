"""Who may be the same human being: as a new lead is typed, and among those who are known already."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Prefetch, Q

from funnel import normalise
from funnel.errors import BadValue
from funnel.models import Account, Lead, Person

MOST = 5
SHORTEST_PHONE = 9

EMAIL, NAME, PHONE = "email", "name", "phone"


class Alike(NamedTuple):
    """Somebody known who is like what was typed. `why` names what they share: email, name (and company), phone.

    `is_same` when a lead typed so would be this person's. `lead` is the pass to open: the one in progress, else the
    latest; None for somebody without any.
    """

    person: Person
    why: tuple[str, ...]
    is_same: bool
    lead: Lead | None

    @property
    def is_open(self) -> bool:
        """True while this person has a lead in progress: there can be no second."""
        return self.lead is not None and self.lead.outcome is None


def alike(*, company: str, name: str, email: str, phone: str) -> list[Alike]:
    """Who is like a lead with these details: the same person first, at most five; three statements."""
    try:
        mail = normalise.email(email)
    except BadValue:
        mail = None
    firm, who, number = normalise.company(company), normalise.person_name(name), normalise.phone(phone)
    wanted = Q(pk__in=[])
    if mail:
        wanted |= Q(email_norm=mail)
    if firm and who:
        # By id: an index finds them only where no other table has a say.
        firms = Account.objects.filter(name_norm=firm, merged_into=None).values_list("pk", flat=True)
        wanted |= Q(account__in=list(firms[: 4 * MOST]), name_norm=who)
    if len(number) >= SHORTEST_PHONE:
        wanted |= Q(phone_norm=number)
    if wanted == Q(pk__in=[]):
        return []
    passes = Prefetch("leads", Lead.objects.select_related("owner"), to_attr="passes")
    rows = Person.objects.filter(wanted, merged_into=None, erased_at=None).select_related("account")
    found = [
        _judged(one, mail, firm, who, number)
        for one in rows.prefetch_related(passes).order_by("-pk")[: 4 * MOST]
    ]
    return sorted(found, key=lambda one: (not one.is_same, not one.is_open))[:MOST]


def _judged(one: Person, mail: str | None, firm: str, who: str, number: str) -> Alike:
    at_firm = bool(firm and who and one.account and one.account.name_norm == firm and one.name_norm == who)
    why = {
        EMAIL: bool(mail and one.email_norm == mail),
        NAME: at_firm,
        PHONE: bool(number and one.phone_norm == number),
    }
    # The same name at the same company is the same person, unless their mailboxes differ.
    same = why[EMAIL] or (at_firm and not (mail and one.email_norm))
    known: Any = one
    passes = sorted(known.passes, key=lambda lead: (lead.outcome is not None, -lead.pass_no))
    return Alike(
        one, tuple(name for name, is_so in why.items() if is_so), same, passes[0] if passes else None
    )


# Each reason finds its groups in an index of its own; what was merged, erased or said apart is left out afterwards.
PAIRS = """
WITH named AS (
  SELECT account_id, name_norm FROM funnel_person WHERE account_id IS NOT NULL AND name_norm <> ''
  GROUP BY account_id, name_norm HAVING count(*) > 1
), phoned AS (
  SELECT phone_norm FROM funnel_person WHERE phone_norm <> '' AND length(phone_norm) >= %(shortest)s
  GROUP BY phone_norm HAVING count(*) BETWEEN 2 AND %(most_phones)s
), pair AS (
  SELECT a.id AS first, b.id AS second, 'name' AS why FROM named n
  JOIN funnel_person a USING (account_id, name_norm) JOIN funnel_person b USING (account_id, name_norm)
  WHERE a.id < b.id AND a.merged_into_id IS NULL AND b.merged_into_id IS NULL
    AND a.erased_at IS NULL AND b.erased_at IS NULL
  UNION ALL
  SELECT a.id, b.id, 'phone' FROM phoned n
  JOIN funnel_person a USING (phone_norm) JOIN funnel_person b USING (phone_norm)
  WHERE a.id < b.id AND a.merged_into_id IS NULL AND b.merged_into_id IS NULL
    AND a.erased_at IS NULL AND b.erased_at IS NULL
)
SELECT first, second, array_agg(why ORDER BY why) FROM pair
WHERE NOT EXISTS (SELECT 1 FROM funnel_peopleapart x WHERE x.first_id = first AND x.second_id = second)
  AND (%(second)s IS NULL OR (second, first) < (%(second)s, %(first)s))
GROUP BY first, second ORDER BY second DESC, first DESC LIMIT %(limit)s
"""
MOST_ON_A_PHONE = 5
"""A number that more people share is a switchboard, and says nothing."""


class Pair(NamedTuple):
    """Two people who may be one, the older first, and why: name (and company), phone."""

    first: Person
    second: Person
    why: tuple[str, ...]


def pairs(*, limit: int, after: tuple[int, int] | None = None) -> list[Pair]:
    """Up to `limit` pairs, the latest first, beyond the pair `after` (ids of the second and the first)."""
    second, first = after or (None, None)
    with connection.cursor() as cursor:
        cursor.execute(
            PAIRS,
            {
                "shortest": SHORTEST_PHONE,
                "most_phones": MOST_ON_A_PHONE,
                "limit": limit,
                "second": second,
                "first": first,
            },
        )
        found = cursor.fetchall()
    ids = {pk for row in found for pk in row[:2]}
    people = Person.objects.select_related("account").in_bulk(ids)
    return [Pair(people[a], people[b], tuple(why)) for a, b, why in found]
