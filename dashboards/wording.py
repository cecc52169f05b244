"""Values as people read them in the reader's language: counts, shares, spans, money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext_noop

from dashboards.kpis import Value
from funnel import phrasing

NOTHING = "–"
MINUS = "\u2212"
RATE_NAMES: dict[str, str] = {
    "lead": gettext_noop("Visitor to lead"),
    "mql": gettext_noop("MQL rate"),
    "sql": gettext_noop("SQL rate"),
    "won": gettext_noop("Win rate"),
    "onboarded": gettext_noop("Onboarded"),
    "renewed": gettext_noop("Renewal"),
    "referred": gettext_noop("Referral"),
}
"""The step into a stage, as short as a gate is narrow."""


def count(value: Any) -> str:
    """1,234; a share of a target may have a tenth: 152.5"""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}".removesuffix(".0")


def signed(value: Any) -> str:
    """+17, −8, ±0"""
    if not value:
        return "±0"
    return f"+{value:,}" if value > 0 else f"{MINUS}{-value:,}"


def share(value: Any) -> str:
    """48.9%"""
    return f"{value * 100:.1f}%"


def percent(value: Any) -> str:
    """107%"""
    return f"{value}%"


def goal(value: Any) -> str:
    """20%, 97.5%"""
    return f"{round(value * 100, 1):.1f}".removesuffix(".0") + "%"


def tenths(value: Any) -> str:
    """+2.7"""
    return f"+{value:.1f}"


def hours(value: Any) -> str:
    """3時間10分, 3 h 10 min"""
    return phrasing.span(timedelta(hours=value), get_language())


def days(value: Any) -> str:
    """12日12時間, 12 d 12 h"""
    return phrasing.span(timedelta(days=float(value)), get_language())


def points(value: Any) -> str:
    """−12.5, 50"""
    text = f"{abs(value):.1f}".removesuffix(".0")
    return f"{MINUS}{text}" if value < 0 and text != "0" else text


def moved(value: Any) -> str:
    """+1.2pt, −0.8pt, ±0pt"""
    text = points(value)
    return f"{'±' if text == '0' else '+' if value > 0 else ''}{text}pt"


def yen(value: Any) -> str:
    """695万円, ¥6.95M"""
    return phrasing.yen_short(Decimal(value), get_language())


def more_yen(value: Any) -> str:
    """+277万円, +¥2.77M"""
    return f"+{yen(value)}"


SHAPES: dict[str, Callable[[Any], str]] = {
    "count": count,
    "signed": signed,
    "share": share,
    "percent": percent,
    "goal": goal,
    "tenths": tenths,
    "hours": hours,
    "days": days,
    "yen": yen,
    "more-yen": more_yen,
    "points": points,
    "moved": moved,
}


def shown(value: Any, shape: str) -> str:
    """A value in one of SHAPES; a dash when there is none."""
    return NOTHING if value is None else SHAPES[shape](value)


def worded(value: Value, shape: str) -> str:
    """The value of a KPI in its own unit, as text."""
    if value.value is None:
        return NOTHING
    if shape != "money":
        return SHAPES[shape](value.value)
    currency = value.currency or "JPY"
    # Yen have no smaller coin: a mean of them is read in whole ones.
    digits = 0 if currency == "JPY" else 2
    return phrasing.money(round(Decimal(value.value), digits), currency, get_language())
