"""Handing out what nobody could take, and what somebody who left still had; no clock starts anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from funnel import moment
from funnel.calendar import BusinessCalendar
from funnel.models import Customer, Event, Lead, Membership, Organization
from funnel.stages import EventKind
from funnel.transitions import ledger
from funnel.transitions.acting import SYSTEM
from handoffs import notices, routing
from handoffs.kinds import Kind
from handoffs.models import Handoff
from handoffs.promises.opening import preferred_owners
from handoffs.routing import Day, Why
from handoffs.signals import promise_changed

AT_ONCE = 500
GIVEN = """
UPDATE handoffs_handoff h SET owned_at = opened_at
WHERE owner_id IS NOT NULL AND owned_at > opened_at AND opened_at < %s AND routed_by IN ('owner', 'least_loaded')
  AND NOT EXISTS (SELECT 1 FROM funnel_event e WHERE e.lead_id = h.lead_id AND e.kind = 'handoff_assigned')
"""


def hand_out() -> int:
    """Give what waits without an owner to those who can take it now; returns how many found one.

    Called by the clock: when somebody is back, when the day turns, when a limit is raised, the rows are due to be
    given; nothing is scheduled. The nearest deadline goes first, and no deadline moves. Repeating it changes
    nothing. What somebody is writing to is left for the next time. Each pass is one transaction.
    """
    calendar = Organization.current().calendar()
    given = 0
    while (departments := _waiting_in()) and (found := _pass(departments, calendar)):
        given += sum(h.owner_id is not None for h in found)
    return given


def _waiting_in() -> list[str]:
    waiting = Handoff.objects.waiting_for_owner().order_by().values_list("done_by_department", flat=True)
    return sorted(waiting.distinct())


@transaction.atomic
def _pass(departments: Collection[str], calendar: BusinessCalendar) -> list[Handoff]:
    """One pass over all departments with something to give; returns what changed, [] when nothing can."""
    now = moment.now()
    day = Day.of(now, calendar)
    claimed: list[Handoff] = []
    for department, crew in routing.crews(departments, day).items():
        rows = Handoff.objects.waiting_for_owner().filter(done_by_department=department)
        room = crew.room if crew.refusal is None else 0
        # Where nobody can take anything, only the reason may have to be said anew.
        some = rows.exclude(routed_by=crew.refusal) if room == 0 else rows
        claimed += _claim(some, min(AT_ONCE, room or AT_ONCE))
    if not claimed:
        return []
    before = {h.pk: Had.of(h) for h in claimed}
    preferred = {i: preferred_owners(h, h) for i, h in enumerate(claimed)}
    if not routing.route(claimed, preferred, day, now):
        return []
    changed = [h for h in claimed if Had.of(h)[:2] != before[h.pk][:2]]
    _save(changed)
    first = [h for h in changed if before[h.pk].why == Why.QUEUED]
    later = [h for h in changed if before[h.pk].why != Why.QUEUED and h.owner_id is not None]
    notices.write([(Kind.ASSIGNED, h) for h in first if not h.is_self])
    _tell(later, before, now)
    promise_changed.send(sender=Handoff, handoffs=changed)
    return changed


def given_when_opened(before: datetime) -> int:
    """Of a past that was laid down at once: what opened before a moment was given out when it opened."""
    with connection.cursor() as cursor:
        cursor.execute(GIVEN, [before])
        return int(cursor.rowcount)


@transaction.atomic
def release(members: Iterable[int] | None = None) -> int:
    """Route live handoffs anew whose owner left, only looks, or no longer belongs to the department that does them.

    Of these members, or of everybody. Who they came from and went to is an event of each; terms and due stay.
    What nobody can take is left without an owner, for everybody to see. Returns how many changed hands.
    """
    now = moment.now()
    calendar = Organization.current().calendar()
    day = Day.of(now, calendar)
    rows = _left(members, day)
    released = _claim(rows, AT_ONCE, waiting=True)
    if not released:
        return 0
    before = {h.pk: Had.of(h) for h in released}
    preferred = {i: preferred_owners(h, h) for i, h in enumerate(released)}
    if not routing.route(released, preferred, day, now):
        return 0
    _save(released)
    _tell(released, before, now)
    promise_changed.send(sender=Handoff, handoffs=released)
    if len(released) == AT_ONCE:
        return len(released) + release(members)
    return len(released)


def _left(members: Iterable[int] | None, day: Day) -> QuerySet[Handoff]:
    belongs = Membership.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=day.date),
        member=OuterRef("owner"),
        department=OuterRef("done_by_department"),
        valid_from__lte=day.date,
        member__is_active=True,
        member__is_viewer=False,
        member__is_service=False,
    )
    rows = Handoff.objects.live().filter(~Exists(belongs), owner__isnull=False)
    return rows if members is None else rows.filter(owner_id__in=list(members))


def _claim(rows: QuerySet[Handoff], most: int, *, waiting: bool = False) -> list[Handoff]:
    """Lock leads and customers, then handoffs, in the order of ids; what others hold is left out unless `waiting`."""
    known = list(rows.order_by("due_at", "pk").values_list("pk", "lead_id", "customer_id")[:most])
    if not known:
        return []
    leads = {lead for _, lead, _ in known if lead}
    alone = {customer for _, lead, customer in known if customer and not lead}
    free = set(_locked(Lead.objects.filter(pk__in=leads), waiting)) if leads else set()
    ours = set(_locked(Customer.objects.filter(pk__in=alone), waiting)) if alone else set()
    wanted = [pk for pk, lead, customer in known if (lead in free if lead else customer in ours)]
    found = rows.filter(pk__in=wanted).select_for_update(of=("self",), skip_locked=not waiting)
    place = {pk: i for i, pk in enumerate(wanted)}
    return sorted(found.select_related("lead", "deal", "customer").order_by("pk"), key=lambda h: place[h.pk])


def _locked(rows: QuerySet[Lead] | QuerySet[Customer], waiting: bool) -> list[int]:
    held = rows.select_for_update(of=("self",), skip_locked=not waiting).order_by("pk")
    return list(held.values_list("pk", flat=True))


SAVE = """
UPDATE handoffs_handoff h SET owner_id = v.owner_id, owned_at = v.owned_at, routed_by = v.why,
  routed_count = v.count, routed_limit = v.most
FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::int[], %s::smallint[])
     AS v(id, owner_id, owned_at, why, count, most)
WHERE h.id = v.id
"""


def _save(handoffs: Iterable[Handoff]) -> None:
    """Write who owns these and why, in one statement."""
    rows = [
        (h.pk, h.owner_id, h.owned_at, str(h.routed_by), h.routed_count, h.routed_limit) for h in handoffs
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(SAVE, [list(column) for column in zip(*rows, strict=True)])


class Had(NamedTuple):
    """Who had a round, why, since when, and the figures it was given by."""

    owner: int | None
    why: str
    since: datetime | None
    given: int | None
    limit: int | None

    @classmethod
    def of(cls, h: Handoff) -> Had:
        """As the round stands."""
        return cls(h.owner_id, str(h.routed_by), h.owned_at, h.routed_count, h.routed_limit)


def told(had: Had, handoff: Handoff) -> dict[str, object]:
    """What the ledger keeps of a change of owner: ids, the reason's code and its figures, and those before it."""
    since = had.since.isoformat() if had.since else None
    return {
        "from": had.owner,
        "to": handoff.owner_id,
        "was": had.why,
        "before": {"owned_at": since, "count": had.given, "limit": had.limit},
        "why": str(handoff.routed_by),
        "count": handoff.routed_count,
        "limit": handoff.routed_limit,
    }


def _tell(handoffs: list[Handoff], before: dict[int, Had], now: datetime) -> None:
    """One event each, and a notice to whoever has it now (to the department when nobody has)."""
    if not handoffs:
        return
    events: list[Event] = ledger.save(
        ledger.event(
            EventKind.HANDOFF_ASSIGNED, SYSTEM, now=now, department=h.done_by_department, lead=h.lead,
            deal=h.deal, customer=h.customer, handoff_ref=h.pk, data=told(before[h.pk], h),
        )
        for h in handoffs
    )  # fmt: skip
    ledger.announce(events)
    # Every notice of a pass names its first event: one handoff changes hands once in it.
    notices.write([(Kind.ASSIGNED, h) for h in handoffs], step=events[0].pk)
