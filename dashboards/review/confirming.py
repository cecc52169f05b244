"""A person says why a promise was missed; the ledger keeps it, the review follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction

from dashboards.models import BreachReview
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import Event, Reason
from funnel.stages import DEPARTMENT_WORDS, EventKind
from funnel.transitions import ledger
from funnel.transitions.acting import Actor
from handoffs.models import Handoff

ACT = Reason.For.BREACH
MOST = 200
"""So many are confirmed at once."""


@transaction.atomic
def confirm(
    handoffs: Sequence[int], cause: str, by: Actor, *, now: datetime, note: str = ""
) -> list[BreachReview]:
    """Give each of these misses its cause: a code of the reasons for a breach. An earlier one is followed by this.

    All or none. `note` is kept where it can be erased. Raises NotYours unless `by` acts for the sender or the
    receiver of each, MoveRefused("not_missed") where there is no miss, BadValue for a cause that is not offered,
    for none or too many handoffs.
    """
    ids = sorted(set(handoffs))
    if not by.may_write:
        raise NotYours("read_only")
    if not 0 < len(ids) <= MOST:
        raise BadValue("between_one_and", field="handoff", most=MOST)
    _demand_offered(cause)
    rows = list(Handoff.objects.filter(pk__in=ids).select_related("lead", "deal", "customer").order_by("pk"))
    for handoff in rows:
        _demand_concerned(handoff, by)
    open_ids = _missed(ids)
    if len(open_ids) < len(ids):
        raise MoveRefused("not_missed")
    events = ledger.save(
        ledger.event(
            EventKind.BREACH_REVIEWED,
            by,
            now=now,
            department=_department(handoff, by),
            lead=handoff.lead,
            deal=handoff.deal,
            customer=handoff.customer,
            handoff_ref=handoff.pk,
            reason=cause,
            note=ledger.note_for(handoff.lead, by, note),
        )
        for handoff in rows
    )
    ledger.announce(events)
    return list(BreachReview.objects.filter(handoff__in=ids).select_related("handoff"))


def _demand_offered(cause: str) -> None:
    offered = dict(Reason.objects.filter(act=ACT, is_active=True).values_list("code", "label_en"))
    if not cause:
        raise BadValue("reason_required", field="cause")
    if cause not in offered:
        raise BadValue("bad_choice", field="cause", value=cause, choices=", ".join(offered))


def _missed(ids: Sequence[int]) -> set[int]:
    """Those of them with a review, locked against another confirmation."""
    locked = (
        BreachReview.objects.filter(handoff__in=ids).select_for_update(of=("self",)).order_by("handoff_id")
    )
    return set(locked.values_list("handoff_id", flat=True))


def _demand_concerned(handoff: Handoff, by: Actor) -> None:
    if not _sides(handoff) & by.departments:
        raise NotYours("not_yours", departments=DEPARTMENT_WORDS[handoff.done_by_department])


def _department(handoff: Handoff, by: Actor) -> str:
    ours = _sides(handoff) & by.departments
    return handoff.done_by_department if handoff.done_by_department in ours else sorted(ours)[0]


def _sides(handoff: Handoff) -> set[str]:
    return {handoff.from_department, handoff.to_department, handoff.done_by_department}


# What the ledger says last and has not taken back.
FOLLOW = """
UPDATE dashboards_breachreview r
SET cause = coalesce(said.reason, ''), confirmed_by_id = said.actor_id, confirmed_at = said.recorded_at
FROM unnest(%s::bigint[]) AS wanted (id)
LEFT JOIN LATERAL (
  SELECT e.reason, e.actor_id, e.recorded_at
  FROM handoffs_handoff h
  JOIN funnel_event e ON (e.lead_id = h.lead_id OR h.lead_id IS NULL AND e.customer_id = h.customer_id)
  WHERE h.id = wanted.id AND e.handoff_ref = h.id AND e.kind = 'breach_reviewed'
    AND NOT EXISTS (SELECT 1 FROM funnel_event c WHERE c.corrects_id = e.id AND c.data @> '{"withdrawn": true}')
  ORDER BY e.id DESC LIMIT 1
) said ON true
WHERE r.handoff_id = wanted.id
"""


def follow(events: Iterable[Event]) -> None:
    """Bring the reviews these events are about in step with the ledger; called with every recorded event."""
    concerned = sorted({e.handoff_ref for e in events if e.handoff_ref is not None and _is_cause(e)})
    if concerned:
        with connection.cursor() as cursor:
            cursor.execute(FOLLOW, [concerned])


def _is_cause(event: Event) -> bool:
    if event.kind == EventKind.EVENT_CORRECTED and event.corrects is not None:
        return event.corrects.kind == EventKind.BREACH_REVIEWED
    return event.kind == EventKind.BREACH_REVIEWED
