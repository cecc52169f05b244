"""Pure. Plain rows in, a Plotly figure out: dictionaries, lists, numbers and words that JSON can hold.

Colours are the names of design tokens, `var(--is)`; the page that draws the figure looks up what they are in its
theme. Words that people typed are escaped, because Plotly reads text as markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from math import floor, log10
from typing import Any, NamedTuple

Figure = dict[str, Any]
Say = Callable[[float], str]

MOST_SERIES = 4
TICKS = 5
HATCH_LINES = 3
STEPS = (1, 2, 2.5, 5, 10)
HOURS = 24
LOW_INK = 0.55
"""From this share of the largest value a cell is dark enough for light letters."""

INK, SOFT, FAINT, LINE, SURFACE = (
    "var(--ink)",
    "var(--ink-2)",
    "var(--ink-3)",
    "var(--line)",
    "var(--surface)",
)
EMPTY, PROBLEM, GROWTH = "var(--surface-2)", "var(--bad)", "var(--cs)"
DEPARTMENT: Mapping[str, str] = {
    "marketing": "var(--mk)",
    "inside_sales": "var(--is)",
    "field_sales": "var(--fs)",
    "customer_success": "var(--cs)",
}
BLUES = [[0, "var(--is-tint)"], [1, "var(--is)"]]
"""One hue, from pale to full."""


class Point(NamedTuple):
    """One bucket of a trend: its name, value and target (null: none), what is said of it, and whether it still runs."""

    label: str
    value: float | None
    target: float | None
    words: str
    is_running: bool = False


class Mark(NamedTuple):
    """A thing to point at: before the bucket `at` (0 is the first), in words."""

    at: int
    words: str


class Bin(NamedTuple):
    """One bar of a histogram; `is_late` beyond what was promised."""

    label: str
    count: int  # type: ignore[assignment]
    words: str
    is_late: bool = False


class Panel(NamedTuple):
    """One of several bar charts that share their rows."""

    title: str
    colour: str
    values: Sequence[int]
    words: Sequence[str]


class Cell(NamedTuple):
    """One cell of a table in colours; null stays empty. `is_open`: more may still come."""

    row: int
    column: int
    value: float | None
    words: str
    text: str = ""
    is_open: bool = False


class Step(NamedTuple):
    """One bar of a waterfall: a `total` stands on the ground, another starts where the one before ended."""

    label: str
    amount: float
    text: str
    total: bool = False


def ticks(low: float, high: float, *, whole: bool = False) -> list[float]:
    """Return about TICKS round numbers from at most `low` to at least `high`; `whole` gives no fractions."""
    low, high = min(low, 0), max(high, 0)
    if low == high:
        high = 1
    rough = (high - low) / TICKS
    size = 10 ** floor(log10(rough))
    step = next(size * factor for factor in STEPS if size * factor >= rough * 0.999)
    if whole:
        step = max(1, round(step) if step < 10 else step)
    first = floor(low / step)
    found = [first * step]
    while found[-1] < high - step * 1e-9:
        first += 1
        found.append(first * step)
    return [round(value, 10) for value in found]


def trend(
    points: Sequence[Point], marks: Sequence[Mark], *, colour: str, say: Say, target_words: str, whole: bool
) -> Figure:
    """A line through the values, a dashed one through the targets, and a dotted upright at each mark."""
    labels = [escape(point.label) for point in points]
    hover = [escape(point.words) for point in points]
    values = [point.value for point in points]
    goals = [point.target for point in points]
    data: list[Figure] = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": labels,
            "y": values,
            "hovertext": hover,
            "hoverinfo": "text",
            "connectgaps": False,
            "line": {"color": colour, "width": 3},
            "marker": {
                "size": 9,
                "color": [SURFACE if point.is_running else colour for point in points],
                "line": {"color": colour, "width": 2},
            },
        }
    ]
    notes = []
    if any(goal is not None for goal in goals):
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": labels,
                "y": goals,
                "hoverinfo": "skip",
                "connectgaps": False,
                "line": {"color": SOFT, "width": 2, "dash": "dash"},
                "marker": {"size": 7, "symbol": "line-ew-open", "color": SOFT},
            }
        )
        last = max(n for n, goal in enumerate(goals) if goal is not None)
        notes.append(_note(target_words, x=last, y=goals[last], yshift=12, colour=SOFT))
    layout = _layout(_value_axis([*values, *goals], say, whole=whole), _names_axis(labels))
    layout["shapes"] = [_upright(mark.at - 0.5) for mark in marks]
    layout["annotations"] = notes + [
        _note(mark.words, x=mark.at - 0.5, y=1, yref="paper", yshift=8, colour=SOFT) for mark in marks
    ]
    return {"data": data, "layout": layout}


def histogram(bins: Sequence[Bin], *, line: Mark, say: Say, axis: str) -> Figure:
    """Bars side by side; an upright at what was promised, what lies beyond it in the colour of problems."""
    labels = [escape(one.label) for one in bins]
    data = [
        {
            "type": "bar",
            "x": labels,
            "y": [one.count for one in bins],
            "hovertext": [escape(one.words) for one in bins],
            "hoverinfo": "text",
            "marker": {"color": [PROBLEM if one.is_late else DEPARTMENT["inside_sales"] for one in bins]},
        }
    ]
    layout = _layout(_value_axis([one.count for one in bins], say, whole=True), _names_axis(labels))
    layout |= {"bargap": 0.06, "shapes": [_upright(line.at - 0.5, INK, "solid")]}
    layout["xaxis"]["title"] = {"text": escape(axis), "standoff": 12}
    layout["annotations"] = [_note(line.words, x=line.at - 0.5, y=1, yref="paper", yshift=8, colour=INK)]
    return {"data": data, "layout": layout}


def panels(names: Sequence[str], each: Sequence[Panel]) -> Figure:
    """Horizontal bars of the same rows, one panel beside another under its title; at most MOST_SERIES."""
    each = each[:MOST_SERIES]
    # Numbered, as two channels may bear one name.
    rows = list(range(len(names)))
    data, notes = [], []
    layout = _layout(
        {
            "tickvals": rows,
            "ticktext": [escape(name) for name in names],
            "autorange": "reversed",
            "automargin": True,
            "showgrid": False,
            "zeroline": False,
        },
        {},
    )
    width = 1 / len(each)
    for n, panel in enumerate(each):
        axis = f"x{n + 1}" if n else "x"
        first, last = n * width, (n + 1) * width - 0.03
        layout[f"xaxis{n + 1}" if n else "xaxis"] = {
            "domain": [first, last],
            "visible": False,
            "fixedrange": True,
            # Room for the number at the end of the longest bar.
            "range": [0, (max(panel.values, default=0) or 1) * 1.45],
        }
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "xaxis": axis,
                "x": list(panel.values),
                "y": rows,
                "text": [f"{value:,}" for value in panel.values],
                "textposition": "outside",
                "textangle": 0,
                "constraintext": "none",
                "cliponaxis": False,
                "hovertext": [escape(words) for words in panel.words],
                "hoverinfo": "text",
                "marker": {"color": panel.colour},
            }
        )
        title = _note(panel.title, x=first, y=1, xref="paper", yref="paper", yshift=10, colour=panel.colour)
        notes.append(title | {"xanchor": "left"})
    layout["annotations"] = notes
    return {"data": data, "layout": layout}


def heat(rows: Sequence[str], columns: Sequence[str], cells: Sequence[Cell]) -> Figure:
    """A table in shades of one hue; a cell without a value is empty, and says why when pointed at."""
    grid = _grid(rows, columns, cells)
    layout = _table_layout(rows, columns)
    return {"data": [_heatmap(columns, rows, grid, xgap=1)], "layout": layout}


def triangle(rows: Sequence[str], columns: Sequence[str], cells: Sequence[Cell]) -> Figure:
    """A table in shades of one hue with its values written in; open cells are grey and hatched."""
    closed = [cell._replace(value=None, words="") if cell.is_open else cell for cell in cells]
    layout = _table_layout(rows, columns)
    open_cells = [cell for cell in cells if cell.is_open and cell.value is not None]
    layout["shapes"] = [shape for cell in open_cells for shape in _hatched(cell)]
    largest = max((cell.value for cell in closed if cell.value), default=0)
    layout["annotations"] = [
        {
            "x": cell.column,
            "y": cell.row,
            "text": escape(cell.text),
            "showarrow": False,
            "font": {"size": 12, "color": _ink(cell, largest)},
        }
        for cell in cells
        if cell.value is not None and cell.text
    ]
    waiting = {
        "type": "scatter",
        "mode": "markers",
        "x": [cell.column for cell in open_cells],
        "y": [cell.row for cell in open_cells],
        "hovertext": [escape(cell.words) for cell in open_cells],
        "hoverinfo": "text",
        "marker": {"size": 18, "opacity": 0},
    }
    return {
        "data": [_heatmap(columns, rows, _grid(rows, columns, closed), xgap=2), waiting],
        "layout": layout,
    }


def waterfall(steps: Sequence[Step], say: Say) -> Figure:
    """Bars that start where the one before ended, between two totals; what is lost in the colour of problems."""
    tops, bases, heights = [], [], []
    level = 0.0
    for step in steps:
        before, level = (0.0, step.amount) if step.total else (level, level + step.amount)
        bases.append(min(before, level))
        heights.append(abs(level - before))
        tops.append(max(before, level))
    labels = [escape(step.label) for step in steps]
    data = [
        {
            "type": "bar",
            "x": labels,
            "base": bases,
            "y": heights,
            "text": [escape(step.text) for step in steps],
            "textposition": "outside",
            "cliponaxis": False,
            "hovertext": [f"{escape(step.label)} {escape(step.text)}" for step in steps],
            "hoverinfo": "text",
            "marker": {"color": [_step_colour(step) for step in steps]},
        }
    ]
    layout = _layout(_value_axis([*tops, *bases], say, whole=False), _names_axis(labels))
    return {"data": data, "layout": layout}


def _step_colour(step: Step) -> str:
    if step.total:
        return SOFT
    return PROBLEM if step.amount < 0 else GROWTH


def _layout(yaxis: Figure, xaxis: Figure) -> Figure:
    return {
        "xaxis": {"fixedrange": True} | xaxis,
        "yaxis": {"fixedrange": True} | yaxis,
        "margin": {"l": 8, "r": 16, "t": 40, "b": 8},
        "font": {"color": SOFT, "size": 13},
        "paper_bgcolor": SURFACE,
        "plot_bgcolor": SURFACE,
        "hoverlabel": {"bgcolor": INK, "bordercolor": INK, "font": {"color": SURFACE}, "align": "left"},
        "showlegend": False,
        "uirevision": "same",
        "transition": {"duration": 0},
        "dragmode": False,
    }


def _value_axis(values: Sequence[float | None], say: Say, *, whole: bool) -> Figure:
    known = [value for value in values if value is not None]
    at = ticks(min(known, default=0), max(known, default=0), whole=whole)
    return {
        "tickvals": at,
        "ticktext": [escape(say(value)) for value in at],
        # A tenth of a step of air, so that the topmost label is not cut.
        "range": [at[0], at[-1] + (at[1] - at[0]) * 0.25],
        "gridcolor": LINE,
        "zerolinecolor": LINE,
        "automargin": True,
    }


def _names_axis(labels: Sequence[str]) -> Figure:
    # Numbers are places here: without a type Plotly would take month names for dates.
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": list(labels),
        "automargin": True,
        "showgrid": False,
        "tickfont": {"color": SOFT},
    }


def _note(words: str, *, x: float, y: float | None, colour: str, **more: Any) -> Figure:
    return {
        "x": x,
        "y": y,
        "text": escape(words),
        "showarrow": False,
        "font": {"size": 13, "color": colour},
    } | more


def _upright(x: float, colour: str = FAINT, dash: str = "dot") -> Figure:
    line = {"color": colour, "width": 2, "dash": dash}
    return {"type": "line", "xref": "x", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line}


def _table_layout(rows: Sequence[str], columns: Sequence[str]) -> Figure:
    return _layout(
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
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
        },
    )


def _grid(rows: Sequence[str], columns: Sequence[str], cells: Sequence[Cell]) -> list[list[Cell | None]]:
    grid: list[list[Cell | None]] = [[None] * len(columns) for _ in rows]
    for cell in cells:
        grid[cell.row][cell.column] = cell
    return grid


def _heatmap(columns: Sequence[str], rows: Sequence[str], grid: list[list[Cell | None]], xgap: int) -> Figure:
    return {
        "type": "heatmap",
        "x": list(range(len(columns))),
        "y": list(range(len(rows))),
        "z": [[cell.value if cell else None for cell in row] for row in grid],
        "hovertext": [[escape(cell.words) if cell else "" for cell in row] for row in grid],
        "hoverinfo": "text",
        "hoverongaps": False,
        "zmin": 0,
        "colorscale": BLUES,
        "showscale": False,
        "xgap": xgap,
        "ygap": xgap,
    }


def _ink(cell: Cell, largest: float) -> str:
    return SURFACE if not cell.is_open and (cell.value or 0) > largest * LOW_INK else INK


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
