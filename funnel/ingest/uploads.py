"""Files that came through the browser: kept outside what is served, read by a worker, removed when read."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.text import get_valid_filename

from funnel.ingest.columns import FIELDS
from funnel.ingest.decoding import records
from funnel.ingest.read import Wanted, check_departments, opened, resume
from funnel.ingest.reasons import FileRefused
from funnel.models import ImportBatch
from funnel.transitions.acting import Actor

LARGEST = 20 * 1024 * 1024
SHOWN = 10


@dataclass(frozen=True)
class Preview:
    """What a file looks like before it is read: its first rows, and which column was taken for which field."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    columns: Mapping[str, str]
    ignored: tuple[str, ...]
    fields: tuple[str, ...]
    rows: list[list[str]]


def folder() -> Path:
    """Where uploads lie until they are read; nothing there is served."""
    place = Path(settings.HOME) / "uploads"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def preview(file: BinaryIO, wanted: Wanted) -> Preview:
    """Look at a file without reading it in. Raises FileRefused, also for one that is too large."""
    _check_size(file)
    with opened(file, wanted) as ready:
        first = list(islice(records(ready.file, ready.source), 1, SHOWN + 1))
        return Preview(
            encoding=ready.source.encoding,
            delimiter=ready.source.delimiter,
            header=ready.layout.header,
            columns=ready.layout.columns,
            ignored=ready.layout.ignored,
            fields=FIELDS[wanted.kind],
            rows=[record.cells for record in first],
        )


def keep(file: BinaryIO, name: str, wanted: Wanted, by: Actor) -> ImportBatch:
    """Store an upload under a name of our own and note what to make of it; `funnel.tasks.read_import` reads it.

    Raises FileRefused when it could not be read, NotYours.
    """
    _check_size(file)
    with opened(file, wanted) as ready:
        check_departments(ready.layout, by)
        source = ready.source
        stored = f"{uuid.uuid4().hex}.csv"
        file.seek(0)
        with (folder() / stored).open("wb") as out:
            while chunk := file.read(1 << 20):
                out.write(chunk)
    return ImportBatch.objects.create(
        kind=wanted.kind,
        filename=get_valid_filename(Path(name).name or "file")[:255],
        stored_as=stored,
        sha256=source.sha256,
        encoding=source.encoding,
        history=wanted.history,
        columns={
            "mapping": dict(wanted.mapping),
            "preset": wanted.preset,
            "constants": dict(wanted.constants),
        },
        by=by.member,
    )


def go_on(batch_id: int, *, by: Actor, seconds: float) -> bool:
    """Read on for about `seconds`; True when the file is read to its end, and is then removed."""
    batch = ImportBatch.objects.get(pk=batch_id)
    path = folder() / batch.stored_as
    done = resume(batch_id, path, by=by, seconds=seconds)
    if done:
        path.unlink(missing_ok=True)
    return done


def _check_size(file: BinaryIO) -> None:
    size = file.seek(0, 2)
    file.seek(0)
    if size > LARGEST:
        raise FileRefused("file_too_large", field="file", limit=LARGEST // 2**20)
