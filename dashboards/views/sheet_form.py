"""The fields of the current-state sheet: what was typed or pasted, what stands kept, and what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import get_language

from dashboards import kpis, sheets
from dashboards.kpis import Kpi
from dashboards.models import SheetRow
from dashboards.sheets import Entry
from dashboards.targets import entering
from funnel.errors import BadValue

CORE = ("leads", "sql-rate-on-leads", "win-rate-plan")
"""The three numbers that make wins of leads; the sheet calculates with them."""
COLUMNS = ("now", "target", "measure")
MORE = ("owner", "due")
LONGEST_PASTE, LONGEST_CELL, LONGEST_MEASURE = 8_000, 80, sheets.LONGEST_MEASURE
HEADS = frozenset({"now", "現状", "現在", "in six months", "6か月後", "半年後"})
MOST_VERSION = 9


class Row(NamedTuple):
    """One line of the sheet as it was typed, what it means if it can be read, and what is wrong with it."""

    kpi: Kpi
    cells: Mapping[str, str]
    seen: int
    entry: Entry | None
    errors: list[str]
    kept: SheetRow | None = None

    @property
    def names(self) -> str:
        """The names a pasted line may begin with."""
        return "|".join(_names(self.kpi))


def read(
    params: Mapping[str, Any], kept: Mapping[str, SheetRow], measured: Mapping[str, Decimal], currency: str
) -> list[Row]:
    """The lines of the sheet: what was sent, else what is kept, else what was measured; a pasted block over all."""
    block = pasted(str(params.get("paste", "")))
    found = []
    for slug in _slugs(params, kept, block):
        kpi, row = kpis.get(slug), kept.get(slug)
        cells = _standing(kpi, row, measured.get(slug))
        cells = {
            column: _text(params.get(f"{slug}.{column}", text), column) for column, text in cells.items()
        }
        cells |= block.get(slug, {})
        seen = str(params.get(f"{slug}.seen", ""))
        number = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) <= MOST_VERSION else None
        version = number if number is not None else (row.version if row is not None else 0)
        entry, errors = _entry(kpi, cells, version, currency)
        found.append(Row(kpi, cells, row.version if row is not None else 0, entry, errors, row))
    return found


def pasted(text: str) -> dict[str, dict[str, str]]:
    """The cells of a block out of a spreadsheet, by KPI: named by its first column, else the three rows in order."""
    lines = [line for line in text[:LONGEST_PASTE].replace("\0", "").splitlines() if line.strip()]
    named = {name: kpi.slug for kpi in kpis.ALL for name in _names(kpi)}
    found: dict[str, dict[str, str]] = {}
    waiting = list(CORE)
    for line in lines:
        cells = [cell.strip() for cell in line.split("\t")]
        if any(cell.lower() in HEADS for cell in cells):
            continue
        slug = named.get(cells[0].lower())
        if slug is not None:
            cells = cells[1:]
        elif waiting:
            slug = waiting[0]
        else:
            continue
        waiting = [one for one in waiting if one != slug]
        found[slug] = {c: _text(cell, c) for c, cell in zip(COLUMNS, cells, strict=False)}
    return found


def _names(kpi: Kpi) -> tuple[str, ...]:
    return (kpi.slug, kpi.names.en.lower(), kpi.names.ja.lower(), kpi.names.say(get_language()).lower())


def _text(value: Any, column: str) -> str:
    return str(value).replace("\0", "")[: LONGEST_MEASURE if column == "measure" else LONGEST_CELL]


def _slugs(
    params: Mapping[str, Any], kept: Mapping[str, SheetRow], block: Mapping[str, Any]
) -> Sequence[str]:
    """The three, then what is kept or was sent, then what is to be added."""
    known = {kpi.slug for kpi in kpis.ALL}
    sent = [key.removesuffix(".now") for key in params if key.endswith(".now")]
    stands = [slug for slug, row in kept.items() if not sheets.is_cleared(row)]
    wanted = [*CORE, *stands, *sent, *block, str(params.get("add", ""))]
    return [slug for slug in dict.fromkeys(wanted) if slug in known][: sheets.MOST_ROWS]


def _standing(kpi: Kpi, row: SheetRow | None, measured: Decimal | None) -> dict[str, str]:
    if row is None or sheets.is_cleared(row):
        return {"now": entering.write(kpi, measured), **dict.fromkeys((*COLUMNS[1:], *MORE), "")}
    text = row.measure.text if row.measure is not None else ""
    return {
        "now": entering.write(kpi, row.now),
        "target": entering.write(kpi, row.goal),
        "measure": text,
        # Nobody sees to a measure that was erased.
        "owner": str(row.owner_id or "") if text else "",
        "due": row.due_on.isoformat() if text and row.due_on is not None else "",
    }


def _entry(kpi: Kpi, cells: Mapping[str, str], version: int, currency: str) -> tuple[Entry | None, list[str]]:
    errors: list[str] = []

    def value(column: str) -> Decimal | None:
        try:
            return entering.read(kpi, cells[column], currency)
        except BadValue as error:
            errors.append(error.say(get_language()))
            return None

    now, goal, due = value("now"), value("target"), None
    if cells["due"].strip():
        try:
            due = date.fromisoformat(cells["due"].strip())
        except ValueError:
            errors.append(BadValue("bad_date", value=cells["due"][:20]).say(get_language()))
    owner = cells["owner"].strip()
    number = int(owner) if owner.isascii() and owner.isdecimal() and len(owner) < 19 else None
    if errors:
        return None, errors
    entry = Entry(kpi.slug, now, goal, cells["measure"].strip(), number, due, version)
    return entry, errors
