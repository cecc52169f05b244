"""The rejected rows of a file as a file of their own: line, reason, sentence, and the row as it was."""

from __future__ import annotations

import csv
from typing import IO

from funnel.ingest.reasons import sentence
from funnel.models import ImportBatch, ImportRow

HEADER = {"en": ("line", "code", "reason", "row"), "ja": ("行番号", "コード", "理由", "元の行")}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
BOM = "\ufeff"


def write(batch: ImportBatch, out: IO[str], language: str) -> int:
    """Write every rejected row, in the order of the file; returns how many. No cell starts a formula."""
    writer = csv.writer(out, lineterminator="\r\n")
    out.write(BOM)
    writer.writerow(HEADER["ja" if language.startswith("ja") else "en"])
    rows = ImportRow.objects.filter(batch=batch, outcome=ImportRow.Outcome.REJECTED).order_by("line")
    count = 0
    for row in rows.iterator(chunk_size=2_000):
        said = sentence(row.reason, row.params, language)
        writer.writerow([row.line, row.reason, plain(said), plain(row.raw.rstrip("\r\n"))])
        count += 1
    return count


def plain(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
