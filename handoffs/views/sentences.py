"""One event of the ledger in words: a title, what is behind it, and whether it is a problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext

from funnel import phrasing
from funnel.health import BAND_WORDS, ONBOARDING_DAYS
from funnel.models import Event, Lead
from funnel.stages import (
    ACTIVITY_WORDS,
    BANT_FIELDS,
    BANT_WORDS,
    DEAL_STEP_WORDS,
    DIRECTION_WORDS,
    EVENT_WORDS,
    RESULT_WORDS,
    EventKind,
)
from funnel.transitions.details import WORDS as DETAILS
from handoffs.views.speech import Speech

ASSIGNS = frozenset({EventKind.OWNER_ASSIGNED, EventKind.HANDOFF_ASSIGNED})
Names = Mapping[int, str]


class Said(NamedTuple):
    """An event in words; `tone` is warn or bad for a problem, blank when all is well."""

    title: str
    detail: str = ""
    tone: str = ""
    url: str = ""


def of(event: Any, lead: Lead | None, names: Names, speech: Speech) -> Said:
    """Word an event; `lead` is its pass, `names` are members by id."""
    title = speech.say(EVENT_WORDS[event.kind])
    if event.kind in ASSIGNS:
        owner = names.get(event.data.get("to") or 0, "")
        return Said(title, owner or gettext("nobody"))
    worded = WORDED.get(event.kind)
    if worded is not None:
        return worded(event, lead, title, speech)
    return Said(title, _dated(event.data, speech))


def _activity(event: Any, lead: Lead | None, title: str, speech: Speech) -> Said:
    """What was done is the title: 電話, and behind it how it went."""
    data = event.data
    kind = ACTIVITY_WORDS.get(data.get("activity_kind", ""))
    if kind is None:
        return Said(title)
    words = [DIRECTION_WORDS["inbound"]] if data.get("direction") == "inbound" else []
    if data.get("result") in RESULT_WORDS and data["result"]:
        words.append(RESULT_WORDS[data["result"]])
    return Said(speech.say(kind), " · ".join(speech.say(word) for word in words))


def _captured(event: Any, lead: Lead | None, title: str, speech: Speech) -> Said:
    if lead is None:
        return Said(title)
    came = [str(part) for part in (lead.channel, lead.campaign) if part]
    if lead.referred_by_id and lead.referred_by:
        came.append(gettext("referred by %(company)s") % {"company": lead.referred_by.account.name})
    return Said(title, " · ".join(came))


def _bant(event: Any, lead: Lead | None, title: str, speech: Speech) -> Said:
    heard = [
        f"{speech.say(BANT_WORDS[name])} {speech.say(BANT_WORDS[event.data[name]])}"
        for name in BANT_FIELDS
        if event.data.get(name) in BANT_WORDS
    ]
    return Said(title, " · ".join(heard))


def _won(event: Any, lead: Lead | None, title: str, speech: Speech) -> Said:
    return Said(title, _money(event.data.get("amount"), event.data.get("currency", "JPY"), speech))


def _money(value: Any, currency: str, speech: Speech) -> str:
    try:
        return phrasing.money(Decimal(str(value)), currency, speech.language)
    except InvalidOperation:
        return ""


def _step(event: Any, lead: Lead | None, title: str, speech: Speech) -> Said:
    step = DEAL_STEP_WORDS.get(event.data.get("to", ""))
    return Said(title, speech.say(step) if step else "")


def _first_value(event: Any, lead: Lead | None, title: str, speech: Speech) -> Said:
    if lead is None or lead.won_at is None:
        return Said(title)
    days = speech.in_days(speech.days(lead.won_at, event.occurred_at))
    planned = {"days": days, "planned": speech.in_days(ONBOARDING_DAYS)}
    return Said(title, gettext("%(days)s of %(planned)s planned") % planned)


def _survey(event: Any, lead: Lead | None, title: str, speech: Speech) -> Said:
    name, score = str(event.data.get("survey", "nps")).upper(), event.data.get("score")
    return Said(title, f"{name} {score}" if score is not None else "")


def _health(event: Any, lead: Lead | None, title: str, speech: Speech) -> Said:
    band, score = str(event.data.get("to", "")), event.data.get("score")
    words = BAND_WORDS.get(band)
    points = gettext("%(score)s points") % {"score": score} if score is not None else ""
    tone = {"watch": "warn", "at_risk": "bad"}.get(band, "")
    return Said(title, " · ".join(filter(None, [speech.say(words) if words else "", points])), tone)


def _renewed(event: Any, lead: Lead | None, title: str, speech: Speech) -> Said:
    mrr = _money(event.data.get("mrr"), "JPY", speech)
    return Said(title, gettext("%(amount)s a month") % {"amount": mrr} if mrr else "")


def _notice(event: Any, lead: Lead | None, title: str, speech: Speech) -> Said:
    return Said(title, _dated(event.data, speech), "warn")


def _ended(event: Any, lead: Lead | None, title: str, speech: Speech) -> Said:
    return Said(title, _dated(event.data, speech), "bad")


def _referral(event: Any, lead: Lead | None, title: str, speech: Speech) -> Said:
    referred = event.data.get("referred_lead")
    url = reverse("record", args=[referred]) if isinstance(referred, int) else ""
    return Said(title, gettext("to the new lead") if url else "", url=url)


def _details(event: Any, lead: Lead | None, title: str, speech: Speech) -> Said:
    names = DETAILS.get(event.data.get("what", ""), {})
    changed = [name for name in event.data.get("fields", []) if name in names]
    told = [f"{speech.say(names[name])} {_change(event, name, speech)}".strip() for name in changed]
    return Said(title, ", ".join(told))


def _change(event: Any, name: str, speech: Speech) -> str:
    """An amount as it was and became; of other facts only that they changed."""
    moved = event.data.get(name) if name == "amount" else None
    if not isinstance(moved, Mapping) or event.deal is None:
        return ""
    was, now = (_money(moved.get(end), event.deal.currency, speech) or "–" for end in ("from", "to"))
    return f"{was} → {now}"


WORDED: dict[str, Callable[[Event, Lead | None, str, Speech], Said]] = {
    EventKind.CONTACT_ATTEMPTED: _activity,
    EventKind.ACTIVITY_LOGGED: _activity,
    EventKind.LEAD_CAPTURED: _captured,
    EventKind.QUALIFICATION_RECORDED: _bant,
    EventKind.DEAL_WON: _won,
    EventKind.DEAL_STEP_CHANGED: _step,
    EventKind.FIRST_VALUE_REACHED: _first_value,
    EventKind.SURVEY_ANSWERED: _survey,
    EventKind.HEALTH_CHANGED: _health,
    EventKind.CONTRACT_RENEWED: _renewed,
    EventKind.CHURN_NOTICE_RECEIVED: _notice,
    EventKind.CONTRACT_ENDED: _ended,
    EventKind.REFERRAL_RECEIVED: _referral,
    EventKind.DETAILS_CHANGED: _details,
}


def _dated(data: Mapping[str, Any], speech: Speech) -> str:
    """The date an event carries: a meeting, a kickoff, a day to wake up, to sign, to end."""
    for key in ("meeting_at", "kickoff_at"):
        at = parse_datetime(str(data.get(key) or ""))
        if at:
            return speech.moment(at)
    for key in ("wake_up_on", "notice_on", "ended_on", "signed_on"):
        day = parse_date(str(data.get(key) or ""))
        if day:
            said = speech.day(day)
            return gettext("until %(day)s") % {"day": said} if key == "wake_up_on" else said
    return ""
