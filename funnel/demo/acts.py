"""Pure. What somebody does in the story of the demo company."""

from datetime import datetime
from typing import Any, NamedTuple


class Act(NamedTuple):
    """One act, ready to be played through the writers.

    `at` is when it is recorded; `facts` are the arguments of the writer (`occurred_at` among them when it happened
    earlier). `subject` names the pass it is about. `by` is a member's handle, "" for the system itself.
    """

    at: datetime
    subject: str
    verb: str
    by: str = ""
    facts: dict[str, Any] = {}


def in_order(acts: list[Act], until: datetime) -> list[Act]:
    """Acts up to a moment, by time; acts of one moment keep the order they were told in."""
    return sorted((act for act in acts if act.at <= until), key=lambda act: act.at)
