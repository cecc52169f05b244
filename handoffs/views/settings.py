"""Settings of promises: the terms of each lane, and the items of the customer sheet."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from funnel import phrasing
from funnel.errors import BadValue
from funnel.forms import ActForm
from funnel.views.access import PageRequest, administers, leads_only
from funnel.views.settings.saving import save, show
from funnel.views.settings.telling import tells
from handoffs import agreement, terms
from handoffs.lanes import LANES, Boundary
from handoffs.models import LaneTerms
from handoffs.terms_forms import GateForm, ItemsForm, TermsForm, form_of
from handoffs.views.telling import terms_told

tells("terms", terms_told)


@require_safe
@never_cache
@leads_only
def lanes(request: PageRequest) -> HttpResponse:
    """Every lane: what is agreed, a form to agree anew, and every version so far."""
    return _lanes(request, {}, {})


@require_POST
@never_cache
@administers
def agree(request: PageRequest, boundary: str) -> HttpResponse:
    """Agree anew on a lane; or only say what that would mean (`preview`)."""
    if boundary not in set(Boundary):
        raise Http404
    form = form_of(boundary)(request.POST, prefix=boundary)
    if "preview" in request.POST:
        said = _preview(request, form) if form.is_valid() else ""
        return _lanes(request, {boundary: form}, {boundary: said})
    return save(
        request,
        form,
        lambda by, now, said: terms.agree(boundary, by, now=now, **said["agreed"]),
        back=reverse("settings-lanes") + f"#{boundary}",
        again=lambda refused: _lanes(request, {boundary: refused}, {}),
    )


@require_safe
@never_cache
@leads_only
def items(request: PageRequest) -> HttpResponse:
    """The items of the customer sheet, and every version so far."""
    return _items(request, None)


@require_POST
@never_cache
@administers
def agree_items(request: PageRequest) -> HttpResponse:
    """Agree anew on the items."""
    form = ItemsForm(request.POST, subject=terms.current()[Boundary.SQL])
    return save(
        request,
        form,
        lambda by, now, said: terms.agree_items(said["items"], by, now=now, version=said["version"]),
        back=reverse("settings-items"),
        again=lambda refused: _items(request, refused),
    )


def _lanes(request: PageRequest, bound: dict[str, ActForm], previews: dict[str, str]) -> HttpResponse:
    history = terms.history()
    calendar = request.organization.calendar()
    language = get_language()
    rows = []
    for boundary, lane in LANES.items():
        versions = history[boundary]
        now_in_force = versions[0]
        form = bound.get(boundary) or _form(now_in_force)
        # Whatever was refused: what is sent next is about what is shown now.
        form.stands_on = now_in_force.version  # type: ignore[attr-defined]
        due = _due(request, now_in_force.target, now_in_force.unit, calendar) if now_in_force.target else ""
        rows.append(
            {
                "boundary": boundary.value, "lane": lane, "by_when": agreement.by_when(now_in_force, language), "due": due,
                "form": form, "preview": previews.get(boundary, ""), "terms": now_in_force,
                "versions": [(v, agreement.by_when(v, language)) for v in versions],
            }
        )  # fmt: skip
    return show(request, "handoffs/settings/lanes.html", "lanes", {"rows": rows})


def _items(request: PageRequest, bound: ActForm | None) -> HttpResponse:
    versions = terms.history()[Boundary.SQL]
    form = bound or ItemsForm(subject=versions[0])
    form.stands_on = versions[0].version  # type: ignore[attr-defined]
    context = {"form": form, "terms": versions[0], "versions": versions}
    return show(request, "handoffs/settings/items.html", "items", context)


def _form(of: LaneTerms) -> ActForm:
    initial: dict[str, Any] = {
        "target": of.target,
        "unit": of.unit,
        "warnings": ", ".join(map(str, of.warn_at_percent)),
        "threshold": f"{of.threshold.normalize():f}" if of.threshold is not None else "",
    }
    return form_of(of.boundary)(initial=initial, prefix=of.boundary)


def _preview(request: PageRequest, form: TermsForm | GateForm) -> str:
    agreed = form.cleaned_data["agreed"]
    if "target" not in agreed:
        return ""
    try:
        return _due(request, agreed["target"], agreed["unit"], request.organization.calendar())
    except BadValue as refusal:
        form.refuse(refusal)
        return ""


def _due(request: PageRequest, target: int, unit: str, calendar: Any) -> str:
    due = terms.due_from(request.now, target, unit, calendar)
    return phrasing.until(due, now=request.now, zone=request.organization.tz, language=get_language())
