"""The two corrections: another time, and never."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from funnel.errors import MoveRefused, NotYours
from funnel.models import Customer, Event, Lead
from funnel.stages import DEPARTMENT_WORDS, ENTRY_KIND, EVENT_WORDS, EventKind, previous
from funnel.transitions.acting import Actor
from funnel.transitions.corrections.bringing import brought_by, forget, parts_of
from funnel.transitions.corrections.contracts import settle_contract
from funnel.transitions.corrections.selling import settle_sale, together
from funnel.transitions.corrections.settling import settle
from funnel.transitions.corrections.table import CORRECTABLE, UNDO, WHY_NOT, Reach
from funnel.transitions.ledger import (
    Passage,
    announce,
    event,
    happened,
    lock,
    note_for,
    reach_of,
    save,
)
from funnel.transitions.never import never_was
from funnel.transitions.rereading import reread


@transaction.atomic
def correct_time(event_id: int, by: Actor, *, now: datetime, occurred_at: datetime, reason: str) -> Event:
    """Say when an event really occurred. Counts move; finished verdicts do not.

    Raises MoveRefused("out_of_order") when it would leave its place between the stages beside it.
    """
    department = by.department_for("correct")
    wrong = Event.objects.select_related("deal").get(pk=event_id)
    if wrong.kind not in CORRECTABLE or wrong.lead_id is None:
        raise MoveRefused("not_correctable")
    lead = lock(wrong.lead_id)
    _demand_standing(wrong)
    before, was_out_of_order = reach_of(lead), lead.date_conflict
    to = happened(occurred_at, now)
    saved = save(
        [
            event(
                EventKind.EVENT_CORRECTED,
                by,
                now=now,
                department=department,
                lead=lead,
                deal=wrong.deal,
                corrects=wrong,
                note=note_for(lead, by, reason),
                data={"occurred_at": to.isoformat()},
            )
        ]
    )
    reread(lead)
    if lead.date_conflict and not was_out_of_order:
        raise _out_of_order(lead)
    lead.save()
    announce(saved, [Passage(lead.pk, before, reach_of(lead))])
    return saved[0]


@transaction.atomic
def withdraw(event_id: int, by: Actor, *, now: datetime, reason: str) -> Event:
    """Say that an event never occurred (undo). Lead, deal and contract go back to where the ledger then leaves them.

    Promises follow: what the act kept, decided or ended is judged as if it had never been; a miss stays. A win is
    withdrawn with its contract and the kickoff set in the same act. Raises MoveRefused for what cannot be undone,
    has been undone, or has been built upon since ("undo_since" names what); NotYours as the act itself would.
    """
    wrong = Event.objects.select_related("lead", "deal", "contract", "customer").get(pk=event_id)
    kind = EventKind(wrong.kind)
    if kind not in UNDO or (wrong.lead_id is None and wrong.customer_id is None):
        raise MoveRefused(WHY_NOT.get(kind, "undo_not_this"), what=EVENT_WORDS[kind])
    department = _department(wrong, by)
    lead = _lock(wrong)
    _demand_standing(wrong)
    brought = brought_by(wrong, lead)
    whole = [*parts_of(brought), *together(wrong)]
    _demand_nothing_since(wrong, whole)
    before = reach_of(lead) if lead else None
    never = [Passage(one.pk, reach_of(one), never_was(one)) for one in brought]
    note = note_for(lead, by, reason)
    saved = save(
        event(
            EventKind.EVENT_CORRECTED,
            by,
            now=now,
            department=department,
            lead=one.lead,
            deal=one.deal,
            contract=one.contract,
            customer=one.customer,
            handoff_ref=one.handoff_ref,
            corrects=one,
            note=note if one == wrong else None,
            data={"withdrawn": True},
        )
        for one in whole
    )
    forget(brought, now=now)
    settle_contract(wrong, now=now)
    if lead is not None and lead not in brought:
        standing = reread(lead)
        settle(lead, wrong, standing, now=now)
        settle_sale(lead, wrong, now=now)
        lead.save()
        never.append(Passage(lead.pk, before, reach_of(lead)))
    announce(saved, never)
    return saved[-1]


def _department(wrong: Event, by: Actor) -> str:
    """The department the undo is recorded for: one that may do the act, or may decide the handoff."""
    act = UNDO[EventKind(wrong.kind)].act
    if act:
        return by.department_for(act)
    if not by.may_write:
        raise NotYours("read_only")
    if wrong.department not in by.departments:
        raise NotYours("not_yours", departments=DEPARTMENT_WORDS[wrong.department])
    if wrong.kind == EventKind.HANDOFF_ASSIGNED and by.member != wrong.actor:
        # What the product gave out by its rules is nobody's slip; what a lead gave is his to take back.
        if wrong.actor is None:
            raise MoveRefused("undo_not_this", what=EVENT_WORDS[EventKind.HANDOFF_ASSIGNED])
        if wrong.department not in by.led:
            raise NotYours("leads_only")
    return wrong.department


def _lock(wrong: Event) -> Lead | None:
    if wrong.lead_id is not None:
        return lock(wrong.lead_id)
    Customer.objects.select_for_update(of=("self",)).get(pk=wrong.customer_id or 0)
    return None


def _demand_standing(wrong: Event) -> None:
    latest = wrong.corrections.order_by("-id").first()
    if latest is not None and latest.data.get("withdrawn"):
        raise MoveRefused("already_undone")


def _demand_nothing_since(wrong: Event, whole: list[Event]) -> None:
    """Raise MoveRefused("undo_since") naming the latest event that was built upon this one."""
    _act, blocked_by, reach = UNDO[EventKind(wrong.kind)]
    if not blocked_by:
        return
    later = Event.objects.filter(pk__gt=wrong.pk, kind__in=blocked_by).exclude(
        corrections__data__withdrawn=True
    )
    about = Q(lead=wrong.lead_id) if wrong.lead_id else Q(pk=None)
    if wrong.customer_id:
        about |= Q(customer=wrong.customer_id)
    if reach is Reach.DEAL:
        about = Q(deal=wrong.deal_id)
    elif wrong.deal_id:
        about &= Q(deal=wrong.deal_id) | Q(deal=None)
    if reach is Reach.HANDOFF:
        about &= Q(handoff_ref=wrong.handoff_ref) | Q(handoff_ref=None)
    latest = later.filter(about).exclude(pk__in=[one.pk for one in whole]).order_by("-id").first()
    if latest is not None:
        raise MoveRefused(
            "undo_since", what=EVENT_WORDS[latest.kind], at=latest.recorded_at.isoformat(timespec="minutes")
        )


def _out_of_order(lead: Lead) -> MoveRefused:
    """The refusal that names the first pair of stages whose dates would swap."""
    reached = lead.reached()
    earlier = next(e for s, at in reached.items() if (e := previous(s)) in reached and at < reached[e])
    return MoveRefused(
        "out_of_order", field="occurred_at", neighbour=EVENT_WORDS[ENTRY_KIND[earlier]], at=reached[earlier]
    )
