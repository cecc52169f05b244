"""Acts on more than one row, and what is added to an act just done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from funnel.forms import ActForm, AfterwardsForm
from funnel.models import Activity
from funnel.transitions import leads
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, receives, writes
from funnel.views.acting import REFUSALS, carry_out
from handoffs import promises
from handoffs.models import Handoff
from handoffs.views.acts import back_of

MOST = 200


class AcceptManyForm(ActForm):
    """Which handoffs are taken over together."""

    id = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": _("Choose at least one row.")}
    )

    def prepare(self) -> None:
        wanted = self.data.getlist("id") if hasattr(self.data, "getlist") else []
        numbers = [value for value in wanted[:MOST] if value.isdecimal() and len(value) < 19]
        self.fields["id"].choices = [(n, n) for n in numbers]  # type: ignore[attr-defined]


@require_POST
@never_cache
@receives
def accept_many(request: PageRequest) -> HttpResponse:
    """Take over several handoffs; what somebody else decided meanwhile is left out and said."""
    form = AcceptManyForm(request.POST, organization=request.organization, now=request.now)
    taken: list[int] = []
    refused: list[str] = []

    def verb(by: Actor, now: datetime, said: Mapping[str, Any]) -> None:
        # In one order for everybody, so that two bundles with the same rows wait for each other only once.
        chosen = Handoff.objects.filter(pk__in=said["id"]).order_by("lead_id", "customer_id", "pk")
        for pk in chosen.values_list("pk", flat=True):
            try:
                with transaction.atomic():
                    promises.accept(pk, by, now=now)
                taken.append(pk)
            except REFUSALS as error:
                refused.append(str(error))

    if not carry_out(request, form, verb):
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
    elif taken or not refused:
        said = ngettext("Accepted %(n)s handoff", "Accepted %(n)s handoffs", len(taken)) % {"n": len(taken)}
        messages.success(request, said)
    if refused:
        left = gettext("%(n)s could not be accepted: somebody else was first, or they are not yours.")
        messages.error(request, left % {"n": len(refused)})
    return redirect(back_of(request))


@require_POST
@never_cache
@writes("log")
def note(request: PageRequest, pk: int) -> HttpResponse:
    """Add words to a contact just logged."""
    activity = get_object_or_404(Activity.objects.select_related("lead__account", "lead__person"), pk=pk)
    form = AfterwardsForm(request.POST, organization=request.organization, now=request.now)
    kept = carry_out(request, form, lambda by, now, said: leads.annotate(pk, by, now=now, text=said["note"]))
    if not request.htmx:
        wrong = [str(error) for errors in form.errors.values() for error in errors]
        said = gettext("Note saved") if kept else " ".join(wrong)
        messages.add_message(request, messages.SUCCESS if kept else messages.ERROR, said)
        return redirect(back_of(request))
    account = activity.lead.account
    toast = {
        "done": gettext("Note saved") if kept else "",
        "company": account.name if account else activity.lead.person.name,
        "undo_url": "",
        "note_url": "" if kept else request.path,
        "form": None if kept else form,
    }
    return render(request, "handoffs/_toast.html", {"toast": toast}, status=200 if kept else 422)
