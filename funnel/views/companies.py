"""Companies that may be one: the pairs found, what merging two would do, and the merge itself."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from funnel.errors import SENTENCES
from funnel.models import Account, CompaniesApart, Customer, Lead, Person
from funnel.search import company_pairs
from funnel.transitions import companies
from funnel.views.access import PageRequest, leads_only, reads
from funnel.views.acting import carry_out
from funnel.views.duplicates import SIZE, ChoosingForm, cursor, listed

LABELS = {
    "name": gettext_lazy("Company"),
    "name_kana": gettext_lazy("Name in kana"),
    "domain": gettext_lazy("Domain"),
    "segment": gettext_lazy("Segment"),
    "industry": gettext_lazy("Industry"),
    "employees": gettext_lazy("Employees"),
    "region": gettext_lazy("Prefecture, city"),
    "website": gettext_lazy("Website"),
    "external_id": gettext_lazy("External ID"),
}
NAMED = 5


class Side(NamedTuple):
    """One of two records: the company, some of its people, how many there are, how many leads, its contract if any."""

    account: Account
    people: list[Person]
    known: int
    leads: int
    customer: Customer | None


class CompanyMergeForm(ChoosingForm):
    """Two records of one company."""

    labels = LABELS
    sure = forms.BooleanField(
        label=gettext_lazy("I have looked: this is one company. It cannot be undone."),
        error_messages={"required": gettext_lazy("Say that this is one company.")},
    )

    def said(self, record: Any, name: str) -> str:
        """As the page shows it."""
        return shown(record, name)


def shown(account: Account, name: str) -> str:
    """One detail as a page shows it; blank when not known."""
    value = getattr(account, name)
    return "" if value is None else str(value)


@require_safe
@never_cache
@reads
def company_duplicates(request: PageRequest) -> HttpResponse:
    """The pairs found, the latest first; those who lead nothing see them, and who does it."""
    found = company_pairs(limit=SIZE, after=cursor(request.GET.get("after", "")))
    return render(request, "funnel/duplicates.html", listed(request, found, "companies"))


def _both(company_id: int, other_id: int) -> tuple[Account, Account]:
    """Both records; 404 when one is not there, or stands for itself no more."""
    standing = Account.objects.filter(merged_into=None)
    return get_object_or_404(standing, pk=company_id), get_object_or_404(standing, pk=other_id)


def _side(account: Account) -> Side:
    people = Person.objects.filter(account=account, merged_into=None, erased_at=None).order_by("-pk")
    return Side(
        account,
        list(people[:NAMED]),
        people.count(),
        Lead.objects.filter(account=account).count(),
        Customer.objects.filter(account=account).first(),
    )


@require_safe
@never_cache
@reads
def company_preview(request: PageRequest, company_id: int, other_id: int) -> HttpResponse:
    """Both records side by side, the choice field by field, and what merging them would do."""
    if company_id == other_id:
        return redirect("company-duplicates")
    return _preview(request, *_both(company_id, other_id))


@require_POST
@leads_only
def merge_companies(request: PageRequest, company_id: int, other_id: int) -> HttpResponse:
    """Merge the two as chosen."""
    keep, absorb = _both(company_id, other_id)
    form = _form(request, keep, absorb, request.POST)
    done = carry_out(
        request,
        form,
        lambda by, now, _said: companies.merge(company_id, other_id, by, now=now, take=form.taken),
    )
    if not done:
        return _preview(request, keep, absorb, form, status=422)
    messages.success(request, _("Merged into one company."))
    return redirect("company-duplicates")


@require_POST
@leads_only
def keep_companies_apart(request: PageRequest, company_id: int, other_id: int) -> HttpResponse:
    """Say that the two are two companies; the pair is proposed no more."""
    _both(company_id, other_id)
    first, second = sorted((company_id, other_id))
    with transaction.atomic():
        CompaniesApart.objects.get_or_create(
            first_id=first, second_id=second, defaults={"said_by": request.user}
        )
    messages.success(request, _("Kept as two companies. They are proposed no more."))
    return redirect("company-duplicates")


def _form(request: PageRequest, keep: Account, absorb: Account, data: Any = None) -> CompanyMergeForm:
    return CompanyMergeForm(data, subject=(keep, absorb), organization=request.organization, now=request.now)


def _preview(
    request: PageRequest,
    keep: Account,
    absorb: Account,
    form: CompanyMergeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    sides = (_side(keep), _side(absorb))
    context = {
        "form": form or _form(request, keep, absorb),
        "sides": sides,
        "fields": [(label, shown(keep, name), shown(absorb, name)) for name, label in LABELS.items()],
        "cannot": all(side.customer for side in sides),
        "refusal": "" if request.may_lead else SENTENCES["leads_only"].say(get_language()),
        "swap": reverse("company-merge-preview", args=[absorb.pk, keep.pk]),
    }
    return render(request, "funnel/merge_companies.html", context, status=status)
