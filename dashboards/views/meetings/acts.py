"""What is done on the screen of a meeting, and what starts one; each is told to every screen by the stream."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from dashboards import claims, improving, kpis, meetings
from dashboards.deck import KIND_WORDS
from dashboards.models import Meeting
from dashboards.views.improvements.saying import day
from dashboards.views.meetings import minutes
from dashboards.views.meetings.stage import address, context, of_address
from funnel.errors import Refused
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, keeps_own, receives
from funnel.views.once import first_time

Act = Callable[[Meeting, Actor, datetime], Any]


@require_POST
@never_cache
@receives
def start(request: PageRequest, kind: str) -> HttpResponse:
    """Start the meeting of today, or go to the one that was started already."""
    if kind not in KIND_WORDS:
        raise Http404
    found, is_new = meetings.start(kind, _actor(request), now=request.now)
    if not is_new:
        name = found.started_by.name
        messages.info(request, _("%(name)s has started this meeting already; here it is.") % {"name": name})
    return redirect(address(found))


@require_POST
@never_cache
@receives
def show(request: PageRequest, kind: str, label: str) -> HttpResponse:
    """Show another slide in the room."""
    wanted = request.POST.get("slide", "")
    slide = int(wanted) - 1 if wanted.isdecimal() and len(wanted) < 4 else 0
    return _done(request, kind, label, lambda found, by, now: meetings.show(found.pk, slide, by))


@require_POST
@never_cache
@receives
def show_live(request: PageRequest, kind: str, label: str) -> HttpResponse:
    """Show what is true now, or the numbers of the start again."""
    is_live = request.POST.get("live") == "1"
    return _done(
        request, kind, label, lambda found, by, now: meetings.show_live(found.pk, by, is_live=is_live)
    )


@require_POST
@never_cache
@receives
def timer(request: PageRequest, kind: str, label: str) -> HttpResponse:
    """Stop the shared timer, or let it run on."""
    return _done(request, kind, label, lambda found, by, now: meetings.run_timer(found.pk, by, now=now))


@require_POST
@never_cache
@receives
def retitle(request: PageRequest, kind: str, label: str) -> HttpResponse:
    """Write the claim of a slide in other words; nothing gives back the product's own."""
    topic, text, seen = (request.POST.get(name, "") for name in ("topic", "title", "seen"))
    return _done(
        request,
        kind,
        label,
        lambda found, by, now: meetings.retitle(found.pk, topic, text, seen, by),
        title_typed=text,
    )


@require_POST
@never_cache
@receives
def decide(request: PageRequest, kind: str, label: str) -> HttpResponse:
    """Write down a decision typed in one line, about the number the slide says is wrong.

    What cannot be read stays in the line, and what is wrong is said.
    """
    typed = request.POST.get("decision", "")
    found = get_object_or_404(of_address(), kind=kind, label=label)
    today = request.now.astimezone(request.organization.tz).date()
    line = improving.read_line(typed, today)
    if line.problems or line.owner is None or line.due is None:
        said = " ".join(
            improving.PROBLEMS[problem.code].say(get_language(), **problem.params)
            for problem in line.problems
        )
        page = context(request, found, decision_typed=typed, decision_error=said)
        return render(request, "dashboards/meeting.html", page, status=422)
    about = _about(request, found)
    plan = improving.Plan(line.text, line.owner, line.due, kpi=about.kpi, boundary=about.boundary)

    def put_down(found: Meeting, by: Actor, now: datetime) -> None:
        if first_time(request.user, request.POST.get("once") or str(uuid.uuid4())):
            meetings.decide(found.pk, plan, by, now=now)

    return _done(request, kind, label, put_down, decision_typed=typed)


@require_POST
@never_cache
@keeps_own
def read(request: PageRequest, kind: str, label: str) -> HttpResponse:
    """What a decision is taken for while it is typed: who and by when, or what is still missing; changes nothing."""
    typed = request.POST.get("decision", "")
    line = improving.read_line(typed, request.now.astimezone(request.organization.tz).date())
    said: dict[str, Any] = {}
    if line.owner is not None and line.due is not None and not line.problems:
        about = _about(request, get_object_or_404(of_address(), kind=kind, label=label)).kpi
        called = kpis.get(about).names.say(get_language()) if about else ""
        said["read"] = {"owner": improving.called(line.owner), "due": day(line.due), "kpi": called}
    elif typed.strip() and line.problems:
        first = line.problems[0]
        said["hint"] = improving.PROBLEMS[first.code].say(get_language(), **first.params)
    return render(request, "components/_decision_help.html", said)


@require_POST
@never_cache
@receives
def answer(request: PageRequest, kind: str, label: str) -> HttpResponse:
    """Whether a KPI still serves the business."""
    slug, _found, said = request.POST.get("answer", "").partition(":")
    return _done(
        request, kind, label, lambda found, by, now: meetings.answer(found.pk, slug, said, by, now=now)
    )


@require_POST
@never_cache
@receives
def close(request: PageRequest, kind: str, label: str) -> HttpResponse:
    """End the meeting; its minutes go to those who take part."""

    def end(found: Meeting, by: Actor, now: datetime) -> None:
        closed, was_open = meetings.close(found.pk, by, now=now)
        if was_open:
            n = minutes.send(closed, now.astimezone(request.organization.tz).date())
            said = ngettext(
                "Closed. The minutes go to %(n)s person.", "Closed. The minutes go to %(n)s people.", n
            )
            messages.success(request, said % {"n": n})

    return _done(request, kind, label, end)


@require_POST
@never_cache
@receives
def reopen(request: PageRequest, kind: str, label: str) -> HttpResponse:
    """Go on with a meeting that was closed too early."""
    return _done(request, kind, label, lambda found, by, now: meetings.reopen(found.pk, by))


def _about(request: PageRequest, found: Meeting) -> claims.About:
    """What a decision is about: what the slide claims that its writer has before him."""
    topic = request.POST.get("topic", "")
    if topic not in {slide.topic for slide in found.terms.deck}:
        return claims.About()
    return claims.about(topic, meetings.numbers_of(found, now=request.now))


def _actor(request: PageRequest) -> Actor:
    return Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)


def _done(request: PageRequest, kind: str, label: str, act: Act, **typed: Any) -> HttpResponse:
    """Carry it out and show the meeting; a refusal is said on it, with what was typed."""
    found = get_object_or_404(of_address(), kind=kind, label=label)
    try:
        with transaction.atomic():
            act(found, _actor(request), request.now)
    except Refused as refusal:
        said: dict[str, Any] = {"refusal": refusal.say(get_language()), **typed}
        page = context(request, of_address().get(pk=found.pk), **said)
        return render(request, "dashboards/meeting.html", page, status=refusal.status)
    if request.htmx:
        return render(request, "dashboards/meeting.html", context(request, of_address().get(pk=found.pk)))
    return redirect(address(found))
