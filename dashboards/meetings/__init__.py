"""Meetings held over the numbers: what was agreed about them, what they show, where they stand; their only writer."""

from dashboards.meetings.agreeing import (
    LONGEST_SLIDE,
    Agreed,
    agree,
    current,
    history,
    next_day,
    of_kind,
    upcoming,
)
from dashboards.meetings.collecting import STAGE_KEYS, collect, moved, scope_of
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
    "LONGEST_SLIDE",
    "LONGEST_TITLE",
    "STAGE_KEYS",
    "TABLES",
    "Agreed",
    "agree",
    "answer",
    "changed",
    "close",
    "collect",
    "current",
    "decide",
    "history",
    "moved",
    "next_day",
    "numbers_of",
    "of_kind",
    "reopen",
    "retitle",
    "run_timer",
    "scope_of",
    "show",
    "show_live",
    "spent",
    "start",
    "upcoming",
]
