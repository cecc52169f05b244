"""What a lead's columns are by its ledger, corrections applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Prefetch
from django.utils.dateparse import parse_datetime

from funnel.models import Event, Lead
from funnel.stages import REACHES, STAGES, DealKind, EventKind, Stage, previous


class Standing(NamedTuple):
    """An event that was not withdrawn, and when it counts as having occurred."""

    event: Event
    kind: EventKind
    at: datetime


def reread(lead: Lead, events: Iterable[Event] | None = None) -> list[Standing]:
    """Recompute the lead's stage entries and first contact; the caller saves it. Returns what stands in its ledger.

    `events` are all of the lead in the order of their ids, where the caller has read them. The first
    event of a stage's kind is its entry; wins count only of new-business deals. The first contact is the earliest
    attempt since the latest certification.
    """
    standing = _standing(lead, events)
    entries: dict[Stage, Standing] = {}
    for one in standing:
        stage = REACHES.get(one.kind)
        deal = one.event.deal
        if stage is None or (stage == Stage.WON and deal and deal.kind != DealKind.NEW):
            continue
        if stage not in entries or one.at < entries[stage].at:
            entries[stage] = one
    for stage in STAGES:
        setattr(lead, f"{stage}_at", entries[stage].at if stage in entries else None)
    lead.inferred = [stage.value for stage in STAGES if stage in entries and entries[stage].event.inferred]
    lead.date_conflict = out_of_order({stage: one.at for stage, one in entries.items()})
    lead.first_contact_at = _first_contact(standing)
    return standing


def _standing(lead: Lead, events: Iterable[Event] | None = None) -> list[Standing]:
    if events is None:
        events = Event.objects.filter(lead=lead).select_related("deal").order_by("id")
    events = list(events)
    latest: dict[int, Event] = {e.corrects_id: e for e in events if e.corrects_id}
    moments = ((e, effective_at(e, latest.get(e.pk))) for e in events)
    return [Standing(e, EventKind(e.kind), at) for e, at in moments if at is not None]


def first_contact(lead: Lead) -> datetime | None:
    """The earliest contact attempt since the lead's latest certification; None while there is none."""
    return _first_contact(_standing(lead))


def last_certified(lead_ids: Iterable[int]) -> dict[int, datetime]:
    """When each of many leads was certified the last time, corrections applied; two queries."""
    certified = Event.objects.filter(lead_id__in=lead_ids, kind=EventKind.MQL_CERTIFIED).order_by("id")
    rows = list(certified.prefetch_related(Prefetch("corrections", Event.objects.order_by("id"))))
    moments = ((e.lead_id, effective_at(e, next(iter(reversed(e.corrections.all())), None))) for e in rows)
    return {lead_id: at for lead_id, at in moments if lead_id and at is not None}


def _first_contact(standing: Sequence[Standing]) -> datetime | None:
    certified = [one.at for one in standing if one.kind is EventKind.MQL_CERTIFIED]
    attempts = [one.at for one in standing if one.kind is EventKind.CONTACT_ATTEMPTED]
    return min((at for at in attempts if certified and at >= certified[-1]), default=None)


def last_of(standing: Sequence[Standing], *kinds: EventKind) -> EventKind | None:
    """The kind of the last recorded of some kinds of events; None when none stands."""
    return next((one.kind for one in reversed(standing) if one.kind in kinds), None)


def effective_at(one: Event, correction: Event | None) -> datetime | None:
    """When an event counts as having occurred, given its latest correction; None when withdrawn."""
    if correction is None:
        return one.occurred_at
    if correction.data.get("withdrawn"):
        return None
    moved = parse_datetime(str(correction.data.get("occurred_at", "")))
    return moved or one.occurred_at


def out_of_order(entered: Mapping[Stage, datetime]) -> bool:
    """True when a stage was entered before the one that precedes it."""
    return any(
        before is not None and entered.get(before, at) > at
        for s, at in entered.items()
        for before in [previous(s)]
    )
