"""One improvement with its effect, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboards import effects, improving, kpis
from dashboards.kpis import Unit
from dashboards.models import Improvement
from dashboards.views.improvements import saying
from dashboards.views.improvements.form import PERCENT, PlanForm
from funnel.errors import BadValue, MoveRefused, Refused
from funnel.forms import DayField
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads, receives


@require_http_methods(["GET", "POST"])
@never_cache
@receives
def new(request: PageRequest) -> HttpResponse:
    """Decide something: the form, filled with what led here."""
    today = request.now.astimezone(request.organization.tz).date()
    if request.method == "GET":
        known = {name: request.GET.get(name, "") for name in ("text", "kpi", "boundary", "cause", "breach")}
        form = PlanForm(initial={**known, "owner": request.user.pk})
        return render(request, "dashboards/improvement_form.html", {"form": form, "today": today})
    form = PlanForm(request.POST)
    if form.is_valid():
        try:
            made = improving.decide(form.plan(), _actor(request), now=request.now)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Decided. It lies with its owner now."))
            return redirect("improvement", made.pk)
    return render(request, "dashboards/improvement_form.html", {"form": form, "today": today}, status=422)


@require_GET
@never_cache
@reads
def one(request: PageRequest, pk: int) -> HttpResponse:
    """One improvement: what was decided, and what its number did before and after."""
    return _shown(request, _of(pk))


def _of(pk: int) -> Improvement:
    rows = Improvement.objects.select_related(
        "owner", "decided_by", "done_by", "dropped_by", "meeting", "breach"
    )
    return get_object_or_404(rows, pk=pk)


def _shown(request: PageRequest, found: Improvement, **more: Any) -> HttpResponse:
    today = request.now.astimezone(request.organization.tz).date()
    effect = effects.of(found, request.organization, request.now) if found.done_on else None
    kpi = kpis.get(found.kpi) if found.kpi in improving.SLUGS else None
    context = {
        "improvement": found,
        "standing": saying.standing(found, today),
        "due": saying.day(found.due_on),
        "kpi": kpi,
        "expected": _expected(found, kpi),
        "effect": effect,
        "effect_said": saying.effect_said(effect) if effect else "",
        "sides": _sides(effect) if effect and effect.before and effect.after else [],
        "today": today,
        "may_write": _actor(request).may_write,
    }
    status = more.pop("status", 200)
    return render(request, "dashboards/improvement.html", context | more, status=status)


def _expected(found: Improvement, kpi: kpis.Kpi | None) -> str:
    if found.expected is None:
        return ""
    if kpi is not None and kpi.unit is Unit.RATE:
        return f"{found.expected * PERCENT:+.1f}pt"
    return f"{found.expected:+,.6f}".rstrip("0").rstrip(".")


def _sides(effect: effects.Effect) -> list[dict[str, Any]]:
    """Before and after as two bars of one scale."""
    assert effect.before is not None
    assert effect.after is not None
    sides = [(_("Before"), effect.before), (_("After"), effect.after)]
    most = (
        max((abs(float(value.value)) for _label, value in sides if value.value is not None), default=0) or 1
    )
    return [
        {
            "label": label,
            "value": saying.shown(value, effect),
            "width": round(100 * abs(float(value.value or 0)) / most),
        }
        for label, value in sides
    ]


@require_http_methods(["GET", "POST"])
@never_cache
@receives
def edit(request: PageRequest, pk: int) -> HttpResponse:
    """Change what is to be done, by whom or by when."""
    found = _of(pk)
    today = request.now.astimezone(request.organization.tz).date()
    if request.method == "GET":
        kpi = kpis.get(found.kpi) if found.kpi in improving.SLUGS else None
        scale = PERCENT if kpi is not None and kpi.unit is Unit.RATE else 1
        expected = (
            f"{(found.expected or 0) * scale:f}".rstrip("0").rstrip(".") if found.expected is not None else ""
        )
        names = ("text", "owner", "due_on", "kpi", "boundary", "cause", "hypothesis", "version")
        initial = {name: getattr(found, name) for name in names} | {"expected": expected}
        form = PlanForm(initial=initial)
        return render(
            request, "dashboards/improvement_form.html", {"form": form, "improvement": found, "today": today}
        )
    form = PlanForm(request.POST)
    if form.is_valid():
        seen = form.cleaned_data["version"]
        try:
            improving.change(pk, form.plan(), -1 if seen is None else seen, _actor(request), now=request.now)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("improvement", pk)
    context = {"form": form, "improvement": found, "today": today}
    return render(request, "dashboards/improvement_form.html", context, status=422)


@require_POST
@never_cache
@receives
def finish(request: PageRequest, pk: int) -> HttpResponse:
    """It was done."""
    result = request.POST.get("result", "")

    def act(by: Actor) -> None:
        day = DayField(required=False).clean(request.POST.get("done_on", ""))
        improving.finish(pk, by, now=request.now, on=day, result=result)

    return _done(request, pk, act, _("Done. What the number does from now on is measured."), result=result)


@require_POST
@never_cache
@receives
def drop(request: PageRequest, pk: int) -> HttpResponse:
    """It is not done after all."""
    why = request.POST.get("why", "")
    return _done(
        request, pk, lambda by: improving.drop(pk, why, by, now=request.now), _("Dropped."), why=why
    )  # fmt: skip


@require_POST
@never_cache
@receives
def reopen(request: PageRequest, pk: int) -> HttpResponse:
    """Take back that it was done, or dropped."""
    return _done(request, pk, lambda by: improving.reopen(pk, by), _("Open again."))


def _actor(request: PageRequest) -> Actor:
    return Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)


def _done(
    request: PageRequest, pk: int, act: Callable[[Actor], Any], said: str, **typed: str
) -> HttpResponse:
    """Carry it out and go back; a refusal is said where it was asked, with what was typed."""
    found = _of(pk)
    try:
        act(_actor(request))
    except forms.ValidationError as error:
        return _shown(request, found, refusal=" ".join(error.messages), status=422, **typed)
    except (BadValue, MoveRefused) as refusal:
        return _shown(request, found, refusal=refusal.say(get_language()), status=refusal.status, **typed)
    is_undone = found.is_open
    undo = reverse("improvement-reopen", args=[pk]) if is_undone else ""
    messages.success(request, said, extra_tags=f"{undo}?" if undo else "")
    return redirect("improvement", pk)
