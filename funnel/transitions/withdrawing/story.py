"""What the ledger tells of one pass, seen from the file that is taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from funnel.models import Event, Lead
from funnel.stages import EventKind
from funnel.transitions.rereading import effective_at

SOURCE = "undo"
"""The source of events by which a file is taken back."""
# What happens by itself is nobody's work on a record.
_NOBODY = frozenset({SOURCE, "system"})
_FILE = "csv"


class Part(NamedTuple):
    """Which events are being taken back, and which the whole file wrote."""

    wrote: Callable[[Event], bool]
    of_file: Callable[[Event], bool]


class Story:
    """The events of one pass in the order of their ids, with the latest correction of each."""

    def __init__(self, lead: Lead, events: Sequence[Event], part: Part) -> None:
        self.lead, self.events, self.part = lead, list(events), part
        self.latest = {e.corrects_id: e for e in self.events if e.corrects_id}
        self.ours = [e for e in self.events if part.wrote(e) and not self._is_withdrawn(e)]

    def is_whole(self) -> bool:
        """True when the pass itself came with what is taken back; a later capture only gave it another date."""
        first = next((e for e in self.events if e.kind == EventKind.LEAD_CAPTURED), None)
        return first is not None and any(e.pk == first.pk for e in self.ours)

    def since(self, after: int, *, only_on_ours: bool) -> str:
        """Why it has to be kept: "worked_on", "imported_since", or "" when nobody did anything with it since.

        `only_on_ours` asks for what others did to these very events, not to the pass.
        """
        first = self.ours[0].pk if self.ours else after
        ours = {e.pk for e in self.ours}
        found = ""
        for e in self.events:
            if e.pk <= first or self.part.of_file(e) or not self._is_work(e):
                continue
            if only_on_ours and e.corrects_id not in ours and e.data.get("what") != "activity":
                continue
            if e.source != _FILE:
                return "worked_on"
            found = "imported_since"
        return found

    def corrections(self) -> Iterator[tuple[Event, dict[str, Any]]]:
        """Every event to correct, and what to say of it: that it never was, or what stood before ours corrected it."""
        ours = {e.pk for e in self.ours}
        corrected = {e.corrects_id for e in self.ours if e.corrects_id} - ours
        by_id = {e.pk: e for e in self.events}
        for target in sorted(pk for pk in corrected if pk in by_id):
            yield by_id[target], self._as_it_stood(by_id[target])
        for one in self.ours:
            if one.corrects_id is None:
                yield one, {"withdrawn": True}

    def _as_it_stood(self, target: Event) -> dict[str, Any]:
        fixes = [e for e in self.events if e.corrects_id == target.pk and not self.part.wrote(e)]
        at: datetime | None = effective_at(target, fixes[-1] if fixes else None)
        return {"withdrawn": True} if at is None else {"occurred_at": at.isoformat()}

    def _is_withdrawn(self, e: Event) -> bool:
        """True when an undone file had written it; a correction is so once its event stands as before it."""
        fix = self.latest.get(e.corrects_id or e.pk)
        if fix is None or fix.source != SOURCE or fix.pk <= e.pk:
            return False
        return e.corrects_id is not None or bool(fix.data.get("withdrawn"))

    def _is_work(self, e: Event) -> bool:
        return e.source not in _NOBODY and not self._is_withdrawn(e)
