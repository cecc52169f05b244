"""The rejected rows of a file as a file of their own: line, reason, sentence, and the row as it was."""

from __future__ import annotations

from itertools import chain
from typing import IO

from funnel import spreadsheet
from funnel.ingest.reasons import sentence
from funnel.models import ImportBatch, ImportRow

HEADER = {"en": ("line", "code", "reason", "row"), "ja": ("行番号", "コード", "理由", "元の行")}


def write(batch: ImportBatch, out: IO[str], language: str) -> int:
    """Write every rejected row, in the order of the file; returns how many. No cell starts a formula."""
    rows = ImportRow.objects.filter(batch=batch, outcome=ImportRow.Outcome.REJECTED).order_by("line")
    told = (
        [row.line, row.reason, sentence(row.reason, row.params, language), row.raw.rstrip("\r\n")]
        for row in rows.iterator(chunk_size=2_000)
    )
    count = -1
    for line in spreadsheet.lines(chain([HEADER["ja" if language.startswith("ja") else "en"]], told)):
        out.write(line)
        count += 1
    return count
