"""THE ONLY WRITER of meetings: start, move, write the claim, time, show live, close, open again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from dashboards import improving, live
from dashboards.deck import KIND_WORDS, label
from dashboards.improving import Plan
from dashboards.meetings.agreeing import of_kind
from dashboards.meetings.collecting import collect, scope_of
from dashboards.models import Improvement, KpiAnswer, Meeting
from dashboards.scope import Scope
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import Member, Organization
from funnel.transitions.acting import Actor

LONGEST_TITLE = 80
Reader = Callable[[Scope, Organization, datetime], dict[str, Any]]


@transaction.atomic
def start(kind: str, by: Actor, *, now: datetime, read: Reader = collect) -> tuple[Meeting, bool]:
    """Open the meeting of this kind and day with the numbers of this moment; (it, whether it was new).

    Started a second time, also by two at once, it is the same one, and its numbers stay those of the first start.
    `read` reads them.
    Raises BadValue for an unknown kind, NotYours for whoever only looks.
    """
    member = _demand_hand(by)
    if kind not in KIND_WORDS:
        raise BadValue("bad_choice", field="kind", value=kind, choices=", ".join(KIND_WORDS))
    organization = Organization.current()
    day = now.astimezone(organization.tz).date()
    name = label(kind, day)
    known = Meeting.objects.filter(kind=kind, label=name).first()
    if known is not None:
        return known, False
    scope = scope_of(kind, day, organization.fiscal_year_start)
    before = Meeting.objects.filter(kind=kind).order_by("-started_at", "-id").first()
    return Meeting.objects.get_or_create(
        kind=kind,
        label=name,
        defaults={
            "terms": of_kind(kind),
            "held_on": day,
            "starts": scope.start,
            "ends": scope.end,
            "started_by": member,
            "started_at": now,
            "since": before,
            "snapshot": read(scope, organization, now),
            "timer_since": now,
        },
    )


@transaction.atomic
def show(meeting_id: int, slide: int, by: Actor) -> Meeting:
    """Show this slide on every screen; one past either end is that end. Whoever comes last has his way."""
    meeting = _held(meeting_id, by)
    meeting.slide = max(0, min(slide, len(meeting.terms.deck) - 1))
    return _saved(meeting, "slide")


@transaction.atomic
def show_live(meeting_id: int, by: Actor, *, is_live: bool) -> Meeting:
    """Show today's numbers on every screen, or those of the start again."""
    meeting = _held(meeting_id, by)
    meeting.is_live = is_live
    return _saved(meeting, "is_live")


@transaction.atomic
def retitle(meeting_id: int, topic: str, text: str, seen: str, by: Actor) -> Meeting:
    """Write the claim of a slide; "" gives back the product's own. `seen` is the one the writer had before him.

    Raises MoveRefused("written_meanwhile") where somebody else has written another, BadValue where it is too long.
    """
    meeting = _held(meeting_id, by)
    text = " ".join(text.split())
    topics = [str(slide.topic) for slide in meeting.terms.deck]
    if topic not in topics:
        raise BadValue("bad_choice", field="topic", value=topic, choices=", ".join(topics))
    if len(text) > LONGEST_TITLE:
        raise BadValue("text_too_long", field="title", most=LONGEST_TITLE)
    written = meeting.titles.get(topic, "")
    if written not in (seen, text):
        raise MoveRefused("written_meanwhile", value=written)
    meeting.titles = {**meeting.titles, topic: text} if text else _without(meeting.titles, topic)
    return _saved(meeting, "titles")


def _without(titles: dict[str, str], topic: str) -> dict[str, str]:
    return {key: text for key, text in titles.items() if key != topic}


@transaction.atomic
def run_timer(meeting_id: int, by: Actor, *, now: datetime) -> Meeting:
    """Stop the shared timer where it runs, let it run where it stands."""
    meeting = _held(meeting_id, by)
    if meeting.timer_since is None:
        meeting.timer_since = now
    else:
        meeting.timer_spent = spent(meeting, now)
        meeting.timer_since = None
    return _saved(meeting, "timer_since", "timer_spent")


def spent(meeting: Meeting, now: datetime) -> int:
    """Whole seconds the meeting has taken, by its timer."""
    running = now - meeting.timer_since if meeting.timer_since else timedelta(0)
    return meeting.timer_spent + max(0, int(running.total_seconds()))


@transaction.atomic
def decide(meeting_id: int, plan: Plan, by: Actor, *, now: datetime) -> Improvement:
    """Put down what was decided in it. Raises as `improving.decide`, and MoveRefused once it is closed."""
    meeting = _held(meeting_id, by)
    made = improving.decide(plan, by, now=now, meeting=meeting)
    _saved(meeting)
    return made


@transaction.atomic
def answer(meeting_id: int, slug: str, said: str, by: Actor, *, now: datetime) -> KpiAnswer:
    """Keep whether a KPI still serves the business; said again in the same meeting, the later one stands."""
    meeting = _held(meeting_id, by)
    if slug not in improving.SLUGS:
        raise BadValue("unknown_kpi", field="kpi", value=slug)
    if said not in KpiAnswer.Answer.values:
        raise BadValue("bad_choice", field="answer", value=said, choices=", ".join(KpiAnswer.Answer.values))
    made, _ = KpiAnswer.objects.update_or_create(
        meeting=meeting,
        kpi=slug,
        defaults={"answer": said, "answered_by": _demand_hand(by), "answered_at": now},
    )
    _saved(meeting)
    return made


@transaction.atomic
def close(meeting_id: int, by: Actor, *, now: datetime) -> tuple[Meeting, bool]:
    """End it: the timer stands; (it, whether it was open). A second close changes nothing."""
    meeting = _locked(meeting_id, by)
    if meeting.closed_at is not None:
        return meeting, False
    meeting.timer_spent, meeting.timer_since = spent(meeting, now), None
    meeting.closed_at, meeting.closed_by = now, by.member
    return _saved(meeting, "timer_spent", "timer_since", "closed_at", "closed_by"), True


@transaction.atomic
def reopen(meeting_id: int, by: Actor) -> Meeting:
    """Go on with a meeting that was closed too early."""
    meeting = _locked(meeting_id, by)
    meeting.closed_at = meeting.closed_by = None
    return _saved(meeting, "closed_at", "closed_by")


def changed(meeting_id: int) -> None:
    """Tell every screen that something on it is other than before: a decision written, or ticked off."""
    Meeting.objects.filter(pk=meeting_id).update(version=F("version") + 1)
    live.publish_after_commit()


def _demand_hand(by: Actor) -> Member:
    """Whoever may write; raises NotYours."""
    if not by.may_write or by.member is None:
        raise NotYours("read_only")
    return by.member


def _locked(meeting_id: int, by: Actor) -> Meeting:
    _demand_hand(by)
    return Meeting.objects.select_for_update(of=("self",)).get(pk=meeting_id)


def _held(meeting_id: int, by: Actor) -> Meeting:
    """The meeting, locked; raises MoveRefused("meeting_closed") once it is over."""
    meeting = _locked(meeting_id, by)
    if meeting.closed_at is not None:
        raise MoveRefused("meeting_closed")
    return meeting


def _saved(meeting: Meeting, *fields: str) -> Meeting:
    meeting.version += 1
    meeting.save(update_fields=[*fields, "version"])
    live.publish_after_commit()
    return meeting


def numbers_of(meeting: Meeting, *, now: datetime) -> dict[str, Any]:
    """What the meeting shows: its snapshot, or while it is shown live what is true now."""
    if not meeting.is_live:
        snapshot: dict[str, Any] = meeting.snapshot
        return snapshot
    organization = Organization.current()
    scope = scope_of(meeting.kind, meeting.held_on, organization.fiscal_year_start)
    return collect(scope, organization, now)
