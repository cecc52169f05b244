"""What a row's clock says: how a deadline, a day to come back, an onboarding or a fall of health stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from funnel import phrasing
from funnel.health import BAND_WORDS
from funnel.models import Customer, Deal, Lead
from funnel.stages import STAGE_WORDS
from funnel.views.access import PageRequest
from funnel.words import Words
from handoffs.lanes import Boundary, Decision
from handoffs.models import Handoff

ONBOARDING_DAYS = 30
SHORT: dict[str, Words] = {
    **{b: STAGE_WORDS[b] for b in (Boundary.MQL, Boundary.WON)},
    Boundary.SQL: Words("SQL", "SQL"),
    Boundary.ADVOCACY: Words("Referral", "紹介"),
}


class Clock(NamedTuple):
    """How bad ("", "warn", "bad"), in words, a smaller line, how much of the time is used, and until when.

    `due` and `opened` are given where the words change by themselves as time passes.
    """

    words: str
    note: str = ""
    tone: str = ""
    percent: int | None = None
    due: datetime | None = None
    opened: datetime | None = None
    by: str = ""


def when(at: datetime | None, request: PageRequest) -> str:
    """A moment in the reader's words; empty when there is none."""
    if at is None:
        return ""
    return phrasing.when(at, now=request.now, zone=request.organization.tz, language=get_language())


def on(day: Any, request: PageRequest) -> str:
    """A day in the reader's words; empty when there is none."""
    if day is None:
        return ""
    return phrasing.on(day, today=today(request), language=get_language())


def today(request: PageRequest) -> Any:
    """The organisation's date."""
    return request.now.astimezone(request.organization.tz).date()


def of_handoff(kind: str, handoff: Handoff, request: PageRequest) -> Clock:
    """A promise still owed runs; else the moment that matters where the row stands."""
    if handoff.decision == Decision.RETURNED:
        return Clock(when(handoff.decided_at, request), gettext("Returned"))
    if kind == "kickoff":
        contract = getattr(handoff.deal, "contract", None)
        return Clock(when(contract.kickoff_at if contract else None, request), gettext("Kickoff"))
    opened = f"{when(handoff.opened_at, request)} {SHORT[handoff.boundary].say(get_language())}"
    if handoff.due_at is None or handoff.kept_at is not None:
        return Clock(when(handoff.opened_at, request), gettext("Handed over"))
    found = phrasing.deadline(
        handoff.opened_at, handoff.due_at,
        now=request.now, zone=request.organization.tz, language=get_language(),
    )  # fmt: skip
    by = phrasing.until(
        handoff.due_at, now=request.now, zone=request.organization.tz, language=get_language()
    )
    return Clock(found.words, opened, found.tone, found.percent, handoff.due_at, handoff.opened_at, by)


def of_lead(kind: str, lead: Lead, request: PageRequest) -> Clock:
    """The day to come back, else the last thing that happened."""
    if kind in ("wake", "nurture"):
        is_due = lead.wake_up_on is not None and lead.wake_up_on <= today(request)
        return Clock(on(lead.wake_up_on, request), gettext("Wake up"), "warn" if is_due else "")
    if lead.stage == "mql":
        return Clock(when(lead.first_contact_at, request) or "–", gettext("First contact"))
    return Clock(when(lead.lead_at, request), gettext("Came in"))


def of_deal(deal: Deal, request: PageRequest) -> Clock:
    """The day of the next step if one is set, else the meeting."""
    if deal.next_step_on is not None:
        late = deal.next_step_on < today(request)
        tone = "bad" if late else "warn" if deal.next_step_on == today(request) else ""
        return Clock(on(deal.next_step_on, request), gettext("Next step"), tone)
    return Clock(when(deal.meeting_at, request) or gettext("No date"), gettext("Meeting"))


def of_customer(kind: str, customer: Customer, request: PageRequest) -> Clock:
    """How far the onboarding has come, or since when the health is worse."""
    if kind == "health":
        band = BAND_WORDS.get(customer.band)  # type: ignore[attr-defined]
        tone = "bad" if customer.band == "at_risk" else "warn"  # type: ignore[attr-defined]
        since = when(customer.fell_at, request)  # type: ignore[attr-defined]
        return Clock(
            band.say(get_language()) if band else "", gettext("since %(day)s") % {"day": since}, tone
        )
    day = (today(request) - customer.since).days
    tone = "bad" if day > ONBOARDING_DAYS else "warn" if day * 100 >= ONBOARDING_DAYS * 75 else ""
    words = gettext("Day %(day)s of %(days)s") % {"day": day, "days": ONBOARDING_DAYS}
    return Clock(words, gettext("Onboarding"), tone, min(100, max(0, day * 100 // ONBOARDING_DAYS)))


GROUPS: dict[str, tuple[str, Any]] = {
    "overdue": ("bad", _("Overdue")),
    "today": ("warn", _("Today")),
    "wake": ("warn", _("Time to wake up")),
    "step": ("warn", _("Next steps due")),
    "health": ("warn", _("Health has fallen")),
    "later": ("", _("Tomorrow and later")),
    "kickoff": ("", _("Kickoffs ahead")),
    "deal": ("", _("Deals in progress")),
    "lead": ("", _("Leads in hand")),
    "customer": ("", _("Onboarding")),
    "handoff": ("", _("Waiting for an answer")),
    "returned": ("", _("Came back")),
    "nurture": ("", _("To wake up later")),
}


def group_of(kind: str, record: Any, request: PageRequest) -> str:
    """The heading a row stands under."""
    if isinstance(record, Handoff) and record.decision == Decision.RETURNED:
        return "returned"
    if kind == "promise":
        return _urgency(record, request)
    if kind == "nurture" and record.wake_up_on is not None and record.wake_up_on <= today(request):
        return "wake"
    return kind


def _urgency(handoff: Handoff, request: PageRequest) -> str:
    due = handoff.due_at
    if due is None or handoff.kept_at is not None:
        return "later"
    if due < request.now:
        return "overdue"
    return "today" if phrasing.ends_today(due, now=request.now, zone=request.organization.tz) else "later"
