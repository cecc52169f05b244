"""The rejected rows of a file as a file of their own: where and why, then the row as it was, to be mended and sent again."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import IO

from django.db import connection

from funnel import spreadsheet
from funnel.ingest.columns import ERROR_COLUMNS
from funnel.ingest.reasons import sentence
from funnel.models import ImportBatch, ImportRow

CHUNK = 2_000
KEPT = timedelta(days=30)
"""How long after a file the text of its rejected rows is kept: long enough to mend them."""

# What a reason quotes of a row is text of that row, too.
FORGET = """
UPDATE funnel_importrow SET raw = '',
  params = CASE WHEN params ? 'value' THEN jsonb_set(params, '{value}', '"…"') ELSE params END
WHERE id IN (
  SELECT r.id FROM funnel_importrow r JOIN funnel_importbatch b ON b.id = r.batch_id
  WHERE r.raw <> '' AND coalesce(b.finished_at, b.started_at) < %s LIMIT %s
)
"""


def lines(batch: ImportBatch, language: str) -> Iterator[str]:
    """The file line by line, in the order of the rows: line, code and reason before the columns as they were.

    No cell starts a formula; such a cell gets a quotation mark, which is taken off when the file comes back.
    """
    header = batch.report.get("header", [])
    delimiter = batch.report.get("delimiter") or ","
    rows = ImportRow.objects.filter(batch=batch, outcome=ImportRow.Outcome.REJECTED).order_by("line")
    told = (
        [row.line, row.reason, sentence(row.reason, row.params, language), *_cells(row.raw, delimiter)]
        for row in rows.iterator(chunk_size=CHUNK)
    )
    named = ERROR_COLUMNS["ja" if language.startswith("ja") else "en"]
    return iter(spreadsheet.lines(chain([[*named, *header]], told)))


def write(batch: ImportBatch, out: IO[str], language: str) -> int:
    """Write every rejected row; returns how many."""
    count = -1
    for line in lines(batch, language):
        out.write(line)
        count += 1
    return count


def kept_until(batch: ImportBatch) -> datetime:
    """The moment from which the text of its rejected rows is no longer given out, and soon deleted."""
    return (batch.finished_at or batch.started_at) + KEPT


def forget(*, now: datetime) -> int:
    """Delete the text of rows that were rejected longer ago than it is kept; lines and reasons stay. The number of rows."""
    count = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(FORGET, [now - KEPT, CHUNK])
            count += cursor.rowcount
            if cursor.rowcount < CHUNK:
                return count


def _cells(raw: str, delimiter: str) -> list[str]:
    """The cells of a row as it was; one that cannot be taken apart stays in one piece."""
    try:
        return next(csv.reader(raw.splitlines(keepends=True), delimiter=delimiter), [])
    except csv.Error:
        return [raw.rstrip("\r\n")]
