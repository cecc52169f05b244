"""The list of people: everybody once, with where their latest pass stands, and its export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from funnel.forms import LineField
from funnel.models import Lead, Person, SavedView
from funnel.models.people import or_last
from funnel.querysets import values_in_pieces
from funnel.views.access import PageRequest, leads_only, reads
from funnel.views.keyset import Order, page, word
from funnel.views.lists.asking import Furniture, ListFilter, around, furniture
from funnel.views.lists.exporting import send
from funnel.views.lists.leads import HEADINGS
from funnel.views.lists.sorting import heads, offered, order_of

ORDERS = {
    "": Order(),
    "oldest": Order(descending=False),
    "kana": Order("kana_or_last", descending=False, read=word),
    "mail": Order("mail_or_last", descending=False, read=word),
}
SHOWN = ("company", "name", "name_kana", "title", "email", "phone")


class PersonFilter(ListFilter):
    """What the list of people is narrowed and ordered by."""

    q = LineField(label=gettext_lazy("Name, company, e-mail or phone"), required=False, max_length=100)
    lead = forms.ChoiceField(label=gettext_lazy("Lead"), required=False)
    reach = forms.ChoiceField(label=gettext_lazy("Reachable by"), required=False)
    order = forms.ChoiceField(label=gettext_lazy("Order"), required=False)

    @classmethod
    def of(cls, data: Any, _stand: Furniture) -> PersonFilter:
        """The filter of an address, with its choices."""
        return cls(
            data,
            {
                "lead": [("", _("All")), ("open", _("In progress")), ("none", _("None in progress"))],
                "reach": [("", _("All")), ("email", _("E-mail")), ("phone", _("Phone"))],
                "order": offered(
                    {
                        "": _("Newest first"),
                        "oldest": _("Oldest first"),
                        "kana": _("By reading (kana)"),
                        "mail": _("By e-mail"),
                    },
                    turned=("kana", "mail"),
                ),
            },
        )

    def narrow(self, rows: QuerySet[Person]) -> QuerySet[Person]:
        """Apply all filters but the search."""
        asked = self.cleaned_data
        if lead := asked.get("lead"):
            running = Exists(Lead.objects.filter(person=OuterRef("pk"), outcome=None))
            rows = rows.filter(running if lead == "open" else ~running)
        if asked.get("reach") == "email":
            rows = rows.filter(email_norm__isnull=False)
        if asked.get("reach") == "phone":
            rows = rows.exclude(phone_norm="")
        return rows


def everybody() -> QuerySet[Person]:
    """People as they stand: the merged ones are found under the one they were merged into."""
    return Person.objects.filter(merged_into=None, erased_at=None)


def sortable(rows: QuerySet[Person]) -> QuerySet[Person]:
    """Annotated as the indexes `person_by_kana` and `person_by_mail` have them: who has none comes last."""
    return rows.annotate(kana_or_last=or_last("name_kana"), mail_or_last=or_last("email_norm"))


@require_GET
@reads
def people_list(request: PageRequest) -> HttpResponse:
    """The list, newest first unless asked otherwise."""
    stand = furniture(request, SavedView.List.PEOPLE)
    asked = PersonFilter.of(request.GET, stand)
    rows = asked.narrow(everybody())
    count, more = asked.counted(rows, "pk")
    himself = OuterRef(OuterRef("pk"))
    latest = Lead.objects.filter(person__in=Person.objects.filter(Q(pk=himself) | Q(merged_into=himself)))
    newest = latest.order_by("-lead_at", "-pk").values(
        said=JSONObject(pk="pk", stage="stage", outcome="outcome")
    )
    known = sortable(asked.hits.narrow(rows, "pk").select_related("account"))
    shown = known.annotate(latest=Subquery(newest[:1]))
    context = {
        **around(request, SavedView.List.PEOPLE, stand, asked),
        "page": page(request, shown, order_of(asked, ORDERS)),
        "heads": heads(asked, ORDERS, {"kana": _("Name and company"), "mail": _("E-mail")}),
        "count": count,
        "more": more,
    }
    return render(request, "funnel/people_list.html", context)


@require_POST
@leads_only
def export_people(request: PageRequest) -> Any:
    """Everybody of the same list as CSV; the ledger keeps that it was taken out."""
    asked = PersonFilter.of(request.GET, furniture(request, SavedView.List.PEOPLE))
    rows = asked.hits.whole().narrow(asked.narrow(everybody()), "pk")
    return send(request, "people", asked, rows, _cells(rows, get_language()))


def _cells(rows: QuerySet[Person], language: str | None) -> Iterator[Sequence[object]]:
    yield [HEADINGS[name].say(language) for name in ("id", *SHOWN)]
    yield from values_in_pieces(rows, "account__name", *SHOWN[1:])
