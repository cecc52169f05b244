"""A file undone within a day: what its rows made is taken back by corrections, what others used since is kept."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce

from funnel import moment
from funnel.errors import BadValue
from funnel.ingest import batches, figures
from funnel.models import Activity, Deal, Event, ImportBatch, ImportPiece, ImportRow
from funnel.stages import EventKind
from funnel.transitions import withdrawing
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import record
from funnel.transitions.withdrawing import Part

WITHIN = timedelta(hours=24)
ROWS = 500
"""Rows of one transaction: few enough that nobody waits for one of their records."""
MADE = (ImportRow.Outcome.CREATED, ImportRow.Outcome.UPDATED)
FILE = "csv"


def until(batch: ImportBatch) -> datetime:
    """The moment from which a file can no longer be undone."""
    return (batch.finished_at or batch.started_at) + WITHIN


def check_undo(batch: ImportBatch, *, now: datetime) -> None:
    """Raise BadValue (undo_not_now, undo_nothing, undo_too_late) unless the file can be undone."""
    if batch.status not in (ImportBatch.Status.DONE, ImportBatch.Status.FAILED):
        raise BadValue("undo_not_now")
    if not (batch.created + batch.updated and batch.pieces.exists()):
        raise BadValue("undo_nothing")
    if now > until(batch):
        raise BadValue("undo_too_late")


@transaction.atomic
def begin(batch_id: int, by: Actor, *, now: datetime) -> bool:
    """Mark a file as being undone; False when it is or was already. Raises NotYours, and as `check_undo`."""
    by.department_for("import")
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    if batch.status in (ImportBatch.Status.UNDOING, ImportBatch.Status.UNDONE):
        return False
    check_undo(batch, now=now)
    batch.status, batch.undone_by = ImportBatch.Status.UNDOING, by.member
    batch.save(update_fields=["status", "undone_by"])
    return True


def go_on(batch_id: int, *, by: Actor, seconds: float) -> bool:
    """Take rows back for about `seconds`, the last line first; False when there is more to do.

    Each step commits with what became of its rows: a killed run is continued where it stood, and two at once
    share the work.
    """
    end = time.monotonic() + seconds
    reached = None
    while True:
        with batches.without_collecting():
            reached = _step(batch_id, by, reached)
        if reached is None:
            return True
        if time.monotonic() > end:
            return False


@transaction.atomic
def _step(batch_id: int, by: Actor, reached: int | None) -> int | None:
    """Take some rows above the line last `reached` back; the line reached now, None when nothing is left."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    if batch.status != ImportBatch.Status.UNDOING:
        return None
    left = ImportRow.objects.filter(batch=batch, undo="", outcome__in=MADE)
    upper = left if reached is None else left.filter(line__lt=reached)
    rows = list(upper.order_by("-line")[:ROWS])
    if not rows and reached is not None:
        return _step(batch_id, by, None)
    if not rows:
        _finish(batch, by)
        return None
    pieces = list(batch.pieces.order_by("first_line"))
    piece = pieces[bisect_right([p.first_line for p in pieces], rows[0].line) - 1]
    rows = [row for row in rows if row.line >= piece.first_line]
    records = {row.record_id for row in rows}
    same = left.filter(line__range=(piece.first_line, piece.last_line), record_id__in=records)
    _take_back(batch, list(same.order_by("-line")), piece, pieces, by)
    return rows[-1].line


def _take_back(
    batch: ImportBatch, rows: list[ImportRow], piece: ImportPiece, pieces: Sequence[ImportPiece], by: Actor
) -> None:
    now = moment.now()
    if batch.kind in figures.KINDS:
        answers = figures.take_back(batch.kind, rows, by, now=now)
    else:
        answers = _of_passes(batch.kind, rows, piece, pieces, by, now)
    kept = 0
    for why in set(answers.values()):
        ids = [pk for pk, answer in answers.items() if answer == why]
        undo = ImportRow.Undo.KEPT if why else ImportRow.Undo.UNDONE
        ImportRow.objects.filter(pk__in=ids).update(undo=undo, undo_reason=why)
        kept += len(ids) if why else 0
    batch.kept += kept
    batch.undone += len(rows) - kept
    batch.save(update_fields=["kept", "undone"])


def _of_passes(
    kind: str,
    rows: Sequence[ImportRow],
    piece: ImportPiece,
    pieces: Sequence[ImportPiece],
    by: Actor,
    now: datetime,
) -> dict[int, str]:
    """Why each row is kept, or "", by its id."""
    lead_of = _leads(kind, rows)
    stated: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        lead_id = lead_of.get(row.record_id or 0)
        if lead_id and row.before:
            stated[lead_id].append(row.before)
    answers = withdrawing.take_back(
        lead_of.values(), by, now=now, part=_part(piece, pieces), after=piece.last_event, stated=stated,
        only_on_ours=kind == "activities",
    )  # fmt: skip
    return {row.pk: answers.get(lead_of.get(row.record_id or 0, 0), "gone") for row in rows}


def _leads(kind: str, rows: Iterable[ImportRow]) -> dict[int, int]:
    """The lead of each record that the rows speak of."""
    ids = {row.record_id for row in rows if row.record_id}
    if kind == "leads":
        return {pk: pk for pk in ids}
    model = Deal if kind == "deals" else Activity
    return dict(model.objects.filter(pk__in=ids).values_list("pk", "lead_id"))


def _part(piece: ImportPiece, pieces: Sequence[ImportPiece]) -> Part:
    def within(e: Event, one: ImportPiece) -> bool:
        inside = one.after_event < e.pk <= one.last_event
        return inside and e.recorded_at == one.recorded_at and e.source == FILE

    starts = sorted((p.after_event, n) for n, p in enumerate(pieces))
    lows = [low for low, _ in starts]

    def of_file(e: Event) -> bool:
        at = bisect_right(lows, e.pk - 1) - 1
        return at >= 0 and within(e, pieces[starts[at][1]])

    return Part(lambda e: within(e, piece), of_file)


def forget(*, now: datetime) -> int:
    """Delete what stood before from the rows of files that can no longer be undone, or were; the number of rows."""
    ended = (ImportBatch.Status.DONE, ImportBatch.Status.FAILED, ImportBatch.Status.UNDONE)
    past = ImportBatch.objects.filter(status__in=ended).annotate(end=Coalesce("finished_at", "started_at"))
    return (
        ImportRow.objects.exclude(before={})
        .filter(batch__in=past.filter(end__lt=now - WITHIN))
        .update(before={})
    )


def _finish(batch: ImportBatch, by: Actor) -> None:
    now = moment.now()
    batch.status, batch.undone_at = ImportBatch.Status.UNDONE, now
    batch.save(update_fields=["status", "undone_at"])
    record(
        EventKind.IMPORT_UNDONE, replace(by, source=withdrawing.SOURCE), now=now, binding=False,
        data={"batch": batch.pk, "kind": batch.kind, "undone": batch.undone, "kept": batch.kept},
    )  # fmt: skip
