"""Another person at a company, added from its record; who is like it is said first."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from funnel.forms.details import NewPersonForm
from funnel.models import Account
from funnel.search import alike
from funnel.transitions.contacts import add_person
from funnel.views.access import PageRequest, writes
from funnel.views.acting import carry_out

FIELDS = ("name", "name_kana", "title", "role", "phone", "email")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@writes("edit", form_too=True)
def new_person(request: PageRequest, pk: int) -> HttpResponse:
    """Show the form, or add the person to the company; no lead is opened."""
    account = get_object_or_404(Account, pk=pk, merged_into=None)
    form = NewPersonForm(request.POST or None, organization=request.organization, now=request.now)
    context = {"form": form, "account": account, "back": _back(request)}
    if not form.is_bound:
        return render(request, "funnel/person_new.html", context)
    if not form.is_valid():
        return render(request, "funnel/person_new.html", context, status=422)
    said = {name: form.cleaned_data[name] or "" for name in FIELDS}
    same = [] if form.cleaned_data["anyway"] else alike(company=account.name, **_known_by(said))
    if same:
        # The same address is the same person: nobody can be added beside it.
        known = {"known": same, "may_add": True, "taken": any("email" in one.why for one in same)}
        return render(request, "funnel/person_new.html", context | known, status=409)
    if not carry_out(request, form, lambda by, now, _cleaned: add_person(pk, by, now=now, **said)):
        return render(request, "funnel/person_new.html", context, status=422)
    messages.success(request, _("Added"))
    return redirect(_back(request))


def _known_by(said: dict[str, str]) -> dict[str, str]:
    return {name: said[name] for name in ("name", "email", "phone")}


def _back(request: PageRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else "/c/"
