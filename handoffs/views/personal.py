"""One person's data for himself as a file, and erasing him: looked at first, typed, and then for good."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from funnel import moment
from funnel.forms import ActForm
from funnel.models import Event, Lead, Person
from funnel.stages import EventKind
from funnel.transitions import erasing
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import record
from funnel.views.access import PageRequest, administers, leads_only
from funnel.views.acting import carry_out
from handoffs.models import CustomerSheet
from handoffs.personal import held_of


class EraseForm(ActForm):
    """Erasing one person: his name is typed once more."""

    title, submit = _("Erase this person"), _("Erase for good")
    confirm = forms.CharField(label=_("Type the name to confirm"), max_length=254)


@require_POST
@never_cache
@leads_only
def export_person(request: PageRequest, pk: int) -> HttpResponse:
    """Everything held of one person as a JSON file; that it was taken out is in the ledger."""
    person = get_object_or_404(Person, pk=pk, merged_into=None)
    with transaction.atomic():
        now = moment.now()
        facts: dict[str, Any] = {"what": "person", "id": person.pk, "rows": 1}
        record(EventKind.DATA_EXPORTED, Actor.of(request.user, "html", now=now), now=now, data=facts)
        body = json.dumps(held_of(person.pk), cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
    answer = HttpResponse(body, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="person-{person.pk}.json"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@administers
def erase_person(request: PageRequest, pk: int) -> HttpResponse:
    """Show what goes and what stays; with the name typed, erase."""
    person = get_object_or_404(
        Person.objects.select_related("account"), pk=pk, merged_into=None, erased_at=None
    )
    form = EraseForm(request.POST or None, organization=request.organization, now=request.now)

    def erase(by: Actor, now: Any, said: Any) -> None:
        erasing.erase(pk, by, now=now, confirmed=said["confirm"])

    if form.is_bound and carry_out(request, form, erase):
        messages.success(request, gettext("Erased for good. Counts and history stay, without the person."))
        return redirect("people")
    known = erasing.held(pk)
    context = {
        "form": form,
        "person": person,
        "to_confirm": erasing.to_confirm(person),
        "notes": known.notes,
        "leads": Lead.objects.filter(pk__in=known.leads).order_by("pk"),
        "open": Lead.objects.filter(pk__in=known.leads, outcome=None).first(),
        "events": Event.objects.filter(lead__in=known.leads).count(),
        "sheets": CustomerSheet.objects.filter(deal__lead__in=known.leads, erased_at=None).count(),
        "records": len(known.records),
    }
    return render(request, "handoffs/person_erase.html", context, status=422 if form.is_bound else 200)
