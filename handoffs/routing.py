"""Who gets a handoff, and why, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Count, Q

from funnel.models import Member, Membership
from funnel.words import Words
from handoffs.models import Handoff

ROUTED_WORDS: dict[str, Words] = {
    "owner": Words("Already looks after this record", "すでにこの案件の担当です"),
    "least_loaded": Words(
        "Fewest open handoffs in the department", "部門内で対応中の引き渡しが最も少ない担当者です"
    ),
    "nobody": Words("Nobody belongs to the department today", "現在、部門に所属する担当者がいません"),
    "assigned": Words("Assigned by a person", "担当者が割り当てました"),
}


def members_of(departments: Iterable[str], today: date) -> dict[str, list[int]]:
    """Ids of the people who belong to each department on a local date: active, and not only looking."""
    current = Membership.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today),
        department__in=list(departments),
        valid_from__lte=today,
        member__is_active=True,
        member__is_viewer=False,
    )
    found: dict[str, list[int]] = defaultdict(list)
    for department, member_id in current.order_by("member_id").values_list("department", "member_id"):
        found[department].append(member_id)
    return found


def route(opened: list[Handoff], preferred: Mapping[int, list[int | None]], today: date) -> None:
    """Give each new handoff an owner, and say why in `routed_by`.

    The first preferred member (by position in `opened`) who belongs to the receiving department gets it;
    else whoever there has the fewest live handoffs. No lock is taken: two transactions that choose at once
    may choose the same member, which the next choice evens out; the id of the opening event spreads ties.
    """
    people = members_of({h.done_by_department for h in opened}, today)
    load = _loads({member for members in people.values() for member in members})
    for position, handoff in enumerate(opened):
        candidates = people.get(handoff.done_by_department, [])
        known = next((m for m in preferred.get(position, []) if m in candidates), None)
        if not candidates:
            handoff.routed_by = "nobody"
            continue
        chosen = known or _least_loaded(candidates, load, handoff.opened_by_id)
        handoff.owner_id, handoff.routed_by = chosen, "owner" if known else "least_loaded"
        load[chosen] += 1


def is_member(member: Member, department: str, today: date) -> bool:
    """True when the member belongs to the department on a local date."""
    return member.pk in members_of([department], today).get(department, [])


def _loads(members: set[int]) -> dict[int, int]:
    if not members:
        return {}
    live = Handoff.objects.live().filter(owner_id__in=members).order_by()
    counted = dict(live.values_list("owner_id").annotate(Count("id")))
    return {member: counted.get(member, 0) for member in members}


def _least_loaded(candidates: list[int], load: Mapping[int, int], turn: int) -> int:
    fewest = min(load[m] for m in candidates)
    equal = [m for m in candidates if load[m] == fewest]
    return equal[turn % len(equal)]
