"""Targets as people type and read them: percent, 万円, full-width digits, commas, 件."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from decimal import Decimal

from dashboards.kpis import Kpi, Unit
from dashboards.targets.refusals import TargetError
from funnel import phrasing
from funnel.amounts import AmountError, parse_amount

Number = Decimal | int | float
HUNDRED = Decimal(100)
SUFFIXES = (
    "件",
    "社",
    "名",
    "人",
    "回",
    "営業日",
    "日間",
    "日",
    "時間",
    "hours",
    "hour",
    "h",
    "days",
    "day",
    "d",
    "%",
)
LONGEST_SHOWN = 40
CODES = {
    "negative": "target_negative",
    "fraction": "target_not_whole",
    "too_large": "target_too_large",
}
MINUS = ("-", "−", "‐", "–", "▲", "△")
"""How people write a number below zero, after full-width signs were made plain."""
PLAIN = "XXX"
"""No currency: two decimals."""


def read(kpi: Kpi, text: str, currency: str) -> Decimal | None:
    """The value somebody typed for a KPI, in its unit; None when the field is empty.

    Of a rate people type percent: 20, 20% and 20% are 0.2. Raises TargetError with its code.
    """
    plain = unicodedata.normalize("NFKC", text.replace("\0", "")).strip()
    if not plain:
        return None
    if kpi.unit is Unit.MONEY:
        return _amount(plain, currency)
    bare = _bare(plain)
    is_below = kpi.minimum < 0 and bare[:1] in MINUS
    number = _amount(bare[1:].strip() if is_below else bare, "JPY" if kpi.unit is Unit.COUNT else PLAIN)
    number = -number if is_below else number
    return number / HUNDRED if kpi.unit is Unit.RATE else number


def write(kpi: Kpi, value: Decimal | None) -> str:
    """The value as it stands in a field: 10,000,000, 20%, 4.5; empty when there is none."""
    if value is None:
        return ""
    shown = value * HUNDRED if kpi.unit is Unit.RATE else value
    digits = f"{shown.normalize():,f}"
    return f"{digits}%" if kpi.unit is Unit.RATE else digits


def say(kpi: Kpi, value: Number, currency: str, language: str | None) -> str:
    """A value as it is read beside its target: 268, 13.0%, 512万円, 3時間10分, 12日12時間."""
    number = Decimal(value)
    if kpi.unit is Unit.RATE:
        return f"{number * HUNDRED:.1f}%"
    if kpi.unit is Unit.MONEY:
        if currency == "JPY":
            return phrasing.yen_short(number, language)
        return phrasing.money(round(number, 2), currency, language)
    if kpi.unit in (Unit.HOURS, Unit.DAYS):
        return phrasing.span(timedelta(**{kpi.unit.value: float(number)}), language)
    return f"{number:,.0f}" if kpi.unit is Unit.COUNT else f"{number:,.1f}"


def _bare(text: str) -> str:
    for suffix in SUFFIXES:
        if text.lower().endswith(suffix):
            return text[: -len(suffix)].strip()
    return text


def _amount(text: str, currency: str) -> Decimal:
    try:
        return parse_amount(text, currency=currency, relaxed=True)
    except AmountError as error:
        code = CODES.get(error.code, "target_not_a_number")
        raise TargetError(code, field="value", value=text[:LONGEST_SHOWN]) from error
