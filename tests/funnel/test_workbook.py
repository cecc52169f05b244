"""Tables as Excel files: numbers are numbers, text is text, whatever it begins with."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from xml.etree import ElementTree

from funnel.spreadsheet import Sheet, workbook

NAMES = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def _parsed(part: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(part)  # noqa: S314 - we have written it ourselves.


def opened(file: bytes) -> list[tuple[str, list[list[str | float]]]]:
    """Each sheet's name and cells, as a spreadsheet reads them."""
    with zipfile.ZipFile(io.BytesIO(file)) as book:
        texts = [
            "".join(part.text or "" for part in item.iterfind(".//m:t", NAMES))
            for item in _parsed(book.read("xl/sharedStrings.xml")).iterfind("m:si", NAMES)
        ]
        sheets = _parsed(book.read("xl/workbook.xml")).iterfind(".//m:sheet", NAMES)
        found = []
        for number, sheet in enumerate(sheets, 1):
            page = _parsed(book.read(f"xl/worksheets/sheet{number}.xml"))
            assert page.find(".//m:f", NAMES) is None
            rows = [
                [
                    texts[int(cell.findtext("m:v", "0", NAMES))]
                    if cell.get("t") == "s"
                    else float(cell.findtext("m:v", "0", NAMES))
                    for cell in row
                ]
                for row in page.iterfind(".//m:row", NAMES)
            ]
            found.append((sheet.get("name", ""), rows))
        return found


def test_cells_stay_what_they_are() -> None:
    rows = [
        ["=1+1", 3, 2.5, None],
        ["https://example.jp", -4, "", date(2026, 4, 1)],
        ["髙﨑①㈱ 🙂", 0, "@x", ""],
    ]
    (sheet,) = opened(
        workbook([Sheet("段階/[1]: 全体の表の名前がとても長いときのシートの名前です", ["名", "n"], rows)])
    )
    name, cells = sheet
    assert len(name) <= 31
    assert not set("[]:*?/\\") & set(name)
    assert cells == [
        ["名", "n"],
        ["=1+1", 3, 2.5],
        ["https://example.jp", -4, 46113],
        ["髙﨑①㈱ 🙂", 0, "@x"],
    ]
