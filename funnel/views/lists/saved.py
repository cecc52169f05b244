"""Saved views: keeping the list as it is asked now under a name, renaming it, letting it go."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from funnel.forms import LineField
from funnel.models import Membership, SavedView
from funnel.views.access import PageRequest, keeps_own

MOST = 50
PLACES = {
    SavedView.List.LEADS: "leads",
    SavedView.List.PEOPLE: "people",
    SavedView.List.CUSTOMERS: "customers",
}


class ViewForm(forms.Form):
    """What a view is called, of which list, and whether the team sees it."""

    name = LineField(label=gettext_lazy("Name"), max_length=40)
    list = forms.ChoiceField(choices=SavedView.List.choices)
    query = forms.CharField(required=False, max_length=1000)
    department = forms.CharField(required=False, max_length=20)


@require_POST
@keeps_own
def save_view(request: PageRequest) -> HttpResponse:
    """Keep the list as it is asked now; only a department of one's own can be let see it."""
    form = ViewForm(request.POST)
    if not form.is_valid():
        return _back(request, request.POST.get("list", ""), request.POST.get("query", ""), _name_error())
    said = form.cleaned_data
    if SavedView.objects.filter(owner=request.user).count() >= MOST:
        refused = _("You have %(most)d saved views. Delete one first.") % {"most": MOST}
        return _back(request, said["list"], said["query"], refused)
    try:
        with transaction.atomic():
            SavedView.objects.create(
                owner=request.user,
                list=said["list"],
                name=said["name"],
                query=_known(said["query"]),
                department=_own_department(request, said["department"]),
            )
    except IntegrityError:
        taken = _("You already have a view named “%(name)s”. Choose another name.") % {"name": said["name"]}
        return _back(request, said["list"], said["query"], taken)
    messages.success(request, _("Saved as “%(name)s”.") % {"name": said["name"]})
    return _back(request, said["list"], said["query"])


@require_POST
@keeps_own
def rename_view(request: PageRequest, view_id: int) -> HttpResponse:
    """Give one's own view another name, or show it to another department or to nobody else."""
    view = get_object_or_404(SavedView, pk=view_id, owner=request.user)
    form = ViewForm({**request.POST.dict(), "list": view.list})
    if not form.is_valid():
        return _back(request, view.list, view.query, _name_error())
    view.name = form.cleaned_data["name"]
    view.department = _own_department(request, form.cleaned_data["department"])
    try:
        with transaction.atomic():
            view.save(update_fields=["name", "department"])
    except IntegrityError:
        taken = _("You already have a view named “%(name)s”. Choose another name.") % {"name": view.name}
        return _back(request, view.list, view.query, taken)
    return _back(request, view.list, view.query)


@require_POST
@keeps_own
def delete_view(request: PageRequest, view_id: int) -> HttpResponse:
    """Let one's own view go; the list stays as it is."""
    view = get_object_or_404(SavedView, pk=view_id, owner=request.user)
    view.delete()
    messages.success(request, _("Deleted the view “%(name)s”.") % {"name": view.name})
    return _back(request, view.list, view.query)


def _name_error() -> str:
    return _("Give the view a name of up to 40 letters.")


def _known(query: str) -> str:
    """The query string with what is no filter of a list left out."""
    kept = QueryDict(query.encode("utf-8", "replace").decode(), mutable=True)
    for name in ("after", "before", "view"):
        kept.pop(name, None)
    return kept.urlencode()


def _own_department(request: PageRequest, department: str) -> str:
    today = request.now.astimezone(request.organization.tz).date()
    mine = Membership.objects.filter(member=request.user, department=department, valid_from__lte=today)
    return department if department and mine.exclude(valid_to__lte=today).exists() else ""


def _back(request: PageRequest, of: Any, query: str, refused: str = "") -> HttpResponse:
    if refused:
        messages.error(request, refused)
    place = reverse(PLACES.get(of, "leads"))
    kept = _known(query)
    return redirect(f"{place}?{kept}" if kept else place)
