"""The list of customers: phase, health, owner and renewal date, searched and narrowed by the address."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import DateField, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from funnel.forms import LineField
from funnel.health import BAND_WORDS
from funnel.models import Contract, Customer, HealthRecord, Member
from funnel.querysets import customers_like
from funnel.stages import CUSTOMER_PHASE_WORDS, CustomerPhase
from funnel.views.access import PageRequest, reads
from funnel.views.keyset import Order, counted, page

UNKNOWN_SCORE = 101
NEVER = date(9999, 12, 31)
ORDERS = {
    "": Order("score_or_last", descending=False),
    "renewal": Order("renewal_or_never", descending=False, read=date.fromisoformat),
    "new": Order(),
}


class CustomerFilter(forms.Form):
    """What the list is narrowed and ordered by; all of it stands in the address."""

    q = LineField(label=gettext_lazy("Company"), required=False, max_length=100)
    phase = forms.ChoiceField(label=gettext_lazy("Phase"), required=False)
    band = forms.ChoiceField(label=gettext_lazy("Health"), required=False)
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False)
    order = forms.ChoiceField(label=gettext_lazy("Order"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language, everyone = get_language(), ("", _("All"))
        owners = Member.objects.filter(customers__isnull=False).distinct().order_by("name", "pk")
        offered: dict[str, list[tuple[str, str]]] = {
            "phase": [everyone, *((p.value, CUSTOMER_PHASE_WORDS[p].say(language)) for p in CustomerPhase)],
            "band": [everyone, *((band, words.say(language)) for band, words in BAND_WORDS.items())],
            "owner": [everyone, *((str(pk), name) for pk, name in owners.values_list("pk", "name"))],
            "order": [
                ("", _("Lowest health first")),
                ("renewal", _("Next renewal first")),
                ("new", _("Newest first")),
            ],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def narrow(self, rows: QuerySet[Customer]) -> QuerySet[Customer]:
        """Apply what was asked for; a value that is no choice is said beside its field and ignored."""
        self.is_valid()
        asked = self.cleaned_data
        rows = customers_like(rows, asked.get("q", ""))
        for name, column in (("phase", "phase"), ("band", "band"), ("owner", "owner_id")):
            if asked.get(name):
                rows = rows.filter(**{column: asked[name]})
        return rows

    @property
    def chosen_order(self) -> Order:
        """The order of the rows."""
        return ORDERS[self.cleaned_data.get("order", "")]


def with_health(rows: QuerySet[Customer]) -> QuerySet[Customer]:
    """Annotate each customer with its latest score and band, and when its running contract ends."""
    latest = HealthRecord.objects.filter(customer=OuterRef("pk")).order_by("-day")
    running = Contract.objects.filter(customer=OuterRef("pk"), voided_at=None, ended_on=None).order_by("-id")
    return rows.annotate(
        score=Subquery(latest.values("score")[:1]),
        band=Subquery(latest.values("band")[:1]),
        renewal_on=Subquery(running.values("ends_on")[:1]),
        score_or_last=Coalesce("score", Value(UNKNOWN_SCORE), output_field=IntegerField()),
        renewal_or_never=Coalesce("renewal_on", Value(NEVER), output_field=DateField()),
    )


@require_GET
@reads
def customer_list(request: PageRequest) -> HttpResponse:
    """The list, lowest health first unless asked otherwise."""
    asked = CustomerFilter(request.GET)
    rows = asked.narrow(with_health(Customer.objects.all()))
    count, more = counted(rows)
    found = page(request, rows.select_related("account", "owner"), asked.chosen_order)
    context = {
        "form": asked,
        "page": found,
        "count": count,
        "more": more,
        "filtered": any(asked.cleaned_data.values()),
    }
    return render(request, "funnel/customer_list.html", context)
