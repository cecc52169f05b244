"""Cases shared: what was learnt from deals and customers, found by words and tags; and what waits to be shared."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from dashboards import sharing
from dashboards.models import CASE_WORDS, CaseKind, SharedCase
from dashboards.models.cases import LONGEST_TAG, MOST_TAGS
from funnel.errors import Refused
from funnel.models import Customer, Deal, Reason
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads, receives
from funnel.views.keyset import Order, page
from funnel.views.pills import Pill

ACTS: dict[str, Reason.For] = {CaseKind.WON: Reason.For.WIN, CaseKind.LOST: Reason.For.LOSS}
SHOWN, MOST_WAITING, MOST_OFFERED = 30, 100, 12


class CaseForm(forms.Form):
    """What was learnt, and what it is found by."""

    lesson = forms.CharField(
        label=gettext_lazy("What others can learn from it"),
        max_length=sharing.LONGEST_LESSON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "What decided it, and what to do again or differently. Leave out names of persons."
        ),
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=MOST_TAGS * (LONGEST_TAG + 2),
        help_text=gettext_lazy("Up to five, with commas between them: price, competitor, trade fair"),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def refuse(self, refusal: Refused) -> None:
        """Say why not beside the field it is about."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.say(get_language()))


@require_GET
@never_cache
@reads
def listing(request: PageRequest) -> HttpResponse:
    """The cases that were shared, narrowed by `q`, `kind` and `tag`; with `show=waiting` what nobody has shared yet."""
    by = _actor(request)
    is_waiting = request.GET.get("show") == "waiting"
    q, kind, tag = (request.GET.get(name, "").replace("\x00", "")[:100] for name in ("q", "kind", "tag"))
    kind = kind if kind in CASE_WORDS else ""
    context: dict[str, Any] = {
        "shows": [
            Pill(reverse("cases"), _("Shared"), not is_waiting),
            Pill("?show=waiting", _("Not shared yet"), is_waiting),
        ],
        "is_waiting": is_waiting,
        "q": q,
        "kind": kind,
        "tag": tag,
        "kinds": [(code, words.say(get_language())) for code, words in CASE_WORDS.items()],
        "tags": sharing.tags_used(MOST_OFFERED),
        "filtered": bool(q or kind or tag),
        "may_write": by.may_write,
    }
    reasons = {
        (reason.act, reason.code): reason.label(get_language())
        for reason in Reason.objects.filter(act__in=ACTS.values())
    }
    if is_waiting:
        waiting = sharing.deals_unshared(request.now)[:MOST_WAITING]
        context["deals"] = [
            (deal, CASE_WORDS[CaseKind(deal.state)], _reason(reasons, deal.state, deal)) for deal in waiting
        ]
        context["customers"] = sharing.customers_unshared()[:MOST_WAITING]
    else:
        rows = sharing.found_by(q)
        if kind:
            rows = rows.filter(kind=kind)
        if tag:
            rows = rows.filter(tags__contains=[tag.lower()])
        found = page(request, rows, Order(), SHOWN)
        context["page"] = found
        context["rows"] = [
            (case, CASE_WORDS[CaseKind(case.kind)], _reason(reasons, case.kind, case.deal))
            for case in found.rows
        ]
    return render(request, "dashboards/cases.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@receives
def new(request: PageRequest) -> HttpResponse:
    """Share what was learnt from `?deal=` or `?customer=`."""
    deal, customer = _of(request, "deal"), _of(request, "customer")
    record: Deal | Customer
    if deal:
        record = get_object_or_404(Deal.objects.select_related("account"), pk=deal)
        known = SharedCase.objects.filter(deal=record, kind=record.state).first()
    elif customer:
        record = get_object_or_404(Customer.objects.select_related("account"), pk=customer)
        known = SharedCase.objects.filter(customer=record).first()
    else:
        raise Http404
    if known is not None:
        return redirect("case-edit", known.pk)
    form = CaseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data["lesson"], [form.cleaned_data["tags"]]
        try:
            if isinstance(record, Deal):
                sharing.share_deal(record.pk, *said, _actor(request), now=request.now)
            else:
                sharing.share_customer(record.pk, *said, _actor(request), now=request.now)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Shared with everybody."))
            return redirect("cases")
    return _form(request, form, record)


@require_http_methods(["GET", "POST"])
@never_cache
@receives
def edit(request: PageRequest, pk: int) -> HttpResponse:
    """Say a case in other words."""
    rows = SharedCase.objects.select_related("lesson", "deal__account", "customer__account")
    found = get_object_or_404(rows, pk=pk)
    initial = {"lesson": found.lesson.text, "tags": ", ".join(found.tags), "version": found.version}
    form = CaseForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        seen = -1 if said["version"] is None else said["version"]
        try:
            sharing.change(pk, said["lesson"], [said["tags"]], seen, _actor(request))
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("cases")
    return _form(request, form, found.deal or found.customer, found)


def _form(
    request: PageRequest, form: CaseForm, record: Deal | Customer | None, found: SharedCase | None = None
) -> HttpResponse:
    assert record is not None
    kind = found.kind if found else record.state if isinstance(record, Deal) else CaseKind.CHURNED
    context = {
        "form": form,
        "case": found,
        "who": record.account.name if record.account else str(record),
        "kind": CASE_WORDS.get(CaseKind(kind)) if kind in CASE_WORDS else None,
        "href": reverse("record", args=[record.lead_id])
        if isinstance(record, Deal)
        else reverse("customer", args=[record.pk]),
    }
    return render(request, "dashboards/case_form.html", context, status=422 if form.errors else 200)


def _of(request: PageRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _reason(reasons: dict[tuple[str, str], str], kind: str, deal: Deal | None) -> str:
    """The reason recorded when the deal closed, in words; "" without one."""
    return reasons.get((ACTS.get(kind, ""), deal.reason), "") if deal is not None else ""


def _actor(request: PageRequest) -> Actor:
    return Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
