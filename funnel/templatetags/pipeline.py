"""How a deal stands, in the reader's words: what is next and how late, and how long nothing has moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext

from funnel import phrasing
from funnel.models import Deal
from funnel.stages import DEAL_STEP_PERCENT
from funnel.templatetags.parts import badge

register = template.Library()
STILL_TOO_LONG = 30
"""Days without movement from which a deal is marked."""


@register.filter
def percent(step: str) -> int:
    """How likely deals of a step are won."""
    return DEAL_STEP_PERCENT[step]


@register.filter
def own_name(deal: Deal) -> str:
    """What a deal is called beside the name of its company: without it."""
    company = deal.account.name if deal.account else ""
    return deal.name.removeprefix(company).strip(" ・-–—/　")


@register.filter
def at(found: Mapping[str, Any], key: str) -> Any:
    """What a mapping holds under a key; nothing where it holds none."""
    return found.get(key, "")


@register.simple_tag
def money_short(amount: Decimal, currency: str) -> str:
    """An amount for a board: yen in 万円, other currencies in whole units."""
    language = get_language()
    if currency == "JPY":
        return phrasing.yen_short(amount, language)
    return phrasing.money(amount.quantize(Decimal(1)), currency, language)


@register.inclusion_tag("funnel/_deals_next.html", takes_context=True)
def next_step(context: dict[str, Any], deal: Deal, may_edit: bool, here: str) -> dict[str, Any]:
    """What is next with a deal and by when; late is said in words and marked, as is today."""
    now, zone, on = context["request"].now, timezone.get_current_timezone(), deal.next_step_on
    today = now.astimezone(zone).date()
    tone, words = "", ""
    if on is not None:
        words = phrasing.on(on, today=today, language=get_language())
        late = (today - on).days
        if deal.is_open and late > 0:
            tone = "bad"
            overdue = ngettext("%(n)d day late", "%(n)d days late", late) % {"n": late}
            words = f"{words} {overdue}"
        elif deal.is_open and late == 0:
            tone, words = "warn", gettext("Today")
    return {
        "deal": deal,
        "text": deal.next_step_text,
        "tone": tone,
        "words": words,
        "may_edit": may_edit and deal.is_open,
        "here": here,
    }


@register.simple_tag(takes_context=True)
def standing_still(context: dict[str, Any], moved_at: datetime) -> str:
    """For how many days nothing has moved; marked from a month on."""
    days = max(0, (context["request"].now - moved_at).days)
    words = (
        ngettext("%(n)d day still", "%(n)d days still", days) % {"n": days}
        if days
        else gettext("Moved today")
    )
    return badge(words, "warn" if days >= STILL_TOO_LONG else "still")
