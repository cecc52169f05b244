"""Pure. Plain rows in, a Plotly figure out: dictionaries, lists, numbers and words that JSON can hold.

Colours are the names of design tokens, `var(--is)`; the page that draws the figure looks up what they are in its
theme. Words that people typed are escaped, because Plotly reads text as markup.
"""

from dashboards.charts.parts import DEPARTMENT, INK, Figure, Say, ticks
from dashboards.charts.series import (
    MOST_SERIES,
    Bin,
    Mark,
    Panel,
    Point,
    Step,
    histogram,
    panels,
    trend,
    waterfall,
)
from dashboards.charts.tables import HATCH_LINES, Cell, heat

__all__ = [
    "DEPARTMENT",
    "HATCH_LINES",
    "INK",
    "MOST_SERIES",
    "Bin",
    "Cell",
    "Figure",
    "Mark",
    "Panel",
    "Point",
    "Say",
    "Step",
    "heat",
    "histogram",
    "panels",
    "ticks",
    "trend",
    "waterfall",
]
