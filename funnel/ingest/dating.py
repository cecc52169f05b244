"""Pure. Dates with the year behind, 03/04/2026: whether a file writes the day or the month first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from funnel.ingest.columns import Layout
from funnel.ingest.decoding import Record

ORDERS = ("dmy", "mdy")
"""Day, month, year; and month, day, year."""
LOOKED_AT = 10_000
"""Rows looked at for a date that settles it. A later one that contradicts is rejected by itself."""
FIRST = 1_000
"""Rows after which a file without any such date is taken to have none; a later one is rejected by itself."""
_YEAR_BEHIND = re.compile(
    r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([AaPp][Mm])?)?"
)


class Proof(NamedTuple):
    """A date that can be read in one way only: its line and how it is written."""

    line: int
    text: str


class Written(NamedTuple):
    """How a file writes its dates: one that has the year behind, and what proves either order."""

    example: Proof | None = None
    dmy: Proof | None = None
    mdy: Proof | None = None

    @property
    def order(self) -> str:
        """The order that is proved; "" when none is, or each is by another row."""
        if (self.dmy is None) == (self.mdy is None):
            return ""
        return "dmy" if self.dmy else "mdy"

    @property
    def proof(self) -> Proof | None:
        """What the order was told from."""
        return {"dmy": self.dmy, "mdy": self.mdy}.get(self.order)


def is_date(field: str) -> bool:
    """Whether a field holds dates."""
    return field == "day" or field.endswith("_at")


def is_year_behind(text: str) -> bool:
    """Whether a cell is written like a date of which it must be known what comes first."""
    return _YEAR_BEHIND.fullmatch(unicodedata.normalize("NFKC", text)) is not None


def rewritten(text: str, order: str) -> str:
    """The date as ISO 8601, read in `order`; as it stands when it is none of these, "" for an hour that is none."""
    found = _YEAR_BEHIND.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None:
        return text
    first, _mark, second, year, hour, minute, seconds, half = found.groups()
    day, month = (first, second) if order == "dmy" else (second, first)
    date = f"{year}-{int(month):02}-{int(day):02}"
    if hour is None:
        return date
    clock = _on_the_clock(int(hour), half)
    return f"{date}T{clock:02}:{minute}:{seconds or '00'}" if clock is not None else ""


def _on_the_clock(hour: int, half: str | None) -> int | None:
    if half is None:
        return hour
    return hour % 12 + (12 if half.lower() == "pm" else 0) if 1 <= hour <= 12 else None


def tell(rows: Iterable[Record], layout: Layout) -> Written:
    """Look through the date columns of a file's first rows."""
    places = [place for field, place in layout.places.items() if is_date(field)]
    example = dmy = mdy = None
    for seen, row in enumerate(islice(rows, LOOKED_AT if places else 0)):
        if seen == FIRST and example is None:
            break
        for place in places:
            text = row.cells[place].strip() if place < len(row.cells) else ""
            if not text or text[:4].isdigit():
                continue
            found = _YEAR_BEHIND.fullmatch(unicodedata.normalize("NFKC", text))
            if found is None:
                continue
            proof = Proof(row.line, text)
            example = example or proof
            if int(found[1]) > 12:
                dmy = dmy or proof
            elif int(found[3]) > 12:
                mdy = mdy or proof
    return Written(example, dmy, mdy)
