"""Moving a deal on its board, and saying what is next: one post each, with and without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from funnel import moment, phrasing
from funnel.errors import Refused
from funnel.forms.deals import MoveForm, NextStepForm
from funnel.models import Deal, Event
from funnel.querysets import with_moved_at
from funnel.stages import DEAL_STEP_WORDS, Department, EventKind
from funnel.transitions import deals
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest
from funnel.views.acting import REFUSALS, carry_out, refusal_of
from funnel.views.deals.asking import ask
from funnel.views.deals.board import SHOWN, heads, standing_of


def shown(pk: int) -> Deal:
    """The deal with all that its card shows; 404 where there is none."""
    return get_object_or_404(with_moved_at(Deal.objects.select_related(*SHOWN)), pk=pk)


def move(request: PageRequest, pk: int) -> HttpResponse:
    """Move a deal to another step; whoever moved it meanwhile is named instead, and nothing is done."""
    deal = shown(pk)
    if request.method != "POST":
        return _page(request, deal)
    form = MoveForm(request.POST)
    if not form.is_valid():
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return _moved(request, deal, steps={deal.step}, refused=said, status=422)
    to, seen = form.cleaned_data["step"], form.cleaned_data["seen"]
    try:
        with transaction.atomic():
            now = moment.now()
            by = Actor.of(request.user, "html", now=now, acting=Department.FIELD_SALES)
            deals.move_step(pk, by, now=now, step=to, seen=seen or None)
    except REFUSALS as error:
        refusal = refusal_of(error)
        deal = shown(pk)
        return _moved(
            request, deal, steps={deal.step, seen} - {""}, refused=_why(request, deal, refusal), status=409
        )
    return _moved(request, shown(pk), steps={to, seen} - {""}, undo=seen if seen != to else "")


def _why(request: PageRequest, deal: Deal, refusal: Refused) -> str:
    """The sentence of a refusal; of a conflict, who moved the deal where, and when."""
    kinds = (EventKind.DEAL_STEP_CHANGED, EventKind.DEAL_WON, EventKind.DEAL_LOST)
    last = Event.objects.filter(deal=deal, kind__in=kinds).select_related("actor").order_by("-id").first()
    if refusal.code != "conflict" or last is None or last.actor is None:
        return refusal.say(get_language())
    zone: Any = timezone.get_current_timezone()
    return _("%(name)s moved this to “%(step)s” on %(at)s. Your move was not made.") % {
        "name": last.actor.name,
        "step": DEAL_STEP_WORDS[deal.step].say(get_language()),
        "at": phrasing.when(last.recorded_at, now=request.now, zone=zone, language=get_language()),
    }


def _moved(
    request: PageRequest, deal: Deal, *, steps: set[str], refused: str = "", undo: str = "", status: int = 200
) -> HttpResponse:
    """The card as it stands now, with the heads of the columns it left and reached; or back to where one was."""
    step = DEAL_STEP_WORDS[deal.step].say(get_language())
    company = deal.account.name if deal.account else str(deal)
    done = _("%(company)s is now at “%(step)s”.") % {"company": company, "step": step}
    if not request.htmx:
        messages.add_message(request, messages.ERROR if refused else messages.SUCCESS, refused or done)
        return redirect(back(request))
    _stand, asked = ask(request)
    context = {
        **standing_of(request, asked),
        **heads(
            asked,
            [
                one
                for one in DEAL_STEP_WORDS
                if one in steps and asked.cleaned_data.get("step", "") in ("", one)
            ],
        ),
        "deal": deal,
        "cards": [deal],
        "refused": refused,
        "done": "" if refused else done,
        "undo": undo,
    }
    return render(request, "funnel/_deals_moved.html", context, status=status)


def _page(request: PageRequest, deal: Deal) -> HttpResponse:
    """The move on a page of its own."""
    _stand, asked = ask(request)
    context = {**standing_of(request, asked), "deal": deal, "back": back(request)}
    return render(request, "funnel/deals_move.html", context)


def next_step(request: PageRequest, pk: int) -> HttpResponse:
    """Say what is next with a deal, where it stands or on a page of its own."""
    deal = shown(pk)
    if request.htmx and "shown" in request.GET:
        return _next(request, deal)
    form = NextStepForm(
        request.POST if request.method == "POST" else None,
        subject=deal, organization=request.organization, now=request.now, auto_id=f"next-{pk}-%s",
    )  # fmt: skip
    if not form.is_bound:
        return _next_form(request, deal, form)

    def verb(_by: Actor, now: datetime, said: Mapping[str, Any]) -> object:
        by = Actor.of(request.user, "html", now=now, acting=Department.FIELD_SALES)
        return deals.plan(
            pk,
            by,
            now=now,
            next_step=said["next_step"],
            next_step_on=said["next_step_on"],
            seen=said["seen"] or None,
        )

    if carry_out(request, form, verb):
        if request.htmx:
            return _next(request, shown(pk))
        messages.success(request, _("Saved."))
        return redirect(back(request))
    now_there = shown(pk)
    overtaken = form.data.get("seen", "") not in ("", now_there.next_step_seen)
    form.see(now_there.next_step_seen)
    return _next_form(request, now_there, form, status=409 if overtaken else 422, overtaken=overtaken)


def _next(request: PageRequest, deal: Deal) -> HttpResponse:
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    context = {"deal": deal, "may_edit": by.may("edit"), "here": back(request)}
    return render(request, "funnel/_deals_next_shown.html", context)


def _next_form(
    request: PageRequest, deal: Deal, form: NextStepForm, status: int = 200, *, overtaken: bool = False
) -> HttpResponse:
    context = {"deal": deal, "form": form, "url": request.path, "back": back(request), "overtaken": overtaken}
    template = "funnel/_deals_next_form.html" if request.htmx else "funnel/deals_next.html"
    return render(request, template, context, status=status)


def back(request: PageRequest) -> str:
    """Where the reader came from, if that is ours; else the board."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else "/deals/"
