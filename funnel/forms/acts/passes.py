"""Forms of a pass: taken in, certified, put back to nurture, closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from funnel.calendar import add_months, fiscal_year_start
from funnel.forms.acts.shape import ActForm, ReasonForm
from funnel.forms.fields import Choices, DayField, LineField, NoteField
from funnel.models import Channel

MONTH = timedelta(days=30)
MOST_CHIPS = 12


class MqlForm(ReasonForm):
    """Why a lead deserves a call."""

    title, submit, reasons_for = _("Certify MQL"), _("Certify MQL"), "mql"
    strip_key = "m"


class DisqualifyForm(ReasonForm):
    """Why a lead is none."""

    title, submit, reasons_for = _("Not a fit"), _("Close as not a fit"), "disqualify"


class RecycleForm(ReasonForm):
    """Back to nurture until a day; the day sends it. The likeliest reason stands there already."""

    title, submit, reasons_for = _("Back to nurture"), _("Back to nurture"), "recycle"
    chips = "when"
    field_order = ("once", "reason", "note", "wake_up_on", "when")
    reason = forms.ChoiceField(label=_("Reason"), widget=Choices, required=False)
    when = forms.ChoiceField(label=_("Wake up"), required=False)
    wake_up_on = DayField(label=_("Wake up on another day"), required=False)

    def prepare(self) -> None:
        super().prepare()
        self.fields["note"].label = _("What was heard")
        known = self.fields["reason"].choices  # type: ignore[attr-defined]
        self.fields["reason"].initial = known[0][0] if known else ""
        self.fields["when"].choices = [  # type: ignore[attr-defined]
            ("month", _("In a month")),
            ("quarter", _("In three months")),
            ("year", _("Next fiscal year")),
            ("", _("Another day")),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = cleaned.get("when")
        cleaned["reason"] = cleaned.get("reason") or self.fields["reason"].initial
        if not cleaned.get("wake_up_on") and chosen and self.now and self.organization:
            today = self.now.astimezone(self.organization.tz).date()
            year = fiscal_year_start(today, self.organization.fiscal_year_start)
            cleaned["wake_up_on"] = {
                "month": today + MONTH,
                "quarter": today + 3 * MONTH,
                "year": add_months(year, 12),
            }[chosen]
        if not cleaned.get("wake_up_on") and "wake_up_on" not in self.errors:
            self.add_error("wake_up_on", _("Choose a day."))
        return cleaned


class LeadForm(ActForm):
    """A lead typed by hand: company and name, or an e-mail; the rest can wait."""

    title, submit = _("New lead"), _("Add")
    company = LineField(label=_("Company"), required=False, max_length=200)
    name = LineField(label=_("Name"), required=False, max_length=150)
    email = LineField(label=_("E-mail"), required=False, max_length=254)
    phone = LineField(label=_("Phone"), required=False, max_length=40)
    title_of_person = LineField(label=_("Title"), required=False, max_length=150)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    note = NoteField(label=_("Note"))
    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def prepare(self) -> None:
        for name in ("company", "name", "email"):
            self.fields[name].one_of_several = True  # type: ignore[attr-defined]
        sources = [("", "–"), *Channel.objects.filter(is_active=True).values_list("slug", "name")]
        if len(sources) <= MOST_CHIPS:
            self.fields["channel"].widget = Choices()
        self.fields["channel"].choices = sources  # type: ignore[attr-defined]
        self.fields["company"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        known = cleaned.get("email") or (cleaned.get("company") and cleaned.get("name"))
        if not known and not self.errors:
            self.add_error(None, _("Enter company and name, or an e-mail."))
        return cleaned
