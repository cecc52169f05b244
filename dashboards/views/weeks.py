"""The page of a week: each department's sentence, and who helped another department."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dashboards import deck, weekly
from dashboards.deck import Kind
from dashboards.models import Help
from dashboards.models.weekly import LONGEST
from funnel.errors import BadValue, MoveRefused
from funnel.models import Member
from funnel.stages import DEPARTMENT_WORDS, Department
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads, receives
from funnel.views.once import first_time

NAMED = re.compile(r"([0-9]{4})-W([0-9]{2})")


@require_GET
@never_cache
@reads
def week(request: PageRequest) -> HttpResponse:
    """This week's sentences and helps, or those of `?week=2026-W47`."""
    return _shown(request, _week_of(request, request.GET.get("week", "")))


@require_POST
@never_cache
@receives
def say(request: PageRequest) -> HttpResponse:
    """Say a department's sentence."""
    department, text, seen = (request.POST.get(name, "") for name in ("department", "text", "seen"))

    def act(by: Actor, of: date) -> str:
        version = int(seen) if seen.isdecimal() and len(seen) < 7 else 0
        made = weekly.say(department, of, text, version, by, now=request.now)
        return _("Said. The next review shows it.") if made.text else _("Taken back.")

    return _done(request, act, said_for=department, said_text=text)


@require_POST
@never_cache
@receives
def thank(request: PageRequest) -> HttpResponse:
    """Name somebody who helped another department."""
    helper, department, text = (request.POST.get(name, "") for name in ("helper", "department", "text"))

    def act(by: Actor, of: date) -> str:
        if first_time(request.user, request.POST.get("once", "")):
            pk = int(helper) if helper.isdecimal() and len(helper) < 19 else 0
            weekly.thank(pk, department, of, text, by, now=request.now)
        return _("Named. The next review shows it.")

    return _done(request, act, help_typed={"helper": helper, "department": department, "text": text})


@require_POST
@never_cache
@receives
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Take back that somebody helped."""
    get_object_or_404(Help, pk=pk)

    def act(by: Actor, of: date) -> str:
        weekly.withdraw(pk, by, now=request.now)
        return _("Taken back.")

    return _done(request, act)


def _week_of(request: PageRequest, named: str) -> date:
    """The Monday an address names, this week's without one; raises Http404 where there is no such week."""
    today = request.now.astimezone(request.organization.tz).date()
    if not named:
        return weekly.monday(today)
    parts = NAMED.fullmatch(named)
    try:
        found = date.fromisocalendar(int(parts[1]), int(parts[2]), 1) if parts else None
    except ValueError:
        found = None
    if found is None or found > today:
        raise Http404
    return found


def _done(request: PageRequest, act: Callable[[Actor, date], str], **typed: Any) -> HttpResponse:
    """Carry it out and go back to its week; a refusal is said there, with what was typed."""
    of = _week_of(request, request.POST.get("week", ""))
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    try:
        with transaction.atomic():
            said = act(by, of)
    except (BadValue, MoveRefused) as refusal:
        return _shown(request, of, refusal=refusal.say(get_language()), status=refusal.status, **typed)
    messages.success(request, said)
    return redirect(f"{reverse('week')}?{urlencode({'week': deck.label(Kind.WEEKLY, of)})}")


def _shown(request: PageRequest, of: date, *, status: int = 200, **typed: Any) -> HttpResponse:
    today = request.now.astimezone(request.organization.tz).date()
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    said = weekly.words((of, of), request.now)
    versions = weekly.versions(of)
    is_open = of in weekly.open_weeks(today)
    after = of + weekly.ONE_WEEK
    name = deck.label(Kind.WEEKLY, of)
    context = {
        "week": of,
        "last_day": after - weekly.ONE_DAY,
        "name": name,
        "words": deck.label_words(Kind.WEEKLY, name),
        "rows": [
            {
                "department": department,
                "said": said.get(department),
                "text": typed["said_text"]
                if typed.get("said_for") == department
                else getattr(said.get(department), "text", ""),
                "seen": versions.get(department, 0),
                "may_say": is_open and (department in by.departments or by.everywhere),
            }
            for department in Department
        ],
        "helps": weekly.helps((of, of), request.now),
        "helpers": Member.objects.filter(is_active=True, is_service=False).order_by("name")
        if is_open and by.may_write
        else [],
        "departments": [(str(each), words.say(get_language())) for each, words in DEPARTMENT_WORDS.items()],
        "is_open": is_open and by.may_write,
        "longest": LONGEST,
        "before": deck.label(Kind.WEEKLY, of - weekly.ONE_WEEK),
        "after": deck.label(Kind.WEEKLY, after) if after <= today else "",
    }
    return render(request, "dashboards/week.html", context | typed, status=status)
