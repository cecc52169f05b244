"""What became of each row, and what a run knows while it reads: the actor, the moment, who and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction

from funnel.errors import Refused
from funnel.ingest.cells import BadRow, refused
from funnel.ingest.sources import Sources
from funnel.models import ImportRow, Organization
from funnel.transitions.acting import Actor

CREATED = ImportRow.Outcome.CREATED.value
UPDATED = ImportRow.Outcome.UPDATED.value
UNCHANGED = ImportRow.Outcome.UNCHANGED.value
REJECTED = ImportRow.Outcome.REJECTED.value
OLDEST = timedelta(days=30)


class Outcome(NamedTuple):
    """One stored answer: what was done with the row that starts on `line`.

    `before` holds what the ledger does not tell of a change, {field: [old, new]}: what undoing puts back.
    """

    line: int
    outcome: str
    reason: str = ""
    params: dict[str, Any] = {}
    flags: tuple[str, ...] = ()
    raw: str = ""
    record_id: int | None = None
    before: dict[str, Any] = {}


class Numbered(NamedTuple):
    """A typed row with its physical line and its text."""

    line: int
    row: Any
    raw: str

    def became(
        self,
        outcome: str,
        record_id: int | None = None,
        flags: Iterable[str] = (),
        before: dict[str, Any] | None = None,
    ) -> Outcome:
        """The outcome of a row that was taken in."""
        return Outcome(self.line, outcome, flags=tuple(flags), record_id=record_id, before=before or {})

    def rejected(self, problem: BadRow | Refused) -> Outcome:
        """The outcome of a row that was not."""
        bad = refused(problem) if isinstance(problem, Refused) else problem
        return Outcome(self.line, REJECTED, bad.code, bad.params, raw=self.raw)


@dataclass
class Run:
    """One batch of one file: by whom, at which moment of the database, binding or history; known records or not."""

    by: Actor
    now: datetime
    history: bool
    organization: Organization
    sources: Sources
    skip_known: bool = False
    notes: dict[str, list[str]] = field(default_factory=dict)

    def check_age(self, dates: Sequence[datetime]) -> None:
        """Raise BadRow("too_old") for a row that belongs to history but was not sent as such."""
        if not self.history and dates and min(dates) < self.now - OLDEST:
            at = min(dates).astimezone(self.organization.tz)
            raise BadRow("too_old", at=at.date().isoformat())

    def settle(self, numbered: Numbered, act: Callable[[], Outcome]) -> Outcome:
        """Do what one row asks for; when it is refused nothing of it stays, and the reason is its outcome."""
        try:
            with transaction.atomic():
                return act()
        except (BadRow, Refused) as problem:
            return numbered.rejected(problem)


def in_waves(
    rows: Sequence[Numbered],
    keys: Callable[[Any], Iterable[Any]],
    write: Callable[[list[Numbered]], tuple[list[Outcome], list[Numbered]]],
) -> list[Outcome]:
    """Write rows so that no two at once speak of the same record: what shares a key with an earlier row waits.

    `write` answers with the outcomes and with the rows that turned out to share a record after all.
    """
    outcomes: list[Outcome] = []
    waiting = list(rows)
    while waiting:
        taken: set[Any] = set()
        wave: list[Numbered] = []
        later: list[Numbered] = []
        for numbered in waiting:
            own = set(keys(numbered.row))
            (later if own & taken else wave).append(numbered)
            taken |= own
        done, again = write(wave)
        outcomes += done
        waiting = sorted([*again, *later], key=lambda numbered: numbered.line)
    return outcomes
