"""Who may set which target."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from dashboards.models import Target
from dashboards.targets.whom import Whom
from funnel.errors import NotYours
from funnel.models import Membership
from funnel.stages import DEPARTMENT_WORDS, Department
from funnel.transitions.acting import Actor
from funnel.words import Joined, Words


def refusal(whom: Whom, by: Actor, today: date) -> NotYours | None:
    """Why `by` may not set targets for `whom`; None if he may.

    Administrators and programs set all; a department's lead sets his department's and its people's.
    """
    if by.is_administrator or by.everywhere:
        return None
    if not by.led:
        return NotYours("leads_only")
    if whom.kind == Target.Whom.COMPANY:
        return NotYours("administrators_only")
    theirs = departments_of(whom.member_id, today) if whom.member_id is not None else {whom.department}
    if theirs & by.led:
        return None
    if not theirs:
        return NotYours("administrators_only")
    names = tuple(DEPARTMENT_WORDS[d] for d in Department if d in theirs)
    return NotYours("not_yours", departments=Joined.of(names, Words(", ", "・")))


def may_set(whom: Whom, by: Actor, today: date) -> bool:
    """The boolean twin of `refusal`."""
    return refusal(whom, by, today) is None


def departments_of(member_id: int, today: date) -> set[str]:
    """The departments a member belongs to today."""
    rows = Membership.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today), member_id=member_id, valid_from__lte=today
    )
    return set(rows.values_list("department", flat=True))
