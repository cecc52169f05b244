"""Acts on more than one row, and what is added to an act just done."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from funnel.forms import ActForm, AfterwardsForm, WithdrawForm
from funnel.forms.acts.contacts import time_chips
from funnel.models import Activity, Event, Organization
from funnel.stages import EventKind
from funnel.transitions import corrections, leads
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, receives, writes
from funnel.views.acting import REFUSALS, carry_out, refusal_of
from funnel.views.undoing import say_done
from handoffs import promises
from handoffs.models import Handoff
from handoffs.views import clocks
from handoffs.views.acts import back_of

MOST = 200


class AcceptManyForm(ActForm):
    """Which handoffs are taken over together."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        sent = self.data.getlist("id")[:MOST]  # type: ignore[attr-defined]
        cleaned["ids"] = [int(number) for number in sent if number.isdecimal() and len(number) < 19]
        if not cleaned["ids"]:
            self.add_error(None, _("Choose at least one row."))
        return cleaned


class Taken:
    """What came of a bundle: how many were taken over, and how many somebody else had decided."""

    def __init__(self) -> None:
        self.accepted = self.refused = 0
        self.at: datetime | None = None

    def accept(self, by: Actor, now: datetime, said: Mapping[str, Any]) -> None:
        """Take them over one by one, each undone by itself when it is refused."""
        self.at = now
        # In one order for everybody, so that two bundles with the same rows do not hold each other up.
        chosen = Handoff.objects.filter(pk__in=said["ids"]).order_by("lead_id", "customer_id", "pk")
        for pk in chosen.values_list("pk", flat=True):
            try:
                with transaction.atomic():
                    promises.accept(pk, by, now=now)
                self.accepted += 1
            except REFUSALS:
                self.refused += 1


@require_POST
@never_cache
@receives
def accept_many(request: PageRequest) -> HttpResponse:
    """Take over several handoffs; what somebody else decided meanwhile is left out and said."""
    if not Actor.of(request.user, "html", now=request.now, zone=request.organization.tz).may_write:
        raise PermissionDenied
    form = AcceptManyForm(request.POST, organization=request.organization, now=request.now)
    taken = Taken()
    if not carry_out(request, form, taken.accept):
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    if taken.accepted:
        said = ngettext("Accepted %(n)s handoff", "Accepted %(n)s handoffs", taken.accepted)
        first = bundle_of(request.user, taken.at).first() if taken.at else None
        undo = reverse("handoffs-accept-undo", args=[first.pk]) if first else ""
        say_done(request, said % {"n": taken.accepted}, undo, back_of(request))
    if taken.refused:
        left = gettext("%(n)s could not be accepted: somebody else was first, or they are not yours.")
        messages.error(request, left % {"n": taken.refused})
    return redirect(back_of(request))


def bundle_of(by: Any, at: datetime) -> QuerySet[Event]:
    """What somebody accepted in one act, in the order it was done."""
    return Event.objects.filter(actor=by, recorded_at=at, kind=EventKind.HANDOFF_ACCEPTED).order_by("id")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@receives
def undo_accept_many(request: PageRequest, pk: int) -> HttpResponse:
    """Take back everything that was accepted together with this; what cannot be any more is named."""
    one = get_object_or_404(Event, pk=pk, kind=EventKind.HANDOFF_ACCEPTED)
    whole = list(bundle_of(one.actor, one.recorded_at).select_related("lead__account", "customer__account"))
    form = WithdrawForm(request.POST or None, organization=request.organization, now=request.now)
    kept: dict[str, str] = {}

    def withdraw(by: Actor, now: datetime, said: Mapping[str, Any]) -> None:
        for event in sorted(whole, key=lambda e: (e.lead_id or 0, e.customer_id or 0, e.pk)):
            try:
                with transaction.atomic():
                    corrections.withdraw(event.pk, by, now=now, reason=said["note"])
            except REFUSALS as error:
                kept[_company(event)] = refusal_of(error).say(get_language())

    if not carry_out(request, form, withdraw):
        context = {
            "form": form,
            "url": request.path,
            "back": back_of(request),
            "names": [_company(event) for event in whole],
        }
        status = 422 if form.is_bound else 200
        return render(request, "handoffs/accept_undo.html", context, status=status)
    undone = len(whole) - len(kept)
    if undone:
        said = ngettext("Taken back: %(n)s acceptance", "Taken back: %(n)s acceptances", undone)
        messages.success(request, said % {"n": undone})
    for name, why in kept.items():
        messages.error(request, gettext("Not taken back – %(name)s: %(why)s") % {"name": name, "why": why})
    return redirect(back_of(request))


def _company(event: Event) -> str:
    record = event.lead or event.customer
    account = record.account if record else None
    return account.name if account else f"#{event.handoff_ref}"


@require_POST
@never_cache
@writes("log")
def note(request: PageRequest, pk: int) -> HttpResponse:
    """Add words to a contact just logged."""
    activity = get_object_or_404(Activity.objects.select_related("lead__account", "lead__person"), pk=pk)
    form = AfterwardsForm(request.POST, organization=request.organization, now=request.now)
    kept: list[Activity] = []
    done = carry_out(request, form, lambda by, now, said: kept.append(_afterwards(activity, by, now, said)))
    if not request.htmx:
        wrong = [str(error) for errors in form.errors.values() for error in errors]
        said = gettext("Note saved") if done else " ".join(wrong)
        messages.add_message(request, messages.SUCCESS if done else messages.ERROR, said)
        return redirect(back_of(request))
    account = activity.lead.account
    latest = kept[0] if kept else activity
    moved = latest.pk != activity.pk
    toast = {
        "done": _said(latest, request, moved=moved) if done else "",
        "company": account.name if account else activity.lead.person.name,
        "undo_url": reverse("event-withdraw", args=[latest.event_id]) if moved else "",
        "note_url": "" if done else request.path,
        "form": None if done else form,
    }
    row = {
        "dom": request.POST.get("row", ""),
        "department": request.POST.get("acting", ""),
        "once": uuid.uuid4(),
    }
    context = {"toast": toast, "row": row, "tab": request.POST.get("tab", ""), "back": back_of(request)}
    return render(request, "handoffs/_toast.html", context, status=200 if done else 422)


def _afterwards(activity: Activity, by: Actor, now: datetime, said: Mapping[str, Any]) -> Activity:
    """Add the words, then say when it was."""
    if said["note"]:
        leads.annotate(activity.pk, by, now=now, text=said["note"])
    at = {ago: at for ago, _words, at in time_chips(activity.lead, now, Organization.current())}
    if said["ago"] not in at:
        return activity
    return leads.put_back_in_time(activity.pk, by, now=now, occurred_at=at[said["ago"]])


def _said(activity: Activity, request: PageRequest, *, moved: bool) -> str:
    if not moved:
        return gettext("Note saved")
    return gettext("Recorded afterwards: %(at)s") % {"at": clocks.when(activity.occurred_at, request)}
