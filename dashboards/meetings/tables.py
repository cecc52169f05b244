"""What a meeting showed as tables of plain numbers under names that stay, for spreadsheets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dashboards.meetings.collecting import STAGE_KEYS

Rows = list[list[Any]]


def stages(shown: Mapping[str, Any], moved: Mapping[str, int]) -> Rows:
    """Each stage: its target of the period, what it is, what it should be by now, both in per cent, the change."""
    said = shown["numbers"]
    head = ["stage", "target", "actual", "pace", "percent_of_pace", "before", "since_last_meeting"]
    names = ("target", "stage", "due", "pct", "before")
    return [head, *([key, *(said[f"{name}:{key}"] for name in names), moved.get(key)] for key in STAGE_KEYS)]


def lanes(shown: Mapping[str, Any], moved: Mapping[str, int]) -> Rows:
    """Each boundary: what was kept, kept late and missed of what fell due in seven days, and what is overdue."""
    names = ("boundary", "kept", "kept_late", "missed", "overdue", "overrun")
    head = [*names[:-1], "overrun_hours_median"]
    return [head, *([lane[name] for name in names] for lane in shown["lanes"])]


def causes(shown: Mapping[str, Any], moved: Mapping[str, int]) -> Rows:
    """Each cause of a miss and how often it was confirmed; "" are those nobody has said."""
    return [["cause", "misses"], *(list(row) for row in shown["pareto"])]


def weeks(shown: Mapping[str, Any], moved: Mapping[str, int]) -> Rows:
    """The counts by stage of the last eight weeks, each by its Monday."""
    rows = ([week["monday"], *(week["stages"].get(key, 0) for key in STAGE_KEYS)] for week in shown["weeks"])
    return [["monday", *STAGE_KEYS], *rows]


TABLES: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, int]], Rows]] = {
    "stages": stages,
    "lanes": lanes,
    "causes": causes,
    "weeks": weeks,
}
