"""The meetings of the company: which can be started, which run, and those held, for ever."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboards import cadence, deck, meetings
from dashboards.deck import KIND_HELP, KIND_WORDS
from dashboards.models import Meeting, MeetingTerms
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads
from funnel.views.pills import Pill

SHOWN = 30
COMING = 12


@require_GET
@never_cache
@reads
def listing(request: PageRequest) -> HttpResponse:
    """Every kind with what it takes, the one of today if it runs, and the latest that were held."""
    asked = request.GET.get("kind", "")
    kind = asked if asked in KIND_WORDS else ""
    held = Meeting.objects.select_related("started_by").defer("snapshot")
    chosen = held.filter(kind=kind) if kind else held
    after = request.GET.get("after", "")
    if after.isdecimal() and len(after) < 19:
        chosen = chosen.filter(pk__lt=int(after))
    rows = list(chosen.order_by("-pk")[: SHOWN + 1])
    today = request.now.astimezone(request.organization.tz).date()
    current = {
        (found.kind, found.label): found
        for found in held.filter(label__in={deck.label(each, today) for each in KIND_WORDS})
    }
    actor = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    context = {
        "kinds": [
            _kind(n, each, current.get((each.kind, deck.label(each.kind, today))), _next(request, each))
            for n, each in enumerate(meetings.current().values(), 1)
        ],
        "filters": [
            Pill(reverse("meetings"), _("All"), not kind),
            *(
                Pill(f"?kind={each}", words.say(get_language()), each == kind)
                for each, words in KIND_WORDS.items()
            ),
        ],
        "held": [
            (found, KIND_WORDS[found.kind], deck.label_words(found.kind, found.label))
            for found in rows[:SHOWN]
        ],
        "next": f"?kind={kind}&after={rows[SHOWN - 1].pk}" if len(rows) > SHOWN else "",
        "may_start": actor.may_write,
    }
    return render(request, "dashboards/meetings.html", context)


def _next(request: PageRequest, terms: MeetingTerms) -> datetime | None:
    """When the next one of a kind begins, by its rhythm."""
    return next(iter(meetings.upcoming(terms, request.organization, request.now)), None)


@require_GET
@never_cache
@reads
def calendar_file(request: PageRequest) -> HttpResponse:
    """The next meetings of every kind as a calendar file."""
    page = request.build_absolute_uri(reverse("meetings"))
    entries = [
        cadence.entry(kind, begins, terms.minutes, page)
        for kind, terms in meetings.current().items()
        for begins in meetings.upcoming(terms, request.organization, request.now, COMING)
    ]
    text = cadence.ics(entries, request.now, get_language(), request.get_host().partition(":")[0])
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="reviews.ics"'
    return answer


def _kind(
    number: int, terms: MeetingTerms, found: Meeting | None, following: datetime | None
) -> dict[str, Any]:
    return {
        "kind": terms.kind,
        "key": str(number),
        "words": KIND_WORDS[terms.kind],
        "following": following,
        "help": KIND_HELP[terms.kind],
        "minutes": terms.minutes,
        "topics": [deck.TOPIC_WORDS[slide.topic] for slide in terms.deck],
        "found": found,
    }
