"""Pure. Lines and bars: a trend, a histogram, bars in panels, a waterfall."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from dashboards.charts.parts import (
    DEPARTMENT,
    GROWTH,
    INK,
    PROBLEM,
    SOFT,
    SURFACE,
    Figure,
    Say,
    layout_of,
    names_axis,
    note,
    upright,
    value_axis,
)

MOST_SERIES = 4


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
    values: Sequence[float]
    words: Sequence[str]


class Step(NamedTuple):
    """One bar of a waterfall: a `total` stands on the ground, another starts where the one before ended."""

    label: str
    amount: float
    text: str
    total: bool = False


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
        notes.append(note(target_words, x=last, y=goals[last], yshift=4, colour=SOFT))
    layout = layout_of(value_axis([*values, *goals], say, whole=whole), names_axis(labels))
    layout["shapes"] = [upright(mark.at - 0.5) for mark in marks]
    layout["annotations"] = notes + [
        note(mark.words, x=mark.at - 0.5, y=1, yref="paper", yshift=2, colour=SOFT) for mark in marks
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
    layout = layout_of(value_axis([one.count for one in bins], say, whole=True), names_axis(labels))
    layout |= {"bargap": 0.06, "shapes": [upright(line.at - 0.5, INK, "solid")]}
    layout["xaxis"]["title"] = {"text": escape(axis), "standoff": 12}
    layout["annotations"] = [note(line.words, x=line.at - 0.5, y=1, yref="paper", yshift=2, colour=INK)]
    return {"data": data, "layout": layout}


def panels(names: Sequence[str], each: Sequence[Panel]) -> Figure:
    """Horizontal bars of the same rows, one panel beside another under its title; at most MOST_SERIES."""
    each = each[:MOST_SERIES]
    # Numbered, as two channels may bear one name.
    rows = list(range(len(names)))
    data, notes = [], []
    layout = layout_of(
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
        title = note(panel.title, x=first, y=1, xref="paper", yref="paper", yshift=4, colour=panel.colour)
        notes.append(title | {"xanchor": "left"})
    layout["annotations"] = notes
    return {"data": data, "layout": layout}


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
    layout = layout_of(value_axis([*tops, *bases], say, whole=False), names_axis(labels))
    return {"data": data, "layout": layout}


def _step_colour(step: Step) -> str:
    if step.total:
        return SOFT
    return PROBLEM if step.amount < 0 else GROWTH
