"""Recording events, and keeping each lead's stages in step with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from funnel.errors import BadValue, MoveRefused
from funnel.models import Contract, Customer, Deal, Event, Lead, Note, Reason
from funnel.signals import event_recorded
from funnel.stages import (
    ACTS,
    ENTRY_KIND,
    EVENT_WORDS,
    OUTCOME_WORDS,
    STAGE_WORDS,
    EventKind,
    Stage,
    stages_before,
)
from funnel.transitions.acting import Actor
from funnel.transitions.rereading import out_of_order

CLOCK_SKEW = timedelta(minutes=5)
FREE_TEXT = "other"
NOT_RECORDED = "not_recorded"
ASKED = ("html", "api")
"""Sources at which somebody can be asked why; the database asks the same of them (`event_end_has_reason`)."""


@dataclass(frozen=True)
class Reach:
    """What a lead had reached, and the dimensions it is counted under."""

    channel_id: int | None
    is_counted: bool
    inferred: frozenset[str]
    at: Mapping[Stage, datetime]


@dataclass(frozen=True)
class Passage:
    """A lead whose stages, channel or being counted changed; `before` is None for a new lead."""

    lead_id: int
    before: Reach | None
    after: Reach


def reach_of(lead: Lead) -> Reach:
    """The lead's reach as cached on its row."""
    return Reach(lead.channel_id, lead.is_counted, frozenset(lead.inferred), lead.reached())


def lock(lead_id: int) -> Lead:
    """Lock the lead's row for the rest of the transaction and return it; always the first lock taken."""
    return Lead.objects.select_for_update(of=("self",)).select_related("person").get(pk=lead_id)


def check_act(act: str, lead: Lead) -> None:
    """Raise MoveRefused unless the table of acts allows `act` where the lead stands."""
    if ACTS[act].from_stages is None:
        return
    if lead.outcome is not None:
        raise MoveRefused("lead_closed", outcome=OUTCOME_WORDS[lead.outcome])
    if lead.stage not in (ACTS[act].from_stages or ()):
        raise MoveRefused("move_not_allowed", stage=STAGE_WORDS[lead.stage])


def happened(occurred_at: datetime | None, now: datetime, field: str = "occurred_at") -> datetime:
    """The business time of an act: `now` when not given; raises BadValue for the future."""
    if occurred_at is None:
        return now
    if occurred_at > now + CLOCK_SKEW:
        raise BadValue("in_future", field=field)
    return min(occurred_at, now)


def reason_code(act: str, given: str, *, required: bool = True) -> tuple[str, str]:
    """Split what was given as a reason into a known code and free text ("" when a code was given).

    Raises BadValue when nothing was given and one is required.
    """
    given = (given or "").strip()
    if not given:
        if required:
            raise BadValue("reason_required", field="reason")
        return "", ""
    if Reason.objects.filter(act=act, code=given).exists():
        return given, ""
    return FREE_TEXT, given


def given_reason(
    act: str, given: str, by: Actor, *, history: bool, required: bool = False
) -> tuple[str, str]:
    """As `reason_code`, for what must have a reason: at a door where somebody can be asked, "not recorded" is none.

    History, and what no person or program says (a file, the demo's past), may leave it "not recorded"; unless
    `required`, it may also leave it out.
    """
    asked = not history and by.source in ASKED
    said = "" if asked and (given or "").strip() == NOT_RECORDED else given
    code, typed = reason_code(act, said, required=asked or required)
    return code or NOT_RECORDED, typed


def note_for(lead: Lead | None, by: Actor, *texts: str) -> Note | None:
    """Keep typed texts, one below the other, in an erasable row; None when there is nothing to keep."""
    text = "\n".join(text for text in texts if text).strip()
    return Note.objects.create(lead=lead, author=by.member, text=text) if text else None


def event(
    kind: EventKind,
    by: Actor,
    *,
    now: datetime,
    department: str = "",
    occurred_at: datetime | None = None,
    lead: Lead | None = None,
    deal: Deal | None = None,
    contract: Contract | None = None,
    customer: Customer | None = None,
    handoff_ref: int | None = None,
    reason: str = "",
    note: Note | None = None,
    binding: bool = True,
    inferred: bool = False,
    corrects: Event | None = None,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Build an unsaved event; `record` and `write` save it."""
    return Event(
        kind=kind,
        occurred_at=occurred_at or now,
        recorded_at=now,
        actor=by.member,
        department=department,
        source=by.source,
        lead=lead,
        deal=deal,
        contract=contract,
        customer=customer,
        handoff_ref=handoff_ref,
        reason=reason,
        note=note,
        binding=binding and not inferred,
        inferred=inferred,
        corrects=corrects,
        data=dict(data or {}),
    )


def save(events: Iterable[Event]) -> list[Event]:
    """Insert events in order and return them with ids. Announce them afterwards."""
    return Event.objects.bulk_create(list(events))


def announce(events: list[Event], passages: Iterable[Passage] = ()) -> None:
    """Tell promises and readings, inside the transaction."""
    event_recorded.send(sender=Event, events=events, passages=[p for p in passages if p.before != p.after])


def record(kind: EventKind, by: Actor, *, now: datetime, **about: Any) -> Event:
    """Record and announce one event that changes no stage."""
    (saved,) = save([event(kind, by, now=now, **about)])
    announce([saved])
    return saved


def write(lead: Lead, before: Reach | None, events: list[Event]) -> list[Event]:
    """Save events about a locked lead whose columns already say the same, and announce both."""
    saved = save(events)
    announce(saved, [Passage(lead.pk, before, reach_of(lead))])
    return saved


def enter(lead: Lead, stage: Stage, by: Actor, *, now: datetime, at: datetime, history: bool) -> list[Event]:
    """Set the lead's first entry into `stage`, and return the inferred events of stages skipped on the way.

    Skipped stages count as passed at the same instant (docs/lifecycle.md). An entry before the capture
    moves the capture back by a correction flagged inferred. Raises MoveRefused("out_of_order") when it
    would lie before the entry of an earlier stage; with `history` it is kept and marked `date_conflict`.
    The caller saves the lead and the returned events with its own.
    """
    extra: list[Event] = []
    for earlier in reversed(stages_before(stage)):
        entered = getattr(lead, f"{earlier}_at")
        if entered is None:
            extra = [
                event(ENTRY_KIND[earlier], by, now=now, lead=lead, occurred_at=at, inferred=True),
                *extra,
            ]
            setattr(lead, f"{earlier}_at", at)
            lead.inferred = [*lead.inferred, earlier.value]
        elif at < entered:
            extra = [
                *_before_its_neighbour(lead, earlier, stage, by, now=now, at=at, history=history),
                *extra,
            ]
    column = f"{stage}_at"
    current = getattr(lead, column)
    if current is None or at < current:
        setattr(lead, column, at)
    if stage.value in lead.inferred:
        extra += _withdraw_inferred(lead, stage, by, now=now)
        setattr(lead, column, at)
    if history:
        lead.date_conflict = out_of_order(lead.reached())
    return extra


def _before_its_neighbour(
    lead: Lead, earlier: Stage, stage: Stage, by: Actor, *, now: datetime, at: datetime, history: bool
) -> list[Event]:
    if earlier == Stage.LEAD and stage == Stage.MQL and not history:
        return _move_capture_back(lead, by, now=now, at=at)
    if earlier.value in lead.inferred:
        fixes = _withdraw_inferred(lead, earlier, by, now=now)
        setattr(lead, f"{earlier}_at", at)
        lead.inferred = [*lead.inferred, earlier.value]
        return [*fixes, event(ENTRY_KIND[earlier], by, now=now, lead=lead, occurred_at=at, inferred=True)]
    if history:
        return []
    raise MoveRefused(
        "out_of_order",
        field="occurred_at",
        neighbour=EVENT_WORDS[ENTRY_KIND[earlier]],
        at=getattr(lead, f"{earlier}_at").isoformat(timespec="minutes"),
    )


def _move_capture_back(lead: Lead, by: Actor, *, now: datetime, at: datetime) -> list[Event]:
    first = Event.objects.filter(lead=lead, kind=EventKind.LEAD_CAPTURED).earliest("id")
    lead.lead_at = at
    return [
        event(
            EventKind.EVENT_CORRECTED,
            by,
            now=now,
            lead=lead,
            corrects=first,
            inferred=True,
            data={"occurred_at": at.isoformat()},
        )
    ]


def _withdraw_inferred(lead: Lead, stage: Stage, by: Actor, *, now: datetime) -> list[Event]:
    """An inferred passage gives way to a dated one."""
    lead.inferred = [s for s in lead.inferred if s != stage.value]
    standing = Event.objects.filter(lead=lead, kind=ENTRY_KIND[stage], inferred=True).exclude(
        corrections__data__withdrawn=True
    )
    return [
        event(
            EventKind.EVENT_CORRECTED,
            by,
            now=now,
            lead=lead,
            corrects=old,
            inferred=True,
            data={"withdrawn": True},
        )
        for old in standing
    ]


def setting_changed(by: Actor, *, now: datetime, what: str, old: Any, new: Any) -> Event:
    """Record a change of settings: what, the old value and the new one (codes and numbers only)."""
    return record(EventKind.SETTING_CHANGED, by, now=now, data={"what": what, "old": old, "new": new})
