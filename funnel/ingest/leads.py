"""Rows of leads into transitions: new ones laid down together, known ones filled in, dated and corrected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from funnel import normalise
from funnel.ingest.cells import BadRow
from funnel.ingest.matching import Match, Matcher
from funnel.ingest.outcomes import CREATED, UNCHANGED, UPDATED, Numbered, Outcome, Run, in_waves
from funnel.ingest.rows import LeadRow
from funnel.models import Activity, Lead, Member
from funnel.stages import ActivityKind, Direction, Stage
from funnel.transitions import bulk, filed, leads, people
from funnel.transitions.bulk import NewLead


def write(rows: Sequence[Numbered], run: Run) -> list[Outcome]:
    """Take a batch of leads in; one outcome a row, in any order."""
    run.sources.meet(
        (n.row.channel for n in rows),
        ((n.row.campaign, n.row.channel) for n in rows),
        (n.row.owner for n in rows),
    )
    people.serialise(*(key for n in rows for key in _locks(n.row)))
    return in_waves(rows, _keys, lambda wave: _write_wave(wave, run))


def _locks(row: LeadRow) -> Iterable[str]:
    """What other doors lock, too, before they look for this person."""
    if row.external_id:
        yield f"lead:{row.external_id}"
    if row.email_norm:
        yield f"email:{row.email_norm}"
    if row.company_norm:
        yield f"account:{row.company_norm}"


def _keys(row: LeadRow) -> Iterable[Any]:
    if row.external_id:
        yield "id", row.external_id
    if row.email_norm:
        yield "email", row.email_norm
    if row.company_norm and row.name_norm:
        yield row.company_norm, row.name_norm


def _write_wave(wave: Sequence[Numbered], run: Run) -> tuple[list[Outcome], list[Numbered]]:
    typed: list[LeadRow] = [n.row for n in wave]
    matcher = Matcher((r.external_id for r in typed), (r.email_norm for r in typed), typed)
    contacts = _contacts(wave, matcher)
    outcomes: list[Outcome] = []
    new: list[Numbered] = []
    again: list[Numbered] = []
    laid: list[NewLead] = []
    touched: set[int] = set()
    for numbered in wave:
        row: LeadRow = numbered.row
        match = matcher.find(row.external_id, row.email_norm, row.company_norm, row.name_norm)
        if match.person_id in touched:
            again.append(numbered)
            continue
        touched |= {match.person_id} if match.person_id else set()
        if match.lead is not None and not is_next_pass(row, match):
            outcomes.append(_settle_known(numbered, match, contacts, run))
            continue
        try:
            run.check_age(row.dates())
        except BadRow as problem:
            outcomes.append(numbered.rejected(problem))
            continue
        new.append(numbered)
        laid.append(_new(row, match, run))
    for numbered, written in zip(
        new, bulk.lay_down(laid, run.by, now=run.now, history=run.history), strict=True
    ):
        flags = [
            f for f, on in (("inferred", written.inferred), ("date_conflict", written.date_conflict)) if on
        ]
        outcomes.append(numbered.became(CREATED, written.lead_id, flags))
    return outcomes, again


def is_next_pass(row: LeadRow, match: Match) -> bool:
    """Whether the row is another pass of a person whose last one has ended."""
    last = match.lead
    if last is None or match.by_id or last.is_open:
        return False
    if row.external_id and last.external_id:
        return True
    dates = row.dates()
    return bool(dates) and last.closed_at is not None and min(dates) > last.closed_at


def _new(row: LeadRow, match: Match, run: Run) -> NewLead:
    last = match.lead
    sources = run.sources
    return NewLead(
        row.external_id, match.account_id, row.company, row.company_norm, match.person_id,
        match.passes + 1, last.pk if last else None, row.name, row.name_norm, row.email,
        row.email_norm, row.phone, row.title, sources.channels.get(row.channel), row.channel,
        sources.campaigns.get(row.campaign), row.segment, sources.members.get(row.owner), row.created_at,
        row.mql_at, row.first_contact_at, row.sql_at,
    )  # fmt: skip


def _contacts(wave: Sequence[Numbered], matcher: Matcher) -> set[tuple[int, datetime]]:
    """The attempts already recorded for leads whose rows name a first contact."""
    dated = {n.row.external_id or n.row.email_norm: n.row for n in wave if n.row.first_contact_at}
    if not dated or not (matcher.leads or matcher.latest):
        return set()
    known = [lead.pk for lead in (*matcher.leads.values(), *matcher.latest.values())]
    found = Activity.objects.filter(lead_id__in=known, direction=Direction.OUTBOUND)
    return set(found.values_list("lead_id", "occurred_at"))


class _Change(NamedTuple):
    """What a row states that is not so yet."""

    facts: dict[str, Any]
    stages: list[tuple[Stage, datetime]]
    contact: datetime | None
    owner: int | None
    company: str

    def before(self, lead: Lead) -> dict[str, Any]:
        """What the ledger does not tell of this change: the side facts as they stand now."""
        person = lead.person
        found = {
            name: [getattr(lead if name in ("segment", "external_id") else person, name), None]
            for name in self.facts
            if name not in ("channel", "campaign")
        }
        if "campaign" in self.facts:
            found["campaign_id"] = [lead.campaign_id, None]
        if self.company:
            found |= {"account_id": [None, None], "person_account_id": [person.account_id, None]}
        return found


def _settle_known(numbered: Numbered, match: Match, contacts: set[tuple[int, datetime]], run: Run) -> Outcome:
    row, lead = numbered.row, match.lead
    if lead is None:
        raise ValueError("a row that is settled as known has a lead")
    if run.skip_known:
        return numbered.became(UNCHANGED, lead.pk, ["skipped"])
    own = match.by_id or not row.external_id or not lead.external_id
    flags = [f for f, on in (("same_person", not own), ("date_conflict", lead.date_conflict)) if on]
    change = _change(row, lead, contacts, run, own=own)
    if not any(change):
        return numbered.became(UNCHANGED, lead.pk, flags)

    def act() -> Outcome:
        before = change.before(lead)
        _apply(change, lead.pk, run)
        return numbered.became(UPDATED, lead.pk, flags, _with_new(before, lead.pk))

    return run.settle(numbered, act)


def _change(row: LeadRow, lead: Lead, contacts: set[tuple[int, datetime]], run: Run, *, own: bool) -> _Change:
    known = row.first_contact_at is None or (lead.pk, row.first_contact_at) in contacts
    homeless = lead.account_id is None and lead.person.erased_at is None
    return _Change(
        facts=_facts(row, lead, run, own=own),
        stages=_stages(row, lead) if own else [],
        contact=row.first_contact_at if own and not known else None,
        owner=_owner(row, lead, run, own=own),
        company=row.company if row.company_norm and homeless else "",
    )


def _with_new(before: dict[str, Any], lead_id: int) -> dict[str, Any]:
    """The same with what stands there now."""
    if not before:
        return {}
    lead = Lead.objects.select_related("person").get(pk=lead_id)
    own = {"segment", "external_id", "campaign_id", "account_id"}

    def now(name: str) -> Any:
        if name == "person_account_id":
            return lead.person.account_id
        return getattr(lead if name in own else lead.person, name)

    return {name: [old, now(name)] for name, (old, _) in before.items()}


def _apply(change: _Change, lead_id: int, run: Run) -> None:
    dates = [at for _, at in change.stages]
    run.check_age([*dates, change.contact] if change.contact else dates)
    if change.company:
        filed.place(lead_id, run.by, now=run.now, company=change.company)
    if change.facts:
        leads.describe(lead_id, run.by, now=run.now, **change.facts)
    if change.owner:
        leads.assign(lead_id, run.by, now=run.now, owner=Member.objects.get(pk=change.owner))
    for stage, at in change.stages:
        filed.date_stage(lead_id, stage, run.by, now=run.now, at=at, history=run.history)
    if change.contact:
        call = filed.FiledActivity(lead_id, ActivityKind.CALL, Direction.OUTBOUND, "", "", change.contact, "")
        filed.log_many([call], run.by, now=run.now, history=run.history)


def _facts(row: LeadRow, lead: Lead, run: Run, *, own: bool) -> dict[str, Any]:
    """The side facts that the row states differently; where the row is not the lead's own, only what was blank."""
    person = lead.person
    standing: dict[str, tuple[Any, Any, Any]] = {
        "segment": (row.segment, row.segment, lead.segment),
        "channel": (row.channel, run.sources.channels.get(row.channel), lead.channel_id),
        "campaign": (row.campaign, run.sources.campaigns.get(row.campaign), lead.campaign_id),
    }
    if person.erased_at is None and person.merged_into_id is None:
        standing |= {
            "name": (row.name, row.name_norm, person.name_norm),
            "email": (row.email, row.email_norm, person.email_norm),
            "phone": (row.phone, normalise.phone(row.phone), person.phone_norm),
            "title": (row.title, row.title, person.title),
        }
    facts = {
        name: said
        for name, (said, means, now) in standing.items()
        if said and means != now and (own or not now)
    }
    if own and row.external_id and not lead.external_id:
        facts["external_id"] = row.external_id
    return facts


def _stages(row: LeadRow, lead: Lead) -> list[tuple[Stage, datetime]]:
    """The stage dates that the row states differently."""
    given = [(Stage.LEAD, row.created_at), (Stage.MQL, row.mql_at), (Stage.SQL, row.sql_at)]
    dated = [(stage, at) for stage, at in given if at is not None]
    return [
        (stage, at)
        for stage, at in dated
        if at != getattr(lead, f"{stage}_at") or stage.value in lead.inferred
    ]


def _owner(row: LeadRow, lead: Lead, run: Run, *, own: bool) -> int | None:
    wanted = run.sources.members.get(row.owner)
    if wanted is None or wanted == lead.owner_id or (lead.owner_id and not own):
        return None
    return wanted
