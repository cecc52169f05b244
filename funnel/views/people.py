"""Everybody we know of: the list of passes with search and filters, and its export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from funnel import moment, spreadsheet
from funnel.forms import LineField
from funnel.models import Channel, Lead, Member
from funnel.models.leads import OPEN_STAGES
from funnel.querysets import leads_like
from funnel.stages import OUTCOME_WORDS, STAGE_WORDS, STAGES, EventKind, Outcome
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import record
from funnel.views.access import PageRequest, leads_only, may_lead, reads
from funnel.views.keyset import Order, counted, page
from funnel.words import Words

OPEN = "open"
NEWEST = Order()


def choices(words: dict[str, Words], codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """Offer codes under their names in the reader's language, after "all"."""
    language = get_language()
    return [("", _("All")), *((str(code), words[code].say(language)) for code in codes)]


class LeadFilter(forms.Form):
    """What the list of leads is narrowed by; all of it stands in the address."""

    q = LineField(label=gettext_lazy("Name, company, e-mail or phone"), required=False, max_length=100)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), required=False)
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody = Member.objects.filter(is_service=False).order_by("name", "pk").values_list("pk", "name")
        named: dict[str, list[tuple[str, str]]] = {
            "stage": choices(STAGE_WORDS, OPEN_STAGES),
            "outcome": [
                ("", _("All")),
                (OPEN, _("In progress")),
                *choices(OUTCOME_WORDS, tuple(Outcome))[1:],
            ],
            "channel": [("", _("All")), *Channel.objects.values_list("slug", "name")],
            "owner": [("", _("All")), *((str(pk), name) for pk, name in everybody)],
        }
        for name, offered in named.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def narrow(self, rows: QuerySet[Lead]) -> QuerySet[Lead]:
        """Apply what was asked for; a value that is no choice is said beside its field and ignored."""
        self.is_valid()
        asked = self.cleaned_data
        rows = leads_like(rows, asked.get("q", ""))
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
        return rows


@require_GET
@reads
def lead_list(request: PageRequest) -> HttpResponse:
    """The list, newest first."""
    asked = LeadFilter(request.GET)
    rows = asked.narrow(Lead.objects.all())
    count, more = counted(rows)
    found = page(request, rows.select_related("person", "account", "channel", "owner"), NEWEST)
    context = {
        "form": asked,
        "page": found,
        "count": count,
        "more": more,
        "may_export": may_lead(request),
        "filtered": any(asked.cleaned_data.values()),
    }
    return render(request, "funnel/lead_list.html", context)


@require_POST
@leads_only
def export_leads(request: PageRequest) -> Any:
    """Every lead of the same list as CSV; the ledger keeps that it was taken out, by whom and how many."""
    asked = LeadFilter(request.GET)
    rows = asked.narrow(Lead.objects.all())
    with transaction.atomic():
        now = moment.now()
        by = Actor.of(request.user, "html", now=now)
        # What was searched for is personal text; that something was is enough for the ledger.
        used = sorted(name for name, value in asked.cleaned_data.items() if value)
        record(
            EventKind.DATA_EXPORTED,
            by,
            now=now,
            data={"what": "leads", "rows": rows.count(), "filters": used},
        )
    rows = rows.select_related("person", "account", "channel", "campaign", "owner").order_by("-pk")
    lines = spreadsheet.lines(_cells(rows, timezone.get_current_timezone(), get_language()))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    day = now.astimezone(request.organization.tz)
    response["Content-Disposition"] = f'attachment; filename="leads-{day:%Y%m%d-%H%M}.csv"'
    return response


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


def _cells(rows: QuerySet[Lead], zone: Any, language: str | None) -> Iterator[Sequence[object]]:
    yield [w.say(language) for w in HEADINGS.values()] + [STAGE_WORDS[s].say(language) for s in STAGES]
    for lead in rows.iterator(chunk_size=500):
        person = lead.person
        reached = lead.reached()
        yield [
            lead.pk,
            lead.external_id,
            lead.account.name if lead.account else "",
            person.name,
            person.name_kana,
            person.title,
            person.email,
            person.phone,
            lead.channel.name if lead.channel else "",
            lead.campaign.name if lead.campaign else "",
            lead.owner.name if lead.owner else "",
            STAGE_WORDS[lead.stage].say(language),
            OUTCOME_WORDS[lead.outcome].say(language) if lead.outcome else "",
            *(f"{reached[s].astimezone(zone):%Y-%m-%d %H:%M}" if s in reached else "" for s in STAGES),
        ]
