"""Forms about handing over: what was heard, what is passed on, and why something comes back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from funnel.forms import (
    ActForm,
    Choices,
    LineField,
    MomentField,
    ReasonForm,
    SlotField,
    SlotForm,
    reasons,
)
from funnel.models import Deal, Lead, Member
from funnel.stages import BANT_FIELDS, BANT_WORDS, Bant, DealState
from handoffs import promises, routing, sheets
from handoffs.models import CustomerSheet, LaneTerms

# The record knows these already; the form shows them filled in.
KNOWN = ("company", "name", "contact")


class ReturnForm(ReasonForm):
    """Why a handoff goes back; the reason sends it."""

    title, submit, reasons_for = _("Return the handoff"), _("Return"), "return"

    def prepare(self) -> None:
        super().prepare()
        self.fields["note"].label = _("What should be asked")


class AssignForm(ActForm):
    """Who gets a handoff; each with what he has received today and his limit. Blank: whoever takes it."""

    title, submit = _("Assign the handoff"), _("Assign")
    owner = forms.ChoiceField(label=_("Owner"), required=False)

    def prepare(self) -> None:
        super().prepare()
        assert self.organization is not None
        assert self.now is not None
        day = routing.Day.of(self.now, self.organization.calendar())
        people = routing.people_of([self.subject.done_by_department], day)
        names = dict(Member.objects.filter(pk__in=[p.member_id for p in people]).values_list("pk", "name"))
        named = [(str(p.member_id), f"{names[p.member_id]} ({_standing(p)})") for p in people]
        self.fields["owner"].choices = [("", _("Nobody yet: whoever takes it")), *named]  # type: ignore[attr-defined]
        self.initial["owner"] = self.subject.owner_id or ""


def _standing(person: routing.Person) -> str:
    """Away, or how many of how many today."""
    if person.is_away:
        return gettext("away today")
    if person.limit is None:
        return gettext("%(count)s today") % {"count": person.received}
    return gettext("%(count)s of %(limit)s today") % {"count": person.received, "limit": person.limit}


class BantForm(ActForm):
    """What was heard so far of budget, authority, need and timeline; kept without handing over."""

    title, submit = _("Keep what was heard"), _("Keep what was heard")

    def prepare(self) -> None:
        _ask_bant(self)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["bant"] = {name: cleaned.pop(name, "") or Bant.UNKNOWN for name in BANT_FIELDS}
        return cleaned


class SqlForm(SlotForm):
    """BANT, the customer sheet of the terms in force, and the meeting: everything field sales needs.

    What is known stands there already: the record's own facts, the last answers, the sheet of a deal that came
    back, and the first of the proposed times.
    """

    title, submit = _("Hand over to Field Sales"), _("Hand over to Field Sales")
    slot = SlotField(label=_("Meeting"))
    meeting_at = MomentField(label=_("Meeting at another time"), required=False)
    below_threshold_reason = forms.ChoiceField(label=_("Handing over incomplete because"), required=False)

    def prepare(self) -> None:
        self.terms = LaneTerms.objects.filter(boundary="sql").order_by("-version").first()
        self.returned = _returned_deal(self.subject)
        super().prepare()
        self.fields["below_threshold_reason"].choices = [("", "–"), *reasons("below_threshold")]  # type: ignore[attr-defined]
        self.fields["slot"].initial = next(iter(self.fields["slot"].choices), ("",))[0]  # type: ignore[attr-defined]
        _ask_bant(self)
        known = {**_known(self.subject), **_passed_before(self.returned)}
        for item in self.items:
            self.fields[item["key"]] = LineField(
                label=_label(item), required=False, initial=known.get(item["key"], ""), max_length=5000
            )
        if "note" in self.fields:
            self.fields["note"].widget.attrs["placeholder"] = self.fields["note"].label
        self.order_fields([*BANT_FIELDS, "note", *KNOWN, "slot", "meeting_at"])

    def proposals(self) -> list[datetime]:
        """The meeting that stands already comes first."""
        agreed = self.returned.meeting_at if self.returned else None
        proposed = super().proposals()
        return [agreed, *proposed] if agreed and self.now and agreed > self.now else proposed

    @property
    def items(self) -> list[dict[str, Any]]:
        """The lines of the sheet beside BANT."""
        return [item for item in (self.terms.items if self.terms else []) if item["key"] not in BANT_FIELDS]

    @property
    def bant(self) -> list[tuple[str, forms.BoundField]]:
        """The four questions, each with its key."""
        return [(name[0], self[name]) for name in BANT_FIELDS]

    @property
    def others(self) -> list[forms.BoundField]:
        """The lines of the sheet that are known as a rule."""
        return [self[item["key"]] for item in self.items if item["key"] != "note"]

    @property
    def completeness(self) -> sheets.Completeness | None:
        """How complete the sheet is as the form stands."""
        if self.terms is None:
            return None
        keys = (*BANT_FIELDS, *(item["key"] for item in self.items))
        return promises.completeness_of(self.terms, {key: str(self[key].value() or "") for key in keys})

    @property
    def is_short(self) -> bool:
        """True while a reason is needed to hand over."""
        found = self.completeness
        wanted = self.terms.threshold if self.terms and self.terms.threshold is not None else sheets.FULL
        return found is not None and found.percent < wanted

    @property
    def excuses(self) -> list[tuple[str, str]]:
        """Why one hands over incomplete; choosing is sending."""
        return [pair for pair in self.fields["below_threshold_reason"].choices if pair[0]]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["bant"] = {name: cleaned.pop(name, "") or Bant.UNKNOWN for name in BANT_FIELDS}
        keys = [item["key"] for item in self.items]
        cleaned["sheet"] = {**cleaned["bant"], **{key: cleaned.pop(key, "") or "" for key in keys}}
        return cleaned


def _ask_bant(form: ActForm) -> None:
    language = get_language()
    heard = form.subject.qualifications.order_by("-id").first() if form.subject else None
    answers = [(b.value, BANT_WORDS[b].say(language)) for b in Bant]
    for name in BANT_FIELDS:
        form.fields[name] = forms.ChoiceField(
            label=BANT_WORDS[name].say(language), choices=answers, widget=Choices, required=False,
            initial=getattr(heard, name) if heard else Bant.UNKNOWN,
        )  # fmt: skip


def _label(item: dict[str, Any]) -> str:
    return str(item["label_ja"] if (get_language() or "").startswith("ja") else item["label_en"])


def _returned_deal(lead: Lead | None) -> Deal | None:
    if lead is None:
        return None
    return Deal.objects.filter(lead=lead, state=DealState.RETURNED).order_by("id").first()


def _passed_before(deal: Deal | None) -> dict[str, str]:
    sheet = CustomerSheet.objects.filter(deal=deal).order_by("-id").first() if deal else None
    return {key: value for key, value in sheet.values.items() if value} if sheet else {}


def _known(lead: Lead | None) -> dict[str, str]:
    if lead is None:
        return {}
    person, account = lead.person, lead.account
    return {
        "company": account.name if account else "",
        "name": person.name,
        "contact": person.phone or person.email,
    }
