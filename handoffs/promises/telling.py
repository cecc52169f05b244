"""What people are told of rounds that were opened or changed, and what has become untrue before anybody heard of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from handoffs import notices, routing
from handoffs.kinds import Kind
from handoffs.lanes import Decision
from handoffs.models import Handoff
from handoffs.promises import rows

Before = Mapping[int, tuple[object, ...]]
"""The columns of each changed round as they stood, by its id."""


def tell(
    new: Sequence[Handoff], changed: Sequence[Handoff], before: Before, withdrawn: Collection[int | None]
) -> Counter[str]:
    """Write the notices of saved rounds; count opened, kept, missed, returned, closed.

    `withdrawn` are the events that were taken back: what they opened never was.
    """
    counted = Counter(opened=len(new))
    told = [
        (Kind.ASSIGNED, h)
        for h in new
        if not h.is_self and h.closed_at is None and h.routed_by != routing.Why.QUEUED
    ]
    for handoff in [*new, *changed]:
        was = _was(handoff, before)
        counted["kept"] += handoff.kept_at is not None and not was.get("kept_at")
        counted["closed"] += handoff.closed_at is not None and not was.get("closed_at")
        if handoff.missed_at is not None and not was.get("missed_at"):
            told.append((Kind.MISSED, handoff))
            counted["missed"] += 1
        if handoff.decision == Decision.RETURNED and was.get("decision") != Decision.RETURNED:
            told.append((Kind.RETURNED, handoff))
            counted["returned"] += 1
    notices.write(told)
    notices.take_back(_untrue(changed, before, withdrawn))
    return counted


def _was(handoff: Handoff, before: Before) -> dict[str, Any]:
    return dict(zip(rows.COLUMNS, before[handoff.pk], strict=True)) if handoff.pk in before else {}


def _untrue(
    changed: Sequence[Handoff], before: Before, withdrawn: Collection[int | None]
) -> Iterator[tuple[Kind, Handoff]]:
    """What was told, or is about to be, of rounds that are no more returned, or never were opened."""
    for handoff in changed:
        was = _was(handoff, before)
        if was["decision"] == Decision.RETURNED and handoff.decision != Decision.RETURNED:
            yield Kind.RETURNED, handoff
        if handoff.opened_by_id in withdrawn:
            yield Kind.ASSIGNED, handoff
