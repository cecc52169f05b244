"""The list of leads: every pass, newest first, and its export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import DateTimeField, F, Func, Q, QuerySet, TextField, Value
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from funnel.forms import LineField
from funnel.models import Lead, SavedView
from funnel.models.leads import OPEN_STAGES
from funnel.querysets import values_in_pieces
from funnel.stages import OUTCOME_WORDS, STAGE_WORDS, STAGES, Outcome
from funnel.views.access import PageRequest, leads_only, reads
from funnel.views.keyset import Order, moment, page, word
from funnel.views.lists.asking import Furniture, ListFilter, around, choices, furniture
from funnel.views.lists.exporting import send
from funnel.views.lists.sorting import heads, offered, order_of
from funnel.words import Words

OPEN = "open"
HUMANS = Q(is_service=False)
ORDERS = {
    "": Order(),
    "oldest": Order(descending=False),
    "wake": Order("wake_up_on", descending=False, read=date.fromisoformat),
    "captured": Order("lead_at", read=moment),
    "stage": Order("stage", descending=False, read=word),
}


class LeadFilter(ListFilter):
    """What the list of leads is narrowed and ordered by."""

    q = LineField(label=gettext_lazy("Name, company, e-mail or phone"), required=False, max_length=100)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), required=False)
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False)
    order = forms.ChoiceField(label=gettext_lazy("Order"), required=False)

    @classmethod
    def of(cls, data: Any, stand: Furniture) -> LeadFilter:
        """The filter of an address, with its choices."""
        outcomes = choices(OUTCOME_WORDS, tuple(Outcome))[1:]
        return cls(
            data,
            {
                "stage": choices(STAGE_WORDS, OPEN_STAGES),
                "outcome": [("", _("All")), (OPEN, _("In progress")), *outcomes],
                "channel": [("", _("All")), *stand.channels],
                "owner": [("", _("All")), *stand.owners],
                "order": offered(
                    {
                        "": _("Newest first"),
                        "oldest": _("Oldest first"),
                        "wake": _("Wake-up date first"),
                        "captured": _("By day captured"),
                        "stage": _("By stage"),
                    },
                    turned=("wake", "captured", "stage"),
                ),
            },
        )

    def narrow(self, rows: QuerySet[Lead]) -> QuerySet[Lead]:
        """Apply all filters but the search."""
        asked = self.cleaned_data
        if stage := asked.get("stage"):
            rows = rows.filter(stage=stage)
        if outcome := asked.get("outcome"):
            rows = rows.filter(outcome=None) if outcome == OPEN else rows.filter(outcome=outcome)
        else:
            # What an undone file brought is shown only to who asks for it.
            rows = rows.exclude(outcome=Outcome.WITHDRAWN)
        if channel := asked.get("channel"):
            rows = rows.filter(channel__slug=channel)
        if owner := asked.get("owner"):
            rows = rows.filter(owner_id=owner)
        if asked.get("order", "").endswith("wake"):
            rows = rows.filter(wake_up_on__isnull=False)
        return rows


@require_GET
@reads
def lead_list(request: PageRequest) -> HttpResponse:
    """The list, newest first unless asked otherwise."""
    stand = furniture(request, SavedView.List.LEADS, owners=HUMANS, channels=True)
    asked = LeadFilter.of(request.GET, stand)
    rows = asked.narrow(Lead.objects.all())
    count, more = asked.counted(rows)
    shown = asked.hits.narrow(rows).select_related("person", "account", "channel", "owner")
    found = page(request, shown, order_of(asked, ORDERS))
    is_waking = asked.cleaned_data.get("order", "").endswith("wake")
    last = {"wake": _("Wake-up")} if is_waking else {"captured": _("Captured")}
    context = {
        **around(request, SavedView.List.LEADS, stand, asked),
        "page": found,
        "heads": heads(asked, ORDERS, {"stage": _("Stage"), **last}),
        "is_waking": is_waking,
        "count": count,
        "more": more,
    }
    return render(request, "funnel/lead_list.html", context)


def listed(request: PageRequest, query: Any) -> QuerySet[Lead, int]:
    """The ids of the list that an address asks for, in its order: for walking it from record to record."""
    stand = furniture(request, SavedView.List.LEADS, owners=HUMANS, channels=True)
    asked = LeadFilter.of(query, stand)
    rows = asked.hits.narrow(asked.narrow(Lead.objects.all()))
    return order_of(asked, ORDERS).apply(rows).values_list("pk", flat=True)


@require_POST
@leads_only
def export_leads(request: PageRequest) -> Any:
    """Every lead of the same list as CSV; the ledger keeps that it was taken out, by whom and how many."""
    stand = furniture(request, SavedView.List.LEADS, owners=HUMANS, channels=True)
    asked = LeadFilter.of(request.GET, stand)
    rows = asked.hits.whole().narrow(asked.narrow(Lead.objects.all()))
    return send(request, "leads", asked, rows, _cells(rows, timezone.get_current_timezone(), get_language()))


HEADINGS: dict[str, Words] = {
    "id": Words("ID", "ID"),
    "external_id": Words("External ID", "外部ID"),
    "company": Words("Company", "会社名"),
    "name": Words("Name", "氏名"),
    "name_kana": Words("Name in kana", "フリガナ"),
    "title": Words("Title", "役職"),
    "email": Words("E-mail", "メールアドレス"),
    "phone": Words("Phone", "電話番号"),
    "channel": Words("Channel", "流入経路"),
    "campaign": Words("Campaign", "キャンペーン"),
    "owner": Words("Owner", "担当者"),
    "stage": Words("Stage", "段階"),
    "outcome": Words("Outcome", "結果"),
}


COLUMNS = (
    "external_id", "account__name", "person__name", "person__name_kana", "person__title", "person__email",
    "person__phone", "channel__name", "campaign__name", "owner__name", "stage", "outcome",
)  # fmt: skip
"""What each of HEADINGS after the id is read from."""


def _cells(rows: QuerySet[Lead], zone: Any, language: str | None) -> Iterator[Sequence[object]]:
    yield [w.say(language) for w in HEADINGS.values()] + [STAGE_WORDS[s].say(language) for s in STAGES]
    stages: dict[str, str] = {code: words.say(language) for code, words in STAGE_WORDS.items()}
    outcomes: dict[str | None, str] = {code: words.say(language) for code, words in OUTCOME_WORDS.items()}
    outcomes[None] = ""
    # The database words the moments: a million leads have three of them each.
    reached = (_worded(f"{stage}_at", zone) for stage in STAGES)
    stage, outcome = len(COLUMNS) - 1, len(COLUMNS)
    for row in values_in_pieces(rows, *COLUMNS, *reached):
        yield (*row[:stage], stages[row[stage]], outcomes[row[outcome]], *row[outcome + 1 :])


def _worded(column: str, zone: Any) -> Func:
    at = Func(Value(str(zone)), F(column), function="timezone", output_field=DateTimeField())
    return Func(at, Value("YYYY-MM-DD HH24:MI"), function="to_char", output_field=TextField())
