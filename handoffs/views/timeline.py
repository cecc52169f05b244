"""One lead's ledger as people read it: newest first, handoffs as cards, corrections in plain sight."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from funnel import phrasing
from funnel.models import Event, Lead, Reason
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
from funnel.views.access import PageRequest
from funnel.words import Words
from handoffs.desk import Cursor
from handoffs.lanes import DECISION_WORDS, LANES, PROMISE_WORDS, Boundary, Promise
from handoffs.models import Handoff

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
UNDOABLE = frozenset({EventKind.CONTACT_ATTEMPTED, EventKind.ACTIVITY_LOGGED, EventKind.MQL_CERTIFIED})
BELOW_GATE = Words("Below the agreed completeness", "基準未達")
# Inside the same act these say nothing that its main event does not say.
SILENT = frozenset({EventKind.SHEET_SUBMITTED, EventKind.DEAL_OPENED})


@dataclass
class Entry:
    """One line of the timeline."""

    event: Event
    title: str
    detail: str = ""
    reason: str = ""
    at: datetime | None = None
    withdrawn: bool = False
    moved: bool = False
    late: bool = False
    undo_url: str = ""
    card: Card | None = None


@dataclass
class Card:
    """One handoff: from whom to whom, what was passed, how its promise stands."""

    handoff: Any
    lane: Any
    promise: str
    tone: str
    words: str
    decision: str
    passed: list[tuple[str, str]] = field(default_factory=list)


def entries(
    request: PageRequest, lead: Lead, handoffs: list[Any], after: Cursor
) -> tuple[list[Entry], Cursor | None]:
    """Return a page of the lead's timeline, and where the next page begins."""
    rows = Event.objects.filter(lead=lead).exclude(kind__in=[EventKind.EVENT_CORRECTED, *SILENT])
    rows = rows.select_related("actor", "note", "activity").order_by("-occurred_at", "-id")
    if after.pk:
        rows = rows.filter(Q(occurred_at__lt=after.moment) | Q(occurred_at=after.moment, pk__lt=after.pk))
    found = list(rows[: PAGE + 1])
    fixes = {e.corrects_id: e for e in Event.objects.filter(lead=lead, corrects__isnull=False).order_by("id")}
    labels = {(r.act, r.code): r.label(get_language()) for r in Reason.objects.all()}
    cards = {h.opened_by_id: _card(h) for h in handoffs}
    shown = [_entry(request, e, fixes.get(e.pk), cards.get(e.pk), labels) for e in found[:PAGE]]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return shown, Cursor(0, last.occurred_at, last.pk) if last else None


def _entry(
    request: PageRequest,
    event: Event,
    fix: Event | None,
    card: Card | None,
    labels: dict[tuple[str, str], str],
) -> Entry:
    act = REASONS_OF.get(event.kind, "")
    moved = parse_datetime(str(fix.data.get("occurred_at", ""))) if fix else None
    return Entry(
        event=event,
        title=EVENT_WORDS[event.kind].say(get_language()),
        detail=_detail(request, event),
        reason=labels.get((act, event.reason), "") if event.reason != "not_recorded" else "",
        at=moved or event.occurred_at,
        withdrawn=bool(fix and fix.data.get("withdrawn")),
        moved=moved is not None,
        undo_url=_undo(request, event) if fix is None else "",
        late=event.binding and event.recorded_at - event.occurred_at > LATE,
        card=card,
    )


def _undo(request: PageRequest, event: Event) -> str:
    """Where one's own fresh entry can be undone: a slip of the hand, not the history of others."""
    fresh = request.now - event.recorded_at < LATE
    mine = event.actor_id == request.user.pk and event.kind in UNDOABLE
    return reverse("event-withdraw", args=[event.pk]) if fresh and mine else ""


def _detail(request: PageRequest, event: Event) -> str:
    language, data = get_language(), event.data
    if "activity_kind" in data:
        words = [ACTIVITY_WORDS.get(data["activity_kind"])]
        if data.get("result"):
            words.append(RESULT_WORDS.get(data["result"]))
        if data.get("direction") == "inbound":
            words.insert(0, DIRECTION_WORDS["inbound"])
        return " · ".join(said for w in words if w and (said := w.say(language)))
    if event.kind == EventKind.QUALIFICATION_RECORDED:
        return " · ".join(
            f"{BANT_WORDS[name].say(language)} {BANT_WORDS[data[name]].say(language)}"
            for name in BANT_FIELDS
            if data.get(name) in BANT_WORDS
        )
    if event.kind == EventKind.DEAL_WON and data.get("amount"):
        return phrasing.money(Decimal(data["amount"]), data.get("currency", "JPY"), language)
    if event.kind == EventKind.DEAL_STEP_CHANGED and data.get("to") in DEAL_STEP_WORDS:
        return DEAL_STEP_WORDS[data["to"]].say(language)
    return _dated(request, data)


def _dated(request: PageRequest, data: dict[str, Any]) -> str:
    zone, language = request.organization.tz, get_language()
    for key in ("meeting_at", "kickoff_at"):
        at = parse_datetime(str(data.get(key) or ""))
        if at:
            return phrasing.when(at, now=request.now, zone=zone, language=language)
    day = parse_date(str(data.get("wake_up_on") or ""))
    if day is None:
        return ""
    said = phrasing.on(day, today=request.now.astimezone(zone).date(), language=language)
    return gettext("until %(day)s") % {"day": said}


def _card(handoff: Any) -> Card:
    lane = LANES[Boundary(handoff.boundary)]
    language = get_language()
    tone = {"missed": "bad", "kept_late": "warn", "kept": "fine"}.get(handoff.promise, "stale")
    # A gate has no deadline to be past.
    missed_gate = handoff.promise == Promise.MISSED and handoff.due_at is None
    standing = BELOW_GATE if missed_gate else PROMISE_WORDS[handoff.promise]
    words = f"{lane.owed.say(language)}: {standing.say(language)}"
    decision = DECISION_WORDS[handoff.decision].say(language)
    return Card(handoff, lane, handoff.promise, tone, words, decision, _passed(handoff))


def _passed(handoff: Handoff) -> list[tuple[str, str]]:
    """The customer sheet's lines in the reader's language; nothing for other boundaries."""
    sheet = getattr(handoff, "sheet", None)
    if sheet is None:
        return []
    language = get_language()
    japanese = phrasing.is_japanese(language)
    lines = [(str(_("Completeness")), f"{sheet.score.normalize():f} %")]
    for item in sheet.terms.items:
        if item["key"] == "note":  # The event beside the card says it.
            continue
        value = sheet.values.get(item["key"], "")
        words = (
            BANT_WORDS[value].say(language) if item["key"] in BANT_FIELDS and value in BANT_WORDS else value
        )
        if words:
            lines.append((item["label_ja"] if japanese else item["label_en"], words))
    return lines
