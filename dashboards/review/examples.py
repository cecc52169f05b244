"""What the demo company said of its misses: nearly all of those before last week, each a few days after it happened."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from dashboards.causes import Cause
from dashboards.models import BreachReview
from dashboards.review.collecting import collect
from dashboards.review.confirming import confirm
from funnel import moment
from funnel.models import Member, Organization
from funnel.stages import Department
from funnel.transitions.acting import Actor
from handoffs.promises import given_when_opened

SOURCE = "demo"
LEADS: dict[str, str] = {
    Department.MARKETING: "marketing.lead",
    Department.INSIDE_SALES: "inside.lead",
    Department.FIELD_SALES: "field.lead",
    Department.CUSTOMER_SUCCESS: "success.lead",
}
TALKED_ABOUT = timedelta(days=6)
AFTER = timedelta(days=2, hours=3)
LEFT_OPEN, SEEN_OTHERWISE = 11, 7
"""Every so many nobody has said why, and of every so many a person knew better than the evidence."""


def furnish(now: datetime) -> int:
    """Collect what was the case at every miss, and say why of most, on the simulated clock; returns how many were said.

    Nothing is done elsewhere than in a demo, or where somebody has said a cause already.
    """
    if not Organization.current().is_demo or BreachReview.objects.exclude(cause="").exists():
        return 0
    given_when_opened(now - TALKED_ABOUT)
    while collect():
        continue
    said = 0
    people = {member.username.split("@")[0]: member for member in Member.objects.filter(is_service=False)}
    rows = BreachReview.objects.filter(breached_at__lt=now - TALKED_ABOUT).order_by("breached_at", "id")
    for number, row in enumerate(rows):
        if number % LEFT_OPEN and row.suggested:
            _say(row, number, people[LEADS[row.department]])
            said += 1
    return said


@transaction.atomic
def _say(row: BreachReview, number: int, by: Member) -> None:
    at = row.breached_at + AFTER
    moment.simulate(at)
    cause = row.suggested[0] if number % SEEN_OTHERWISE else Cause.OVERLOOKED
    confirm([row.handoff_id], cause, Actor.of(by, SOURCE, now=at), now=at)
    moment.simulate(None)
