"""Pure. Who had a handoff when: the changes of owner in, the spans until it was due out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple


class Change(NamedTuple):
    """A change of owner: when, from whom (since when he had had it), to whom; None is nobody."""

    at: datetime
    before: int | None
    since: datetime | None
    after: int | None


class Span(NamedTuple):
    """A span in which one member had it, or nobody (None)."""

    owner: int | None
    start: datetime
    end: datetime

    @property
    def hours(self) -> float:
        """Elapsed hours."""
        return (self.end - self.start).total_seconds() / 3600


def spans(
    opened_at: datetime,
    until: datetime,
    changes: Sequence[Change],
    owner: int | None,
    owned_at: datetime | None,
) -> list[Span]:
    """The spans from the opening until a moment, in order, without gaps.

    `changes` are those the ledger kept, oldest first; before the first of them stands what it says was before.
    Without any the present `owner` has it since `owned_at`.
    """
    steps: list[tuple[datetime, int | None]] = [(opened_at, None)]
    first = changes[0] if changes else Change(until, owner, owned_at, owner)
    if first.before is not None:
        steps.append((max(opened_at, first.since or opened_at), first.before))
    steps += [(change.at, change.after) for change in changes]
    return list(_between(steps, until))


def _between(steps: Sequence[tuple[datetime, int | None]], until: datetime) -> Iterable[Span]:
    for (start, owner), following in zip(steps, [*(at for at, _ in steps[1:]), until], strict=True):
        end = min(following, until)
        if end > start:
            yield Span(owner, start, end)
