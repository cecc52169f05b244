"""What the receiver and its lead decide: accept, return, excuse a miss, assign. Locks: lead, then handoff."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from funnel import moment
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import Customer, Member, Organization
from funnel.stages import DEPARTMENT_WORDS, EventKind
from funnel.transitions import leads, ledger
from funnel.transitions.acting import Actor
from funnel.words import Words
from handoffs import notices, routing
from handoffs.kinds import Kind
from handoffs.lanes import LANES, Boundary, Decision, Promise
from handoffs.models import Handoff
from handoffs.promises import keeping
from handoffs.promises.handing import Had, told
from handoffs.promises.rows import COLUMNS
from handoffs.querysets import conditions
from handoffs.signals import promise_changed

DECIDED_WORDS: dict[str, Words] = {
    Decision.ACCEPTED: Words("accepted", "受領"),
    Decision.RETURNED: Words("returned", "差し戻し"),
    Decision.PENDING: Words("cancelled", "取消"),
}


@transaction.atomic
def accept(handoff_id: int, by: Actor, *, now: datetime) -> Handoff:
    """Take a handoff over. Of several who try at once one succeeds.

    Raises NotYours unless `by` acts for the receiving department, MoveRefused("not_pending") when it has
    been decided already or its subject has left the funnel.
    """
    handoff = lock(handoff_id)
    department = _receiver(handoff, by)
    _demand_pending(handoff)
    event = ledger.record(EventKind.HANDOFF_ACCEPTED, by, now=now, department=department, **_about(handoff))
    keeping.accept(handoff, event)
    keeping.close_if_done(handoff, moment.now())
    return _save(handoff)


@transaction.atomic
def give_back(handoff_id: int, by: Actor, *, now: datetime, reason: str, note: str = "") -> Handoff:
    """Return a handoff to its sender with a reason: a code of the reasons for return, or free text.

    Before due the promise is cancelled; after due the miss stays. Handing over again opens a new round.
    Raises NotYours, MoveRefused("not_pending"), BadValue("reason_required").
    """
    handoff = lock(handoff_id)
    department = _receiver(handoff, by)
    _demand_pending(handoff)
    if handoff.boundary in (Boundary.MQL, Boundary.SQL):
        leads.send_back(
            _lead_id(handoff), by, now=now, boundary=handoff.boundary, reason=reason, note=note,
            deal_id=handoff.deal_id, handoff_ref=handoff.pk,
        )  # fmt: skip
        handoff.refresh_from_db()
        return handoff
    code, typed = ledger.reason_code("return", reason)
    said = ledger.note_for(handoff.lead, by, "\n".join(t for t in (typed, note) if t))
    event = ledger.record(
        EventKind.HANDOFF_RETURNED,
        by,
        now=now,
        department=department,
        reason=code,
        note=said,
        **_about(handoff),
    )
    keeping.give_back(handoff, event, moment.now())
    notices.write([(Kind.RETURNED, handoff)])
    return _save(handoff)


@transaction.atomic
def excuse(handoff_id: int, by: Actor, *, now: datetime, reason: str) -> Handoff:
    """Note why a miss was excusable. It stays a miss.

    Raises NotYours unless `by` leads the receiving department, MoveRefused("not_missed", "already_done").
    """
    handoff = lock(handoff_id)
    department = _receiver(handoff, by, leading=True)
    if handoff.excused_at is not None:
        raise MoveRefused("already_done")
    if not _is_missed(handoff, now):
        raise MoveRefused("not_missed")
    code, typed = ledger.reason_code("excuse", reason)
    ledger.record(
        EventKind.HANDOFF_EXCUSED, by, now=now, department=department, reason=code,
        note=ledger.note_for(handoff.lead, by, typed), **_about(handoff),
    )  # fmt: skip
    if handoff.missed_at is None:
        handoff.missed_at = handoff.due_at
    handoff.excused_at, handoff.excuse_reason, handoff.excused_by = now, code, by.member
    return _save(handoff, "excused_at", "excuse_reason", "excused_by")


@transaction.atomic
def assign(handoff_id: int, by: Actor, *, now: datetime, owner: Member | None) -> Handoff:
    """Give a handoff to a member of the receiving department by hand; its clock goes on, its limit is no matter.

    A lead assigns anybody there, or takes it off everybody (None), to be taken; a member may take what nobody has.
    Raises NotYours, MoveRefused("already_taken"), BadValue("bad_choice").
    """
    handoff = lock(handoff_id)
    takes = owner is not None and by.member == owner
    _demand_free(handoff, by, takes=takes)
    department = _receiver(handoff, by, leading=not (takes and handoff.owner_id is None))
    if handoff.owner_id == (owner.pk if owner else None):
        return handoff
    today = Organization.current().calendar().local_date(now)
    if owner is not None and not routing.is_member(owner, handoff.done_by_department, today):
        ids = routing.members_of(handoff.done_by_department, today)
        names = Member.objects.filter(pk__in=ids).order_by("id").values_list("name", flat=True)
        raise BadValue("bad_choice", field="owner", value=owner.name, choices=", ".join(names))
    # What is given by hand counts as received too: nobody may choose beside it. Too long a wait stops no person.
    routing.lock([handoff.done_by_department])
    before = Had.of(handoff)
    why = routing.Why.TAKEN if takes else routing.Why.ASSIGNED
    handoff.owner, handoff.routed_by = owner, why if owner else ""
    handoff.owned_at = now if owner else None
    handoff.routed_count = handoff.routed_limit = None
    event = ledger.record(
        EventKind.HANDOFF_ASSIGNED, by, now=now, department=department, **_about(handoff),
        data=told(before, handoff),
    )  # fmt: skip
    # What somebody took himself is no news to him.
    if owner is not None and not takes:
        notices.write([(Kind.ASSIGNED, handoff)], step=event.pk)
    return _save(handoff, "owner", "routed_by", "owned_at", "routed_count", "routed_limit")


def _demand_free(handoff: Handoff, by: Actor, *, takes: bool) -> None:
    """A member who takes what a colleague was quicker to take is told so, not that he may not."""
    if handoff.closed_at is not None:
        raise MoveRefused("handoff_over")
    may_take = takes and handoff.done_by_department in by.departments - by.led
    if may_take and handoff.owner_id not in (None, by.member.pk if by.member else None):
        raise MoveRefused("already_taken", name=handoff.owner.name if handoff.owner else "")


def lock(handoff_id: int) -> Handoff:
    """Lock the handoff's lead (or customer), then the handoff, and return it as it now stands.

    Raises Handoff.DoesNotExist.
    """
    known = Handoff.objects.only("lead_id", "customer_id").get(pk=handoff_id)
    if known.lead_id is not None:
        ledger.lock(known.lead_id)
    elif known.customer_id is not None:
        Customer.objects.select_for_update(of=("self",)).get(pk=known.customer_id)
    return (
        Handoff.objects.select_for_update(of=("self",))
        .select_related("lead", "deal", "customer", "owner")
        .get(pk=handoff_id)
    )


def _receiver(handoff: Handoff, by: Actor, *, leading: bool = False) -> str:
    """The department the decision is recorded for; raises NotYours when `by` may not decide."""
    if not by.may_write:
        raise NotYours("read_only")
    for department in (handoff.to_department, handoff.done_by_department):
        if department in (by.led if leading else by.departments):
            return department
    raise NotYours("not_yours", departments=DEPARTMENT_WORDS[handoff.done_by_department])


def _demand_pending(handoff: Handoff) -> None:
    if handoff.decision != Decision.PENDING or handoff.closed_at is not None:
        raise MoveRefused("not_pending", decision=DECIDED_WORDS[handoff.decision])


def _is_missed(handoff: Handoff, now: datetime) -> bool:
    missed = conditions(now)
    return Handoff.objects.filter(missed[Promise.MISSED] | missed[Promise.KEPT_LATE], pk=handoff.pk).exists()


def _about(handoff: Handoff) -> dict[str, object]:
    return {
        "lead": handoff.lead,
        "deal": handoff.deal,
        "customer": handoff.customer,
        "handoff_ref": handoff.pk,
    }


def _lead_id(handoff: Handoff) -> int:
    assert handoff.lead_id is not None, LANES[Boundary(handoff.boundary)].subject
    return handoff.lead_id


def _save(handoff: Handoff, *more: str) -> Handoff:
    was_missed = Handoff.objects.filter(pk=handoff.pk, missed_at__isnull=False).exists()
    handoff.save(update_fields=[*COLUMNS, *more])
    if handoff.missed_at is not None and not was_missed:
        notices.write([(Kind.MISSED, handoff)])
    promise_changed.send(sender=Handoff, handoffs=[handoff])
    return handoff
