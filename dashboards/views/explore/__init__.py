"""The explorers: a chart of one question each, with its table and file."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from dashboards.kpis import Frame
from dashboards.views.explore.contacts import of_hours, of_waits
from dashboards.views.explore.drawn import Drawn, Menu, Refused
from dashboards.views.explore.flows import of_channels, of_cohorts, of_recurring
from dashboards.views.explore.trending import of_trend
from dashboards.views.explore.trying import of_what_if
from funnel.words import Words

__all__ = ["EXPLORERS", "Drawn", "Explorer", "Menu", "Refused"]


class Explorer(NamedTuple):
    """One explorer: its name, its question, how many months it shows unless asked, and how it is read."""

    names: Words
    question: Words
    months: int
    read: Callable[[Frame, dict[str, str]], Drawn]


EXPLORERS: dict[str, Explorer] = {
    "trend": Explorer(
        Words("Trend", "推移"),
        Words(
            "How does a number move, and does it reach its target?", "数値はどう推移し、目標に届いていますか?"
        ),
        13,
        of_trend,
    ),
    "first-contact": Explorer(
        Words("Time to first contact", "初回コンタクトまでの時間"),
        Words("How many MQL are contacted in time?", "MQLのうち、期限内に連絡できたのは何件ですか?"),
        3,
        of_waits,
    ),
    "channels": Explorer(
        Words("Channels by stage", "流入経路×ステージ"),
        Words(
            "What does each channel bring, and how far?", "どの流入経路が、どのステージまで届いていますか?"
        ),
        3,
        of_channels,
    ),
    "hours": Explorer(
        Words("Weekday and hour of arrival", "曜日・時間帯別の対応"),
        Words("When do leads arrive that wait too long?", "いつ届いたリードが待たされていますか?"),
        6,
        of_hours,
    ),
    "cohorts": Explorer(
        Words("Cohort triangle", "コホート推移"),
        Words(
            "How much of each month goes on, and how soon?", "各月のリードは、何か月でどこまで進みましたか?"
        ),
        12,
        of_cohorts,
    ),
    "what-if": Explorer(
        Words("What if", "What-if試算"),
        Words(
            "What would another rate, more leads or another price have brought?",
            "転換率・リード数・単価が違っていたら、受注はどう変わりますか?",
        ),
        1,
        of_what_if,
    ),
    "recurring": Explorer(
        Words("Recurring revenue movements", "MRRの増減"),
        Words("From where to where did recurring revenue go?", "MRRは何によって増減しましたか?"),
        3,
        of_recurring,
    ),
}
"""Every explorer under the last part of its address."""
