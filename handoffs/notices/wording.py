"""A notice in words: what happened, at which company, what to do, and where; in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy

from funnel import phrasing
from funnel.models import Organization
from handoffs.kinds import Kind
from handoffs.lanes import LANES, Boundary
from handoffs.models import Delivery, Notice

HEADINGS = {
    Kind.ASSIGNED: gettext_lazy("For you: %(owed)s – %(company)s"),
    Kind.WARNING: gettext_lazy("Due soon: %(owed)s – %(company)s"),
    Kind.MISSED: gettext_lazy("Missed: %(owed)s – %(company)s"),
    Kind.ESCALATION: gettext_lazy("Still not done: %(owed)s – %(company)s"),
    Kind.RETURNED: gettext_lazy("Returned: %(company)s"),
    Kind.WAKE_UP: gettext_lazy("Time to ask again: %(company)s"),
    Kind.MINUTES: gettext_lazy("Minutes"),
    Kind.TRIAL: gettext_lazy("Test message of RevOps"),
}
TO_DO = {
    Kind.ASSIGNED: gettext_lazy("It is yours now. Look at what was passed, and act before it is due."),
    Kind.WARNING: gettext_lazy("Do it before it is due."),
    Kind.MISSED: gettext_lazy("The miss stays on record. Do it now, or note the reason."),
    Kind.ESCALATION: gettext_lazy(
        "Nobody has done it, long after it was due. Help, or give it to somebody who can do it today."
    ),
    Kind.RETURNED: gettext_lazy(
        "What you handed over has been returned. Add what is missing and hand it over again, or close it."
    ),
    Kind.WAKE_UP: gettext_lazy("Today is the day set for asking again. Call, or set another day."),
    Kind.MINUTES: gettext_lazy("What was decided, and the numbers it was decided on."),
    Kind.TRIAL: gettext_lazy("Notices of the kinds chosen for this room will arrive here."),
}


class Words(NamedTuple):
    """One notice as it is read: heading, what to do, lane, moment due in words, and address (a path).

    `title` is the heading where its kind is said beside it; `text` what a letter says besides.
    """

    heading: str
    title: str
    to_do: str
    lane: str
    due: str
    path: str
    text: str = ""


def with_records(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Deliveries with all that their words need, in one statement."""
    return rows.select_related(
        "member",
        "notice__lead__account",
        "notice__handoff__lead__account",
        "notice__handoff__deal__account",
        "notice__handoff__customer__account",
    )


def words(notice: Notice, organization: Organization, now: datetime) -> Words:
    """Word a notice in the active language."""
    language, zone = translation.get_language(), organization.tz
    lane = LANES[Boundary(notice.handoff.boundary)] if notice.handoff else None
    said = {"owed": lane.owed.say(language) if lane else "", "company": _company(notice)}
    due_at = notice.handoff.due_at if notice.handoff else None
    kind = Kind(notice.kind)
    if notice.title:
        return Words(notice.title, notice.title, str(TO_DO[kind]), "", "", notice.path, notice.text)
    return Words(
        heading=str(HEADINGS[kind]) % said,
        title=" – ".join(part for part in said.values() if part) or str(HEADINGS[kind]),
        to_do=str(TO_DO[kind]),
        lane=lane.words.say(language) if lane else "",
        due=phrasing.until(due_at, now=now, zone=zone, language=language) if due_at else "",
        path=path_of(notice),
    )


def digest_heading(deliveries: Iterable[Delivery], kind: str) -> str:
    """The heading of a letter for several notices of one kind."""
    counts = {"count": len(list(deliveries))}
    return {
        Kind.ASSIGNED: gettext("%(count)s handoffs for you"),
        Kind.WARNING: gettext("%(count)s promises due soon"),
        Kind.MISSED: gettext("%(count)s promises missed"),
        Kind.ESCALATION: gettext("%(count)s promises still not kept"),
        Kind.RETURNED: gettext("%(count)s handoffs returned"),
        Kind.WAKE_UP: gettext("%(count)s leads to ask again"),
        Kind.MINUTES: gettext("Minutes of %(count)s meetings"),
        Kind.TRIAL: gettext("%(count)s test messages"),
    }[Kind(kind)] % counts


FAILURES = {
    "timeout": gettext_lazy("No answer in time"),
    "TimeoutError": gettext_lazy("No answer in time"),
    "ConnectionRefusedError": gettext_lazy("Connection refused"),
    "ConnectionResetError": gettext_lazy("Connection broken off"),
    "SMTPServerDisconnected": gettext_lazy("Connection broken off"),
    "gaierror": gettext_lazy("Unknown host"),
    "unknown_host": gettext_lazy("Unknown host"),
    "certificate": gettext_lazy("Certificate not valid"),
    "SSLCertVerificationError": gettext_lazy("Certificate not valid"),
    "private_address": gettext_lazy("The host is in a private network"),
    "not_https": gettext_lazy("The address is not https"),
    "SMTPAuthenticationError": gettext_lazy("User name or password refused"),
    "SMTPConnectError": gettext_lazy("The server takes nobody in now"),
    "SMTPRecipientsRefused": gettext_lazy("Recipient unknown"),
}


def failure(code: str) -> str:
    """A failure's code in the reader's words, as far as there are any: `HTTP 404` says enough."""
    return str(FAILURES.get(code, code))


def path_of(notice: Notice) -> str:
    """The page of the record that a notice is about; the queue where it has none."""
    handoff = notice.handoff
    lead_id = notice.lead_id or (handoff.lead_id if handoff else None)
    if lead_id is not None:
        return reverse("record", args=[lead_id])
    if handoff is not None and handoff.customer_id is not None:
        return reverse("customer", args=[handoff.customer_id])
    return reverse("queue")


def url(path: str) -> str:
    """A page's whole address, for readers outside the app."""
    return settings.SITE_URL.rstrip("/") + path


def _company(notice: Notice) -> str:
    """The company's name; of somebody without one the record's number, as his own name travels nowhere."""
    handoff = notice.handoff
    records = [notice.lead] if handoff is None else [handoff.deal, handoff.lead, handoff.customer]
    for record in records:
        if record is not None and record.account is not None:
            return record.account.name
    number = notice.lead_id or (handoff.pk if handoff else None)
    return f"#{number}" if number else ""
