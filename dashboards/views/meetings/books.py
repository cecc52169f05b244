"""A meeting as a workbook: its tables with words in place of codes, what was decided and what it was left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboards import meetings
from dashboards.models import Meeting
from dashboards.views.causes import offered
from funnel.spreadsheet import Sheet
from funnel.stages import STAGE_WORDS
from handoffs.lanes import LANES, Boundary


def sheets(
    found: Meeting, moved: Mapping[str, int], homework: list[dict[str, Any]], decided: list[dict[str, Any]]
) -> list[Sheet]:
    """The snapshot's tables under the names a person reads, then decisions and homework."""
    tables = {name: table(found.snapshot, moved)[1:] for name, table in meetings.TABLES.items()}
    stage, share = _stage_words(), _("Of pace (%)")
    listed = [_("Decided"), _("Owner"), _("Due date")]
    return [
        Sheet(
            _("Stages"),
            [
                _("Stage"),
                _("Target"),
                _("Actual"),
                _("Pace"),
                share,
                _("Period before"),
                _("Since last time"),
            ],
            _worded(tables["stages"], stage),
        ),
        Sheet(
            "SLA",
            [
                _("Promise"),
                _("Kept"),
                _("Kept late"),
                _("Missed"),
                _("Overdue"),
                _("Overrun (median, hours)"),
            ],
            _worded(tables["lanes"], lambda code: LANES[Boundary(code)].owed.say(get_language())),
        ),
        Sheet(_("Causes"), [_("Cause"), _("Misses")], _worded(tables["causes"], _cause_words())),
        Sheet(
            _("Weeks"),
            [_("Week from"), *(stage(key) for key in meetings.STAGE_KEYS)],
            _worded(tables["weeks"], date.fromisoformat),
        ),
        Sheet(_("Decided"), listed, _items(decided)),
        Sheet(_("Left from last time"), [_("Homework"), *listed[1:]], _items(homework)),
    ]


def _worded(rows: Iterable[list[Any]], say: Callable[[str], Any]) -> list[list[Any]]:
    return [[say(code), *rest] for code, *rest in rows]


def _stage_words() -> Callable[[str], str]:
    language = get_language()
    return lambda key: STAGE_WORDS[key].say(language)


def _cause_words() -> Callable[[str], str]:
    named = offered(get_language())
    return lambda code: named[code][0] if code in named else code or _("Not said yet")


def _items(rows: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    return [[row["text"], row["owner"], row["when"]] for row in rows]
