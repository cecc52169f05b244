"""A member's inbox in the app: what he was told, what he has read."""

from __future__ import annotations

from django.db.models import QuerySet

from funnel.models import Member
from funnel.moment import RevopsNow
from handoffs.kinds import Way
from handoffs.models import Delivery
from handoffs.notices.wording import with_records

COUNT_TO = 99
LATELY = 100


def of_member(member: Member, *, is_unread: bool = False) -> QuerySet[Delivery]:
    """What the member was told, with its records; only what he has not read if asked."""
    rows = Delivery.objects.filter(way=Way.APP, member=member)
    return with_records(rows.filter(read_at=None) if is_unread else rows)


def unread(member: Member) -> int:
    """How many he has not read, up to one more than `COUNT_TO`."""
    return (
        Delivery.objects.filter(way=Way.APP, member=member, read_at=None).order_by()[: COUNT_TO + 1].count()
    )


def newest_of(member: Member) -> int:
    """The id of the newest thing he was told; 0 for none."""
    mine = Delivery.objects.filter(way=Way.APP, member=member).order_by("-id")
    return mine.values_list("pk", flat=True).first() or 0


def newest(of: int = LATELY) -> dict[int, int]:
    """Of the last so many things that people were told, the newest of each: ids by member; one statement."""
    rows = Delivery.objects.filter(way=Way.APP).order_by("-id").values_list("member_id", "pk")[:of]
    found: dict[int, int] = {}
    for member_id, pk in rows:
        if member_id is not None:
            found.setdefault(member_id, pk)
    return found


def mark_read(member: Member, delivery_id: int, *, is_read: bool = True) -> bool:
    """Mark one of his as read, or as unread again; False when it is not his."""
    mine = Delivery.objects.filter(pk=delivery_id, way=Way.APP, member=member)
    if is_read:
        mine.filter(read_at=None).update(read_at=RevopsNow())
    else:
        mine.update(read_at=None)
    return mine.exists()


def mark_all_read(member: Member, up_to: int) -> int:
    """Mark all of his as read up to the newest he has seen; what came since stays unread. Return how many."""
    seen = Delivery.objects.filter(way=Way.APP, member=member, read_at=None, pk__lte=up_to)
    return seen.update(read_at=RevopsNow())
