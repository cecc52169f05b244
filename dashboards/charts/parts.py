"""Pure. What all figures are made of: tokens, axes, notes, lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from math import floor, log10
from typing import Any

Figure = dict[str, Any]
Say = Callable[[float], str]

TICKS = 5
STEPS = (1, 2, 2.5, 5, 10)
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


def layout_of(yaxis: Figure, xaxis: Figure) -> Figure:
    """What all figures share, around two axes."""
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


def value_axis(values: Sequence[float | None], say: Say, *, whole: bool) -> Figure:
    """An axis of round values that holds all, worded by `say`."""
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


def names_axis(labels: Sequence[str]) -> Figure:
    """An axis of names in their order."""
    # Numbers are places here: without a type Plotly would take month names for dates.
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": list(labels),
        "automargin": True,
        "showgrid": False,
        "tickfont": {"color": SOFT},
    }


def note(words: str, *, x: float, y: float | None, colour: str, **more: Any) -> Figure:
    """Words at a place of the figure."""
    return {
        "x": x,
        "y": y,
        "text": escape(words),
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 13, "color": colour},
    } | more


def upright(x: float, colour: str = FAINT, dash: str = "dot") -> Figure:
    """An upright line through the whole figure."""
    line = {"color": colour, "width": 2, "dash": dash}
    return {"type": "line", "xref": "x", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line}
