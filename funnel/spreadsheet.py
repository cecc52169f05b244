"""Pure. Cells as CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

MARK = "\ufeff"
"""Excel reads UTF-8 only after a byte order mark."""

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(cell: object) -> str:
    """Return a cell's text, with a leading apostrophe where a spreadsheet would take it for a formula."""
    text = "" if cell is None else str(cell)
    # A negative number is no formula.
    if text.lstrip(" \u3000").startswith(DANGEROUS) and not _is_number(text):
        return f"'{text}"
    return text


def lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield CSV lines, the first one after the mark."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(MARK)
    for row in rows:
        writer.writerow([safe(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii()
