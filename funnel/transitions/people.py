"""Finding a person and a company again, or meeting them for the first time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from funnel import normalise
from funnel.errors import BadValue
from funnel.models import Account, Campaign, Channel, Customer, Lead, Member, Person

NUMBERS = frozenset({"employees"})


@dataclass(frozen=True)
class LeadFields:
    """What a door knows of a lead; blank means not said. `channel` and `campaign` are slugs or names."""

    company: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    title: str = ""
    channel: str = ""
    campaign: str = ""
    external_id: str = ""
    segment: str = ""
    name_kana: str = ""
    owner: Member | None = None
    referred_by: Customer | None = None

    def check(self) -> None:
        """Raise BadValue unless there is something to know the person by."""
        if not (self.external_id or self.email.strip() or (self.company.strip() and self.name.strip())):
            raise BadValue("identity_required", field="name")


BUCKETS = 1_024
"""Locks that names are dealt out to. PostgreSQL has room for 6,400 locks of all transactions together by default; a file
of any size holds at most this many, and two names that share one merely wait for each other."""
NAMES = 0x50656F70  # Any constant: the class of these advisory locks.


def serialise(*keys: str) -> None:
    """Let only one transaction at a time look for, and then create, what these keys name."""
    wanted = {key for key in keys if key}
    if wanted:
        with connection.cursor() as cursor:
            # One statement, in the order of the locks, so that two doors never wait for each other in a circle.
            cursor.execute(
                "SELECT count(pg_advisory_xact_lock(%s, b)::text) FROM (SELECT DISTINCT "
                "mod(hashtextextended(k, 0), %s)::integer AS b FROM unnest(%s::text[]) AS k ORDER BY b) AS locks",
                [NAMES, BUCKETS // 2, list(wanted)],
            )


def identity_keys(fields: LeadFields) -> list[str]:
    """The keys two doors could meet on for the same person; empty strings are left out."""
    email = normalise.email(fields.email)
    company = normalise.company(fields.company)
    return [
        key
        for key in (
            f"lead:{fields.external_id}" if fields.external_id else "",
            f"email:{email}" if email else "",
            f"account:{company}" if company else "",
        )
        if key
    ]


def channel(name: str) -> Channel | None:
    """The channel of this slug or name; an unknown one is created and marked as met on the way in."""
    name = name.strip()
    if not name:
        return None
    found = Channel.objects.filter(slug=name).first() or Channel.objects.filter(name=name).first()
    return (
        found
        or Channel.objects.get_or_create(
            slug=name[:100], defaults={"name": name[:100], "created_by_import": True}
        )[0]
    )


def campaign(name: str, of: Channel | None) -> Campaign | None:
    """The campaign of this slug, created when new."""
    name = name.strip()
    if not name:
        return None
    return Campaign.objects.get_or_create(slug=name[:200], defaults={"name": name[:200], "channel": of})[0]


def account(name: str) -> Account | None:
    """The company of this name, found by its normalised form, or created; of a merged one, what it now is."""
    norm = normalise.company(name)
    if not norm:
        return None
    standing = Account.objects.filter(name_norm=norm, merged_into=None).order_by("id").first()
    if standing is not None:
        return standing
    merged = Account.objects.filter(name_norm=norm, merged_into__isnull=False)
    found = merged.select_related("merged_into").order_by("id").first()
    return found.merged_into if found else Account.objects.create(name=name.strip(), name_norm=norm)


def person(fields: LeadFields, company: Account | None) -> tuple[Person, bool]:
    """Find the person by e-mail, then by company and name; else create. Missing details are filled in.

    Returns the person and whether it is new. Raises BadValue for an e-mail that is none.
    """
    email = normalise.email(fields.email)
    name = normalise.person_name(fields.name)
    found = None
    if email:
        found = _first(Person.objects.filter(email_norm=email))
    if found is None and company is not None and name:
        same = Person.objects.filter(account=company, name_norm=name, erased_at=None)
        found = _first(same.filter(email_norm=None) if email else same)
    if found is not None:
        complete(found, fields, company)
        return found, False
    return (
        Person.objects.create(
            account=company,
            name=fields.name.strip(),
            name_norm=name,
            name_kana=fields.name_kana.strip(),
            title=fields.title.strip(),
            email=fields.email.strip() if email else "",
            email_norm=email,
            phone=fields.phone.strip(),
            phone_norm=normalise.phone(fields.phone),
        ),
        True,
    )


def _first(same: QuerySet[Person]) -> Person | None:
    """The oldest of these that stands for itself, else whom the oldest merged one now is."""
    # One statement, each half by an index of its own.
    standing, merged = same.filter(merged_into=None), same.filter(merged_into__isnull=False)
    both = sorted(standing.union(merged, all=True), key=lambda p: (p.merged_into_id is not None, p.pk))
    found = both[0] if both else None
    if found is None or found.merged_into_id is None:
        return found
    kept = Person.objects.get(pk=kept_of([found.pk])[found.pk])
    return None if kept.erased_at else kept


def kept_of(merged: Iterable[int]) -> dict[int, int]:
    """For each id of a person, the id of the one it was merged into at last; itself if it was not."""
    found = {pk: pk for pk in merged}
    asked = set(found)
    while asked:
        rows = Person.objects.filter(pk__in=asked, merged_into__isnull=False)
        into = dict(rows.values_list("id", "merged_into_id"))
        found = {pk: into.get(now, now) for pk, now in found.items()}
        asked = set(into.values())
    return found


def absorbed_by(kept: Iterable[int]) -> dict[int, int]:
    """For each id of a person that was merged into one of these, directly or not, the id of that one."""
    found: dict[int, int] = {}
    asked = {pk: pk for pk in kept}
    while asked:
        rows = Person.objects.filter(merged_into__in=asked).values_list("id", "merged_into_id")
        asked = {pk: asked[into] for pk, into in rows}
        found |= asked
    return found


def complete(known: Person, fields: LeadFields, company: Account | None) -> list[str]:
    """Fill what was not known of a person; never overwrite. Returns the names of the fields filled."""
    if known.erased_at is not None:
        return []
    filled: list[str] = []

    def fill(attribute: str, value: object) -> None:
        if value and not getattr(known, attribute):
            setattr(known, attribute, value)
            filled.append(attribute)

    fill("name", fields.name.strip())
    fill("name_norm", normalise.person_name(fields.name))
    fill("name_kana", fields.name_kana.strip())
    fill("title", fields.title.strip())
    fill("phone", fields.phone.strip())
    fill("phone_norm", normalise.phone(fields.phone))
    email = normalise.email(fields.email)
    if email and not known.email_norm:
        fill("email", fields.email.strip())
        fill("email_norm", email)
    if company is not None and known.account_id is None:
        known.account = company
        filled.append("account")
    if filled:
        known.save(update_fields=filled)
    return filled


def open_lead_of(known: Person) -> Lead | None:
    """The person's open pass, if any; also one begun under a record that was merged into this one."""
    return Lead.objects.filter(person_id__in=[known.pk, *absorbed_by([known.pk])], outcome=None).first()


def rewrite(known: Person, facts: Mapping[str, Any]) -> list[str]:
    """Change a person's details as typed, keeping the normalised forms in step; returns the names changed.

    Raises BadValue for an e-mail that is none or already another person's.
    """
    if known.erased_at is not None:
        return []
    changed = _rewritten(known, facts)
    if "name" in changed:
        known.name_norm = normalise.person_name(known.name)
    if "phone" in changed:
        known.phone_norm = normalise.phone(known.phone)
    if "email" in changed:
        known.email_norm = normalise.email(known.email)
        taken = Person.objects.filter(email_norm=known.email_norm, merged_into=None).exclude(pk=known.pk)
        if known.email_norm and taken.exists():
            raise BadValue("email_taken", field="email")
    if changed:
        known.save()
    return changed


def rewrite_account(known: Account, facts: Mapping[str, Any]) -> list[str]:
    """Change what is known of a company; returns the names changed. A company keeps a name."""
    changed = _rewritten(known, facts)
    if "name" in changed:
        if not known.name:
            raise BadValue("company_required", field="name")
        known.name_norm = normalise.company(known.name)
    if changed:
        known.save()
    return changed


def rewrite_customer(known: Customer, facts: Mapping[str, Any]) -> list[str]:
    """Change what is noted of a customer; returns the names changed. Its phase is not among them."""
    changed = _rewritten(known, facts)
    if changed:
        known.save(update_fields=changed)
    return changed


def _rewritten(known: Person | Account | Customer, facts: Mapping[str, Any]) -> list[str]:
    """Set attributes, texts trimmed; returns the names of those that now differ."""
    changed = []
    for name, value in facts.items():
        # A text that is not known is blank, a number null.
        meant = (value if value != "" else None) if name in NUMBERS else (value or "").strip()
        if meant != getattr(known, name):
            setattr(known, name, meant)
            changed.append(name)
    return changed
