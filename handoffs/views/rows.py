"""Rows of the queue as a page shows them: who, why, until when, and the buttons."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funnel import phrasing
from funnel.models import Account, Customer, Deal, Lead, Person, Reason
from funnel.stages import DEAL_STEP_WORDS
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest
from handoffs import offers
from handoffs.desk import Item
from handoffs.lanes import LANES, Boundary, Decision
from handoffs.models import Handoff
from handoffs.offers import Offer

LABELS: dict[tuple[str, str], Any] = {
    ("log", "called"): _("Called"),
    ("log", "no_answer"): _("No answer"),
    ("log", "mailed"): _("Mailed"),
    ("log", "met"): _("Met"),
    ("log", ""): _("Log"),
    ("mql", ""): _("Certify MQL"),
    ("sql", ""): _("Hand over"),
    ("recycle", ""): _("Nurture"),
    ("disqualify", ""): _("Not a fit"),
    ("wake", ""): _("Start again"),
    ("accept", ""): _("Accept"),
    ("return", ""): _("Return"),
    ("step", ""): _("Next step"),
    ("win", ""): _("Won"),
    ("lose", ""): _("Lost"),
    ("resend", ""): _("Hand over again"),
    ("kickoff", ""): _("Set the kickoff"),
    ("hold", ""): _("Kickoff held"),
    ("onboard", ""): _("First value reached"),
    ("case", ""): _("Case taken up"),
}
ONE_CLICK = frozenset({"log", "accept", "wake", "resend", "hold", "onboard", "case"})
GROUPS: dict[str, tuple[str, Any]] = {
    "overdue": ("bad", _("Overdue")),
    "today": ("warn", _("Today")),
    "later": ("", _("Tomorrow and later")),
    "kickoff": ("", _("Kickoffs ahead")),
    "deal": ("", _("Deals in progress")),
    "lead": ("", _("Leads in hand")),
    "customer": ("", _("Onboarding")),
    "handoff": ("", _("Waiting for an answer")),
    "returned": ("", _("Came back")),
    "wake": ("warn", _("Time to wake up")),
    "nurture": ("", _("To wake up later")),
}


@dataclass(frozen=True)
class Button:
    """One act on a row: posted at once, or opening its form."""

    slug: str
    label: Any
    url: str
    value: str
    primary: bool
    at_once: bool


# The likeliest acts stand in the row, the others open behind "More"; where handoffs wait, the answer comes first.
LATER = {"return": 1, "recycle": 2, "disqualify": 2, "accept": 2}
FIRST = {"accept": -2, "return": -1, "recycle": 2, "disqualify": 2}


@dataclass
class Row:
    """What a template needs of one row; `once` makes a second press of its buttons harmless."""

    dom: str
    group: str
    department: str
    record_url: str
    company: str
    person: str
    title: str
    why: str = ""
    source: str = ""
    note: str = ""
    at: datetime | None = None
    on: date | None = None
    at_label: Any = ""
    opened_at: datetime | None = None
    due_at: datetime | None = None
    lane: Any = None
    owner: str = ""
    buttons: list[Button] = field(default_factory=list)
    once: str = field(default_factory=lambda: str(uuid.uuid4()))
    form: Any = None
    undo_url: str = ""
    form_url: str = ""
    done: Any = ""


def rows_of(request: PageRequest, items: Iterable[Item], tab: str, by: Actor) -> list[Row]:
    """Turn a page's items into rows; the reasons' labels are read once."""
    labels = {(r.act, r.code): r.label(get_language()) for r in Reason.objects.all()}
    return [_row(request, item, tab, by, labels) for item in items]


def _ordered(offered: Iterable[Offer], places: dict[str, int]) -> list[Offer]:
    return sorted(offered, key=lambda offer: places.get(offer.slug, 0))


def buttons(offered: Iterable[Offer]) -> list[Button]:
    """Word the acts on offer, and say where each is posted or opened."""
    return [
        Button(
            offer.slug,
            LABELS[offer.slug, offer.value],
            reverse(f"{offer.subject}-{offer.slug}", args=[offer.pk]),
            offer.value,
            offer.primary,
            offer.slug in ONE_CLICK and (offer.slug != "log" or bool(offer.value)),
        )
        for offer in offered
    ]


def _row(request: PageRequest, item: Item, tab: str, by: Actor, labels: dict[tuple[str, str], str]) -> Row:
    record = item.record
    lead = lead_of(record)
    person: Person | None = lead.person if lead else None
    account = account_of(record, lead)
    row = Row(
        dom=f"{item.kind}-{record.pk}",
        group=item.kind,
        department=offers.department_of(item),
        record_url=_address_of(record, lead),
        company=account.name if account else "",
        person=person.name if person else "",
        title=person.title if person else "",
        source=_source(lead),
        owner=str(getattr(record, "owner", None) or (lead and lead.owner) or ""),
        buttons=buttons(_ordered(offers.of_item(item, by), FIRST if tab == "waiting" else LATER)),
    )
    if isinstance(record, Handoff):
        _say_handoff(row, record, request, labels)
    elif isinstance(record, Deal):
        row.at, row.at_label = record.meeting_at, _("Meeting")
        row.why = DEAL_STEP_WORDS[record.step].say(get_language())
    elif isinstance(record, Customer):
        row.on, row.at_label = record.since, _("Customer since")
    elif isinstance(record, Lead):
        _say_lead(row, record, tab, request, labels)
    return row


def _address_of(record: Any, lead: Lead | None) -> str:
    """The customer's page once there is one, else the lead's."""
    customer = record if isinstance(record, Customer) else getattr(record, "customer", None)
    if customer is not None:
        return reverse("customer", args=[customer.pk])
    return reverse("record", args=[lead.pk]) if lead else ""


def lead_of(record: Any) -> Lead | None:
    """The lead a record belongs to."""
    if isinstance(record, Lead):
        return record
    if isinstance(record, Customer):
        return record.origin_lead
    if isinstance(record, Handoff) and record.lead is None and record.customer is not None:
        return record.customer.origin_lead
    return record.lead


def account_of(record: Any, lead: Lead | None) -> Account | None:
    """The company a record is about."""
    if isinstance(record, Handoff) and record.customer is not None:
        return record.customer.account
    return getattr(record, "account", None) or (lead.account if lead else None)


def _source(lead: Lead | None) -> str:
    if lead is None:
        return ""
    return " · ".join(str(part) for part in (lead.channel, lead.campaign) if part)


def _say_lead(
    row: Row, lead: Lead, tab: str, request: PageRequest, labels: dict[tuple[str, str], str]
) -> None:
    if tab == "nurture":
        due = (
            lead.wake_up_on is not None
            and lead.wake_up_on <= request.now.astimezone(request.organization.tz).date()
        )
        row.group, row.on, row.at_label = "wake" if due else "nurture", lead.wake_up_on, _("Wake up on")
        kind = "recycle" if lead.outcome == "recycled" else "loss"
        row.why = labels.get((kind, lead.outcome_reason), "")
    elif lead.stage == "mql":
        row.at, row.at_label = lead.first_contact_at, _("First contact")
    else:
        row.at, row.at_label = lead.lead_at, _("Came in")


def _say_handoff(
    row: Row, handoff: Handoff, request: PageRequest, labels: dict[tuple[str, str], str]
) -> None:
    lane = LANES[Boundary(handoff.boundary)]
    row.lane, row.opened_at = lane, handoff.opened_at
    opening = handoff.opened_by
    row.why = labels.get(("mql", opening.reason), "")
    row.note = opening.note.text if opening.note else ""
    row.at, row.at_label = handoff.opened_at, _("Handed over")
    if handoff.decision == Decision.RETURNED:
        row.group, row.at, row.at_label = "returned", handoff.decided_at, _("Returned")
        row.why = labels.get(("return", handoff.return_reason), handoff.return_reason)
        row.owner = str(handoff.sender or "")
    elif row.group == "kickoff":
        contract = getattr(handoff.deal, "contract", None)
        row.at, row.at_label = (contract.kickoff_at if contract else None), _("Kickoff")
    elif handoff.due_at is not None and handoff.kept_at is None:
        row.due_at = handoff.due_at
        row.group = _urgency(handoff.due_at, request) if row.group == "promise" else row.group


def _urgency(due: datetime, request: PageRequest) -> str:
    if due < request.now:
        return "overdue"
    return "today" if phrasing.ends_today(due, now=request.now, zone=request.organization.tz) else "later"


def grouped(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows under their headings, in the order they come."""
    found: list[dict[str, Any]] = []
    for row in rows:
        if not found or found[-1]["key"] != row.group:
            tone, words = GROUPS[row.group]
            found.append({"key": row.group, "tone": tone, "words": words, "rows": []})
        found[-1]["rows"].append(row)
    return found
