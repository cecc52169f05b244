"""Side facts of a person, a company and a customer, edited where they stand; without scripts on a page of their own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from funnel import moment
from funnel.forms.details import DETAILS, DetailsForm
from funnel.stages import Department
from funnel.transitions.acting import Actor
from funnel.transitions.details import SIDES, Overtaken, revise
from funnel.views.access import PageRequest, View, writes
from funnel.views.acting import REFUSALS, refusal_of
from funnel.views.once import first_time


def view_of(what: str) -> View:
    """The view that shows and changes the side facts of one kind of record."""

    @writes("edit")
    def edit(request: PageRequest, pk: int) -> HttpResponse:
        subject = get_object_or_404(SIDES[what].model, pk=pk)
        if request.htmx and "shown" in request.GET:
            return _facts(request, what, subject)
        posted = request.POST if request.method == "POST" else None
        form = DETAILS[what](
            posted, subject=subject, organization=request.organization, now=request.now,
            auto_id=f"{what}-{pk}-%s",
        )  # fmt: skip
        if not form.is_bound:
            return _form(request, what, subject, form)
        if not form.is_valid():
            return _form(request, what, subject, form, status=422)
        try:
            _save(request, what, pk, form)
        except Overtaken as overtaken:
            form.settle(overtaken.conflicts)
            return _form(request, what, subject, form, status=409)
        except REFUSALS as error:
            refusal = refusal_of(error)
            form.refuse(refusal)
            return _form(request, what, subject, form, status=refusal.status)
        return _saved(request, what, pk)

    edit.__name__ = f"edit_{what}"
    return require_http_methods(["GET", "HEAD", "POST"])(never_cache(edit))


def _save(request: PageRequest, what: str, pk: int, form: DetailsForm) -> None:
    with transaction.atomic():
        now = moment.now()
        # A customer's notes are recorded for the department that lives with him, where the member belongs to it.
        hat = Department.CUSTOMER_SUCCESS if what == "customer" else None
        by = Actor.of(request.user, "html", now=now, acting=hat)
        if first_time(request.user, f"details:{form.cleaned_data['once']}"):
            revise(what, pk, by, now=now, seen=form.seen, facts=form.facts)


def _saved(request: PageRequest, what: str, pk: int) -> HttpResponse:
    if request.htmx:
        return _facts(request, what, get_object_or_404(SIDES[what].model, pk=pk))
    messages.success(request, _("Saved."))
    return redirect(_back(request))


def _facts(request: PageRequest, what: str, subject: Any) -> HttpResponse:
    """The facts as the record shows them, in the place of the form."""
    context = {what: subject, "may_write": True, "here": _back(request)}
    return render(request, f"funnel/_{what}_facts.html", context)


def _form(
    request: PageRequest, what: str, subject: Any, form: DetailsForm, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "what": what,
        "subject": subject,
        "back": _back(request),
        "url": request.path,
    }
    template = "funnel/_details_form.html" if request.htmx else "funnel/details.html"
    return render(request, template, context, status=status)


def _back(request: PageRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else "/c/"


PATHS: list[URLPattern] = [
    path("people/<int:pk>/edit/", view_of("person"), name="person-edit"),
    path("accounts/<int:pk>/edit/", view_of("account"), name="account-edit"),
    path("customers/<int:pk>/edit/", view_of("customer"), name="customer-edit"),
]
