"""A lead typed by hand: as a panel over any list, as a page without scripts; who is like it is said first."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import trigger_client_event

from funnel import moment
from funnel.forms import LeadForm
from funnel.models import Lead
from funnel.search import Alike, alike
from funnel.transitions import leads
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads, writes
from funnel.views.acting import REFUSALS, refusal_of
from funnel.views.once import first_time

PAGE, PANEL, KNOWN = "funnel/lead_new.html", "funnel/_lead_panel.html", "funnel/_alike.html"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@writes("capture", form_too=True)
def new_lead(request: PageRequest) -> HttpResponse:
    """Show the form, or take the lead in; who is like it is shown first and can be opened instead."""
    template = PANEL if request.htmx else PAGE
    form = LeadForm(request.POST or None, organization=request.organization, now=request.now)
    if not form.is_bound:
        return render(request, template, {"form": form})
    if not form.is_valid():
        return render(request, template, {"form": form}, status=422)
    known = [] if form.cleaned_data["anyway"] else _alike(form.cleaned_data)
    if known:
        return render(request, template, {"form": form, **_said(known)}, status=409)
    try:
        lead = _capture(request, form)
    except REFUSALS as error:
        refusal = refusal_of(error)
        form.refuse(refusal)
        return render(request, template, {"form": form}, status=refusal.status)
    if request.htmx:
        done = render(request, "components/toasts.html", {"swap": True})
        return trigger_client_event(done, "lead-added")
    return redirect(f"/c/{lead.pk}/") if lead else redirect("/")


@require_GET
@never_cache
@reads
def known_leads(request: PageRequest) -> HttpResponse:
    """Who is like what is typed so far: a fragment."""
    form = LeadForm(request.GET, organization=request.organization, now=request.now)
    form.is_valid()
    return render(request, KNOWN, _said(_alike(form.cleaned_data)))


def _alike(said: dict[str, str]) -> list[Alike]:
    return alike(**{name: said.get(name, "") for name in ("company", "name", "email", "phone")})


def _said(known: list[Alike]) -> dict[str, object]:
    """Those who are alike, and whether one can be added beside them: one person has one lead in progress."""
    return {"known": known, "may_add": not any(one.is_same and one.is_open for one in known)}


def _capture(request: PageRequest, form: LeadForm) -> Lead | None:
    """The lead that stands for what was typed; None when this very form was sent before."""
    said = form.cleaned_data
    with transaction.atomic():
        now = moment.now()
        by = Actor.of(request.user, "html", now=now)
        if not first_time(request.user, f"lead-new:{said['once']}"):
            messages.info(request, _("This was already recorded."))
            return None
        fields = leads.LeadFields(
            company=said["company"],
            name=said["name"],
            email=said["email"],
            phone=said["phone"],
            title=said["title_of_person"],
            channel=said["channel"],
        )
        captured = leads.capture(by, now=now, fields=fields)
        if said["note"]:
            leads.log(captured.lead.pk, by, now=now, kind="note", direction="internal", note=said["note"])
    done = _("Added") if captured.created else _("This person already has an open lead. Here it is.")
    if request.htmx:
        done = format_html('{} <a href="/c/{}/">{}</a>', done, captured.lead.pk, _("Open"))
    messages.success(request, done)
    _propose(request, said, captured.lead.person_id)
    return captured.lead


def _propose(request: PageRequest, said: dict[str, str], person_id: int) -> None:
    """Say whom a person added beside others is like, and where the two are compared and merged."""
    others = [one.person for one in _alike(said) if one.person.pk != person_id] if said["anyway"] else []
    if others:
        other = others[0]
        there = reverse("merge-preview", args=[other.pk, person_id])
        alike_one = _("There is also %(name)s, who is like this person.") % {"name": other}
        messages.info(request, format_html('{} <a href="{}">{}</a>', alike_one, there, _("Compare")))
