"""Whom a row speaks of: by external id, then e-mail, then normalised company and name; a few queries a batch."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from funnel.models import Lead, Person
from funnel.stages import Outcome
from funnel.transitions import companies, people

WITH_IDENTITY = ("person", "account")
Key = TypeVar("Key", bound=Hashable)


class Described(Protocol):
    """A row that says whom it is about."""

    @property
    def company_norm(self) -> str: ...
    @property
    def name_norm(self) -> str: ...


class Match:
    """What is known of one row: its account, its person, the lead it continues, and how many passes there were."""

    __slots__ = ("account_id", "by_id", "lead", "passes", "person_id")

    def __init__(self) -> None:
        self.account_id: int | None = None
        self.person_id: int | None = None
        self.lead: Lead | None = None
        self.passes = 0
        self.by_id = False


class Matcher:
    """The leads, persons and accounts that a batch of rows may mean, read in a constant number of queries."""

    def __init__(
        self, external_ids: Iterable[str], emails: Iterable[str | None], described: Sequence[Described]
    ) -> None:
        self.leads = self._leads({x for x in external_ids if x})
        companies = {row.company_norm for row in described if row.company_norm}
        names = {row.name_norm for row in described if row.company_norm and row.name_norm}
        self.accounts = self._accounts(companies)
        self.by_email = self._by_email({e for e in emails if e})
        self.by_name = self._by_name(names) if self.accounts and names else {}
        self.passes: dict[int, int] = {}
        self.latest = self._latest({*self.by_email.values(), *(pk for pk, _ in self.by_name.values())})

    def find(self, external_id: str, email: str | None, company: str, name: str) -> Match:
        """Whom these four mean. The lead is the person's open pass, else the latest one."""
        match = Match()
        match.account_id = self.accounts.get(company)
        known = self.leads.get(external_id) if external_id else None
        if known is not None:
            match.lead, match.person_id, match.by_id = known, known.person_id, True
            return match
        match.person_id = self.person(email, match.account_id, name)
        match.lead = self.latest.get(match.person_id) if match.person_id else None
        match.passes = self.passes.get(match.person_id or 0, 0)
        return match

    def person(self, email: str | None, account_id: int | None, name: str) -> int | None:
        """The person of this e-mail, else of this name at this company (without another e-mail)."""
        if email and email in self.by_email:
            return self.by_email[email]
        found = self.by_name.get((account_id, name)) if account_id and name else None
        if found is None or (email and found[1]):
            return None
        return found[0]

    @staticmethod
    def _leads(external_ids: set[str]) -> dict[str, Lead]:
        if not external_ids:
            return {}
        found = Lead.objects.filter(external_id__in=external_ids).select_related(*WITH_IDENTITY)
        return {str(lead.external_id): lead for lead in found}

    @staticmethod
    def _accounts(norms: set[str]) -> dict[str, int]:
        return companies.named(norms)

    @staticmethod
    def _by_email(emails: set[str]) -> dict[str, int]:
        if not emails:
            return {}
        rows = Person.objects.filter(email_norm__in=emails)
        found = dict(rows.filter(merged_into=None).values_list("email_norm", "id"))
        merged = rows.filter(email_norm__in=emails - found.keys(), merged_into__isnull=False).order_by("-id")
        absorbed = {str(email): pk for email, pk in merged.values_list("email_norm", "id")}
        return _kept(absorbed) | {str(email): pk for email, pk in found.items()}

    def _by_name(self, names: set[str]) -> dict[tuple[int, str], tuple[int, bool]]:
        rows = Person.objects.filter(
            account_id__in=set(self.accounts.values()), name_norm__in=names, erased_at=None
        )
        columns = ("account_id", "name_norm", "id", "email_norm", "merged_into_id")
        # The last one written wins: nulls come last, so a person without e-mail before one with, the older first.
        found = list(rows.order_by("email_norm", "-id").values_list(*columns))
        merged = {(account, name): (pk, bool(mail)) for account, name, pk, mail, into in found if into}
        kept = _kept({key: pk for key, (pk, _) in merged.items()})
        return {key: (pk, merged[key][1]) for key, pk in kept.items()} | {
            (account, name): (pk, mail is not None) for account, name, pk, mail, into in found if not into
        }

    def _latest(self, persons: set[int]) -> dict[int, Lead]:
        """The latest pass of each person; a withdrawn one never was, but its number is taken."""
        if not persons:
            return {}
        kept = people.absorbed_by(persons)
        rows = Lead.objects.filter(person_id__in=[*persons, *kept]).select_related(*WITH_IDENTITY)
        found: dict[int, Lead] = {}
        # The last one written wins: the open pass, else the latest.
        for lead in sorted(rows, key=lambda lead: (lead.outcome is None, lead.pass_no, lead.pk)):
            person_id = kept.get(lead.person_id, lead.person_id)
            self.passes[person_id] = max(self.passes.get(person_id, 0), lead.pass_no)
            if lead.outcome != Outcome.WITHDRAWN:
                found[person_id] = lead
        return found


def _kept(merged: Mapping[Key, int]) -> dict[Key, int]:
    """Whom merged persons now are; one that was erased since is nobody."""
    if not merged:
        return {}
    into = people.kept_of(merged.values())
    there = set(Person.objects.filter(pk__in=into.values(), erased_at=None).values_list("id", flat=True))
    return {key: into[pk] for key, pk in merged.items() if into[pk] in there}
