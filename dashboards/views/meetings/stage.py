"""The screen a room looks at during a meeting: one slide, last time's homework, what is decided, the plan of the hour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboards import claims, deck, improving, meetings
from dashboards.deck import KIND_WORDS, TOPIC_WORDS
from dashboards.models import Improvement, Meeting
from dashboards.views.improvements import saying as saying_of
from dashboards.views.meetings import listed, saying, slides
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads

SECONDS = 60
MOST_LEFT = 8


@require_GET
@never_cache
@reads
def meeting(request: PageRequest, kind: str, label: str) -> HttpResponse:
    """One meeting as it stands; `?slide=` looks at another of its slides without moving the room's screen."""
    found = get_object_or_404(of_address(), kind=kind, label=label)
    return render(request, "dashboards/meeting.html", context(request, found, request.GET.get("slide")))


def of_address() -> Any:
    """Meetings with what their screen needs, in one statement."""
    return Meeting.objects.select_related("terms", "since", "started_by", "closed_by")


def address(found: Meeting, name: str = "meeting") -> str:
    """The address of a meeting's page, or of what is done on it."""
    return reverse(name, args=[found.kind, found.label])


def context(request: PageRequest, found: Meeting, asked: str | None = None, **more: Any) -> dict[str, Any]:
    """All that the screen of a meeting shows."""
    plan = found.terms.deck
    at = int(asked) - 1 if asked and asked.isdecimal() and 0 < int(asked) <= len(plan) else found.slide
    topic = plan[at].topic
    shown = meetings.numbers_of(found, now=request.now)
    before = found.since.snapshot if found.since else None
    moved = meetings.moved(shown, before)
    claim = claims.claim(topic, shown)
    own = found.titles.get(topic, "")
    actor = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    return {
        "meeting": found,
        "name": KIND_WORDS[found.kind],
        "label": deck.label_words(found.kind, found.label),
        "topic": topic,
        "topic_words": TOPIC_WORDS[topic],
        "slide_template": f"dashboards/meeting/_{topic}.html",
        "at": at,
        "is_followed": at == found.slide,
        "claim": claim,
        "title": own or saying.said(claim),
        "own_title": own,
        "shown": shown,
        "slide": slides.of(topic, shown, moved) | listed.of(topic, found, request.organization, request.now),
        "agenda": _agenda(found, at),
        "before": f"?slide={at}" if at else "",
        "after": f"?slide={at + 2}" if at + 1 < len(plan) else "",
        "timer": _timer(found, request.now),
        "may_run": actor.may_write and found.closed_at is None,
        "may_write": actor.may_write,
        "shown_at": request.now,
        **decided_of(found, request.now.astimezone(request.organization.tz).date()),
        "longest_title": meetings.LONGEST_TITLE,
        **more,
    }


def decided_of(found: Meeting, today: date) -> dict[str, Any]:
    """What the meeting before left, late ones first, and what was decided in this one; two statements.

    The homework of a meeting that is over is as it stood then.
    """
    decided = found.improvements.select_related("owner").order_by("id")
    then = found.held_on if found.closed_at else today
    return {
        "homework": [saying_of.item(each, then) for each in left(found)],
        "decided": [saying_of.item(each, today) for each in decided],
    }


def left(found: Meeting) -> list[Improvement]:
    """The homework a meeting looks at: what was open when it came, late ones first; of one that is over, as it closed."""
    most = MOST_LEFT + found.improvements.count()
    rows = (
        improving.homework_then(found.since, most, found.closed_at)
        if found.closed_at
        else improving.homework(found.since, most)
    )
    return [each for each in rows if each.meeting_id != found.pk][:MOST_LEFT]


def _agenda(found: Meeting, at: int) -> list[dict[str, Any]]:
    """The topics in order; done are those before the one the room is at."""
    states = {True: "done", False: "ahead"}
    return [
        {
            "number": n + 1,
            "label": TOPIC_WORDS[slide.topic].say(get_language()),
            "href": f"?slide={n + 1}",
            "state": "now" if n == at else states[n < found.slide or found.closed_at is not None],
        }
        for n, slide in enumerate(found.terms.deck)
    ]


def _timer(found: Meeting, now: Any) -> Mapping[str, Any]:
    """Seconds planned, spent, and left; `runs` whether it runs."""
    planned = found.terms.minutes * SECONDS
    spent = meetings.spent(found, now)
    return {
        "planned": planned,
        "spent": spent,
        "left": planned - spent,
        "minutes": abs(planned - spent) // SECONDS,
        "is_over": spent > planned,
        "share": min(100, round(100 * spent / planned)),
        "runs": found.timer_since is not None,
    }
