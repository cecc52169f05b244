"""The columns of a round that its acts change, and saving many rounds in few statements."""

from __future__ import annotations

from collections import defaultdict

from handoffs.models import Handoff

COLUMNS = (
    "kept_at", "kept_recorded_at", "kept_by", "missed_at", "cancelled_at", "completed_at", "closed_at",
    "decision", "decided_at", "decided_by", "return_reason", "returned_after_contact", "is_self",
)  # fmt: skip
_NAMES = tuple(f"{name}_id" if name in ("kept_by", "decided_by") else name for name in COLUMNS)


def values(handoff: Handoff) -> tuple[object, ...]:
    """What stands in the columns of a round."""
    return tuple(getattr(handoff, name) for name in _NAMES)


def save(changed: list[Handoff]) -> None:
    """Save what has become alike in one statement: thousands of rounds end at once when a file is undone."""
    alike: dict[tuple[object, ...], list[Handoff]] = defaultdict(list)
    for handoff in changed:
        alike[values(handoff)].append(handoff)
    alone = [same[0] for same in alike.values() if len(same) == 1]
    for said, same in alike.items():
        if len(same) > 1:
            together = Handoff.objects.filter(pk__in=[h.pk for h in same])
            together.update(**dict(zip(_NAMES, said, strict=True)))
    Handoff.objects.bulk_update(alone, COLUMNS, batch_size=50)
