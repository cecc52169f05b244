"""Where a person says why promises were missed, and takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dashboards import review
from dashboards.causes import suggest
from dashboards.models import BreachReview
from funnel.forms import ActForm
from funnel.models import Event, Reason
from funnel.stages import EventKind
from funnel.transitions import corrections
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads, receives
from funnel.views.acting import carry_out
from funnel.views.undoing import say_done

MOST_ASKED = 4


def offered(language: str | None) -> dict[str, tuple[str, bool]]:
    """The name of every cause by its code, and whether it is still offered."""
    rows = Reason.objects.filter(act=Reason.For.BREACH)
    return {reason.code: (reason.label(language), reason.is_active) for reason in rows}


class CausesForm(ActForm):
    """Which misses had which cause: rows chosen with one cause, or one row by its own button (`one`)."""

    note = forms.CharField(required=False, max_length=5000, strip=True)

    def clean(self) -> dict[str, Any]:
        """Read the rows and the cause; raises for none."""
        cleaned = super().clean() or {}
        alone, separated, cause = self.data.get("one", "").partition(":")
        sent = [alone] if separated else self.data.getlist("handoff")  # type: ignore[attr-defined]
        cleaned["ids"] = [int(number) for number in sent if number.isdecimal() and len(number) < 19]
        cleaned["cause"] = cause if separated else self.data.get("cause", "")
        if not cleaned["ids"]:
            self.add_error(None, _("Choose at least one row."))
        elif not cleaned["cause"]:
            self.add_error(None, _("Choose a cause."))
        return cleaned


@require_POST
@never_cache
@receives
def say_causes(request: PageRequest) -> HttpResponse:
    """Give one miss or several their cause, and go back to the list."""
    form = CausesForm(request.POST, organization=request.organization, now=request.now)
    said: list[BreachReview] = []
    moments: list[datetime] = []

    def confirm(by: Actor, now: datetime, cleaned: Mapping[str, Any]) -> None:
        moments.append(now)
        said.extend(review.confirm(cleaned["ids"], cleaned["cause"], by, now=now, note=cleaned["note"]))

    done = carry_out(request, form, confirm)
    if request.htmx and request.POST.get("asked"):
        return _answered(request, form, said) if done else _asking(request, form, 422)
    if not done:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    elif said:
        label = offered(get_language())[said[0].cause][0]
        text = ngettext(
            "%(cause)s: cause of %(n)s miss kept.", "%(cause)s: cause of %(n)s misses kept.", len(said)
        )
        event = Event.objects.filter(
            actor=request.user, recorded_at=moments[0], kind=EventKind.BREACH_REVIEWED
        ).first()
        sentence = text % {"cause": label, "n": len(said)}
        undo = reverse("sla-causes-undo", args=[event.pk]) if event else ""
        say_done(request, sentence, undo, _back(request))
    return redirect(_back(request))


@require_GET
@never_cache
@reads
def ask(request: PageRequest, pk: int) -> HttpResponse:
    """A fragment beside an act that came too late: the likeliest causes of it, one press each."""
    if not BreachReview.objects.filter(handoff=pk, cause="").exists():
        return HttpResponse("")
    return _asking(request, CausesForm(), 200, pk)


def _asking(request: PageRequest, form: CausesForm, status: int, pk: int | None = None) -> HttpResponse:
    asked_of = pk or next(iter(form.cleaned_data.get("ids") or ()), 0)
    known = offered(get_language())
    case = review.evidence_of([asked_of]).get(asked_of)
    findings = [one for one in suggest(case.evidence) if known.get(one.cause, ("", False))[1]] if case else []
    causes = [one.cause for one in findings[:MOST_ASKED]]
    causes += [code for code, (_label, is_offered) in known.items() if is_offered and code not in causes]
    context = {
        "form": form,
        "why": findings[0].say(get_language()) if findings else "",
        "chips": [(f"{asked_of}:{code}", known[code][0]) for code in causes[:MOST_ASKED]],
    }
    return render(request, "dashboards/_ask_cause.html", context, status=status)


def _answered(request: PageRequest, form: CausesForm, said: list[BreachReview]) -> HttpResponse:
    label = offered(get_language())[said[0].cause if said else form.cleaned_data["cause"]][0]
    context = {"said": _("Cause kept: %(cause)s") % {"cause": label}}
    return render(request, "dashboards/_ask_cause.html", context)


@require_POST
@never_cache
@receives
def undo_causes(request: PageRequest, pk: int) -> HttpResponse:
    """Take back what was said together with this event."""
    one = get_object_or_404(Event, pk=pk, kind=EventKind.BREACH_REVIEWED)
    whole = Event.objects.filter(actor=one.actor, recorded_at=one.recorded_at, kind=one.kind).order_by(
        "lead_id", "pk"
    )
    form = ActForm(request.POST, organization=request.organization, now=request.now)

    def withdraw(by: Actor, now: datetime, _cleaned: Mapping[str, Any]) -> None:
        for event in whole:
            corrections.withdraw(event.pk, by, now=now, reason="")

    if carry_out(request, form, withdraw):
        messages.success(request, _("Undone."))
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect(_back(request))


def _back(request: PageRequest) -> str:
    there = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(there, {request.get_host()}, require_https=request.is_secure())
    return there if ours else reverse("sla")
