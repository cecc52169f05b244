"""An upload before it is read: stored under a name of our own, and looked at without reading it in."""

from __future__ import annotations

import uuid
from itertools import islice
from typing import NamedTuple

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from funnel.ingest.columns import FIELDS, layout
from funnel.ingest.decoding import CHUNK, LONGEST_LINE, Record, Source, inspect, records
from funnel.ingest.reasons import ROW, FileRefused
from funnel.ingest.uploads import folder
from funnel.words import Words

SAMPLE_ROWS = 5
MEGABYTE = 1024 * 1024


class Column(NamedTuple):
    """One column of a file: its place, its heading, a few of its values, and the field it is taken for."""

    place: int
    heading: str
    sample: tuple[str, ...]
    field: str


class Preview(NamedTuple):
    """What a file looks like read this way: columns, first rows, and the encoding they were read in."""

    source: Source
    columns: tuple[Column, ...]
    rows: tuple[Record, ...]


def keep(upload: UploadedFile) -> str:
    """Store an upload and return the name it is kept under. Raises FileRefused when it is too large."""
    if (upload.size or 0) > settings.IMPORT_MAX_BYTES:
        raise FileRefused("file_too_large", field="file", limit=settings.IMPORT_MAX_BYTES // MEGABYTE)
    name = uuid.uuid4().hex
    with (folder() / name).open("wb") as kept:
        for chunk in upload.chunks():
            kept.write(chunk)
    return name


def drop(name: str) -> None:
    """Remove a kept file, if it is still there."""
    if name:
        (folder() / name).unlink(missing_ok=True)


def count_lines(name: str) -> int:
    """Physical lines of a kept file: what progress is measured by."""
    with (folder() / name).open("rb") as kept:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: kept.read(CHUNK), b"")) + 1


def preview(name: str, kind: str, encoding: str | None = None) -> Preview:
    """Read the head of a kept file and guess its columns. Raises FileRefused."""
    with (folder() / name).open("rb") as kept:
        source = inspect(kept, encoding)
        rows = records(kept, source)
        header = next(rows, None)
        if header is None:
            raise FileRefused("empty_file", field="file")
        if header.problem:
            why = Words(*(said.format(limit=f"{LONGEST_LINE:,}") for said in ROW[header.problem]))
            raise FileRefused("bad_header", field="file", why=why)
        shown = tuple(islice(rows, SAMPLE_ROWS))
    guessed = {heading: field for field, heading in _guess(kind, header.cells).items()}
    columns = tuple(
        Column(place, heading, tuple(_cell(row, place) for row in shown), guessed.get(heading, ""))
        for place, heading in enumerate(header.cells)
    )
    return Preview(source, columns, shown)


def _guess(kind: str, header: list[str]) -> dict[str, str]:
    """Field → heading; nothing where no column is known: the person says which is which."""
    try:
        return dict(layout(kind, header).columns)
    except FileRefused as refusal:
        if refusal.code != "no_known_column":
            raise
        return {}


def _cell(row: Record, place: int) -> str:
    return row.cells[place][:80] if place < len(row.cells) else ""


def fields(kind: str) -> tuple[str, ...]:
    """The fields a column of this kind of file can be."""
    return FIELDS[kind]
