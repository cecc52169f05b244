"""Who may be the same human being: as a new lead is typed, and among those who are known already."""

from __future__ import annotations

from typing import Any, NamedTuple

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
    firms: list[int | None] = []
    if mail:
        wanted |= Q(email_norm=mail)
    if firm and who:
        # By id: an index finds them only where no other table has a say.
        called = Account.objects.filter(name_norm=firm)
        standing = called.filter(merged_into=None).values_list("pk", flat=True)[: 4 * MOST]
        merged = called.filter(merged_into__isnull=False).values_list("merged_into", flat=True)[: 4 * MOST]
        firms = list(standing.union(merged, all=True))
        wanted |= Q(account__in=firms, name_norm=who)
    if len(number) >= SHORTEST_PHONE:
        wanted |= Q(phone_norm=number)
    if wanted == Q(pk__in=[]):
        return []
    passes = Prefetch("leads", Lead.objects.select_related("owner"), to_attr="passes")
    rows = Person.objects.filter(wanted, merged_into=None, erased_at=None).select_related("account")
    found = [
        _judged(one, mail, firms, who, number)
        for one in rows.prefetch_related(passes).order_by("-pk")[: 4 * MOST]
    ]
    return sorted(found, key=lambda one: (not one.is_same, not one.is_open))[:MOST]


def _judged(one: Person, mail: str | None, firms: list[int | None], who: str, number: str) -> Alike:
    at_firm = bool(one.account_id in firms and one.name_norm == who)
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
