"""What a row's clock says: how a deadline, a day to come back, an onboarding or a fall of health stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from funnel import phrasing
from funnel.calendar import BusinessCalendar
from funnel.health import BAND_WORDS
from funnel.models import Contract, Customer, Deal, Lead
from funnel.stages import ACTIVITY_WORDS, STAGE_WORDS
from funnel.views.access import PageRequest
from funnel.words import Words
from handoffs import clock
from handoffs.clock import Unit
from handoffs.lanes import Boundary, Decision
from handoffs.models import Handoff

ONBOARDING_DAYS = 30
ANSWER_DAYS = 1
"""Business days in which Marketing answers a returned lead: certify again, nurture, or close."""
RENEWAL_MARKS = (30, 60, 90)
"""Days before the end of a contract at which its renewal becomes more urgent."""
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


def calendar_of(request: PageRequest) -> BusinessCalendar:
    """The organisation's calendar, read once for a page."""
    page: Any = request
    if getattr(page, "business_days", None) is None:
        page.business_days = request.organization.calendar()
    return page.business_days


def answer_due(handoff: Handoff, request: PageRequest) -> datetime | None:
    """Until when a returned lead is to be answered; None for the other boundaries, which set no time."""
    if handoff.boundary != Boundary.MQL or handoff.decided_at is None:
        return None
    return clock.due(handoff.decided_at, ANSWER_DAYS, Unit.BUSINESS_DAYS, calendar_of(request))


def of_handoff(kind: str, handoff: Handoff, request: PageRequest) -> Clock:
    """A promise still owed runs; else the moment that matters where the row stands."""
    if handoff.decision == Decision.RETURNED:
        due, back = answer_due(handoff, request), handoff.decided_at
        if due is None or back is None:
            return Clock(when(back, request), gettext("Returned"))
        returned = f"{when(back, request)} {gettext('Returned')}"
        return _running(back, due, returned, request)
    if kind == "kickoff":
        contract = getattr(handoff.deal, "contract", None)
        return Clock(when(contract.kickoff_at if contract else None, request), gettext("Kickoff"))
    opened = f"{when(handoff.opened_at, request)} {SHORT[handoff.boundary].say(get_language())}"
    if handoff.due_at is None or handoff.kept_at is not None:
        return Clock(when(handoff.opened_at, request), gettext("Handed over"))
    return _running(handoff.opened_at, handoff.due_at, opened, request)


def _running(opened: datetime, due: datetime, note: str, request: PageRequest) -> Clock:
    told: dict[str, Any] = {
        "now": request.now, "zone": request.organization.tz, "language": get_language(),
    }  # fmt: skip
    found = phrasing.deadline(opened, due, **told)
    by = phrasing.until(due, **told)
    return Clock(found.words, note, found.tone, found.percent, due, opened, by)


def of_lead(kind: str, lead: Lead, request: PageRequest) -> Clock:
    """The day to come back, else the last thing that happened."""
    if kind in ("wake", "nurture"):
        is_due = lead.wake_up_on is not None and lead.wake_up_on <= today(request)
        return Clock(on(lead.wake_up_on, request), gettext("Wake up"), "warn" if is_due else "")
    if kind == "hot" and lead.heard_at is not None:  # type: ignore[attr-defined]
        did = ACTIVITY_WORDS.get(lead.heard)  # type: ignore[attr-defined]
        return Clock(when(lead.heard_at, request), did.say(get_language()) if did else "")  # type: ignore[attr-defined]
    if lead.stage == "mql":
        return Clock(when(lead.first_contact_at, request) or "–", gettext("First contact"))
    return Clock(when(lead.lead_at, request), gettext("Came in"))


def of_deal(deal: Deal, request: PageRequest) -> Clock:
    """The day of the next step if one is set, else the meeting."""
    if deal.next_step_on is not None:
        late = deal.next_step_on < today(request)
        tone = "bad" if late else "warn" if deal.next_step_on == today(request) else ""
        return Clock(on(deal.next_step_on, request), gettext("What is next"), tone)
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


def of_contract(contract: Contract, request: PageRequest) -> Clock:
    """How long a contract still runs, or since when it has run out; null is left out by the desk."""
    assert contract.ends_on is not None
    left = (contract.ends_on - today(request)).days
    note = gettext("Contract ends %(day)s") % {"day": on(contract.ends_on, request)}
    mark = _mark(left)
    tone = {0: "bad", RENEWAL_MARKS[0]: "warn"}.get(mark, "")
    percent = min(100, max(0, 100 - left * 100 // RENEWAL_MARKS[-1]))
    if left < 0:
        days = ngettext("%(days)s day past", "%(days)s days past", -left) % {"days": -left}
        return Clock(days, note, tone, percent)
    return Clock(
        ngettext("%(days)s day left", "%(days)s days left", left) % {"days": left}, note, tone, percent
    )


def _mark(left: int) -> int:
    """The mark a contract with so many days left has passed; 0 when it has run out."""
    return 0 if left < 0 else next((mark for mark in RENEWAL_MARKS if left <= mark), RENEWAL_MARKS[-1])


GROUPS: dict[str, tuple[str, Any]] = {
    "overdue": ("bad", _("Overdue")),
    "today": ("warn", _("Today")),
    "wake": ("warn", _("Time to wake up")),
    "step": ("warn", _("Next steps due")),
    "health": ("warn", _("Health has fallen")),
    "gap": ("warn", _("Handed over incomplete")),
    "sold": ("", _("Won, kickoff not set yet")),
    "renewal-0": ("bad", _("Contract has run out")),
    "renewal-30": ("warn", _("Renewals within 30 days")),
    "renewal-60": ("", _("Renewals within 60 days")),
    "renewal-90": ("", _("Renewals within 90 days")),
    "hot": ("", _("Hot leads, not certified yet")),
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
    if isinstance(record, Contract) and record.ends_on is not None:
        return f"renewal-{_mark((record.ends_on - today(request)).days)}"
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
