"""Pure. Cells as CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

MARK = "\ufeff"
"""Excel reads UTF-8 only after a byte order mark."""

PIECE = 32_768
"""Letters sent at once."""

GETA = "〓".encode("cp932")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(cell: object) -> str:
    """Return a cell's text, with a leading apostrophe where a spreadsheet would take it for a formula."""
    text = "" if cell is None else str(cell)
    # A negative number is no formula.
    if text.lstrip(" \u3000").startswith(DANGEROUS) and not _is_number(text):
        return f"'{text}"
    return text


def plain(cell: str) -> str:
    """Return the text that `safe` had marked, as it was."""
    return cell[1:] if cell.startswith("'") and safe(cell[1:]) == cell else cell


def lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield CSV, several lines at a time, after the mark: a server sends few pieces sooner than many."""
    piece, size = [MARK], 0
    for line in _lines(rows):
        piece.append(line)
        size += len(line)
        if size >= PIECE:
            yield "".join(piece)
            piece, size = [], 0
    yield "".join(piece)


def _lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([safe(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def write_cp932(rows: Iterable[Sequence[object]], into: IO[bytes]) -> int:
    """Write CSV lines in the encoding of old Japanese spreadsheets; return how many characters it lacked.

    Each of them is replaced by 〓, the mark that printers set for a missing letter.
    """
    replaced = 0
    for line in _lines(rows):
        try:
            into.write(line.encode("cp932"))
        except UnicodeEncodeError:
            written, missing = _replaced(line)
            into.write(written)
            replaced += missing
    return replaced


def _replaced(text: str) -> tuple[bytes, int]:
    written, missing = bytearray(), 0
    for letter in text:
        try:
            written += letter.encode("cp932")
        except UnicodeEncodeError:
            written += GETA
            missing += 1
    return bytes(written), missing


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii()
