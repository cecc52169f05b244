"""Leads coming in, what is done with them, and their side facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from funnel.errors import BadValue, MoveRefused, Refused
from funnel.models import Activity, Customer, Event, Lead, Member, Note, Person
from funnel.models.ledger import FIRST_RECORDED
from funnel.stages import (
    ACTIVITY_WORDS,
    DIRECTION_WORDS,
    KEEPS_CONTACT,
    RESULT_WORDS,
    Direction,
    EventKind,
    Outcome,
    Result,
)
from funnel.transitions import people
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import (
    announce,
    event,
    happened,
    lock,
    note_for,
    reach_of,
    record,
    save,
    write,
)
from funnel.transitions.people import LeadFields
from funnel.transitions.rereading import first_contact


@dataclass(frozen=True)
class Captured:
    """The lead that stands for what came in; `created` is false when it was the person's open pass."""

    lead: Lead
    created: bool


@transaction.atomic
def capture(
    by: Actor,
    *,
    now: datetime,
    fields: LeadFields,
    occurred_at: datetime | None = None,
    history: bool = False,
) -> Captured:
    """Take a lead in: find the person, return the open pass, or open a new one linked to the last.

    Raises BadValue (identity_required, bad_email, in_future), NotYours.
    """
    fields.check()
    department = by.department_for("capture")
    at = happened(occurred_at, now)
    people.serialise(*people.identity_keys(fields))
    if fields.external_id:
        known = Lead.objects.filter(external_id=fields.external_id).select_related("person").first()
        if known is not None:
            people.complete(known.person, fields, None)
            return Captured(known, created=False)
    company = people.account(fields.company)
    person, is_new = people.person(fields, company)
    if not is_new:
        standing = people.open_lead_of(person)
        if standing is not None:
            return Captured(standing, created=False)
    lead = _open_pass(person, is_new=is_new, fields=fields, at=at)
    _write_new(lead, by, now=now, department=department, at=at, history=history)
    return Captured(lead, created=True)


def _open_pass(person: Person, *, is_new: bool, fields: LeadFields, at: datetime) -> Lead:
    last = None if is_new else Lead.objects.filter(person=person).order_by("-pass_no").first()
    source = people.channel(fields.channel)
    return Lead.objects.create(
        person=person,
        account=person.account,
        pass_no=last.pass_no + 1 if last else 1,
        previous=None if last is None or last.outcome == Outcome.WITHDRAWN else last,
        external_id=fields.external_id or None,
        channel=source,
        campaign=people.campaign(fields.campaign, source),
        segment=fields.segment.strip(),
        owner=fields.owner,
        referred_by=fields.referred_by,
        lead_at=at,
    )


def _write_new(lead: Lead, by: Actor, *, now: datetime, department: str, at: datetime, history: bool) -> None:
    captured = event(
        EventKind.LEAD_CAPTURED,
        by,
        now=now,
        department=department,
        lead=lead,
        occurred_at=at,
        binding=not history,
        data={"channel": lead.channel.slug} if lead.channel else {},
    )
    write(lead, None, [captured])


@transaction.atomic
def log(
    lead_id: int,
    by: Actor,
    *,
    now: datetime,
    kind: str,
    direction: str = Direction.OUTBOUND,
    result: str = Result.NONE,
    note: str = "",
    occurred_at: datetime | None = None,
    is_human: bool = True,
    external_id: str | None = None,
    history: bool = False,
    expects_note: bool = False,
    tells_anew: Event | None = None,
) -> Activity:
    """Record something done with the person. Human, outbound calls, mails, meetings are contact attempts.

    `expects_note` keeps a place for words that may follow (`annotate`): an event's own note cannot come later.
    `tells_anew` is the entry this one replaces: the act counts as recorded when that one was.

    Raises BadValue for unknown kinds, directions, results and for the future.
    """
    one_of("kind", kind, ACTIVITY_WORDS)
    one_of("direction", direction, DIRECTION_WORDS)
    one_of("result", result, RESULT_WORDS)
    department = by.department_for("log")
    at = happened(occurred_at, now)
    lead = lock(lead_id)
    attempt = is_human and direction == Direction.OUTBOUND and kind in KEEPS_CONTACT
    told = {"activity_kind": kind, "direction": direction, "result": result, "human": is_human}
    if tells_anew is not None:
        told[FIRST_RECORDED] = tells_anew.first_recorded_at.isoformat()
    said = note_for(lead, by, note)
    if said is None and expects_note:
        said = Note.objects.create(lead=lead, author=by.member)
    (saved,) = save(
        [
            event(
                EventKind.CONTACT_ATTEMPTED if attempt else EventKind.ACTIVITY_LOGGED,
                by,
                now=now,
                department=department,
                lead=lead,
                occurred_at=at,
                note=said,
                binding=not history,
                data=told,
            )
        ]
    )
    activity = Activity.objects.create(
        lead=lead,
        kind=kind,
        direction=direction,
        result=result,
        is_human=is_human,
        note=said,
        occurred_at=at,
        external_id=external_id or None,
        event=saved,
    )
    changed = _note_contact(lead, by, at, now) if attempt else []
    if changed:
        lead.save(update_fields=changed)
    announce([saved])
    return activity


def _note_contact(lead: Lead, by: Actor, at: datetime, now: datetime) -> list[str]:
    """The earliest attempt since certification is the first contact; its maker owns an unowned lead."""
    changed = []
    if lead.mql_at is not None and (lead.first_contact_at is None or at < lead.first_contact_at):
        # What lies in the past may lie before the latest certification; only the ledger knows.
        lead.first_contact_at = at if at == now else first_contact(lead)
        changed.append("first_contact_at")
    if lead.owner_id is None and by.member is not None and not by.member.is_service:
        lead.owner = by.member
        changed.append("owner")
    return changed


def one_of(field: str, value: str, choices: Mapping[str, Any]) -> None:
    if value not in choices:
        raise BadValue("bad_choice", field=field, value=value, choices=", ".join(c for c in choices if c))


@transaction.atomic
def assign(lead_id: int, by: Actor, *, now: datetime, owner: Member | None) -> Lead:
    """Give a lead to an inside-sales owner, or to nobody. The promise's clock goes on."""
    department = by.department_for("assign")
    lead = lock(lead_id)
    if lead.owner_id == (owner.pk if owner else None):
        return lead
    old = lead.owner_id
    lead.owner = owner
    lead.save(update_fields=["owner"])
    record(
        EventKind.OWNER_ASSIGNED,
        by,
        now=now,
        department=department,
        lead=lead,
        data={"from": old, "to": owner.pk if owner else None},
    )
    return lead


SIDE_FACTS_OF_PERSON = ("name", "name_kana", "title", "phone", "email")


@transaction.atomic
def describe(lead_id: int, by: Actor, *, now: datetime, **facts: Any) -> Lead:
    """Change side facts: channel, campaign, segment, external_id, the person's details; never a stage.

    A changed channel moves the lead's counts to the new channel.
    """
    department = by.department_for("edit")
    lead = lock(lead_id)
    before = reach_of(lead)
    if "channel" in facts:
        lead.channel = people.channel(facts["channel"] or "")
    if "campaign" in facts:
        lead.campaign = people.campaign(facts["campaign"] or "", lead.channel)
    for name in ("segment", "external_id"):
        if name in facts:
            setattr(lead, name, facts[name] or (None if name == "external_id" else ""))
    lead.save(update_fields=["channel", "campaign", "segment", "external_id"])
    changed = people.rewrite(lead.person, {k: facts[k] for k in SIDE_FACTS_OF_PERSON if k in facts})
    if changed:
        record(
            EventKind.DETAILS_CHANGED,
            by,
            now=now,
            department=department,
            lead=lead,
            binding=False,
            data={"what": "person", "id": lead.person_id, "fields": changed},
        )
    if reach_of(lead) != before:
        write(
            lead,
            before,
            [
                event(
                    EventKind.SETTING_CHANGED,
                    by,
                    now=now,
                    lead=lead,
                    binding=False,
                    data={"what": "lead.channel", "old": before.channel_id, "new": lead.channel_id},
                )
            ],
        )
    return lead


@transaction.atomic
def reopen_pass(person_id: int, by: Actor, *, now: datetime, referred_by: Customer | None = None) -> Lead:
    """Open the next pass of a person whose last one has ended (waking up from nurture, coming back).

    Raises MoveRefused("lead_open") while one is open.
    """
    department = by.department_for("capture")
    person = Person.objects.select_for_update().get(pk=person_id)
    if people.open_lead_of(person):
        raise MoveRefused("lead_open")
    last = Lead.objects.filter(person=person).exclude(outcome=Outcome.WITHDRAWN).order_by("-pass_no").first()
    if last is None:
        raise Refused("person_required")
    lead = Lead.objects.create(
        person=person,
        account=person.account,
        pass_no=(Lead.objects.filter(person=person).aggregate(m=Max("pass_no"))["m"] or 0) + 1,
        previous=last,
        channel=last.channel,
        campaign=last.campaign,
        segment=last.segment,
        owner=last.owner,
        referred_by=referred_by,
        lead_at=now,
    )
    _write_new(lead, by, now=now, department=department, at=now, history=False)
    return lead
