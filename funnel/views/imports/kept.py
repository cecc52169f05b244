"""An upload before it is read: stored under a name of our own, and looked at without reading it in."""

from __future__ import annotations

import uuid
from itertools import islice
from typing import NamedTuple

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from funnel.ingest.columns import FIELDS
from funnel.ingest.decoding import CHUNK, LONGEST_LINE, Record, Source, inspect, records
from funnel.ingest.reasons import ROW, FileRefused
from funnel.ingest.uploads import folder
from funnel.words import Words

SAMPLE_ROWS = 5
MEGABYTE = 1024 * 1024


class Head(NamedTuple):
    """The beginning of a kept file read one way: what it turned out to be, its headings, its first rows."""

    source: Source
    header: list[str]
    rows: tuple[Record, ...]


def keep(upload: UploadedFile) -> str:
    """Store an upload and return the name it is kept under."""
    name = uuid.uuid4().hex
    with (folder() / name).open("wb") as kept:
        for chunk in upload.chunks():
            kept.write(chunk)
    return name


def too_large() -> FileRefused:
    """The refusal of a file beyond the limit."""
    return FileRefused("file_too_large", field="file", limit=settings.IMPORT_MAX_BYTES // MEGABYTE)


def drop(name: str) -> None:
    """Remove a kept file, if it is still there."""
    if name:
        (folder() / name).unlink(missing_ok=True)


def count_lines(name: str) -> int:
    """Physical lines of a kept file: what progress is measured by."""
    with (folder() / name).open("rb") as kept:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: kept.read(CHUNK), b"")) + 1


def head(name: str, encoding: str | None = None, delimiter: str | None = None) -> Head:
    """Read the head of a kept file. Raises FileRefused."""
    with (folder() / name).open("rb") as kept:
        source = inspect(kept, encoding, delimiter)
        rows = records(kept, source)
        header = next(rows, None)
        if header is None:
            raise FileRefused("empty_file", field="file")
        if header.problem:
            why = Words(*(said.format(limit=f"{LONGEST_LINE:,}") for said in ROW[header.problem]))
            raise FileRefused("bad_header", field="file", why=why)
        return Head(source, header.cells, tuple(islice(rows, SAMPLE_ROWS)))


def fields(kind: str) -> tuple[str, ...]:
    """The fields a column of this kind of file can be."""
    return FIELDS[kind]
