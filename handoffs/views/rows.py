"""Rows of the queue as a page shows them: who, why, until when, and the buttons."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funnel.models import Account, Contract, Customer, Deal, Lead, Person, Reason
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest
from handoffs import offers
from handoffs.desk import Item
from handoffs.models import Handoff
from handoffs.offers import Offer
from handoffs.views import clocks
from handoffs.views.clocks import GROUPS, Clock
from handoffs.views.why import why_of

LABELS: dict[tuple[str, str], Any] = {
    ("log", "called"): _("Called"),
    ("log", "no_answer"): _("No answer"),
    ("log", "mailed"): _("Mailed"),
    ("log", "met"): _("Met"),
    ("log", "demo"): _("Demo"),
    ("log", "cared"): _("Taken care of"),
    ("log", ""): _("Log"),
    ("mql", ""): _("Certify MQL"),
    ("bant", ""): _("Keep what was heard"),
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
    ("renew", ""): _("Renewed"),
    ("notice", ""): _("Notice of cancellation"),
    ("end", ""): _("Contract ended"),
    ("upsell", ""): _("Upsell"),
    ("refer", ""): _("Referral received"),
    ("agree", ""): _("Agreed to refer"),
    ("take", ""): _("Take it"),
    ("assign", ""): _("Assign"),
    ("note", ""): _("Save the note"),
}
ONE_CLICK = frozenset({"log", "accept", "wake", "resend", "hold", "onboard", "case", "take"})
# One key, one meaning, whatever the row; what is logged or said in one click takes the numbers.
KEYS = {
    "accept": "a", "return": "x", "recycle": "h", "win": "w", "lose": "l", "mql": "m",
    "disqualify": "d", "step": "s", "sql": "Shift+Enter", "renew": "u", "take": "o",
}  # fmt: skip
NUMBERED = frozenset({"log", "wake", "resend", "hold", "onboard", "case"})
INLINE = 3
ALWAYS_SHOWN = frozenset({"take"})
# The likeliest acts stand in the row, the others open behind the menu; where handoffs wait, the answer comes first.
LATER = {"take": 1, "assign": 3, "return": 1, "recycle": 2, "disqualify": 2, "accept": 2}
FIRST = {"accept": -2, "return": -1, "recycle": 2, "disqualify": 2, "assign": 3}


@dataclass(frozen=True)
class Button:
    """One act on a row: posted at once, or opening its form; `key` is pressed while its row is selected."""

    slug: str
    label: Any
    url: str
    value: str
    primary: bool
    at_once: bool
    key: str = ""


@dataclass
class Row:
    """What a template needs of one row; `once` makes a second press of its buttons harmless."""

    dom: str
    kind: str
    pk: int
    group: str
    department: str
    record_url: str
    company: str
    person: str
    title: str
    clock: Clock
    why: str = ""
    source: str = ""
    note: str = ""
    owner: str = ""
    nobody: str = ""
    buttons: list[Button] = field(default_factory=list)
    once: str = field(default_factory=lambda: str(uuid.uuid4()))
    selected: bool = False
    may_pick: bool = False
    strip: Any = None
    form: Any = None
    form_url: str = ""
    done: Any = ""

    @property
    def inline(self) -> list[list[Button]]:
        """The first acts; those that post to one address share a form. What nobody has shows how to take it."""
        return _by_form([b for n, b in enumerate(self.buttons) if n < INLINE or b.slug in ALWAYS_SHOWN])

    @property
    def more(self) -> list[list[Button]]:
        """The others, behind the menu."""
        return _by_form([b for b in self.buttons[INLINE:] if b.slug not in ALWAYS_SHOWN])


def _by_form(found: list[Button]) -> list[list[Button]]:
    return [list(run) for _key, run in groupby(found, lambda b: (b.url, b.at_once))]


def rows_of(request: PageRequest, items: Iterable[Item], tab: str, by: Actor) -> list[Row]:
    """Turn a page's items into rows; the reasons' labels are read once."""
    labels = {(r.act, r.code): r.label(get_language()) for r in Reason.objects.all()}
    return [_row(request, item, tab, by, labels) for item in items]


def _ordered(offered: Iterable[Offer], places: dict[str, int]) -> list[Offer]:
    return sorted(offered, key=lambda offer: places.get(offer.slug, 0))


def buttons(offered: Iterable[Offer]) -> list[Button]:
    """Word the acts on offer, say where each is posted or opened, and which key stands for it."""
    found, number = [], 0
    for offer in offered:
        number += offer.slug in NUMBERED
        key = str(number) if offer.slug in NUMBERED else KEYS.get(offer.slug, "")
        found.append(
            Button(
                offer.slug,
                LABELS[offer.slug, offer.value],
                reverse(f"{offer.subject}-{offer.slug}", args=[offer.pk]),
                offer.value,
                offer.primary,
                offer.slug in ONE_CLICK and (offer.slug != "log" or bool(offer.value)),
                key,
            )
        )
    return found


def _row(request: PageRequest, item: Item, tab: str, by: Actor, labels: dict[tuple[str, str], str]) -> Row:
    kind, record = item
    lead = lead_of(record)
    person: Person | None = lead.person if lead else None
    account = account_of(record, lead)
    offered = buttons(_ordered(offers.of_item(item, by), FIRST if tab == "waiting" else LATER))
    why = why_of(kind, record, labels)
    return Row(
        dom=f"{kind}-{record.pk}",
        kind=kind,
        pk=record.pk,
        group=clocks.group_of(kind, record, request),
        department=offers.department_of(item),
        record_url=_address_of(record, lead),
        company=account.name if account else "",
        person=person.name if person else "",
        title=person.title if person else "",
        clock=_clock(kind, record, request),
        why=why.reason,
        note=why.note,
        source=_source(lead),
        owner=str(_owner_of(record, lead) or "") if why.owner is None else why.owner,
        nobody=why.nobody,
        buttons=offered,
        may_pick=kind == "handoff" and any(button.slug == "accept" for button in offered),
    )


def _owner_of(record: Any, lead: Lead | None) -> Any:
    """Whoever looks after the record; of a contract its customer's owner."""
    subject = record.customer if isinstance(record, Contract) else record
    return getattr(subject, "owner", None) or (lead.owner if lead else None)


def _clock(kind: str, record: Any, request: PageRequest) -> Clock:
    if isinstance(record, Handoff):
        return clocks.of_handoff(kind, record, request)
    if isinstance(record, Lead):
        return clocks.of_lead(kind, record, request)
    if isinstance(record, Deal):
        return clocks.of_deal(record, request)
    if isinstance(record, Contract):
        return clocks.of_contract(record, request)
    return clocks.of_customer(kind, record, request)


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
    if isinstance(record, Contract) or (isinstance(record, Handoff) and record.lead is None):
        return record.customer.origin_lead if record.customer is not None else None
    return record.lead


def account_of(record: Any, lead: Lead | None) -> Account | None:
    """The company a record is about."""
    if isinstance(record, (Handoff, Contract)) and record.customer is not None:
        return record.customer.account
    return getattr(record, "account", None) or (lead.account if lead else None)


def _source(lead: Lead | None) -> str:
    if lead is None:
        return ""
    return " · ".join(str(part) for part in (lead.channel, lead.campaign) if part)


def grouped(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows under their headings, in the order they come."""
    found: list[dict[str, Any]] = []
    for row in rows:
        if not found or found[-1]["key"] != row.group:
            tone, words = GROUPS[row.group]
            found.append({"key": row.group, "tone": tone, "words": words, "rows": []})
        found[-1]["rows"].append(row)
    return found
