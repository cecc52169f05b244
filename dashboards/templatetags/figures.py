"""Numbers of a board in the reader's language, each under the name by which a live frame replaces it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from dashboards import beside
from dashboards.kpis import Value
from dashboards.scope import Scope
from dashboards.wording import (
    NOTHING,
    count,
    shown,
    worded,
)
from funnel import phrasing
from handoffs.lanes import DECISION_WORDS, PROMISE_WORDS, Promise

register = template.Library()


@register.simple_tag
def figure(numbers: Mapping[str, Any], name: str, shape: str = "count", about: str = "") -> SafeString:
    """A number under its name: `{% figure numbers "stage:" "count" about=stage.key %}`."""
    key = f"{name}{about}"
    return format_html(
        '<span class="num" data-n="{}" data-as="{}">{}</span>', key, shape, shown(numbers.get(key), shape)
    )


@register.simple_tag
def money_figure(numbers: Mapping[str, Any], name: str) -> SafeString:
    """An amount of the board's currency: short in yen, in full in another."""
    if numbers.get("currency", "JPY") == "JPY":
        return figure(numbers, name, "yen")
    value = numbers.get(name)
    text = (
        NOTHING
        if value is None
        else phrasing.money(round(Decimal(value), 2), numbers["currency"], get_language())
    )
    return format_html('<span class="num">{}</span>', text)


@register.simple_tag
def standing(numbers: Mapping[str, Any], words: Mapping[str, str], about: str) -> SafeString:
    """How a number stands beside its pace, in the words of `words` by its tone: 17件 先行."""
    tone = numbers.get(f"tone:{about}") or ""
    return format_html(
        '<span class="stand {}" data-stand="{}">{}</span>', tone, about, stands(numbers, words, about)
    )


def stands(numbers: Mapping[str, Any], words: Mapping[str, str], about: str) -> str:
    """The words of a tone, with the distance from the pace in them."""
    tone = numbers.get(f"tone:{about}") or ""
    gap = numbers.get(f"gap:{about}")
    return words[tone].replace("{n}", count(abs(gap))) if gap is not None else words[tone]


@register.simple_tag
def interval(numbers: Mapping[str, Any], about: str) -> SafeString:
    """The bounds of a rate over few: 28–52%; blank where enough is known."""
    low, high = numbers.get(f"low:{about}"), numbers.get(f"high:{about}")
    text = f"{low * 100:.0f}–{high * 100:.0f}%" if low is not None and high is not None else "\u00a0"
    return format_html(
        '<span class="num" data-n="low:{}" data-high="high:{}" data-as="interval">{}</span>',
        about,
        about,
        text,
    )


@register.simple_tag
def change(
    numbers: Mapping[str, Any], name: str, then: float | None, shape: str = "signed", about: str = ""
) -> SafeString:
    """How far a number is from what it was: a count as "signed", a share as "moved" (points). The script follows it."""
    name = f"{name}{about}"
    now = numbers.get(name)
    if shape == "moved":
        by: float | None = beside.points(now, then)
    else:
        by = now - then if now is not None and then is not None else None
    return format_html(
        '<span class="num" data-beside="{}" data-then="{}" data-as="{}">{}</span>',
        name,
        "" if then is None else repr(then),
        shape,
        shown(by, shape),
    )


@register.simple_tag
def reading(value: Value, shape: str) -> SafeString:
    """The value of a KPI in its own unit."""
    return format_html('<span class="num">{}</span>', worded(value, shape))


@register.filter
def as_count(value: Any) -> str:
    """1,234; a dash for nothing."""
    return shown(value, "count")


@register.filter
def as_share(value: Any) -> str:
    """48.9%; a dash for nothing."""
    return shown(value, "share")


@register.filter
def as_days(value: float | None) -> str:
    """A number of days as a span; a dash for nothing."""
    return shown(value, "days")


@register.filter
def as_hours(value: float | None) -> str:
    """A number of hours as a span; a dash for nothing."""
    return shown(value, "hours")


@register.simple_tag
def money_short(amount: Any, currency: str) -> str:
    """An amount in whole units: means of yen have no smaller coin."""
    return phrasing.money(round(Decimal(amount), 0 if currency == "JPY" else 2), currency, get_language())


@register.simple_tag
def number_card(slug: str, scope: Scope) -> SafeString:
    """The attributes of a link that opens a number's card: `<a {% number_card "leads" scope %}>12</a>`.

    A dialog over the page; without script, the card's own page.
    """
    href = f"{reverse('number', args=[slug])}?{replace(scope, group_by=None).query()}"
    return format_html('href="{}" hx-get="{}" hx-target="#panel" aria-haspopup="dialog"', href, href)


@register.filter
def promise(state: str) -> str:
    """How a promise stands, in words."""
    return PROMISE_WORDS[state].say(get_language())


@register.filter
def tone(state: str) -> str:
    """How a promise that stands so is marked; nothing where all is well."""
    return {Promise.MISSED: "bad", Promise.KEPT_LATE: "warn", Promise.KEPT: "fine"}.get(Promise(state), "")


@register.filter
def decision(state: str) -> str:
    """What the receiver said, in words."""
    return DECISION_WORDS[state].say(get_language())


@register.filter
def lacks(found: Mapping[str, Any], key: str) -> bool:
    """True when there is no value of that name."""
    return found.get(key) is None


@register.filter
def get(found: Mapping[str, Any], key: str) -> Any:
    """A value of a mapping by a name made in the template."""
    return found.get(key)
