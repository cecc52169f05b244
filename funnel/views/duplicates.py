"""People who may be one: the pairs found, what merging two would do, and the merge itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from funnel.errors import SENTENCES
from funnel.forms import ActForm, Choices
from funnel.models import Lead, PeopleApart, Person
from funnel.search import Pairs, pairs
from funnel.stages import ACTS, PERSON_ROLE_WORDS
from funnel.transitions import leads, people
from funnel.views.access import PageRequest, leads_only, reads
from funnel.views.acting import carry_out
from funnel.views.pills import Pill, customer_lists

SIZE = 25
LABELS = {
    "name": gettext_lazy("Name"),
    "name_kana": gettext_lazy("Name in kana"),
    "title": gettext_lazy("Title"),
    "role": gettext_lazy("Part in the decision"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "account": gettext_lazy("Company"),
}
KEEP, ABSORB = "keep", "absorb"


class Side(NamedTuple):
    """One of two records: the person, his passes newest first, and the one in progress."""

    person: Person
    passes: list[Lead]
    running: Lead | None


class ChoosingForm(ActForm):
    """Which record's detail is kept, field by field where both know it and differ, and that it is meant."""

    title, submit = gettext_lazy("Merge"), gettext_lazy("Merge into one")
    labels: ClassVar[Mapping[str, Any]]
    sure: forms.BooleanField

    def said(self, record: Any, name: str) -> str:
        """One detail of a record as a page shows it; blank when not known."""
        value = getattr(record, name)
        return "" if value is None else str(value)

    def prepare(self) -> None:
        keep, absorb = self.subject
        for name, label in self.labels.items():
            mine, theirs = self.said(keep, name), self.said(absorb, name)
            if mine and theirs and mine != theirs:
                self.fields[name] = forms.ChoiceField(
                    label=label,
                    choices=[(KEEP, mine), (ABSORB, theirs)],
                    initial=KEEP,
                    widget=Choices,
                    required=False,
                )
        self.order_fields(["once", *self.labels, "sure"])

    @property
    def taken(self) -> list[str]:
        """The fields chosen from the record that goes."""
        return [name for name in self.labels if self.cleaned_data.get(name) == ABSORB]

    @property
    def choices(self) -> list[Any]:
        """The fields to choose in."""
        return [self[name] for name in self.labels if name in self.fields]


class MergeForm(ChoosingForm):
    """Two records of one person."""

    labels = LABELS
    sure = forms.BooleanField(
        label=gettext_lazy("I have looked: this is one person. It cannot be undone."),
        error_messages={"required": gettext_lazy("Say that this is one person.")},
    )

    def said(self, record: Any, name: str) -> str:
        """As the page shows it."""
        return shown(record, name)


def shown(person: Person, name: str) -> str:
    """One detail as a page shows it; blank when not known."""
    if name == "account":
        return person.account.name if person.account else ""
    value = str(getattr(person, name))
    return PERSON_ROLE_WORDS[value].say(get_language()) if name == "role" and value else value


def sides(keep_id: int, absorb_id: int) -> tuple[Side, Side]:
    """Both records as they stand; 404 when one is not there, or stands for itself no more."""
    standing: QuerySet[Person] = Person.objects.filter(merged_into=None, erased_at=None).select_related(
        "account"
    )
    both = [get_object_or_404(standing, pk=pk) for pk in (keep_id, absorb_id)]
    absorbed = people.absorbed_by([keep_id, absorb_id])
    rows = Lead.objects.filter(person__in=[keep_id, absorb_id, *absorbed]).select_related("owner", "channel")
    owned: dict[int, list[Lead]] = {keep_id: [], absorb_id: []}
    for lead in rows.order_by("-lead_at", "-pk"):
        owned[absorbed.get(lead.person_id, lead.person_id)].append(lead)
    first, second = (
        Side(person, owned[person.pk], next((p for p in owned[person.pk] if p.is_open), None))
        for person in both
    )
    return first, second


@require_safe
@never_cache
@reads
def duplicates(request: PageRequest) -> HttpResponse:
    """The pairs found, the latest first; those who lead nothing see them, and who does it."""
    found = pairs(limit=SIZE, after=cursor(request.GET.get("after", "")))
    return render(request, "funnel/duplicates.html", listed(request, found, "people"))


def listed(request: PageRequest, found: Pairs, of: str) -> dict[str, Any]:
    """What a page of pairs shows."""
    return {
        "of": of,
        "lists": customer_lists("duplicates"),
        "kinds": [
            Pill(reverse("duplicates"), _("People"), of == "people"),
            Pill(reverse("company-duplicates"), _("Companies"), of == "companies"),
        ],
        "pairs": found.rows,
        "next": "?after={}-{}".format(*found.next) if found.next else "",
        "first": request.path if "after" in request.GET else "",
        "refusal": "" if request.may_lead else SENTENCES["leads_only"].say(get_language()),
    }


def cursor(text: str) -> tuple[int, int] | None:
    """Where a page of pairs begins; None for what is no cursor."""
    second, _dash, first = text.partition("-")
    known = all(part.isascii() and part.isdecimal() and len(part) < 19 for part in (second, first))
    return (int(second), int(first)) if known else None


@require_safe
@never_cache
@reads
def merge_preview(request: PageRequest, keep_id: int, absorb_id: int) -> HttpResponse:
    """Both records side by side, the choice field by field, and what merging them would do."""
    if keep_id == absorb_id:
        return redirect("duplicates")
    return _preview(request, *sides(keep_id, absorb_id))


@require_POST
@leads_only
def merge(request: PageRequest, keep_id: int, absorb_id: int) -> HttpResponse:
    """Merge the two as chosen, and open the latest lead of the one that stands."""
    keep, absorb = sides(keep_id, absorb_id)
    form = _form(request, keep, absorb, request.POST)
    done = carry_out(
        request,
        form,
        lambda by, now, _said: leads.merge_people(keep_id, absorb_id, by, now=now, take=form.taken),
    )
    if not done:
        return _preview(request, keep, absorb, form, status=422)
    messages.success(request, _("Merged into one."))
    latest = keep.running or absorb.running or next(iter([*keep.passes, *absorb.passes]), None)
    return redirect(f"/c/{latest.pk}/" if latest else reverse("duplicates"))


@require_POST
@leads_only
def keep_apart(request: PageRequest, keep_id: int, absorb_id: int) -> HttpResponse:
    """Say that the two are two people; the pair is proposed no more."""
    keep, absorb = sides(keep_id, absorb_id)
    first, second = sorted((keep.person.pk, absorb.person.pk))
    with transaction.atomic():
        PeopleApart.objects.get_or_create(
            first_id=first, second_id=second, defaults={"said_by": request.user}
        )
    messages.success(request, _("Kept as two people. They are proposed no more."))
    return redirect("duplicates")


def _form(request: PageRequest, keep: Side, absorb: Side, data: Any = None) -> MergeForm:
    return MergeForm(
        data, subject=(keep.person, absorb.person), organization=request.organization, now=request.now
    )


def _preview(
    request: PageRequest, keep: Side, absorb: Side, form: MergeForm | None = None, status: int = 200
) -> HttpResponse:
    closing = None
    if keep.running and absorb.running:
        closing = max(keep.running, absorb.running, key=lambda p: (p.lead_at, p.pk))
    cannot = closing is not None and closing.stage not in (ACTS["merge"].from_stages or ())
    context = {
        "form": form or _form(request, keep, absorb),
        "sides": (keep, absorb),
        "fields": [
            (label, shown(keep.person, name), shown(absorb.person, name)) for name, label in LABELS.items()
        ],
        "closing": closing,
        "cannot": cannot,
        "refusal": "" if request.may_lead else SENTENCES["leads_only"].say(get_language()),
        "swap": reverse("merge-preview", args=[absorb.person.pk, keep.person.pk]),
    }
    return render(request, "funnel/merge.html", context, status=status)
