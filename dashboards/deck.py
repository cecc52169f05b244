"""Pure. Which meetings a company holds over its numbers, what each goes through, and for how long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from funnel.words import Words


class Kind(StrEnum):
    """One meeting type each: from the stand-up of a day to the review of the KPIs of a quarter."""

    STANDUP = "standup"
    WEEKLY = "weekly"
    IMPROVEMENT = "improvement"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class Topic(StrEnum):
    """What a slide is about; each has its own page of figures."""

    TODAY = "today"
    OVERDUE = "overdue"
    OVERALL = "overall"
    BOTTLENECK = "bottleneck"
    SLA = "sla"
    DEPARTMENTS = "departments"
    VOICE = "voice"
    EFFECTS = "effects"
    CASES = "cases"
    NEXT = "next"
    KPIS = "kpis"
    WRAP_UP = "wrap-up"


class Slide(NamedTuple):
    """A topic of a meeting and the minutes planned for it."""

    topic: Topic
    minutes: int


KIND_WORDS: Mapping[str, Words] = {
    Kind.STANDUP: Words("Daily stand-up", "デイリースタンドアップ"),
    Kind.WEEKLY: Words("Weekly review", "週次レビュー"),
    Kind.IMPROVEMENT: Words("Improvement session", "部門間連携改善会議"),
    Kind.MONTHLY: Words("Monthly retrospective", "月次振り返り"),
    Kind.QUARTERLY: Words("Quarterly KPI review", "四半期KPIレビュー"),
}
KIND_HELP: Mapping[str, Words] = {
    Kind.STANDUP: Words(
        "Yesterday, today, and what is overdue, in 15 minutes.", "昨日・今日・期限超過を15分で確認します。"
    ),
    Kind.WEEKLY: Words(
        "From the whole funnel to decisions, in an hour.", "ファネル全体から決定事項までを1時間で確認します。"
    ),
    Kind.IMPROVEMENT: Words(
        "What was decided, whether it helped, and what comes next, every two weeks.",
        "決めた施策の効果を確かめ、次の打ち手を決めます(隔週)。",
    ),
    Kind.MONTHLY: Words(
        "The month that ended, and the plan of the next, in two hours.",
        "前月の振り返りと翌月の計画を2時間で行います。",
    ),
    Kind.QUARTERLY: Words(
        "Does each KPI still serve the business? The answers are kept.",
        "各KPIが事業の成長につながっているかを見直し、回答を残します。",
    ),
}
TOPIC_WORDS: Mapping[str, Words] = {
    Topic.TODAY: Words("Yesterday and today", "昨日と今日"),
    Topic.OVERDUE: Words("Overdue", "期限超過"),
    Topic.OVERALL: Words("Overall", "全体"),
    Topic.BOTTLENECK: Words("Bottleneck", "ボトルネック"),
    Topic.SLA: Words("SLA", "SLA"),
    Topic.DEPARTMENTS: Words("Departments", "部門別"),
    Topic.VOICE: Words("Customers' voice", "顧客の声"),
    Topic.EFFECTS: Words("Did it help", "施策の効果"),
    Topic.CASES: Words("Cases", "成功・失敗事例"),
    Topic.NEXT: Words("Next month's plan", "翌月の計画"),
    Topic.KPIS: Words("KPIs", "KPI"),
    Topic.WRAP_UP: Words("Wrap-up", "まとめ"),
}
DECKS: Mapping[str, tuple[Slide, ...]] = {
    Kind.STANDUP: (Slide(Topic.TODAY, 8), Slide(Topic.OVERDUE, 5), Slide(Topic.WRAP_UP, 2)),
    Kind.WEEKLY: (
        Slide(Topic.OVERALL, 5),
        Slide(Topic.BOTTLENECK, 20),
        Slide(Topic.SLA, 10),
        Slide(Topic.DEPARTMENTS, 10),
        Slide(Topic.VOICE, 5),
        Slide(Topic.WRAP_UP, 10),
    ),
    Kind.IMPROVEMENT: (
        Slide(Topic.EFFECTS, 20),
        Slide(Topic.SLA, 15),
        Slide(Topic.BOTTLENECK, 10),
        Slide(Topic.CASES, 5),
        Slide(Topic.WRAP_UP, 10),
    ),
    Kind.MONTHLY: (
        Slide(Topic.OVERALL, 15),
        Slide(Topic.BOTTLENECK, 20),
        Slide(Topic.SLA, 15),
        Slide(Topic.DEPARTMENTS, 20),
        Slide(Topic.VOICE, 10),
        Slide(Topic.CASES, 10),
        Slide(Topic.EFFECTS, 10),
        Slide(Topic.NEXT, 10),
        Slide(Topic.WRAP_UP, 10),
    ),
    Kind.QUARTERLY: (Slide(Topic.OVERALL, 10), Slide(Topic.KPIS, 40), Slide(Topic.WRAP_UP, 10)),
}
"""What a new company's meetings go through (`ux.md` §5): the weekly review takes 60 minutes, the stand-up 15.

What a company has agreed since stands in `MeetingTerms`, and every meeting keeps the terms it was started under.
"""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FINISHED_PERIOD = (Kind.MONTHLY, Kind.QUARTERLY)
"""These look at the period that ended; the others at the month that runs."""


def minutes(slides: Iterable[Slide]) -> int:
    """The minutes planned for a whole meeting."""
    return sum(slide.minutes for slide in slides)


def label(kind: str, day: date) -> str:
    """Which one of its kind a meeting of this day is: 2026-W47 of weeks, 2026-11 of months, 2026-Q4, else the day."""
    year, week, _ = day.isocalendar()
    match kind:
        case Kind.WEEKLY:
            return f"{year}-W{week:02}"
        case Kind.MONTHLY:
            return f"{day:%Y-%m}"
        case Kind.QUARTERLY:
            return f"{day.year}-Q{(day.month + 2) // 3}"
    return day.isoformat()


def label_words(kind: str, name: str) -> Words:
    """A meeting's label as people say it: Week 47, November 2026; one of a day is that day."""
    year, _, part = name.partition("-")
    match kind:
        case Kind.WEEKLY:
            number = int(part.removeprefix("W"))
            return Words(f"Week {number}, {year}", f"{year}年第{number}週")
        case Kind.MONTHLY:
            return Words(f"{MONTHS[int(part) - 1]} {year}", f"{year}年{int(part)}月")
        case Kind.QUARTERLY:
            return Words(f"{part} {year}", f"{year}年{part}")
    day = date.fromisoformat(name)
    return Words(f"{day.day} {MONTHS[day.month - 1]} {day.year}", f"{day.year}年{day.month}月{day.day}日")
