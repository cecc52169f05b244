"""The one timeline of a thread: newest first, handoffs as cards, a divider per pass, corrections in plain sight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import DateTimeField, OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from funnel.models import Event, Lead, Member, Reason
from funnel.stages import OUTCOME_WORDS, STAGE_WORDS, EventKind
from funnel.transitions.corrections import UNDOABLE
from funnel.views.access import PageRequest
from handoffs.desk import Cursor
from handoffs.views import sentences
from handoffs.views.cards import Card, Labels, card_of
from handoffs.views.speech import Speech
from handoffs.views.thread import Thread, held_by

PAGE = 100
LATE = timedelta(hours=24)
REASONS_OF: dict[str, str] = {
    EventKind.MQL_CERTIFIED: "mql",
    EventKind.MQL_RETURNED: "return",
    EventKind.SQL_RETURNED: "return",
    EventKind.HANDOFF_RETURNED: "return",
    EventKind.DEAL_LOST: "loss",
    EventKind.DEAL_WON: "win",
    EventKind.LEAD_RECYCLED: "recycle",
    EventKind.LEAD_DISQUALIFIED: "disqualify",
    EventKind.HANDOFF_EXCUSED: "excuse",
}
# Inside the same act these say nothing that its main event does not say.
SILENT = frozenset({EventKind.EVENT_CORRECTED, EventKind.SHEET_SUBMITTED, EventKind.DEAL_OPENED})
LOGS = frozenset({EventKind.CONTACT_ATTEMPTED, EventKind.ACTIVITY_LOGGED})
# The card of the handoff says these; apart from it they stand for themselves.
SAID_BY_THE_CARD = frozenset({EventKind.QUALIFICATION_RECORDED})


class Fix(NamedTuple):
    """A correction: who, when, why; and where the event stood before."""

    name: str
    at: str
    why: str
    was: str


class Divider(NamedTuple):
    """Where the events of another pass begin: whose, which one, since when, how it ended."""

    name: str
    number: int
    since: str
    ended: str
    url: str


@dataclass
class Entry:
    """One line of the timeline; `holder` is the department whose record it was then."""

    event: Event
    title: str
    day: str
    clock: str
    holder: str
    at: datetime
    detail: str = ""
    reason: str = ""
    tone: str = ""
    withdrawn: bool = False
    fix: Fix | None = None
    late: str = ""
    undo_url: str = ""
    url: str = ""
    card: Card | None = None
    divider: Divider | None = None


class Page(NamedTuple):
    """A page of entries, and where the next begins (None at the end)."""

    entries: list[Entry]
    next: Cursor | None


def page_of(request: PageRequest, thread: Thread, after: Cursor, speech: Speech) -> Page:
    """Return a page of the thread's timeline; five statements, whatever the number of events."""
    rows = _by_when_it_really_was(thread).exclude(kind__in=SILENT)
    if after.pk:
        rows = rows.filter(Q(really_at__lt=after.moment) | Q(really_at=after.moment, pk__lt=after.pk))
    found: list[Any] = list(rows.select_related("actor", "note", "activity", "deal")[: PAGE + 1])
    shown, more = found[:PAGE], len(found) > PAGE
    teller = _Teller(request, thread, shown, speech)
    following = Cursor(0, shown[-1].really_at, shown[-1].pk) if more else None
    return Page(teller.entries(), following)


def _by_when_it_really_was(thread: Thread) -> Any:
    """Events in the order of their corrected time."""
    latest = Event.objects.filter(corrects=OuterRef("pk")).order_by("-id")
    moved = Subquery(latest.values(moved=Cast(KT("data__occurred_at"), DateTimeField()))[:1])
    return thread.events().annotate(really_at=Coalesce(moved, "occurred_at")).order_by("-really_at", "-pk")


class _Teller:
    """Words one page of events; what all of them need is read once."""

    def __init__(self, request: PageRequest, thread: Thread, events: list[Any], speech: Speech) -> None:
        self.request, self.thread, self.events, self.speech = request, thread, events, speech
        ids = [event.pk for event in events]
        self.passes = {lead.pk: lead for lead in thread.passes}
        self.labels: Labels = {(r.act, r.code): r.label(speech.language) for r in Reason.objects.all()}
        self.fixes = {
            fix.corrects_id: fix
            for fix in Event.objects.filter(corrects__in=ids).select_related("actor", "note").order_by("id")
        }
        rounds = thread.handoffs().filter(opened_by__in=ids).with_promise()
        self.rounds = {
            handoff.opened_by_id: handoff
            for handoff in rounds.select_related(
                "owner", "sender", "decided_by", "terms", "sheet__terms", "opened_by__note"
            )
        }
        named = {event.data.get("to") for event in events if event.kind in sentences.ASSIGNS}
        self.names = dict(Member.objects.filter(pk__in=[pk for pk in named if pk]).values_list("pk", "name"))

    def entries(self) -> list[Entry]:
        told: list[Entry] = []
        before: int | None = None
        carded = {(e.lead_id, e.recorded_at) for e in self.events if e.pk in self.rounds}
        anew = self._told_anew()
        for event in self.events:
            if event.kind in SAID_BY_THE_CARD and (event.lead_id, event.recorded_at) in carded:
                continue
            if event.pk in anew:
                continue
            entry = self._entry(event)
            if len(self.passes) > 1 and event.lead_id and event.lead_id != before:
                entry.divider = self._divider(self.passes[event.lead_id])
            before = event.lead_id or before
            told.append(entry)
        return told

    def _told_anew(self) -> set[int]:
        """Contacts that were withdrawn only to be told of another moment, in one act: the other entry tells them."""
        withdrawn = {
            (fix.lead_id, fix.recorded_at): event.pk
            for event in self.events
            if event.kind in LOGS and (fix := self.fixes.get(event.pk)) and fix.data.get("withdrawn")
        }
        if not withdrawn:
            return set()
        found = Event.objects.filter(kind__in=LOGS, recorded_at__in={at for _lead, at in withdrawn})
        found = found.exclude(pk__in=withdrawn.values())
        told = set(found.values_list("lead_id", "recorded_at"))
        return {pk for key, pk in withdrawn.items() if key in told}

    def _entry(self, event: Any) -> Entry:
        speech, lead = self.speech, self.passes.get(event.lead_id)
        said = sentences.of(event, lead, self.names, speech)
        fix = self.fixes.get(event.pk)
        act = REASONS_OF.get(event.kind, "")
        return Entry(
            event,
            said.title,
            speech.day(event.really_at),
            speech.clock(event.really_at),
            held_by(lead, event.really_at),
            event.really_at,
            said.detail,
            self.labels.get((act, event.reason), "") if event.reason != "not_recorded" else "",
            said.tone,
            bool(fix and fix.data.get("withdrawn")),
            self._fix(event, fix) if fix else None,
            speech.moment(event.recorded_at) if _late(event) else "",
            self._undo(event) if fix is None else "",
            said.url,
            self._card(event),
        )

    def _card(self, event: Any) -> Card | None:
        handoff = self.rounds.get(event.pk)
        if handoff is None:
            return None
        if handoff.lead_id in self.passes:
            handoff.lead = self.passes[handoff.lead_id]
        return card_of(handoff, self.labels, self.speech)

    def _fix(self, event: Any, fix: Event) -> Fix:
        moved = parse_datetime(str(fix.data.get("occurred_at", "")))
        name = fix.actor.name if fix.actor else gettext("Automatic")
        why = fix.note.text if fix.note else ""
        was = self.speech.moment(event.occurred_at) if moved else ""
        return Fix(name, self.speech.moment(fix.recorded_at), why, was)

    def _undo(self, event: Any) -> str:
        """Where one's own fresh entry can be undone: a slip of the hand, not the history of others."""
        fresh = self.request.now - event.recorded_at < LATE
        mine = event.actor_id == self.request.user.pk and event.kind in UNDOABLE
        lead = self.passes.get(event.lead_id)
        if event.kind == EventKind.LEAD_CAPTURED and (lead is None or lead.previous_id is None):
            # Somebody's first pass is closed or merged, not undone.
            return ""
        return reverse("event-withdraw", args=[event.pk]) if fresh and mine else ""

    def _divider(self, lead: Lead) -> Divider:
        ended = OUTCOME_WORDS[lead.outcome] if lead.outcome else STAGE_WORDS[lead.stage]
        here = self.thread.lead is not None and lead.pk == self.thread.lead.pk
        return Divider(
            lead.person.name or (lead.external_id or ""),
            lead.pass_no,
            self.speech.day(lead.lead_at),
            self.speech.say(ended),
            "" if here else reverse("record", args=[lead.pk]),
        )


def _late(event: Event) -> bool:
    return event.binding and event.recorded_at - event.occurred_at > LATE
