"""Which kinds of rows each tab holds, in which order; only ids are narrowed and ordered by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import QuerySet

from handoffs.desk import care, passes, promised
from handoffs.desk.narrowing import Desk


class Source(NamedTuple):
    """One kind of row: which records, in which order. `ascending` orders by a moment, else newest first."""

    kind: str
    rows: Callable[[Desk], QuerySet[Any]]
    ascending: str = ""


SOURCES: dict[str, tuple[Source, ...]] = {
    "do": (
        Source("promise", promised.due, "due_at"),
        Source("returned", promised.returned, "decided_at"),
        Source("gap", promised.incomplete, "opened_at"),
        Source("wake", passes.woken, "wake_up_on"),
        Source("step", passes.steps_due, "next_step_on"),
        Source("health", care.falling),
        Source("sold", promised.without_kickoff, "due_at"),
        Source("renewal", care.renewals, "ends_on"),
        Source("hot", passes.hot_leads),
        Source("promise", promised.due_later, "due_at"),
        Source("kickoff", promised.kickoffs, "kept_at"),
        Source("deal", passes.meetings_ahead, "meeting_at"),
        Source("deal", passes.deals_in_hand),
        Source("lead", passes.leads_in_hand),
        Source("customer", care.onboarding),
    ),
    "waiting": (Source("handoff", promised.waiting, "opened_at"),),
    "returned": (Source("returned", promised.returned, "decided_at"),),
    "nurture": (Source("nurture", passes.nurture, "wake_up_on"),),
}
