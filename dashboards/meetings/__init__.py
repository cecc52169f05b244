"""Meetings held over the numbers: what they show, where they stand; the only writer of `Meeting`."""

from dashboards.meetings.collecting import collect, moved, scope_of
from dashboards.meetings.running import (
    LONGEST_TITLE,
    answer,
    changed,
    close,
    decide,
    numbers_of,
    reopen,
    retitle,
    run_timer,
    show,
    show_live,
    spent,
    start,
)
from dashboards.meetings.tables import TABLES

__all__ = [
    "LONGEST_TITLE",
    "TABLES",
    "answer",
    "changed",
    "close",
    "collect",
    "decide",
    "moved",
    "numbers_of",
    "reopen",
    "retitle",
    "run_timer",
    "scope_of",
    "show",
    "show_live",
    "spent",
    "start",
]
