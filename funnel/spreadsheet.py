"""Pure. Cells as files that a spreadsheet opens without running anything in them: CSV, and Excel's own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import chain
from typing import NamedTuple

import xlsxwriter

MARK = "\ufeff"
"""Excel reads UTF-8 only after a byte order mark."""

PIECE = 32_768
"""Letters sent at once."""

LONGEST_NAME, NO_NAME = 31, re.compile(r"[\[\]:*?/\\']")
"""What Excel allows as the name of a sheet."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GETA = "〓".encode("cp932")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SUSPECT = frozenset((*DANGEROUS, " ", "\u3000"))
"""What a cell that needs a second look begins with."""


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
    yield from _pieces(chain([MARK], _lines(rows)))


def _pieces(lines: Iterable[str]) -> Iterator[str]:
    piece: list[str] = []
    size = 0
    for line in lines:
        piece.append(line)
        size += len(line)
        if size >= PIECE:
            yield "".join(piece)
            piece, size = [], 0
    if piece:
        yield "".join(piece)


def _lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        # Few cells of a million rows begin with what is dangerous: only these are looked at twice.
        writer.writerow(
            [
                cell if cell is None or (type(cell) is str and cell[:1] not in SUSPECT) else safe(cell)
                for cell in row
            ]
        )
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def cp932(rows: Iterable[Sequence[object]], told: Callable[[int], None]) -> Iterator[bytes]:
    """Yield CSV in the encoding of old Japanese spreadsheets, several lines at a time.

    What the encoding lacks is replaced by 〓, the mark that printers set for a missing letter; `told` is called at the
    end with how many characters that were.
    """
    replaced = 0
    for piece in _pieces(_lines(rows)):
        try:
            yield piece.encode("cp932")
        except UnicodeEncodeError:
            written, missing = _replaced(piece)
            replaced += missing
            yield written
    told(replaced)


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


class Sheet(NamedTuple):
    """One sheet of a workbook: its name, its headings, and its rows of plain cells."""

    name: str
    heads: Sequence[str]
    rows: Iterable[Sequence[object]]


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """Return the sheets as an Excel file; text stays text, whatever it begins with, and headings stay in sight."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy/mm/dd"})
        for sheet in sheets:
            page = book.add_worksheet(NO_NAME.sub(" ", sheet.name)[:LONGEST_NAME])
            page.freeze_panes(1, 0)
            for column, head in enumerate(sheet.heads):
                page.write_string(0, column, head, bold)
            for number, row in enumerate(sheet.rows, 1):
                for column, cell in enumerate(row):
                    if isinstance(cell, date):
                        page.write_datetime(number, column, datetime.combine(cell, time()), day)
                    elif cell is not None and cell != "":
                        page.write(number, column, cell)
            page.autofit()
    return file.getvalue()
