"""Days away and limits a day: everybody's own, and by leads those of their people."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from funnel.company import presence
from funnel.forms import ActForm
from funnel.models import Absence, Membership
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, keeps_own, leads_only
from funnel.views.settings.saving import save, show
from handoffs import routing
from handoffs.presence_forms import AbsenceForm, CapacityForm, OthersAbsenceForm

OWN, OTHERS = "own", "others"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@keeps_own
def absences(request: PageRequest) -> HttpResponse:
    """Show who is away when, and keep the member's own days."""
    if request.method != "POST":
        return _page(request, {})
    return save(
        request,
        AbsenceForm(request.POST),
        lambda by, now, said: presence.add_absence(
            request.user.pk, by, now=now, first_on=said["first_on"], last_on=said["last_on"]
        ),
        back=reverse("absences"),
        again=lambda refused: _page(request, {OWN: refused}),
    )


@require_POST
@never_cache
@keeps_own
def remove_absence(request: PageRequest, pk: int) -> HttpResponse:
    """Take an absence back; the verb refuses whose it is not."""
    absence = get_object_or_404(Absence, pk=pk)
    return save(
        request,
        ActForm(request.POST),
        lambda by, now, said: presence.remove_absence(absence.pk, by, now=now),
        back=reverse("absences"),
        again=lambda refused: _page(request, {OWN: refused}),
        done=gettext("Removed"),
    )


@require_POST
@never_cache
@leads_only
def others_absence(request: PageRequest) -> HttpResponse:
    """Keep somebody else's days away."""
    by = _actor(request)
    return save(
        request,
        OthersAbsenceForm(request.POST, subject=_whom(by, request)),
        lambda by, now, said: presence.add_absence(
            said["member"].pk, by, now=now, first_on=said["first_on"], last_on=said["last_on"]
        ),
        back=reverse("absences"),
        again=lambda refused: _page(request, {OTHERS: refused}),
    )


@require_POST
@never_cache
@leads_only
def capacity(request: PageRequest, pk: int) -> HttpResponse:
    """Keep how many handoffs a day somebody takes in a department."""
    if not Membership.objects.filter(pk=pk).exists():
        raise Http404
    return save(
        request,
        CapacityForm(request.POST),
        lambda by, now, said: presence.set_capacity(pk, by, now=now, capacity=said["capacity"]),
        back=reverse("absences"),
        again=lambda refused: _page(request, {str(pk): refused}),
    )


def _actor(request: PageRequest) -> Actor:
    return Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)


def _whom(by: Actor, request: PageRequest) -> list[int]:
    today = request.now.astimezone(request.organization.tz).date()
    return list(presence.memberships_for(by, today).values_list("member_id", flat=True))


def _page(request: PageRequest, bound: dict[str, ActForm]) -> HttpResponse:
    by = _actor(request)
    day = routing.Day.of(request.now, request.organization.calendar())
    theirs = list(presence.memberships_for(by, day.date)) if request.may_lead else []
    known = {m.member_id for m in theirs}
    away: dict[int, list[Absence]] = {}
    for absence in presence.absences_of({*known, request.user.pk}, day.date):
        away.setdefault(absence.member_id, []).append(absence)
    today = {(p.department, p.member_id): p for p in routing.people_of({m.department for m in theirs}, day)}
    groups: list[dict[str, Any]] = [
        {
            "department": department,
            "rows": [
                {
                    "membership": m,
                    "today": today.get((department, m.member_id)),
                    "away": away.get(m.member_id, []),
                    "form": bound.get(str(m.pk)) or _limit_of(m),
                }
                for m in rows
            ],
        }
        for department, rows in groupby(theirs, key=lambda m: m.department)
    ]
    context = {
        "own": away.get(request.user.pk, []),
        "own_form": bound.get(OWN) or AbsenceForm(auto_id="own_%s"),
        "groups": groups,
        "others_form": bound.get(OTHERS) or OthersAbsenceForm(subject=known, auto_id="others_%s"),
        "act": ActForm(),
        "today": day.date,
    }
    return show(request, "handoffs/absences.html", "absences", context)


def _limit_of(membership: Membership) -> CapacityForm:
    return CapacityForm(initial={"capacity": membership.daily_capacity}, auto_id=f"limit_{membership.pk}_%s")
