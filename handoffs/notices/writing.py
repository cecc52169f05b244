"""Putting notices into the outbox, in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.db import connection, transaction

from funnel import moment
from funnel.moment import RevopsNow
from handoffs.kinds import Kind, Way
from handoffs.models import Delivery, Handoff, Notice, Outlet

# What a demonstration shows in an inbox: the days before are old news.
SHOWN_OF_THE_PAST, UNREAD_OF_THE_PAST = timedelta(days=14), timedelta(hours=12)


def key(kind: str, record_id: int | None, step: object = "") -> str:
    """The stable key by which a repeated message is recognised."""
    return f"{kind}:{record_id}:{step}" if step else f"{kind}:{record_id}"


def write(told: Iterable[tuple[str, Handoff]], *, step: object = "") -> None:
    """Put one notice per (kind, handoff) into the outbox, in the caller's transaction; a second is ignored.

    A return is told to the sender, everything else to whoever has to act. `step` tells apart notices of one
    kind about one handoff: the event that each of them is about. What is returned again after a return was undone
    is told again.
    """
    told = list(told)
    again = _returned_before(handoff for kind, handoff in told if kind == Kind.RETURNED)
    Notice.objects.bulk_create(
        [
            Notice(
                key=key(kind, handoff.pk, step or _moment(handoff, kind, again)),
                kind=kind,
                handoff_id=handoff.pk,
                department=handoff.from_department if kind == Kind.RETURNED else handoff.done_by_department,
                member_id=handoff.sender_id if kind == Kind.RETURNED else handoff.owner_id,
            )
            for kind, handoff in told
        ],
        ignore_conflicts=True,
    )


def take_back(told: Iterable[tuple[str, Handoff]], *, step: object = "") -> None:
    """Take back what has become untrue before anybody heard of it; what was heard stays.

    With `step`, only the notices about that event.
    """
    if step:
        keys = [key(kind, handoff.pk, step) for kind, handoff in told]
        Notice.objects.filter(key__in=keys, spread_at=None).delete()
        return
    untrue: dict[str, list[int]] = {}
    for kind, handoff in told:
        untrue.setdefault(kind, []).append(handoff.pk)
    for kind, ids in untrue.items():
        Notice.objects.filter(kind=kind, handoff__in=ids, spread_at=None).delete()


def _returned_before(handoffs: Iterable[Handoff]) -> frozenset[int]:
    ids = [handoff.pk for handoff in handoffs]
    known = (
        Notice.objects.filter(key__in=[key(Kind.RETURNED, pk) for pk in ids])
        if ids
        else Notice.objects.none()
    )
    return frozenset(pk for pk in known.values_list("handoff_id", flat=True) if pk)


def _moment(handoff: Handoff, kind: str, again: frozenset[int]) -> str:
    is_again = kind == Kind.RETURNED and handoff.pk in again and handoff.decided_at
    return handoff.decided_at.isoformat() if is_again and handoff.decided_at else ""


def write_own(kind: str, record_id: int, told: Mapping[int, tuple[str, str]], path: str) -> None:
    """Tell members something in its own words, (title, text) for each; in the caller's transaction, once each."""
    Notice.objects.bulk_create(
        [
            Notice(
                key=key(kind, record_id, member),
                kind=kind,
                member_id=member,
                title=title,
                text=text,
                path=path,
            )
            for member, (title, text) in told.items()
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def write_trial(outlet: Outlet, once: object) -> None:
    """Send a test message through an outlet that is a chat room; the same `once` is one message."""
    notice, created = Notice.objects.get_or_create(
        key=key(Kind.TRIAL, outlet.pk, once), defaults={"kind": Kind.TRIAL, "spread_at": RevopsNow()}
    )
    if created:
        Delivery.objects.create(notice=notice, kind=Kind.TRIAL, way=Way.CHAT, outlet=outlet)


SETTLE = """
WITH settled AS (
  UPDATE handoffs_notice SET spread_at = revops_now() WHERE spread_at IS NULL
  RETURNING id, kind, member_id, handoff_id, created_at AS written_at
), told AS (
  SELECT s.id, s.kind, s.member_id, LEAST(written_at, CASE s.kind
    WHEN 'missed' THEN h.due_at
    WHEN 'assigned' THEN h.opened_at
    WHEN 'returned' THEN h.decided_at
    WHEN 'escalation' THEN h.due_at + (h.due_at - h.opened_at) / 2 END) AS created_at
  FROM settled s LEFT JOIN handoffs_handoff h ON h.id = s.handoff_id
)
INSERT INTO handoffs_delivery
  (notice_id, kind, way, member_id, is_digest, created_at, next_try_at, attempts, delivered_at, failure, read_at)
SELECT id, kind, 'app', member_id, false, created_at, created_at, 0, created_at, '',
       CASE WHEN created_at < %s THEN created_at END
FROM told WHERE member_id IS NOT NULL AND created_at > %s
ON CONFLICT DO NOTHING
"""


def settle_the_past() -> None:
    """Count every notice as told: a past laid down at once is news to nobody.

    The last days' lie in the inboxes since the moments they tell of, most of them read; no letter is sent.
    """
    with connection.cursor() as cursor:
        now = moment.now()
        cursor.execute(SETTLE, [now - UNREAD_OF_THE_PAST, now - SHOWN_OF_THE_PAST])
