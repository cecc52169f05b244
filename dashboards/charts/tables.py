"""Pure. Tables in colours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from dashboards.charts.parts import EMPTY, INK, LINE, SURFACE, Figure, layout_of

HATCH_LINES = 3
LIGHT_FROM = 0.85
"""From this share of the largest value a cell is dark enough for light letters."""

BLUES = [[0, "var(--is-tint)"], [1, "var(--is)"]]
"""One hue, from pale to full."""


class Cell(NamedTuple):
    """One cell of a table in colours; null stays empty. `is_open`: more may still come."""

    row: int
    column: int
    value: float | None
    words: str
    text: str = ""
    is_open: bool = False


def heat(rows: Sequence[str], columns: Sequence[str], cells: Sequence[Cell]) -> Figure:
    """A table in shades of one hue, with the text of its cells; open cells are grey and hatched, others empty."""
    closed = [cell for cell in cells if not cell.is_open and cell.value is not None]
    unsure = [cell for cell in cells if cell.is_open and cell.value is not None]
    largest = max((cell.value or 0 for cell in closed), default=0) or 1
    layout = _table_layout(rows, columns)
    layout["shapes"] = [shape for cell in unsure for shape in _hatched(cell)]
    layout["annotations"] = [
        {
            "x": cell.column,
            "y": cell.row,
            "text": escape(cell.text),
            "showarrow": False,
            "font": {"size": 12, "color": _ink(cell, largest)},
        }
        for cell in (*closed, *unsure)
        if cell.text
    ]
    grid: list[list[Cell | None]] = [[None] * len(columns) for _ in rows]
    for cell in closed:
        grid[cell.row][cell.column] = cell
    colours = {
        "type": "heatmap",
        "x": list(range(len(columns))),
        "y": list(range(len(rows))),
        "z": [[cell.value if cell else None for cell in row] for row in grid],
        "hovertext": [[escape(cell.words) if cell else "" for cell in row] for row in grid],
        "hoverinfo": "text",
        "hoverongaps": False,
        "zmin": 0,
        "zmax": largest,
        "colorscale": BLUES,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }
    # A heat map says nothing of an empty cell; points that nobody sees do.
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": [cell.column for cell in unsure],
        "y": [cell.row for cell in unsure],
        "hovertext": [escape(cell.words) for cell in unsure],
        "hoverinfo": "text",
        "marker": {"size": 18, "opacity": 0},
    }
    return {"data": [colours, points], "layout": layout}


def _table_layout(rows: Sequence[str], columns: Sequence[str]) -> Figure:
    return layout_of(
        {
            "tickvals": list(range(len(rows))),
            "ticktext": [escape(row) for row in rows],
            "autorange": "reversed",
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
        },
        {
            "tickvals": list(range(len(columns))),
            "ticktext": [escape(column) for column in columns],
            "side": "top",
            "tickangle": 0,
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
        },
    )


def _ink(cell: Cell, largest: float) -> str:
    return SURFACE if not cell.is_open and (cell.value or 0) > largest * LIGHT_FROM else INK


def _hatched(cell: Cell) -> Iterator[Figure]:
    """A grey ground and diagonals, as a table in colours has no hatching of its own."""
    left, top = cell.column - 0.48, cell.row - 0.48
    box = {"type": "rect", "x0": left, "x1": left + 0.96, "y0": top, "y1": top + 0.96, "layer": "below"}
    yield box | {"fillcolor": EMPTY, "line": {"width": 0}}
    for n in range(1, HATCH_LINES + 1):
        across = 0.96 * n / (HATCH_LINES + 1)
        yield {
            "type": "line",
            "x0": left,
            "y0": top + across,
            "x1": left + across,
            "y1": top,
            "layer": "below",
            "line": {"color": LINE, "width": 2},
        }
