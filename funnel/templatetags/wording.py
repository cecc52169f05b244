"""Facts in the reader's words: names of coded values, moments in the organisation's zone, money."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.translation import get_language

from funnel import phrasing, stages
from funnel.health import BAND_WORDS
from funnel.words import Name, Words

register = template.Library()

# Boards count many; a record is one.
ONE_LEAD = Name.of(f"stage.{stages.Stage.LEAD}", Words("Lead", "リード"))
STAGE_OF_ONE = {**stages.STAGE_WORDS, stages.Stage.LEAD: ONE_LEAD}

NAMES: dict[str, dict[str, Words]] = {
    "department": stages.DEPARTMENT_WORDS,
    "department_short": stages.DEPARTMENT_SHORT,
    "stage": STAGE_OF_ONE,
    "outcome": stages.OUTCOME_WORDS,
    "deal_state": stages.DEAL_STATE_WORDS,
    "deal_step": stages.DEAL_STEP_WORDS,
    "deal_kind": stages.DEAL_KIND_WORDS,
    "customer_phase": stages.CUSTOMER_PHASE_WORDS,
    "activity": stages.ACTIVITY_WORDS,
    "direction": stages.DIRECTION_WORDS,
    "result": stages.RESULT_WORDS,
    "bant": stages.BANT_WORDS,
    "person_role": stages.PERSON_ROLE_WORDS,
    "event": stages.EVENT_WORDS,
    "band": BAND_WORDS,
}


@register.filter
def say(words: Words | None) -> str:
    """A phrase of a table in the reader's language."""
    return words.say(get_language()) if words else ""


@register.filter
def named(value: str, table: str) -> str:
    """The name of a coded value: `{{ lead.stage|named:"stage" }}`; an unknown one is shown as it is."""
    words = NAMES[table].get(value)
    return words.say(get_language()) if words else str(value or "")


@register.simple_tag(takes_context=True)
def when(context: dict[str, Any], at: datetime | None) -> str:
    """A moment in the organisation's zone: 11/20(金) 10:32; empty when there is none."""
    if at is None:
        return ""
    return phrasing.when(at, now=context["request"].now, zone=_zone(), language=get_language())


@register.simple_tag(takes_context=True)
def on(context: dict[str, Any], day: date | None) -> str:
    """A day, or the organisation's day of a moment: 11/20(金); empty when there is none."""
    if day is None:
        return ""
    if isinstance(day, datetime):
        day = day.astimezone(_zone()).date()
    today = context["request"].now.astimezone(_zone()).date()
    return phrasing.on(day, today=today, language=get_language())


@register.simple_tag
def money(amount: Decimal | None, currency: str = "JPY") -> str:
    """An amount in full in its currency: 1,200,000円; a dash when it is not known."""
    return "–" if amount is None else phrasing.money(Decimal(amount), currency, get_language())


@register.filter
def yen(amount: Decimal | None) -> str:
    """Yen in full; a dash when not known."""
    return "–" if amount is None else phrasing.money(Decimal(amount), "JPY", get_language())


@register.filter
def yen_short(amount: Decimal | None) -> str:
    """Yen for a board: 695万円, ¥6.95M; a dash when not known."""
    return "–" if amount is None else phrasing.yen_short(Decimal(amount), get_language())


def _zone() -> ZoneInfo:
    # Activated for the request by `funnel.views.access`.
    zone = timezone.get_current_timezone()
    assert isinstance(zone, ZoneInfo)
    return zone
