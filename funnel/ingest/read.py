"""A file into the ledger, batch by batch: each commits with its rows' outcomes, so that a killed run resumes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple

from django.db import IntegrityError, OperationalError, transaction
from django.utils.text import get_valid_filename

from funnel import moment
from funnel.errors import Refused
from funnel.ingest import activities, batches, dating, deals, errors_file, figures, leads
from funnel.ingest.cells import Setting
from funnel.ingest.columns import Layout, layout
from funnel.ingest.decoding import Record, Source, inspect, records
from funnel.ingest.outcomes import Numbered, Outcome, Run
from funnel.ingest.reasons import FileRefused, sentence
from funnel.ingest.report import reported
from funnel.ingest.sources import Sources
from funnel.ingest.storing import last_event, store, typed_rows
from funnel.models import ImportBatch, ImportPiece, Organization
from funnel.stages import EventKind
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import record

BATCH = batches.MOST_ROWS
ATTEMPTS = 5
DEADLOCK = "40P01"
ELSEWHERE = "run_elsewhere"

WRITERS: dict[str, Callable[[list[Numbered], Run], list[Outcome]]] = {
    "leads": leads.write,
    "deals": deals.write,
    "activities": activities.write,
    "usage": figures.write_usage,
    "spend": figures.write_spend,
    "traffic": figures.write_traffic,
}
KINDS = tuple(WRITERS)


class Wanted(NamedTuple):
    """What to make of a file: its kind, and what was said about its columns, its encoding and its age.

    `skip_known` leaves records that are there already as they are. `dates` is what comes first in dates with the
    year behind (`dating.ORDERS`); None leaves it to what the file proves.
    """

    kind: str
    mapping: Mapping[str, str] = {}
    preset: str | None = None
    constants: Mapping[str, str] = {}
    history: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    skip_known: bool = False
    dates: str | None = None


class Opened(NamedTuple):
    """A file ready to be read row by row."""

    file: BinaryIO
    source: Source
    layout: Layout

    def dates(self) -> dating.Written:
        """How its dates are written, told from its first rows."""
        rows = records(self.file, self.source)
        next(rows, None)
        return dating.tell(rows, self.layout)


def read(
    file: Path | BinaryIO,
    kind: str,
    *,
    by: Actor,
    mapping: Mapping[str, str] | None = None,
    preset: str | None = None,
    constants: Mapping[str, str] | None = None,
    history: bool = False,
    encoding: str | None = None,
    delimiter: str | None = None,
    skip_known: bool = False,
    dates: str | None = None,
    errors_out: IO[str] | None = None,
    language: str = "en",
    progress: Callable[[ImportBatch], None] | None = None,
) -> ImportBatch:
    """Read a whole file of `kind`; an unfinished run of the same file in the same way is continued.

    Every row has one stored outcome (created, updated, unchanged, rejected), written in the transaction of
    what it did. With `history` nothing binds: no promise, no notice. Rejected rows go to `errors_out` too.
    Raises FileRefused when the file cannot be read at all, NotYours.
    """
    wanted = Wanted(
        kind, mapping or {}, preset, constants or {}, history, encoding, delimiter, skip_known, dates
    )
    by.department_for("import")
    with opened(file, wanted) as ready:
        if dates is None:
            wanted = wanted._replace(dates=ready.dates().order)
        batch = _batch(ready, wanted, by, getattr(file, "name", str(file)))
        _run(batch, ready, by, progress=progress, until=None)
    if errors_out is not None:
        errors_file.write(batch, errors_out, language)
    return batch


def resume(batch_id: int, path: Path, *, by: Actor, seconds: float) -> bool:
    """Go on with a stored batch for about `seconds`; False when there is more to read.

    What refuses the file as a whole is kept with the batch, which has then failed. When another process
    is reading the same batch, it is left to that one.
    """
    batch = ImportBatch.objects.get(pk=batch_id)
    if batch.status in (ImportBatch.Status.DONE, ImportBatch.Status.FAILED):
        return True
    said = batch.columns
    wanted = Wanted(
        batch.kind, said.get("mapping", {}), said.get("preset"), said.get("constants", {}), batch.history,
        batch.encoding or None, said.get("delimiter"), said.get("skip_known", False), said.get("dates", ""),
    )  # fmt: skip
    try:
        by.department_for("import")
        with opened(path, wanted) as ready:
            return _run(batch, ready, by, progress=None, until=time.monotonic() + seconds)
    except Refused as problem:
        if problem.code == ELSEWHERE:
            return True
        batch.status, batch.failure = ImportBatch.Status.FAILED, problem.code
        batch.report = {"refused": problem.say("en"), "refused_ja": problem.say("ja")}
        batch.save(update_fields=["status", "failure", "report"])
        return True


@contextmanager
def opened(file: Path | BinaryIO, wanted: Wanted) -> Iterator[Opened]:
    """Open a file and settle its encoding and columns. Raises FileRefused."""
    if wanted.kind not in KINDS:
        raise FileRefused("bad_choice", field="as", value=wanted.kind, choices=", ".join(KINDS))
    if isinstance(file, Path):
        try:
            handle: BinaryIO = file.open("rb")
        except OSError:
            raise FileRefused("file_missing", field="file", value=file.name) from None
    else:
        handle = file
    try:
        source = inspect(handle, wanted.encoding, wanted.delimiter)
        yield Opened(handle, source, _layout(handle, source, wanted))
    finally:
        if handle is not file:
            handle.close()


def _layout(handle: BinaryIO, source: Source, wanted: Wanted) -> Layout:
    header = next(records(handle, source), None)
    if header is None:
        raise FileRefused("empty_file", field="file")
    if header.problem:
        why = sentence(header.problem, {"limit": "1,000,000"}, "en")
        raise FileRefused("bad_header", field="file", why=why)
    return layout(
        wanted.kind, header.cells, mapping=wanted.mapping, preset=wanted.preset, constants=wanted.constants
    )


@transaction.atomic
def _batch(ready: Opened, wanted: Wanted, by: Actor, name: str) -> ImportBatch:
    """The unfinished run of the same file in the same way, or a new one."""
    columns = {
        "mapping": dict(wanted.mapping), "preset": wanted.preset, "constants": dict(wanted.constants),
        "read": dict(ready.layout.columns), "delimiter": wanted.delimiter, "skip_known": wanted.skip_known,
        "dates": wanted.dates or "",
    }  # fmt: skip
    same = ImportBatch.objects.select_for_update().filter(
        sha256=ready.source.sha256, kind=wanted.kind, history=wanted.history, encoding=ready.source.encoding,
        columns=columns, status=ImportBatch.Status.RUNNING, stored_as="",
    )  # fmt: skip
    return same.order_by("-id").first() or ImportBatch.objects.create(
        kind=wanted.kind, filename=get_valid_filename(Path(name).name or "file")[:255], sha256=ready.source.sha256,
        encoding=ready.source.encoding, history=wanted.history, columns=columns,
        status=ImportBatch.Status.RUNNING, by=by.member,
    )  # fmt: skip


def _run(
    batch: ImportBatch,
    ready: Opened,
    by: Actor,
    *,
    progress: Callable[[ImportBatch], None] | None,
    until: float | None,
) -> bool:
    rows = records(ready.file, ready.source)
    next(rows, None)
    done = batch.rows_read
    waiting = (row for row in rows if row.line > done)
    sources = Sources()
    size = min(BATCH, batches.size(batch.kind))
    while piece := list(islice(waiting, size)):
        with batches.without_collecting():
            _commit(batch, piece, ready.layout, by, sources, ready.source.delimiter)
        if progress is not None:
            progress(batch)
        if until is not None and time.monotonic() > until:
            return False
    _finish(batch, ready, by)
    return True


def _commit(
    batch: ImportBatch, piece: list[Record], columns: Layout, by: Actor, sources: Sources, delimiter: str
) -> None:
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                _write(batch, piece, columns, by, sources, delimiter)
            return
        except (IntegrityError, OperationalError) as problem:
            if isinstance(problem, OperationalError) and getattr(problem.__cause__, "pgcode", "") != DEADLOCK:
                raise
            # Another door wrote one of these records between our look and our write: look again.
            sources.forget()
            batch.refresh_from_db()
            if attempt == ATTEMPTS - 1:
                raise


def _write(
    batch: ImportBatch, piece: list[Record], columns: Layout, by: Actor, sources: Sources, delimiter: str
) -> None:
    standing = ImportBatch.objects.select_for_update().values_list("rows_read", flat=True).get(pk=batch.pk)
    if standing != batch.rows_read:
        raise FileRefused(ELSEWHERE, field="file")
    now = moment.now()
    organization = Organization.current()
    said = batch.columns
    run = Run(by, now, batch.history, organization, sources, bool(said.get("skip_known")))
    after = last_event()
    typed, outcomes = typed_rows(
        batch.kind,
        piece,
        columns,
        Setting(organization.tz, organization.currency, now, said.get("dates", "")),
    )
    outcomes += WRITERS[batch.kind](typed, run)
    store(batch, outcomes)
    ImportPiece.objects.create(
        batch=batch, first_line=piece[0].line, last_line=piece[-1].line, recorded_at=now, after_event=after,
        last_event=last_event(),
    )  # fmt: skip
    counted = Counter(o.outcome for o in outcomes)
    batch.rows_read = piece[-1].line
    batch.total += len(piece)
    for name, count in counted.items():
        setattr(batch, name, getattr(batch, name) + count)
    batch.report = reported(batch.report, outcomes, columns, sources) | {"delimiter": delimiter}
    batch.status = ImportBatch.Status.RUNNING
    batch.save(
        update_fields=[
            "rows_read",
            "total",
            "created",
            "updated",
            "unchanged",
            "rejected",
            "report",
            "status",
        ]
    )


@transaction.atomic
def _finish(batch: ImportBatch, ready: Opened, by: Actor) -> None:
    now = moment.now()
    batch.status, batch.finished_at, batch.encoding = ImportBatch.Status.DONE, now, ready.source.encoding
    if not batch.report:
        batch.report = reported({}, (), ready.layout, Sources())
    batch.save(update_fields=["status", "finished_at", "encoding", "report"])
    totals = {name: getattr(batch, name) for name in ("total", "created", "updated", "unchanged", "rejected")}
    record(
        EventKind.FILE_IMPORTED, by, now=now, binding=False,
        data={"batch": batch.pk, "kind": batch.kind, "history": batch.history, **totals},
    )  # fmt: skip
