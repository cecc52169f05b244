"""The list of customers: phase, health, owner and renewal date, searched and narrowed by the address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import DateField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from funnel.forms import LineField
from funnel.health import BAND_WORDS
from funnel.models import Contract, Customer, SavedView
from funnel.models.customers import UNKNOWN_SCORE
from funnel.querysets import customers_in_fact, customers_of, values_in_pieces
from funnel.stages import CUSTOMER_PHASE_WORDS, CustomerPhase
from funnel.views.access import PageRequest, leads_only, reads
from funnel.views.keyset import Order, counted, page
from funnel.views.lists.asking import Furniture, ListFilter, around, choices, furniture
from funnel.views.lists.exporting import send
from funnel.views.lists.sorting import heads, offered, order_of
from funnel.words import Words

OWNERS = Q(Exists(Customer.objects.filter(owner=OuterRef("pk"))))
NEVER = date(9999, 12, 31)
ORDERS = {
    "": Order("score_or_last", descending=False),
    "renewal": Order("renewal_or_never", descending=False, read=date.fromisoformat),
    "new": Order(),
    "since": Order("since", read=date.fromisoformat),
}


class CustomerFilter(ListFilter):
    """What the list of customers is narrowed and ordered by."""

    q = LineField(label=gettext_lazy("Company, name, e-mail or phone"), required=False, max_length=100)
    phase = forms.ChoiceField(label=gettext_lazy("Phase"), required=False)
    band = forms.ChoiceField(label=gettext_lazy("Health"), required=False)
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False)
    order = forms.ChoiceField(label=gettext_lazy("Order"), required=False)

    @classmethod
    def of(cls, data: Any, stand: Furniture) -> CustomerFilter:
        """The filter of an address, with its choices."""
        return cls(
            data,
            {
                "phase": choices(CUSTOMER_PHASE_WORDS, tuple(CustomerPhase)),
                "band": choices(BAND_WORDS, tuple(BAND_WORDS)),
                "owner": [("", _("All")), *stand.owners],
                "order": offered(
                    {
                        "": _("Lowest health first"),
                        "renewal": _("Next renewal first"),
                        "new": _("Newest first"),
                        "since": _("By first day under contract"),
                    },
                    turned=("", "renewal", "since"),
                ),
            },
        )

    def narrow(self, rows: QuerySet[Customer]) -> QuerySet[Customer]:
        """Apply what was asked for."""
        asked = self.cleaned_data
        rows = customers_in_fact(customers_of(rows, self.hits, asked.get("q", "")))
        for name, column in (("phase", "phase"), ("band", "band"), ("owner", "owner_id")):
            if asked.get(name):
                rows = rows.filter(**{column: asked[name]})
        return rows


def with_health(rows: QuerySet[Customer]) -> QuerySet[Customer]:
    """Annotate each customer with its latest score and band, and when its running contract ends."""
    running = Contract.objects.filter(customer=OuterRef("pk"), voided_at=None, ended_on=None).order_by("-id")
    return rows.annotate(
        score=F("health_score"),
        band=F("health_band"),
        renewal_on=Subquery(running.values("ends_on")[:1]),
        score_or_last=Coalesce("health_score", UNKNOWN_SCORE, output_field=IntegerField()),
        renewal_or_never=Coalesce("renewal_on", Value(NEVER), output_field=DateField()),
    )


@require_GET
@reads
def customer_list(request: PageRequest) -> HttpResponse:
    """The list, lowest health first unless asked otherwise."""
    stand = furniture(request, SavedView.List.CUSTOMERS, owners=OWNERS)
    asked = CustomerFilter.of(request.GET, stand)
    rows = asked.narrow(with_health(Customer.objects.standing()))
    count, more = counted(rows)
    labels = {"": _("Health"), "since": _("Customer since"), "renewal": _("Renewal")}
    context = {
        **around(request, SavedView.List.CUSTOMERS, stand, asked),
        "page": page(request, rows.select_related("account", "owner"), order_of(asked, ORDERS)),
        "heads": heads(asked, ORDERS, labels),
        "count": count,
        "more": more,
    }
    return render(request, "funnel/customer_list.html", context)


def listed(request: PageRequest, query: Any) -> QuerySet[Customer, int]:
    """The ids of the list that an address asks for, in its order: for walking it from record to record."""
    asked = CustomerFilter.of(query, furniture(request, SavedView.List.CUSTOMERS, owners=OWNERS))
    rows = asked.narrow(with_health(Customer.objects.standing()))
    return order_of(asked, ORDERS).apply(rows).values_list("pk", flat=True)


@require_POST
@leads_only
def export_customers(request: PageRequest) -> Any:
    """Every customer of the same list as CSV; the ledger keeps that it was taken out."""
    stand = furniture(request, SavedView.List.CUSTOMERS, owners=OWNERS)
    asked = CustomerFilter.of(request.GET, stand)
    rows = asked.narrow(with_health(Customer.objects.standing()))
    return send(request, "customers", asked, rows, _cells(rows, get_language()))


HEADINGS = (
    Words("ID", "ID"),
    Words("External ID", "外部ID"),
    Words("Company", "会社名"),
    Words("Phase", "状態"),
    Words("Health", "健康度"),
    Words("Owner", "担当者"),
    Words("Customer since", "契約開始"),
    Words("Renewal", "更新日"),
)


COLUMNS = ("external_id", "account__name", "phase", "score", "owner__name", "since", "renewal_on")


def _cells(rows: QuerySet[Customer], language: str | None) -> Iterator[Sequence[object]]:
    yield [heading.say(language) for heading in HEADINGS]
    phases = {code: words.say(language) for code, words in CUSTOMER_PHASE_WORDS.items()}
    for pk, code, company, phase, *told in values_in_pieces(rows, *COLUMNS):
        yield [pk, code, company, phases[phase], *told]
