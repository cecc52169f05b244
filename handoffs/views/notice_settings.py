"""How a member hears, and the chat rooms that hear with him."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from funnel.errors import Refused
from funnel.stages import DEPARTMENT_WORDS, Department
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, administers, keeps_own, leads_only
from handoffs import notices
from handoffs.kinds import Way
from handoffs.models import NoticeChoice, Outlet
from handoffs.notice_forms import ChoiceForm, RoomForm
from handoffs.notices.spreading import sends_mail

ORGANIZATION = "organization"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@keeps_own
def notice_settings(request: PageRequest) -> HttpResponse:
    """Show and keep which notices reach the member how, and when none should."""
    kept = NoticeChoice.objects.filter(member=request.user).first()
    form = ChoiceForm(request.POST or None, choice=kept)
    if request.method == "POST" and form.is_valid():
        notices.choose(request.user, **form.cleaned_data)
        messages.success(request, gettext("Saved."))
        return redirect("notice-settings")
    context = {
        "form": form,
        "table": form.table(),
        "sends_mail": sends_mail(),
        "zone": request.organization.zone,
    }
    return render(request, "handoffs/notice_settings.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@leads_only
def notice_rooms(request: PageRequest) -> HttpResponse:
    """Show how the ways out stand; an administrator sets every chat room, a lead that of his department."""
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    posted = request.POST.get("room", "") if request.method == "POST" else None
    refused = _change(request, by, posted) if posted is not None else None
    if posted is not None and refused is None:
        return redirect("notice-rooms")
    standings = {s.outlet.pk: s for s in notices.standings(request.now)}
    rooms = {room.department: room for room in Outlet.objects.filter(way=Way.CHAT).select_related("set_by")}
    context = {
        "mail": next((s for s in standings.values() if s.outlet.way == Way.MAIL), None),
        "sends_mail": sends_mail(),
        "rooms": [
            _room(department, rooms.get(department), standings, refused if posted == name else None)
            for name, department in _names(by).items()
        ],
        "once": uuid.uuid4(),
    }
    return render(request, "handoffs/notice_rooms.html", context, status=422 if refused else 200)


def _names(by: Actor) -> dict[str, str]:
    """Rooms that the member may set: their name in forms, and their department ("" the organisation's)."""
    if by.member is not None and by.member.is_administrator:
        return {ORGANIZATION: "", **{d.value: d.value for d in Department}}
    return {d.value: d.value for d in Department if d in by.led}


def _room(
    department: str, room: Outlet | None, standings: dict[int, notices.Standing], refused: RoomForm | None
) -> dict[str, Any]:
    name = department or ORGANIZATION
    is_used = room is not None and room.is_active
    words = DEPARTMENT_WORDS.get(department)
    return {
        "name": name,
        "department": department,
        "title": words.say(get_language()) if words else gettext("Whole organisation"),
        "room": room if is_used else None,
        "shown": shown(room.url) if room is not None and is_used else "",
        "standing": standings.get(room.pk) if room is not None else None,
        "form": refused or RoomForm(room=room if is_used else None, prefix=name),
    }


def shown(url: str) -> str:
    """As much of a webhook's address as tells rooms apart: the host and the last four characters."""
    return f"{url.split('/')[2].rpartition('@')[2]}/…{url[-4:]}"


def _change(request: PageRequest, by: Actor, name: str) -> RoomForm | None:
    """Do what was posted about a room; returns the form when it is refused."""
    department = _names(by).get(name)
    form = RoomForm(request.POST, prefix=name)
    if department is None:
        return form
    if "stop" in request.POST:
        notices.stop_room(by, department, now=request.now)
        messages.success(request, gettext("Nothing is posted there any more."))
        return None
    if not form.is_valid():
        return form
    try:
        said = form.cleaned_data
        room = notices.set_room(by, department, url=said["url"], kinds=said["kinds"], now=request.now)
    except Refused as error:
        form.add_error("url", error.say(get_language()))
        return form
    if "trial" in request.POST:
        notices.write_trial(room, request.POST.get("once", ""))
        messages.success(request, gettext("Saved. A test message is on its way; look again in a minute."))
    else:
        messages.success(request, gettext("Saved."))
    return None


@require_POST
@administers
def retry_outlet(request: PageRequest, pk: int) -> HttpResponse:
    """Try a way out, and what was given up there, once more."""
    notices.try_again(get_object_or_404(Outlet, pk=pk, is_active=True))
    messages.success(request, gettext("It is tried again now."))
    return redirect("notice-rooms")
