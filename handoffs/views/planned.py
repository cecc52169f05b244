"""What lies ahead of a record: meetings, kickoffs, waking up, renewal; drawn dashed above what happened."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from django.utils.translation import gettext

from funnel.models import Lead
from funnel.stages import Department, Outcome
from handoffs.views.speech import Speech
from handoffs.views.thread import Thread


class Planned(NamedTuple):
    """One thing to come, of a department: its day, its time of day where it has one, and whose it is."""

    on: date
    department: str
    title: str
    day: str
    time: str = ""
    owner: str = ""


def planned_of(thread: Thread, speech: Speech) -> list[Planned]:
    """Everything with a date ahead, the farthest first: below it stands the present."""
    found = [*_of_deals(thread, speech), *_of_contracts(thread, speech), *_of_passes(thread, speech)]
    return sorted(found, key=lambda one: one.on, reverse=True)


def _at(at: datetime | date, department: Department, title: str, owner: object, speech: Speech) -> Planned:
    time = speech.clock(at) if isinstance(at, datetime) else ""
    return Planned(speech.local(at), department.value, title, speech.day(at), time, str(owner or ""))


def _of_deals(thread: Thread, speech: Speech) -> list[Planned]:
    found = []
    for deal in thread.deals:
        if not deal.is_open:
            continue
        if deal.meeting_at and deal.meeting_at > speech.now:
            found.append(_at(deal.meeting_at, Department.FIELD_SALES, gettext("Meeting"), deal.owner, speech))
        if deal.expected_close_on and deal.expected_close_on >= speech.today:
            title = gettext("Expected to close")
            found.append(_at(deal.expected_close_on, Department.FIELD_SALES, title, deal.owner, speech))
    return found


def _of_contracts(thread: Thread, speech: Speech) -> list[Planned]:
    running, customer = thread.running, thread.customer
    if running is None or customer is None:
        return []
    found, owner = [], customer.owner
    if running.kickoff_at and running.kickoff_held_at is None and running.kickoff_at > speech.now:
        found.append(_at(running.kickoff_at, Department.CUSTOMER_SUCCESS, gettext("Kickoff"), owner, speech))
    if running.ends_on and running.ends_on >= speech.today:
        title = gettext("Contract ends") if running.notice_on else gettext("Renewal")
        found.append(_at(running.ends_on, Department.CUSTOMER_SUCCESS, title, owner, speech))
    return found


def _of_passes(thread: Thread, speech: Speech) -> list[Planned]:
    """Waking up concerns only the last pass of a person: a newer one has woken up already."""
    newest: dict[int, Lead] = {}
    for lead in thread.passes:
        known = newest.setdefault(lead.person_id, lead)
        if lead.pass_no > known.pass_no:
            newest[lead.person_id] = lead
    return [
        _at(lead.wake_up_on, Department.MARKETING, gettext("Wake up from nurture"), lead.owner, speech)
        for lead in newest.values()
        if lead.wake_up_on
        and lead.wake_up_on >= speech.today
        and lead.outcome in (Outcome.RECYCLED, Outcome.LOST)
    ]
