"""What an explorer answers, and how its values are worded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import get_language

from dashboards.charts import Figure
from dashboards.views.asking import Choice
from funnel import phrasing


class Refused(Exception):
    """An address that asks for what is not there; its text says so and what there is."""


class Menu(NamedTuple):
    """A choice beside the scope, and the key it has in the address."""

    key: str
    label: str
    choices: list[Choice]


class Field(NamedTuple):
    """A value that is typed beside the scope: its key in the address, what was typed, what stands without it."""

    key: str
    label: str
    text: str
    standing: str
    is_wrong: bool = False


class Drawn(NamedTuple):
    """What an explorer answers: a figure (None: nothing to draw), its table, sentences below, its own menus.

    `rows` hold plain values for the file, `cells` the same as people read them. `fields` are typed; `refusals` say
    what of them could not be used.
    """

    caption: str
    figure: Figure | None
    heads: list[str]
    rows: list[list[Any]]
    cells: list[list[Any]]
    notes: list[str]
    menus: list[Menu]
    fields: Sequence[Field] = ()
    refusals: Sequence[str] = ()


def money(amount: Decimal, currency: str, *, signed: bool = False) -> str:
    text = (
        phrasing.yen_short(abs(amount), get_language())
        if currency == "JPY"
        else phrasing.money(round(abs(amount), 2), currency, get_language())
    )
    sign = "−" if amount < 0 else "+" if signed and amount > 0 else ""
    return f"{sign}{text}"


def plain_count(value: float) -> str:
    """1,234, or 2.5"""
    return f"{value:,.1f}".removesuffix(".0")


def bucket(first: date, by: str, today: date, language: str | None) -> str:
    if by == "week":
        return phrasing.short(first, today=today, language=language)
    if phrasing.is_japanese(language):
        return f"{first.year}年{first.month}月"
    return f"{phrasing.MONTHS[first.month - 1]} {first.year}"
