"""A lead typed by hand."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from funnel import moment
from funnel.forms import LeadForm
from funnel.models import Lead
from funnel.transitions import leads
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, writes
from funnel.views.acting import REFUSALS, refusal_of
from funnel.views.once import first_time


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@writes("capture", form_too=True)
def new_lead(request: PageRequest) -> HttpResponse:
    """Show the form, or take the lead in and open its record, or the open lead of a known person."""
    form = LeadForm(request.POST or None, organization=request.organization, now=request.now)
    if not form.is_bound:
        return render(request, "funnel/lead_new.html", {"form": form})
    if form.is_valid():
        try:
            lead = _capture(request, form)
        except REFUSALS as error:
            refusal = refusal_of(error)
            form.refuse(refusal)
            return render(request, "funnel/lead_new.html", {"form": form}, status=refusal.status)
        return redirect(f"/c/{lead.pk}/") if lead else redirect("/")
    return render(request, "funnel/lead_new.html", {"form": form}, status=422)


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
    messages.success(request, done)
    return captured.lead
